"""Invites people by the address that the coordination knows, and logs how they come in or not."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import login_code_rejected
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_used
from django.contrib.auth.hashers import make_password
from django.core.validators import validate_email
from django.db import models, transaction
from django.db.models import Q
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import ngettext

from accounts.account_letters import (
    account_changed_letter,
    address_changed_letter,
    invitation_letter,
    new_device_letter,
)
from accounts.checkpoints import pseudonym_of
from accounts.identities import identity_changes, name_of_browser
from accounts.letters import Detail, Letter
from accounts.mail import send_to_address, send_to_person
from accounts.models import AccessEvent, Pseudonym, User
from kernel.logs import mask_tokens
from kernel.text import StrOrPromise

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


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


@transaction.atomic
def change_address(person: User, address: str, *, by: User) -> None:
    """Let the person sign in with another address. A notice goes to the old one, so that nobody
    takes over an account unseen. Raises ValidationError."""
    old = person.email
    person.email = address
    person.full_clean(exclude=["password"])
    with identity_changes(person, by=by):
        person.save(update_fields=["email"])
    confirm_address(person)
    notify_old_address(person, old, by=by)


def notify_old_address(person: User, old: str | None, *, by: User) -> None:
    send_to_address(
        old or "",
        partial(address_changed_letter, by_themselves=by.pk == person.pk),
        language=person.language,
        name=person.full_name,
        about=None,
    )
    AccessEvent.record(AccessEvent.Kind.ACCOUNT, user=by, thing=person, change="address changed")


def mark_news_as_read(person: User, *, until: datetime) -> None:
    """Keep until when the person has read what is new; a page that was open for long takes nothing
    back, and nobody has read what is yet to come."""
    until = min(until, timezone.now())
    unread = User.objects.filter(Q(news_read_until=None) | Q(news_read_until__lt=until))
    unread.filter(pk=person.pk).update(news_read_until=until)


def record_sign_in(person: User, *, method: str) -> None:
    confirm_address(person)
    AccessEvent.record(AccessEvent.Kind.SIGN_IN, user=person, method=method)


def tell_of_new_device(person: User, user_agent: str) -> None:
    """Write to a person that somebody signed in as them on a device that they had not used."""
    with translation.override(person.language):
        device = name_of_browser(user_agent)
    send_to_person(person, partial(new_device_letter, device, timezone.now()), about=None)


def record_failed_sign_in(typed: str, *, method: str) -> None:
    """Log it with the person whose address was typed. Of any other address, or of what somebody
    typed there by mistake, the log keeps a pseudonym."""
    address = User.objects.normalize_email(typed)
    person = User.objects.filter(email=address).first() if address else None
    if person:
        record_rejected(person, method=method)
        return
    pseudonym = pseudonym_of(typed)
    AccessEvent.record_if_few(
        AccessEvent.Kind.SIGN_IN_FAILED,
        among=Q(details__has_key="typed"),
        same=Q(details__typed=pseudonym),
        user=None,
        typed=pseudonym,
        method=method,
    )


def record_rejected(person: User, *, method: str) -> None:
    """Log that a password, code or second step of this person was wrong."""
    key = str(Pseudonym.of(person))
    AccessEvent.record_if_few(
        AccessEvent.Kind.SIGN_IN_FAILED,
        among=Q(details__has_key="person"),
        same=Q(details__person=key),
        user=None,
        person=person,
        method=method,
    )


@receiver(login_code_rejected)
def record_rejected_code(user: User, **kwargs: Any) -> None:
    record_rejected(user, method="code")


@receiver(authentication_failed)
def record_rejected_second_step(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    record_rejected(user, method=authenticator.type)


@receiver(authenticator_used)
def tell_of_recovery_code(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Write to a person that one of their recovery codes was used, since somebody may have found
    them."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        return
    # The one that was passed in does not know yet that the code was used.
    kept = Authenticator.objects.get(pk=authenticator.pk)
    left = len(kept.wrap().get_unused_codes())
    with translation.override(user.language):
        what = ngettext(
            "A recovery code was used to sign in as you. %(left)s is left.",
            "A recovery code was used to sign in as you. %(left)s are left.",
            left,
        ) % {"left": left}
    tell_of_change(user, what)


def tell_of_change(person: User, what: StrOrPromise) -> None:
    """Write to a person that something about their sign-in was changed, and where they end all
    sessions if it was not them."""
    send_to_person(person, partial(account_changed_letter, what, timezone.now()), about=None)


def record_refusal(
    request: HttpRequest, *, status: int, thing: models.Model | None = None, check: str = ""
) -> None:
    """Log that somebody was refused a page, and by which check, unless it was a permission.
    Visitors are together one."""
    details: dict[str, Any] = {"check": check} if check else {}
    user = getattr(request, "user", None)  # missing if a middleware before it refused
    person = user if isinstance(user, User) else None
    AccessEvent.record_if_few(
        AccessEvent.Kind.REFUSED,
        among=Q(key__isnull=person is None),
        same=Q(key=Pseudonym.of(person).key if person else None),
        user=person,
        thing=thing,
        status=status,
        method=request.method,
        # They could hide a part of the address from a reader.
        address=CONTROL.sub("\ufffd", mask_tokens(request.path))[:200],
        **details,
    )


def send_invitation(
    person: User,
    *,
    by: User | None = None,
    grant: Callable[[], Sequence[Detail]] = tuple,
    about: models.Model | None = None,
) -> bool:
    """Send a person the way to sign in, with who gives which access to what. Returns False if they
    have no address."""

    def letter() -> Letter:
        return invitation_letter(person.email or "", grant())

    return bool(send_to_person(person, letter, by=by, about=about))
