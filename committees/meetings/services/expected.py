"""What the answers to the invitations announce: whether the quorum can be expected, and which
alternate comes for which seat."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from committees.models import Invitation, Meeting, Seat
from committees.models.quorum import Quorum, count_quorum
from kernel.prepared import prepared
from partners.models import Contact

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
    invitations = _invitations_of_seats(meeting.pk)
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


@prepared
def _invitations_of_seats(meeting: int) -> QuerySet[Invitation]:
    rows = Invitation.objects.current().filter(meeting=meeting).exclude(seat=None)
    return rows.exclude(answer="").select_related("contact", "alternate").order_by("pk")


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
