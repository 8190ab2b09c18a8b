"""Meetings of the demonstration and what they decide, as events in the order of their days."""

import io
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from docx import Document as Word

from committees.agenda.services.carry_over import carry_over
from committees.agenda.services.proposals import propose_item
from committees.amendments.services import put_into_effect
from committees.meetings.services.attendance import SeatRow, add_guest, record_attendance
from committees.meetings.services.invitations import InvitationAnswer, answer_invitation
from committees.meetings.services.meetings import convene_meeting, create_meeting, record_afterwards
from committees.meetings.services.reading import add_document
from committees.meetings.services.session import close_meeting, open_meeting
from committees.models import (
    AgendaItem,
    Attendance,
    Channel,
    Document,
    Meeting,
    Minutes,
    Resolution,
    Subject,
)
from committees.models.document import ACCEPTED, MAX_BYTES
from committees.resolutions.effects import DecisionEffects
from committees.resolutions.services import (
    AnswerReceipt,
    Vote,
    answer_recommendation,
    record_decision,
    record_recommendation,
)
from committees.seats.services.terms import take_committee_step
from ibcr_portal.demo.loader import ProjectLoader
from ibcr_portal.demo.reports import DemoPlans, Event
from ibcr_portal.demo.texts import Data, at, columns, day, save_translated
from kernel.files import check_upload


