"""Asking those who hold a seat, or stand in for its holder, for something: each person gets one
message with a link of their own, once for the same occasion."""

from collections.abc import Callable, Iterable

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.mail import send_to_person
from accounts.models import AccessLink, OutgoingMail, User
from committees.models import Seat, SeatTerm
from committees.notices import Told


def terms_today(seats: Iterable[Seat]) -> list[SeatTerm]:
    """Who holds these seats today, or stands in for their holders."""
    terms = SeatTerm.objects.on(timezone.localdate()).filter(
        seat__in=list(seats), contact__ended_on=None
    )
    terms = terms.select_related("contact__user", "seat__institution")
    return list(terms.prefetch_related("seat__institution__names"))


def can_be_told(term: SeatTerm) -> bool:
    person = term.contact.user
    return bool(person and person.is_active and person.email)


@transaction.atomic
def ask_by_link(
    terms: Iterable[SeatTerm],
    message: str,
    facts: dict[str, models.Model],
    *,
    link: Callable[[User], str],
    occasion: str,
) -> Told:
    """Send each person of these terms the message, with `url` from `link(person)`.

    `occasion` names what is asked for: whoever was asked it already is left alone, and the link
    that they have stays good.
    """
    terms = list(terms)
    people = {term.contact.user_id: term.contact.user for term in terms if can_be_told(term)}
    told = 0
    for person in people.values():
        key = f"{occasion}:{person.pk}"
        if OutgoingMail.objects.filter(key=key).exists():
            continue
        send_to_person(
            person,
            message,
            facts | {"url": link(person)},
            subject=gettext_lazy("A page for you"),
            key=key,
        )
        told += 1
    untold = [
        f"{term.seat} ({term.get_capacity_display()})" for term in terms if not can_be_told(term)
    ]
    return Told(people=told, without_access=untold)


def revoke_earlier(person: User, purpose: str, thing: models.Model) -> None:
    """The link that a person had to a thing ends where a new one takes its place."""
    AccessLink.objects.filter(
        content_type=ContentType.objects.get_for_model(thing),
        object_id=thing.pk,
        purpose=purpose,
        user=person,
        revoked_at=None,
    ).update(revoked_at=timezone.now())
