"""Seats and terms of office; the parent row is held while one is added, so that a form sent
twice adds one and no seat gets two holders."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import Committee, Seat, SeatTerm
from committees.models.meeting import MeetingError


@transaction.atomic
def take_committee_step(
    committee: Committee, verb: str, *, by: User | None, on: date, why: str
) -> None:
    """A committee is constituted once it has somebody to vote."""
    Committee.objects.select_for_update().get(pk=committee.pk)
    if verb == "constitute" and not committee.seats.filter(is_voting=True).exists():
        raise MeetingError(_("The committee has no voting seat yet: add its seats first."))
    committee.take(verb, by=by, on=on, why=why)


@transaction.atomic
def add_seat(seat: Seat) -> Seat:
    Committee.objects.select_for_update().get(pk=seat.committee_id)
    known = seat.entry_key and seat.committee.seats.filter(entry_key=seat.entry_key).first()
    if known:
        return known
    seat.save()
    return seat


@transaction.atomic
def add_term(term: SeatTerm) -> SeatTerm:
    Seat.objects.select_for_update().get(pk=term.seat_id)
    same = SeatTerm.objects.filter(
        seat=term.seat, contact=term.contact, since=term.since, capacity=term.capacity
    ).first()
    if same:
        return same
    term.full_clean()
    term.save()
    return term


@transaction.atomic
def change_term(term: SeatTerm) -> None:
    Seat.objects.select_for_update().get(pk=term.seat_id)
    term.full_clean()
    term.save()
