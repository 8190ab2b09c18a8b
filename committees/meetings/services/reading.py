"""Reads what all pages of a meeting show: its state, who came, the quorum, and the next notice."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from accounts.models import User
from committees.meetings.services.announcing import NoticeAsked
from committees.meetings.services.expected import (
    AnnouncedAlternate,
    announced_asked,
    announced_in,
    answers_in,
)
from committees.models import (
    AgendaItem,
    Attendance,
    InterestDeclaration,
    Invitation,
    Meeting,
    Minutes,
    QuorumMinimum,
    Seat,
    Sitting,
)
from committees.models.committee import quorum_minima
from committees.models.quorum import Quorum
from committees.models.seat import voting_seats
from committees.permissions.meetings import may_edit_meeting, own_invitation_asked
from kernel.lifecycle import StatusChange
from kernel.prepared import Moment, Question, keep_related, prepared
from kernel.together import ask_together


class MeetingFrame:
    """Asks for the frame of a meeting's pages, together with what the page itself shows."""

    def __init__(self, user: User, meeting: Meeting, *, with_people: bool = False) -> None:
        """`with_people` reads the names of those who attended as well."""
        self.meeting = meeting
        kind = ContentType.objects.get_for_model(Meeting)
        self._changes = _changes.question(kind.pk, meeting.pk)
        self._attendances = _attendances.question(meeting.pk, with_people)
        self._minima = quorum_minima.question(meeting.committee_id)
        self._voting = _voting_keys.question(meeting.committee_id)
        self._seats = voting_seats.question(meeting.committee_id, Moment(meeting.day))
        self._own: Question[Invitation] | None = None
        if meeting.is_announced and user.is_authenticated:
            self._own = own_invitation_asked(user, meeting)
        self.notice: NoticeAsked | None = None
        if may_edit_meeting(user, meeting) and meeting.is_announced and not meeting.is_past:
            self.notice = NoticeAsked(meeting)
        self._minutes: Question[Minutes] | None = None
        if meeting.status in {Meeting.Status.HELD, Meeting.Status.ADJOURNED}:
            self._minutes = _minutes.question(meeting.pk)
        # Else the quorum is kept with the meeting, or not known.
        self._counts = not (meeting.quorum_kept or meeting.states_no_quorum)
        counted = (self._minima, self._seats) if self._counts else ()
        self.questions: tuple[Question[Any], ...] = (
            *(self._changes, self._attendances, self._voting, *counted),
            *([self._own] if self._own else ()),
            *([self._minutes] if self._minutes else ()),
            *(self.notice.questions if self.notice else ()),
        )

    def complete(self, *others: Question[Any]) -> None:
        """Ask all in one statement, together with other questions of the page."""
        ask_together(*self.questions, *others)
        self.changes: list[StatusChange] = self._changes.rows
        self.attendances: list[Attendance] = self._attendances.rows
        keep_related(self.meeting, "attendances", self.attendances, Attendance)
        self.voting = {pk for (pk,) in self._voting.rows}
        if self._counts:
            keep_related(self.meeting.committee, "quorum_minima", self._minima.rows, QuorumMinimum)
        self.own = next(iter(self._own.rows), None) if self._own else None
        if self.own:
            self.own.meeting = self.meeting
        self.minutes = next(iter(self._minutes.rows), None) if self._minutes else None

    def quorum(self, moment: datetime | None) -> Quorum | None:
        """Return the quorum at this moment, or the recorded one."""
        if not self._counts:
            return self.meeting.recorded_quorum()
        rules = self.meeting.quorum_rules
        return self.meeting.count(self.seats_counted(), rules, moment)

    def seats_counted(self) -> list[Seat]:
        """Return the voting seats that the quorum of a coming meeting counts."""
        rules = self.meeting.quorum_rules
        return self._seats.rows if rules.counts_vacant_seats else self.meeting.seats_to_count(rules)


@prepared
def _changes(kind: int, meeting: int) -> QuerySet[StatusChange]:
    rows = StatusChange.objects.filter(content_type=kind, object_id=meeting)
    return rows.only("to_status", "happened_on", "recorded_at")


@prepared
def _attendances(meeting: int, with_people: bool) -> QuerySet[Attendance]:
    rows = Attendance.objects.filter(meeting=meeting)
    return rows.select_related("contact") if with_people else rows


@prepared
def _minutes(meeting: int) -> QuerySet[Minutes]:
    return (
        Minutes.objects.filter(meeting=meeting).only("status", "adopted_on", "sealed_on").order_by()
    )


@prepared
def _voting_keys(committee: int) -> QuerySet[Seat, tuple[int]]:
    """Read the keys of all voting seats, whatever their days."""
    return Seat.objects.filter(committee=committee, is_voting=True).order_by().values_list("pk")


class LiveReading:
    """Asks for what only the live page shows: the sitting, the interests declared, and the
    alternates announced."""

    def __init__(self, meeting: Meeting) -> None:
        self.meeting = meeting
        self._sitting = _sitting.question(meeting.pk)
        self._declarations, self._pairs = (
            _declarations.question(meeting.pk),
            _declared.question(meeting.pk),
        )
        self._announced = announced_asked(meeting)
        self.questions: tuple[Question[Any], ...] = (
            *(self._sitting, self._declarations, self._pairs, self._announced),
        )

    def announced(self) -> dict[int, AnnouncedAlternate]:
        return announced_in(self.meeting, self._announced)

    def answers(self) -> dict[int, str]:
        """By the key of the seat; `announced` is asked before."""
        return answers_in(self._announced)

    def sitting(self) -> Sitting:
        return next(iter(self._sitting.rows), None) or Sitting(meeting=self.meeting)

    def declarations(
        self, seats: Iterable[Seat], items: Iterable[AgendaItem]
    ) -> list[InterestDeclaration]:
        """Return the declarations with their seats, and with those of their items that are among
        these."""
        by_key = {seat.pk: seat for seat in seats}
        pairs = set(self._pairs.rows)
        for one in self._declarations.rows:
            declared = [item for item in items if (one.pk, item.pk) in pairs]
            keep_related(one, "items", declared, AgendaItem)
            if seat := by_key.get(one.seat_id):
                one.seat = seat
        return self._declarations.rows


@prepared
def _sitting(meeting: int) -> QuerySet[Sitting]:
    return Sitting.objects.filter(meeting=meeting)


@prepared
def _declarations(meeting: int) -> QuerySet[InterestDeclaration]:
    return InterestDeclaration.objects.filter(meeting=meeting)


@prepared
def _declared(meeting: int) -> QuerySet[Any, tuple[int, int]]:
    pairs = InterestDeclaration.items.through.objects.filter(interestdeclaration__meeting=meeting)
    return pairs.values_list("interestdeclaration", "agendaitem")
