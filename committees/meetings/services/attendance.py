"""Records attendance: all seats in one grid, guests, and delegates whom the chair admits.

Attendance and decisions are recorded under a lock on the meeting, so that a member who leaves is
either still counted for a decision or not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from committees.agenda.services.agenda import lock_meeting
from committees.models import Attendance, Invitation, Meeting, Seat
from committees.models.attendance import Stay
from committees.models.quorum import Quorum, count_quorum
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


# What the answers announce


Answer, Capacity = Invitation.Answer, Invitation.Capacity


@dataclass(frozen=True)
class AnnouncedAlternate:
    """Who comes for a seat instead of its holder: somebody known, or only their function."""

    contact: Contact | None
    function: str = ""

    def __str__(self) -> str:
        return str(self.contact or self.function)


def announced_alternates(meeting: Meeting) -> dict[int, AnnouncedAlternate]:
    """Return the alternates who were announced for seats of the meeting, by the key of the seat.

    The holder names them in the answer. Where the holder does not come, an alternate who says that
    they come counts as announced as well.
    """
    return alternates_in(invitations_answered(meeting))


def invitations_answered(meeting: Meeting) -> list[Invitation]:
    """Return the invitations of seats that have an answer."""
    rows = meeting.invitations.current().exclude(seat=None).exclude(answer="")
    invitations = list(rows.select_related("contact", "alternate").order_by("pk"))
    for one in invitations:
        one.meeting = meeting
    return invitations


def answers_in(invitations: Iterable[Invitation]) -> dict[int, str]:
    """Return whether those who hold the seats said that they come, by the key of the seat."""
    return {
        one.seat_id: str(one.get_answer_display())
        for one in invitations
        if one.seat_id and one.is_asked and one.is_answered and one.answer != Answer.ALTERNATE
    }


def alternates_in(invitations: Iterable[Invitation]) -> dict[int, AnnouncedAlternate]:
    """Return the alternates announced in invitations that were read (`announced_alternates`)."""
    answered = [one for one in invitations if one.seat_id and one.is_answered]
    declined = {one.seat_id for one in answered if one.answer == Answer.DECLINED and one.is_asked}
    found = {
        one.seat_id: AnnouncedAlternate(one.contact)
        for one in answered
        if not one.is_asked and one.answer == Answer.ACCEPTED and one.seat_id in declined
    }
    found |= {
        one.seat_id: AnnouncedAlternate(one.alternate, one.alternate_function)
        for one in answered
        if one.answer == Answer.ALTERNATE
    }
    return {seat: alternate for seat, alternate in found.items() if seat}


def expected_seats(invitations: Iterable[Invitation]) -> dict[int, bool]:
    """Return the seats of which somebody said that they come, by their keys, and whether that is an
    announced alternate."""
    found = list(invitations)
    coming = {
        one.seat_id: False
        for one in found
        if one.seat_id and one.is_asked and one.is_answered and one.answer == Answer.ACCEPTED
    }
    return coming | dict.fromkeys(alternates_in(found), True)


def expected_quorum(
    meeting: Meeting, invitations: Iterable[Invitation], seats: Sequence[Seat]
) -> Quorum:
    """Return the quorum of these voting seats if everybody comes who says so, and nobody else does.
    Whoever was announced for two seats counts for one."""
    found = list(invitations)
    coming = {
        one.seat_id: one.contact_id
        for one in found
        if one.seat_id and one.is_asked and one.is_answered and one.answer == Answer.ACCEPTED
    }
    people, by_alternate = set(coming.values()), set()
    for seat, alternate in alternates_in(found).items():
        person = alternate.contact.pk if alternate.contact else None
        if person is None or person not in people:
            by_alternate.add(seat)
            people.update([person] if person else [])
    return count_quorum(
        seats,
        coming.keys() | by_alternate,
        meeting.quorum_rules,
        day=meeting.day,
        by_alternate=by_alternate,
        second_call=meeting.is_second_call,
    )
