"""Seats and terms of office. The parent row is locked while one is added, so that a form sent
twice adds one, no seat gets two holders and no committee two chairs."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, User
from committees.models import Committee, Seat, SeatTerm
from committees.models.seat import number_seats
from kernel.refusal import Refusal
from kernel.text import LANGUAGES
from partners.models import Contact, Institution
from partners.services import enter_contact


def lock_committee(committee: Committee) -> None:
    Committee.objects.select_for_update().get(pk=committee.pk)


@transaction.atomic
def add_seat(seat: Seat, shared_with: Iterable[Institution] = ()) -> Seat:
    lock_committee(seat.committee)
    known = seat.entry_key and seat.committee.seats.filter(entry_key=seat.entry_key).first()
    if known:
        return known
    _write(seat, list(shared_with))
    return seat


@transaction.atomic
def change_seat(seat: Seat, shared_with: Iterable[Institution]) -> None:
    lock_committee(seat.committee)
    _write(seat, list(shared_with))


@transaction.atomic
def remove_seat(seat: Seat) -> None:
    """Delete a seat that was never used; one that was used ends on a day instead."""
    lock_committee(seat.committee)
    held = seat.terms.exists()  # a term goes with its seat; all else protects it
    try:
        if not held:
            seat.delete()
            number_seats(seat.committee_id)
    except ProtectedError:
        held = True
    if held:
        raise Refusal(_("Somebody has held this seat: edit it and enter its last day."))


def _write(seat: Seat, shared_with: list[Institution]) -> None:
    if seat.institution in shared_with:
        raise Refusal(
            _("A seat is shared with other institutions: leave out the one it belongs to.")
        )
    if shared_with and not any(getattr(seat, f"label_{language}") for language in LANGUAGES):
        raise Refusal(
            _(
                "Name the group that a shared seat represents, such as the sector of these "
                "institutions."
            )
        )
    seat.full_clean()
    seat.save()
    seat.shared_with.set(shared_with)
    number_seats(seat.committee_id)


@transaction.atomic
def add_term(term: SeatTerm, *, person: Contact | None = None, by: User | None) -> SeatTerm:
    """Let somebody hold the seat; `person` may be new and not saved yet."""
    Seat.objects.select_for_update().get(pk=term.seat_id)
    if person:
        term.contact = enter_contact(person)
    same = SeatTerm.objects.filter(
        seat=term.seat, contact=term.contact, since=term.since, capacity=term.capacity
    ).first()
    if same:
        return same
    term.full_clean()
    term.save()
    record_term(term, by=by, change="added")
    return term


@transaction.atomic
def change_term(term: SeatTerm, *, by: User) -> None:
    Seat.objects.select_for_update().get(pk=term.seat_id)
    term.full_clean()
    term.save()
    record_term(term, by=by, change="changed")


def record_term(term: SeatTerm, *, by: User | None, change: str) -> None:
    """Log that somebody got the access of a seat, or until when they have it."""
    AccessEvent.record(
        AccessEvent.Kind.ROLE,
        user=by,
        thing=term.seat.committee,
        person=term.contact.user,
        role=term.capacity,
        change=change,
        seat=term.seat_id,
        contact=term.contact_id,
        until=term.until.isoformat() if term.until else "",
    )
