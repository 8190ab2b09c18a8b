"""Records attendance: all seats in one grid, guests, and delegates whom the chair admits.

Attendance and decisions are recorded under a lock on the meeting, so that a member who leaves is
either still counted for a decision or not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from committees.agenda.services.agenda import lock_meeting
from committees.models import Attendance, Meeting, Seat
from committees.models.attendance import Stay
from kernel.refusal import Refusal
from partners.models import Contact

NO_TIMES = Stay(None, None)


@dataclass(frozen=True)
class SeatRow:
    """The attendance to record for one seat.

    `was` is the signature of the row that the writer saw, to notice that somebody else has changed
    it.
    """

    seat: Seat
    presence: str
    contact: Contact | None = None
    by_alternate: bool = False
    # The delegate whom the chair admitted for this seat stays its person.
    is_delegate: bool = False
    # Somebody on no list whom the seat announced as its alternate: their function, or their name.
    announced: str = ""
    # Of a delegate whom the chair admits, together with their name in `announced`.
    accreditation_due: date | None = None
    stays: tuple[Stay, ...] = (NO_TIMES,)
    was: str | None = None

    @classmethod
    def signature(cls, row: Attendance | None) -> str:
        """Return a short text for the present state of a seat's row, to notice that it has
        changed."""
        if row is None:
            return ""
        times = (moment for stay in row.stays for moment in stay)
        parts = (row.presence, row.contact_id, row.by_alternate, *times, row.guest_name)
        return "|".join("" if part is None else str(part) for part in parts)


def refuse_closed_records(meeting: Meeting) -> None:
    if meeting.records_stand:
        raise Refusal(
            _(
                "The minutes have been circulated, so what was recorded can no longer "
                "change. Return the minutes to draft to correct it."
            )
        )


def refuse_unless_recording(meeting: Meeting) -> None:
    refuse_closed_records(meeting)
    if not meeting.was_begun:
        raise Refusal(
            _("The meeting is “%(status)s”: open it, or record it afterwards, first.")
            % {"status": meeting.get_status_display()}
        )


def refuse_unless_notes_are_open(meeting: Meeting) -> None:
    if meeting.notes_stand:
        raise Refusal(
            _(
                "The final draft of the minutes has been made, so the notes can no "
                "longer change. Return the minutes to draft to correct them."
            )
        )
    if not meeting.was_begun:
        refuse_unless_recording(meeting)


@transaction.atomic
def record_attendance(meeting: Meeting, rows: Iterable[SeatRow], *, headcount: int | None) -> None:
    """Write the rows of the grid that the writer changed.

    Raises Refusal if somebody else changed the same seat meanwhile, or if one person would count
    for two seats.
    """
    lock_meeting(meeting)
    refuse_unless_recording(meeting)
    rows = list(rows)
    known = {row.seat_id: row for row in meeting.attendances.exclude(seat=None)}
    for row in rows:
        _refuse_overwriting(row, known.get(row.seat.pk))
    _refuse_one_person_twice(known, rows)
    # People may change places: nobody may seem to sit on two seats between two writes.
    meeting.attendances.filter(seat__in=[row.seat for row in rows]).update(contact=None)
    for row in rows:
        _write(meeting, row, known.get(row.seat.pk))
    if headcount != meeting.headcount:
        Meeting.objects.filter(pk=meeting.pk).update(headcount=headcount)
        meeting.headcount = headcount
    meeting.keep_quorum()


def _refuse_overwriting(row: SeatRow, known: Attendance | None) -> None:
    if row.was is not None and row.was != SeatRow.signature(known):
        raise Refusal(
            _(
                "Somebody else recorded “%(seat)s” in the meantime. Reload the page to "
                "see it, then change what differs."
            )
            % {"seat": row.seat}
        )


def _refuse_one_person_twice(known: dict[int | None, Attendance], rows: list[SeatRow]) -> None:
    changed = {row.seat.pk for row in rows}
    there = {
        row.contact_id
        for seat, row in known.items()
        if seat not in changed and row.presence in Attendance.THERE and row.contact_id
    }
    for row in rows:
        if row.presence not in Attendance.THERE or row.contact is None:
            continue
        if row.contact.pk in there:
            raise Refusal(
                _("One person counts for one seat: choose somebody else for “%(seat)s”.")
                % {"seat": row.seat}
            )
        there.add(row.contact.pk)


def _write(meeting: Meeting, row: SeatRow, known: Attendance | None) -> None:
    if not row.presence:
        if known:
            known.delete()
        return
    known = known or Attendance(meeting=meeting, seat=row.seat)
    known.presence, known.contact, known.by_alternate = row.presence, row.contact, row.by_alternate
    known.stays = row.stays
    if row.announced or not row.is_delegate:
        known.guest_name, known.accreditation_due = row.announced, row.accreditation_due
    known.save()


@transaction.atomic
def add_guest(guest: Attendance) -> Attendance:
    """Add somebody without a seat. The same form sent twice adds one guest."""
    lock_meeting(guest.meeting)
    refuse_unless_recording(guest.meeting)
    if known := _sent_before(guest):
        return known
    guest.save()
    return guest


@transaction.atomic
def admit_delegate(
    meeting: Meeting, seat: Seat, *, name: str, presence: str, accreditation_due: date
) -> Attendance:
    """Record that the chair admits somebody unlisted for a seat, for this meeting alone.

    The terms of reference decide whether the seat counts before the accreditation has come
    (`Committee.counts_admitted_delegates`).
    """
    lock_meeting(meeting)
    refuse_unless_recording(meeting)
    row = meeting.attendances.filter(seat=seat).first() or Attendance(meeting=meeting, seat=seat)
    if row.presence in Attendance.THERE and row.guest_name != name:
        raise Refusal(
            _("“%(seat)s” is already present: change its row in the list instead.") % {"seat": seat}
        )
    row.contact, row.by_alternate, row.guest_name = None, False, name
    row.presence, row.accreditation_due = presence, accreditation_due
    row.stays = [NO_TIMES]
    row.save()
    meeting.keep_quorum()
    return row


@transaction.atomic
def accredit_delegate(row: Attendance) -> None:
    """Record that a delegate's accreditation has come, so that the seat counts.

    If it comes after the minutes circulated, the quorum stated in them does not change.
    """
    lock_meeting(row.meeting)
    refuse_if_gone(row)
    row.accreditation_due = None
    row.save(update_fields=["accreditation_due"])
    if not row.meeting.records_stand:
        row.meeting.keep_quorum()


def refuse_if_gone(row: Attendance) -> None:
    """Read the row again under the meeting's lock, since it may have been changed or removed."""
    meeting = row.meeting
    try:
        row.refresh_from_db()
    except Attendance.DoesNotExist:
        raise Refusal(
            _("Somebody removed this row from the list in the meantime. Reload the page to see it.")
        ) from None
    row.meeting = meeting


@transaction.atomic
def remove_attendance(row: Attendance) -> None:
    lock_meeting(row.meeting)
    refuse_unless_recording(row.meeting)
    row.delete()
    row.meeting.keep_quorum()


def _sent_before(guest: Attendance) -> Attendance | None:
    if guest.entry_key is None:
        return None
    return guest.meeting.attendances.filter(entry_key=guest.entry_key).first()
