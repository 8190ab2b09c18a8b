"""A seat that was added by mistake is removed, as long as nothing depends on it."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import Meeting, Seat, SeatTerm
from committees.models.seat import number_seats
from committees.seats.services.seats import (
    end_access,
    lock_access,
    lock_committee,
    record_term,
)
from kernel.refusal import Refusal
from kernel.removal import Removal

# What goes with a seat on which nothing depends, by the names of the tables.
FRAME = frozenset(
    {
        *("committees.Seat", "committees.SeatTerm", "committees.Seat_shared_with"),
        "projects.Translation",
    }
)


@transaction.atomic
def remove_seat(seat: Seat, *, by: User) -> None:
    """Remove a seat that was added by mistake, with those who were to hold it; one for which somebody
    was invited, came or answered, or that a meeting counted, ends on a day instead."""
    lock_committee(seat.committee)
    lock_access(seat.committee)
    removal = Removal()
    removal.take(Seat, [seat.pk])
    removal.refuse_beyond(
        FRAME,
        _("This seat is in use: %(things)s. Edit it, and enter its last day."),
    )
    terms = list(seat.terms.select_related("contact__user"))
    if any(_was_counted(term) for term in terms):
        raise Refusal(_("A meeting has counted this seat: edit it, and enter its last day."))
    for term in terms:
        record_term(term, by=by, change="removed")
    seat.delete()
    for term in terms:
        end_access(
            seat.committee, term.contact, on=seat.committee.project.today, leaves=False, by=by
        )
    number_seats(seat.committee_id)


def _was_counted(term: SeatTerm) -> bool:
    """Whether a meeting took place while somebody held the seat."""
    meetings = term.seat.committee.meetings.held().filter(starts_at__date__gte=term.since)
    if term.until:
        meetings = meetings.filter(starts_at__date__lte=term.until)
    return any(meeting.day > term.since or _counts(meeting, term.seat) for meeting in meetings)


def _counts(meeting: Meeting, seat: Seat) -> bool:
    """Whether a meeting of the day on which the seat began has counted it. If it was added after the
    meeting, there are more seats of that day than were counted."""
    recorded = meeting.recorded_quorum() if meeting.quorum_kept else None
    return seat.is_voting and (recorded is None or meeting.quorum_at().total <= recorded.total)