class DemoMeetings:
    def __init__(self, loaded: ProjectLoader, planning: DemoPlans) -> None:
        self.loaded, self.planning = loaded, planning
        self.project, self.committee = loaded.project, loaded.committee
        self.institutions, self.seats = loaded.institutions, loaded.seats
        self.by = loaded.coordinator
        self.meetings: dict[int, Meeting] = {}
        self.items: dict[int, list[AgendaItem]] = {}
        self.minutes: dict[int, Minutes] = {}

    def events(self) -> Iterator[Event]:
        """All events of meetings and the amendment, each with its day."""
        for row in self.loaded.data.get("meeting", []):
            yield from self._meeting(row)
        yield from self._amendment()

    def _meeting(self, row: Data) -> Iterator[Event]:
        held = day(row["date"])
        convened = day(row["convened_on"]) if "convened_on" in row else held
        yield convened, lambda: self._prepare(row, held)
        if row.get("status") != "convened":
            yield held, lambda: self._hold(row, held)
            for item in row["item"]:
                for entry in item.get("recommendation", []):
                    yield from self._follow_up(entry, held)

    # Before

    def _prepare(self, row: Data, held: date) -> None:
        meeting = Meeting(
            committee=self.committee,
            number=row["number"],
            mode=row["mode"],
            starts_at=at(held, row.get("start", "09:00")),
            ends_at=at(held, row.get("end", "12:00")),
            time_is_known=row.get("time_is_known", True),
            place=row.get("place", ""),
            call_link=row.get("call_link", ""),
            is_constitutive=row.get("constitutive", False),
            quorum_is_stated=row.get("quorum_is_stated", True),
            **columns("illustrative_note", row.get("note")),
        )
        self.meetings[meeting.number] = create_meeting(save_translated(meeting))
        self.items[meeting.number] = [
            self._item(meeting, position, item)
            for position, item in enumerate(row["item"], start=1)
        ]
        carry_over(meeting, row.get("carried_over", []))
        if "convened_on" in row:
            convene_meeting(meeting, by=self.by, on=day(row["convened_on"]))

    def _item(self, meeting: Meeting, position: int, row: Data) -> AgendaItem:
        item = save_translated(
            AgendaItem(
                meeting=meeting,
                position=position,
                purpose=row["purpose"],
                minutes_planned=row.get("minutes"),
                presenter=row.get("presenter", ""),
                source=row.get("source", ""),
                notes=row.get("notes", ""),
                notes_language="fr",
                **columns("title", row["title"]),
            )
        )
        for subject in row.get("subjects", []):
            Subject.objects.create(agenda_item=item, **self._subject(subject))
        if "paper" in row:
            self._paper(item, row)
        return item

    def _paper(self, item: AgendaItem, row: Data) -> None:
        """A page of words as a file that can be opened."""
        word, content = Word(), io.BytesIO()
        word.add_heading(row["paper"])
        word.add_paragraph(row["paper_text"])
        word.save(content)
        upload = SimpleUploadedFile("note.docx", content.getvalue())
        paper = Document(
            committee=self.committee,
            meeting=item.meeting,
            agenda_item=item,
            title=row["paper"],
            language="fr",
            added_by=self.by,
        )
        add_document(paper, check_upload(upload, allowed=ACCEPTED, max_bytes=MAX_BYTES))

    def _subject(self, entry: str) -> Data:
        """`plan:2/2`, `result:1300`: one thing of the project by kind and key."""
        kind, key = entry.split(":")
        loaded = self.loaded
        things: dict[str, Mapping[str, Any]] = {
            "result": loaded.results,
            "indicator": loaded.indicators,
            "activity": loaded.activities,
            "action": self.planning.actions,
            "plan": self.planning.plans,
            "amendment": {str(number): one for number, one in loaded.amendments.items()},
            "minutes": {str(number): one for number, one in self.minutes.items()},
        }
        return {kind: things[kind][key]}

    # The meeting itself

    def _hold(self, row: Data, held: date) -> None:
        meeting = self.meetings[row["number"]]
        if meeting.status == Meeting.Status.PLANNED:
            record_afterwards(meeting, by=self.by)
        else:
            open_meeting(meeting, by=self.by, on=held, why="")
        self._attend(meeting, row)
        for item in self.items[meeting.number]:
            item.take("discuss", by=self.by, on=held)
        if meeting.status == Meeting.Status.IN_SESSION:
            close_meeting(meeting, by=self.by, on=held, why="")
        for item, entry in zip(self.items[meeting.number], row["item"], strict=True):
            for decision in entry.get("decision", []):
                self._decide(item, decision, held)
            for recommendation in entry.get("recommendation", []):
                self._recommend(item, recommendation)

    def _attend(self, meeting: Meeting, row: Data) -> None:
        """Record attendance: seats by their institution, guests by number, nobody by name."""
        mode = Attendance.Presence
        there = mode.IN_PERSON if meeting.mode == Meeting.Mode.IN_PERSON else mode.ONLINE
        rows = []
        for key in (*row.get("present", []), *row.get("excused", [])):
            seat, alternate = self.seats[key], key in row.get("by_alternate", [])
            rows.append(
                SeatRow(
                    seat,
                    presence=there if key in row["present"] else mode.EXCUSED,
                    contact=None if alternate else seat.terms.get().contact,
                    by_alternate=alternate,
                )
            )
        record_attendance(meeting, rows, headcount=row.get("headcount"))
        for number in range(1, row.get("guests", 0) + 1):
            add_guest(
                Attendance(
                    meeting=meeting,
                    institution=self.institutions[row["guest_institution"]],
                    guest_name=f"{row['guest_name']} {number:02}",
                    presence=there,
                )
            )

    def _resolution(self, item: AgendaItem, entry: Data) -> Resolution:
        addressee = entry.get("addressee")
        resolution = Resolution(
            agenda_item=item,
            addressee=self.institutions[addressee] if addressee else None,
            due_on=day(entry.get("due")),
            illustrative=entry.get("illustrative", self.project.illustrative),
            **columns("text", entry["text"]),
        )
        resolution.note_translations([f"text_{language}" for language in entry["text"]])
        return resolution

    def _subjects_of(self, entry: Data) -> list:
        return [
            thing
            for subject in entry.get("subjects", [])
            for thing in self._subject(subject).values()
        ]

    def _decide(self, item: AgendaItem, entry: Data, held: date) -> None:
        """Adopted with the quorum of the meeting as recorded, or as not stated."""
        things = (
            self.planning.plans.get(entry.get("validates", "")),
            self.loaded.amendments.get(entry.get("recommends", 0)),
            self.minutes.get(entry.get("adopts", 0)),
        )
        decision = record_decision(
            self._resolution(item, entry),
            by=self.by,
            vote=Vote(rule=entry["rule"]),
            subjects=self._subjects_of(entry),
            effects=DecisionEffects(tuple(thing for thing in things if thing)),
        )
        if entry.get("adopts_terms"):
            take_committee_step(
                self.committee, "constitute", by=self.by, on=held, why="", decision=decision
            )

    def _recommend(self, item: AgendaItem, entry: Data) -> None:
        entry["resolution"] = record_recommendation(
            self._resolution(item, entry), by=self.by, subjects=self._subjects_of(entry)
        )

    # After

    def _follow_up(self, entry: Data, held: date) -> Iterator[Event]:
        accepted = day(entry.get("accepted_on")) or (
            held + timedelta(days=7) if "implemented_on" in entry else None
        )
        if accepted:
            yield accepted, lambda: self._answer(entry, accepted)
        if "implemented_on" in entry:
            done = day(entry["implemented_on"])
            yield done, lambda: entry["resolution"].take("implement", by=self.by, on=done)

    def _answer(self, entry: Data, on: date) -> None:
        answer_recommendation(
            entry["resolution"],
            "accept",
            by=self.by,
            text=entry.get("answer", ""),
            received=AnswerReceipt(on=on),
        )

    # The amendment

    def _amendment(self) -> Iterator[Event]:
        facts = self.loaded.data.get("amendment")
        if not facts:
            return
        amendment = self.loaded.amendments[facts["number"]]
        approved, effective = day(facts["approved_on"]), day(facts["effective_on"])
        yield (
            approved,
            lambda: amendment.take(
                "approve",
                by=self.by,
                on=approved,
                donor_decided_on=approved,
                donor_reference="Exemple 01",
            ),
        )
        yield effective, lambda: put_into_effect(amendment, by=self.by, on=effective)


# --- Answers and proposals of members for the coming meeting of the demonstration ---


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
