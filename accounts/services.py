"""Invites people by the address that the coordination knows."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.links import absolute_url
from accounts.mail import send_to_person, short_text
from accounts.models import AccessEvent, User

INVITATION = "accounts/email/invitation"


@transaction.atomic
def invite_person(*, full_name: str, email: str, language: str, by: User | None) -> User:
    """Return the account of the person at this address; create it without a password if needed.

    An existing account keeps the name and language that its owner chose. Raises ValidationError if
    this is no e-mail address.
    """
    address = User.objects.normalize_email(email)
    validate_email(address)
    person, created = User.objects.get_or_create(
        email__iexact=address,
        defaults={
            "email": address,
            "full_name": " ".join(full_name.split()),
            "language": language,
            "password": make_password(None),
        },
    )
    confirm_address(person)
    if created:
        AccessEvent.record(AccessEvent.Kind.ROLE, user=by, thing=person, change="invited")
    return person


def confirm_address(person: User) -> None:
    """Tell allauth that the person has this address and no other.

    The coordination entered it, so it needs no proof. A replaced address must no longer open the
    account, and an unproved one would keep the person from setting up a second factor.
    """
    address = User.objects.normalize_email(person.email)
    EmailAddress.objects.filter(user=person).exclude(email=address).delete()
    if not address:
        return
    EmailAddress.objects.filter(email=address).exclude(user=person).delete()
    EmailAddress.objects.update_or_create(
        user=person, email=address, defaults={"verified": True, "primary": True}
    )


def record_sign_in(person: User, *, previous: datetime | None, method: str) -> None:
    """Store when they were here before, to show what is new since then, and log the sign-in."""
    person.previous_visit = previous
    person.save(update_fields=["previous_visit"])
    confirm_address(person)
    AccessEvent.record(AccessEvent.Kind.SIGN_IN, user=person, method=method)


def send_invitation(person: User) -> bool:
    """Send a person the way to sign in. Returns False if they have no address."""
    facts = invitation_facts(person)
    return bool(send_to_person(person, INVITATION, facts, subject=_("Your access")))


def invitation_short_text(person: User) -> str:
    return short_text(person, INVITATION, invitation_facts(person))


def invitation_facts(person: User) -> dict[str, Any]:
    return {"url": absolute_url(reverse("account_request_login_code")), "address": person.email}
