"""What members answer and propose for the meeting of the demonstration that is to come."""

from collections.abc import Iterator

from django.utils import timezone

from committees.agenda.services.proposals import propose_item
from committees.meetings.services.invitations import Given, answer_invitation
from committees.models import AgendaItem, Channel, Meeting
from ibcr_portal.demo.loader import Data, columns
from ibcr_portal.demo.planning import Event
from ibcr_portal.demo.steering import Steering


class Preparing:
    def __init__(self, steering: Steering) -> None:
        self.steering = steering
        self.loaded, self.by = steering.loaded, steering.by

    def events(self) -> Iterator[Event]:
        for row in self.loaded.data.get("meeting", []):
            if row.get("status") == "convened":
                yield timezone.localdate(), lambda row=row: self._hear(row)

    def _hear(self, row: Data) -> None:
        meeting = self.steering.meetings[row["number"]]
        for told in row.get("proposed", []):
            self._propose(meeting, told)
        for told in row.get("answer", []):
            self._answer(meeting, told)

    def _propose(self, meeting: Meeting, told: Data) -> None:
        item = AgendaItem(
            meeting=meeting,
            purpose=told["purpose"],
            proposed_seat=self.loaded.seats[told["seat"]],
            proposed_by=self.loaded.people.users[told["account"]],
            proposal_reason=told["reason"],
            **columns("title", told["title"]),
        )
        item.note_translations([f"title_{language}" for language in told["title"]])
        propose_item(item)

    def _answer(self, meeting: Meeting, told: Data) -> None:
        """Online by who has an account; else as the coordination heard it."""
        invitation = meeting.invitations.get(seat=self.loaded.seats[told["seat"]])
        is_online = "account" in told
        answer_invitation(
            invitation,
            Given(
                told["answer"],
                channel=Channel.PORTAL if is_online else told["channel"],
                alternate_function=told.get("function", ""),
                evidence=told.get("evidence", ""),
                entered_by=None if is_online else self.by,
            ),
        )
