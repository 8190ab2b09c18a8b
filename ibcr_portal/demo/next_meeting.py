"""Answers and proposals of members for the coming meeting of the demonstration."""

from collections.abc import Iterator
from functools import partial

from django.utils import timezone

from committees.agenda.services.proposals import propose_item
from committees.meetings.services.invitations import InvitationAnswer, answer_invitation
from committees.models import AgendaItem, Channel, Meeting
from ibcr_portal.demo.meetings import DemoMeetings
from ibcr_portal.demo.plans import Event
from ibcr_portal.demo.texts import Data, columns


class DemoNextMeeting:
    def __init__(self, steering: DemoMeetings) -> None:
        self.steering = steering
        self.loaded, self.by = steering.loaded, steering.by

    def events(self) -> Iterator[Event]:
        for row in self.loaded.data.get("meeting", []):
            if row.get("status") == "convened":
                yield timezone.localdate(), partial(self._hear, row)

    def _hear(self, row: Data) -> None:
        meeting = self.steering.meetings[row["number"]]
        for entry in row.get("proposed", []):
            self._propose(meeting, entry)
        for entry in row.get("answer", []):
            self._answer(meeting, entry)

    def _propose(self, meeting: Meeting, entry: Data) -> None:
        item = AgendaItem(
            meeting=meeting,
            purpose=entry["purpose"],
            proposed_seat=self.loaded.seats[entry["seat"]],
            proposed_by=self.loaded.people.users[entry["account"]],
            proposal_reason=entry["reason"],
            **columns("title", entry["title"]),
        )
        item.note_translations([f"title_{language}" for language in entry["title"]])
        propose_item(item)

    def _answer(self, meeting: Meeting, entry: Data) -> None:
        """Answers online for people with an account, otherwise as entered by the coordination."""
        invitation = meeting.invitations.get(seat=self.loaded.seats[entry["seat"]])
        is_online = "account" in entry
        answer_invitation(
            invitation,
            InvitationAnswer(
                entry["answer"],
                channel=Channel.PORTAL if is_online else entry["channel"],
                alternate_function=entry.get("function", ""),
                evidence=entry.get("evidence", ""),
                entered_by=None if is_online else self.by,
            ),
        )
