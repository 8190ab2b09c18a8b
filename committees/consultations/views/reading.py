"""A written procedure with its seats and their answers, as its page and its link show it."""

from typing import Any

from django.utils import timezone

from accounts.models import User
from committees.asking_seats import has_address
from committees.consultations.services.consultations import quorum_of_answers
from committees.models import Ballot, Resolution, WrittenConsultation
from committees.models.consultation import BallotQuerySet
from committees.models.resolution import ResolutionQuerySet
from committees.models.seat import Seat, seats_on
from committees.permissions.minutes import reads_all_ballots
from kernel.prepared import prepared
from partners.reading import named_institutions


def reading_context(
    consultation: WrittenConsultation, reader: User, own: list[Seat]
) -> dict[str, Any]:
    """Return the proposal, each voting seat with the answer that the reader may know, and which of
    the seats are theirs (`own`)."""
    committee, today = consultation.committee, timezone.localdate()
    on = consultation.closed_on or today
    seats = [seat for seat in seats_on(committee.pk, on) if seat.is_voting]
    institutions = named_institutions(seat.institution_id for seat in seats)
    for seat in seats:
        seat.institution = institutions[seat.institution_id]
    ballots = _ballots(consultation.pk)
    if reads_all_ballots(reader, consultation):
        known = {seat.pk for seat in seats}
    else:
        known = {seat.pk for seat in own}
    seen = {ballot.seat_id: ballot for ballot in ballots if ballot.seat_id in known}
    rows = [
        {"seat": seat, "ballot": seen.get(seat.pk), "is_reached": has_address(seat, today)}
        for seat in seats
    ]
    return {
        "consultation": consultation,
        "project": committee.project,
        "committee": committee,
        "resolution": next(iter(_resolutions(consultation.pk)), None),
        "rows": rows,
        "unreached": [row["seat"] for row in rows if not row["is_reached"]],
        "quorum": quorum_of_answers(consultation, ballots, on, seats),
        "own": {seat.pk for seat in own} if consultation.opened_on else set(),
        "has_answered": bool(own) and all(seat.pk in seen for seat in own),
    }


@prepared
def _ballots(consultation: int) -> BallotQuerySet:
    return Ballot.objects.filter(consultation=consultation).latest_each()


@prepared
def _resolutions(consultation: int) -> ResolutionQuerySet:
    found = Resolution.objects.filter(consultation=consultation)
    return found.only("kind", "number", "status", "committee")[:1]
