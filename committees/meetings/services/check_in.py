"""Checks in one seat or guest by one key or button, with the present time while the meeting sits."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext as _, gettext_lazy

from accounts.models import User
from committees.agenda.services.agenda import lock_meeting
from committees.meetings.services.attendance import (
    NO_TIMES,
    AnnouncedAlternate,
    SeatRow,
    announced_alternates,
    expected_seats,
    invitations_answered,
    refuse_if_gone,
    refuse_unless_recording,
)
from committees.meetings.services.session import refuse_unless_in_session, this_minute
from committees.models import Attendance, Meeting, Seat, SeatTerm
from committees.models.attendance import Stay
from kernel.refusal import Refusal


class AttendanceMark(models.TextChoices):
    """The meaning of one key or button."""

    IN_PERSON = "in_person", gettext_lazy("In person")
    ONLINE = "online", gettext_lazy("Online")
    ALTERNATE = "alternate", gettext_lazy("By alternate")
    EXCUSED = "excused", gettext_lazy("Excused")
    ABSENT = "absent", gettext_lazy("Absent")
    LEFT = "left", gettext_lazy("Left")
    BACK = "back", gettext_lazy("Back")


HOW = frozenset({AttendanceMark.IN_PERSON, AttendanceMark.ONLINE})
NOT_THERE = frozenset({AttendanceMark.EXCUSED, AttendanceMark.ABSENT})
# What a guest, who has no seat and no alternate, can be marked as.
OF_GUESTS = frozenset({*HOW, AttendanceMark.LEFT, AttendanceMark.BACK})


@transaction.atomic
def mark_seat(meeting: Meeting, seat: Seat, mark: str, *, was: str | None = None) -> Attendance:
    """Record what was seen of a seat; the same mark once more changes nothing.

    `was` is the row's signature on the page where the key was pressed: if somebody else recorded
    something different meanwhile, this raises Refusal.
    """
    lock_meeting(meeting)
    refuse_unless_recording(meeting)
    known = meeting.attendances.filter(seat=seat).select_related("contact").first()
    before = SeatRow.signature(known)
    row = known or Attendance(meeting=meeting, seat=seat)
    seen = MarkedAttendance(meeting, seat, now=_now(meeting))
    seen.write(row, AttendanceMark(mark))
    if known and SeatRow.signature(row) == before:
        return row
    if was is not None and was != before:
        raise Refusal(
            _(
                "Somebody else recorded “%(seat)s” in the meantime: the list now shows "
                "how. Press again if that is wrong."
            )
            % {"seat": seat}
        )
    _refuse_one_person_twice(row)
    row.save()
    meeting.keep_quorum()
    return row


@transaction.atomic
def mark_expected(meeting: Meeting, seats: Iterable[Seat]) -> int:
    """Mark as present, of these seats, those whose people said that they come and of which nothing
    is recorded yet, and return how many. Who cannot be marked so, such as one person announced for
    two seats, stays to be marked alone."""
    lock_meeting(meeting)
    refuse_unless_recording(meeting)
    known = set(meeting.attendances.exclude(seat=None).values_list("seat", flat=True))
    expected, marked = expected_seats(invitations_answered(meeting)), 0
    is_online = meeting.mode == Meeting.Mode.ONLINE
    by_holder = AttendanceMark.ONLINE if is_online else AttendanceMark.IN_PERSON
    for seat in seats:
        if seat.pk in known or seat.pk not in expected:
            continue
        mark = AttendanceMark.ALTERNATE if expected[seat.pk] else by_holder
        with suppress(Refusal), transaction.atomic():
            mark_seat(meeting, seat, mark)
            marked += 1
    return marked


@transaction.atomic
def mark_guest(row: Attendance, mark: str) -> Attendance:
    """Mark a guest as present or gone, at this moment, and return the row. Raises Refusal if the
    attendance of the meeting is not open, if somebody removed the row, or for any other mark."""
    meeting = row.meeting
    lock_meeting(meeting)
    refuse_unless_recording(meeting)
    refuse_if_gone(row)
    if mark not in OF_GUESTS:
        raise Refusal(_("A guest is present or has left; remove anybody who did not come."))
    MarkedAttendance(meeting, None, now=_now(meeting)).write(row, AttendanceMark(mark))
    row.save()
    return row


@transaction.atomic
def check_oneself_in(meeting: Meeting, term: SeatTerm, *, by: User) -> Attendance:
    """Record that somebody in the room checks in for a seat that they hold or are the alternate
    of."""
    lock_meeting(meeting)
    refuse_unless_in_session(meeting)
    refuse_unless_recording(meeting)
    if term.contact.user_id != by.pk or not term.covers(meeting.day):
        raise Refusal(_("This seat is not yours: ask the secretariat to check you in."))
    row = meeting.attendances.filter(seat=term.seat).first()
    row = row or Attendance(meeting=meeting, seat=term.seat)
    if row.is_there(_now(meeting)):
        if row.contact_id == term.contact_id:
            return row
        raise Refusal(
            _("“%(seat)s” is already present: tell the secretariat that it is you.")
            % {"seat": term.seat}
        )
    if row.contact_id != term.contact_id and row.left_at is None:
        row.stays = [Stay(_now(meeting), None)]
    row.contact, row.guest_name, row.accreditation_due = term.contact, "", None
    row.by_alternate = term.capacity == SeatTerm.Capacity.ALTERNATE
    MarkedAttendance(meeting, term.seat, now=_now(meeting)).write(row, AttendanceMark.IN_PERSON)
    _refuse_one_person_twice(row)
    row.save()
    return row


@dataclass(frozen=True)
class MarkedAttendance:
    """Applies a mark to a row. `now` is None after the meeting, when times are typed in."""

    meeting: Meeting
    seat: Seat | None
    now: datetime | None

    def write(self, row: Attendance, mark: AttendanceMark) -> None:
        if mark in NOT_THERE:
            row.presence, row.stays = mark, [NO_TIMES]
            row.guest_name = row.guest_name if row.seat_id is None else ""
            row.contact, row.by_alternate, row.accreditation_due = None, False, None
        elif mark == AttendanceMark.LEFT:
            self._leave(row)
        elif mark == AttendanceMark.BACK:
            self._come_back(row)
        elif mark == AttendanceMark.ALTERNATE:
            self._change_person(row)
        else:
            self._arrive(row, mark)

    def _arrive(self, row: Attendance, how: str) -> None:
        if row.presence in Attendance.THERE:
            if self.now and row.left_at:  # seen again, they are back
                self._come_back(row)
        else:
            row.stays = [Stay(self.now, None)]
            if self.seat and not (row.contact_id or row.guest_name):
                self._sit(row, self._holder())
        row.presence = how

    def _sit(self, row: Attendance, term: SeatTerm | None) -> None:
        if term is None and not self.meeting.recorded_afterwards:
            raise Refusal(
                _(
                    "Nobody holds “%(seat)s”: enter a term of office, or let the chair admit a "
                    "delegate."
                )
                % {"seat": self.seat}
            )
        row.contact = term.contact if term else None
        row.by_alternate = term is not None and term.capacity == SeatTerm.Capacity.ALTERNATE
        row.guest_name, row.accreditation_due = "", None

    def _holder(self) -> SeatTerm | None:
        assert self.seat is not None  # a guest is never marked as a holder or alternate
        return self.seat.holder_on(self.meeting.day)

    def _change_person(self, row: Attendance) -> None:
        """Seat the alternate, or the holder again if the alternate was seated."""
        assert self.seat is not None  # see `OF_GUESTS`
        announced = announced_alternates(self.meeting).get(self.seat.pk)
        if row.by_alternate:
            self._sit(row, self._holder())
        else:
            if announced and not announced.contact:
                row.contact, row.guest_name = None, announced.function
                row.accreditation_due = None
            else:
                self._sit(row, self._alternate(announced))
            row.by_alternate = True
        if row.presence not in Attendance.THERE:
            online = self.meeting.mode == Meeting.Mode.ONLINE
            row.presence = AttendanceMark.ONLINE if online else AttendanceMark.IN_PERSON
            row.stays = [Stay(self.now, None)]
        elif self.now and row.left_at:  # who takes over the seat comes now
            self._come_back(row)

    def _alternate(self, announced: AnnouncedAlternate | None) -> SeatTerm | None:
        """Return the alternate who was announced, or the first who does not sit elsewhere.

        Returns None for old records that name no alternate.
        """
        assert self.seat is not None  # see `OF_GUESTS`
        terms = self.seat.terms_on(self.meeting.day)
        alternates = [term for term in terms if term.capacity == SeatTerm.Capacity.ALTERNATE]
        if not alternates and self.meeting.recorded_afterwards:
            return None
        if not alternates:
            raise Refusal(
                _(
                    "“%(seat)s” has no alternate: enter their term of office, or let the chair "
                    "admit a delegate."
                )
                % {"seat": self.seat}
            )
        elsewhere = set(
            self.meeting.attendances.filter(presence__in=Attendance.THERE)
            .exclude(seat=self.seat)
            .values_list("contact", flat=True)
        )
        free = [term for term in alternates if term.contact_id not in elsewhere] or alternates
        expected = announced.contact if announced else None
        return next((term for term in free if term.contact == expected), free[0])

    def _leave(self, row: Attendance) -> None:
        if row.presence not in Attendance.THERE:
            raise Refusal(_("Only somebody who is present can leave: mark the arrival first."))
        if self.now is None:
            raise Refusal(
                _("The meeting is over: enter the time of departure in the attendance list.")
            )
        row.left_at = max(self.now, row.arrived_at) if row.arrived_at else self.now

    def _come_back(self, row: Attendance) -> None:
        if row.presence not in Attendance.THERE or row.left_at is None:
            raise Refusal(_("Only somebody who has left can come back."))
        if self.now and self.now > row.left_at:
            row.stays = [*row.stays, Stay(self.now, None)]
        else:
            row.left_at = None  # a slip, taken back within the minute


def _now(meeting: Meeting) -> datetime | None:
    return this_minute() if meeting.status == Meeting.Status.IN_SESSION else None


def _refuse_one_person_twice(row: Attendance) -> None:
    if row.contact_id is None or row.presence not in Attendance.THERE:
        return
    others = row.meeting.attendances.filter(
        contact=row.contact_id, presence__in=Attendance.THERE
    ).exclude(pk=row.pk)
    if others.exists():
        raise Refusal(
            _("One person counts for one seat: choose somebody else for “%(seat)s”.")
            % {"seat": row.seat}
        )
