"""Sends the holders of seats and their alternates a request with a personal link, once for each
occasion."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import partial

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone

from accounts.letters import Letter
from accounts.links import new_link
from accounts.mail import send_to_person
from accounts.models import AccessLink, OutgoingMail, User
from committees.models import Seat, SeatTerm
from committees.notices import NoticeReceipt
from partners.services import let_in


def seat_terms_today(seats: Iterable[Seat]) -> list[SeatTerm]:
    """Return the terms of those who hold these seats today, and of their alternates."""
    terms = SeatTerm.objects.on(timezone.localdate()).filter(
        seat__in=list(seats), contact__ended_on=None
    )
    terms = terms.select_related("contact__user", "seat__institution")
    return list(terms.prefetch_related("seat__institution__names"))


def reachable_person(term: SeatTerm) -> User | None:
    """Return the person's account, or None if the portal cannot write to it."""
    person = term.contact.user
    return person if person and person.is_active and person.email else None


def address_of(term: SeatTerm) -> str:
    """Return where a request would reach the person, who gets an account with it if need be."""
    contact = term.contact
    if contact.user:
        person = reachable_person(term)
        return (person.email or "") if person else ""
    return contact.email if contact.gets_account else ""


def has_address(seat: Seat, on: date) -> bool:
    """Whether a request reaches somebody of the seat, by an account or by an address that gets one."""
    return any(address_of(term) for term in seat.terms_on(on) if term.contact.ended_on is None)


@transaction.atomic
def ask_seats_by_link(
    terms: Iterable[SeatTerm],
    letter: Callable[[str], Letter],
    *,
    about: models.Model,
    by: User | None,
    link: Callable[[User], str],
    occasion: str,
) -> NoticeReceipt:
    """Send each person of these terms the letter with the address from `link(person)`.

    `occasion` names the request: somebody who had it already gets no second message, and the
    link that they have stays valid.
    """
    terms = list(terms)
    let_in([term.contact for term in terms], by=by)
    people = {person.pk: person for term in terms if (person := reachable_person(term))}
    sent = 0
    for person in people.values():
        key = f"{occasion}:{person.pk}"
        if OutgoingMail.objects.filter(key=key).exists():
            continue
        send_to_person(
            person,
            partial(letter, link(person)),
            by=by,
            key=key,
            about=about,
        )
        sent += 1
    without_access = [
        f"{term.seat} ({term.get_capacity_display()})"
        for term in terms
        if not reachable_person(term)
    ]
    return NoticeReceipt(people=sent, without_access=without_access)


def replace_link(
    person: User,
    purpose: str,
    thing: models.Model,
    page: str,
    *,
    by: User | None,
    lasts: timedelta = timedelta(days=30),
) -> str:
    """Return the address of a new link (`new_link`), and end the one that the person had to the thing."""
    AccessLink.objects.filter(
        content_type=ContentType.objects.get_for_model(thing),
        object_id=thing.pk,
        purpose=purpose,
        user=person,
    ).revoke(by=by)
    return new_link(person, purpose, thing, page, by=by, lasts=lasts)
