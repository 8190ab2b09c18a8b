"""What this portal changes in allauth's second factors: secrets are encrypted, keys have names that
say what they are, and failed passkeys are logged.
"""

import base64
import hmac
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal.auth import extract_user_from_response
from allauth.usersessions.models import UserSession
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from accounts.account_letters import (
    factor_reset_asked_letter,
    factor_reset_confirm_letter,
    factor_reset_done_letter,
    factor_reset_withdrawn_letter,
)
from accounts.letters import MakeLetter
from accounts.mail import send_to_person
from accounts.models import AccessEvent, FactorReset, User
from accounts.permissions import helpers_of, may_help
from accounts.services import record_failed_sign_in, record_rejected
from kernel.refusal import Refusal

# --- Encryption ---
#
# Encrypts the secrets of second factors: whoever has only the database can make no code of them.
#
# The key is derived from SECRET_KEY. Secrets under one of SECRET_KEY_FALLBACKS can be read, and
# are encrypted anew under SECRET_KEY every night (`renew_secrets`).

logger = logging.getLogger(__name__)

PREFIX = "fernet:"  # what has none was written before secrets were encrypted
SECRETS = ("secret", "seed")  # under which an authenticator app and recovery codes keep theirs


def _fernet(key: str) -> Fernet:
    derived = hmac.digest(key.encode(), b"portal.second-factor", "sha256")
    return Fernet(base64.urlsafe_b64encode(derived))


def encrypt(text: str) -> str:
    return PREFIX + _fernet(settings.SECRET_KEY).encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """Return the secret, or a random one that opens nothing if no key fits any more."""
    secret = _opened(text, [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])
    if secret is None:
        logger.error("The secret of a second factor was encrypted with a key that is gone.")
        secret = str(generate_totp_secret())
    return secret


def _opened(text: str, keys: list[str]) -> str | None:
    if not text.startswith(PREFIX):
        return text
    for key in keys:
        try:
            return _fernet(key).decrypt(text.removeprefix(PREFIX).encode()).decode()
        except InvalidToken:
            continue
    return None


def renew_secrets() -> int:
    """Encrypt with SECRET_KEY what was encrypted with an older key or not at all; return how many."""
    with_secret = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]
    keys = Authenticator.objects.filter(type__in=with_secret).values_list("pk", flat=True)
    return sum(_renew(pk) for pk in keys)


@transaction.atomic
def _renew(pk: int) -> bool:
    factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
    if factor is None:
        return False
    renewed = {}
    for name in SECRETS:
        text = factor.data.get(name, "")
        is_current = text.startswith(PREFIX) and _opened(text, [settings.SECRET_KEY]) is not None
        # What no key opens stays as it is: the right key may come back from a backup.
        secret = _opened(text, settings.SECRET_KEY_FALLBACKS)
        if text and secret is not None and not is_current:
            renewed[name] = encrypt(secret)
    if renewed:
        factor.data |= renewed
        factor.save(update_fields=["data"])
    return bool(renewed)


# --- Second factor ---


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This was not accepted. Check it, then try again."),
    }

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey %(number)s") % {"number": number}


class PasskeyForm(AddWebAuthnForm):
    """Offers a passkey; a key that only serves as the second step is the exception."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the passkey")
        self.fields["name"].help_text = _("For example, “My telephone” or “Key on my key ring”.")
        passwordless = self.fields["passwordless"]
        passwordless.initial = True
        passwordless.label = _("Sign in with it alone, without a password")
        passwordless.help_text = _(
            "The device asks for your finger, your face or its code. Untick this for an "
            "older security key that can do neither: it then serves as the step after "
            "the password."
        )


class SignInPasskeyForm(LoginWebAuthnForm):
    def clean_credential(self) -> Authenticator:
        return recorded(self, super().clean_credential)


class SecondStepPasskeyForm(AuthenticateWebAuthnForm):
    def clean_credential(self) -> Authenticator:
        return recorded(self, super().clean_credential)


class ConfirmPasskeyForm(ReauthenticateWebAuthnForm):
    def clean_credential(self) -> Authenticator:
        return recorded(self, super().clean_credential)


def recorded(form: AuthenticateWebAuthnForm, clean: Callable[[], Authenticator]) -> Authenticator:
    """Log a passkey that is not accepted; allauth sends no signal of it."""
    try:
        return clean()
    except ValidationError:
        person = form.user or named_in(form.cleaned_data["credential"])
        if person:
            record_rejected(person, method="webauthn")
        else:
            record_failed_sign_in("", method="webauthn")
        raise


def named_in(credential: dict[str, Any]) -> User | None:
    """Return whom the browser says the passkey belongs to."""
    try:
        person: User = extract_user_from_response(credential)
    except (ValidationError, AttributeError):  # no such person, or not what a browser sends
        return None
    return person


# --- Factor resets ---
#
# Replaces a lost second factor: one person of the team asks, another one confirms, and the owner
# learns of both at once by mail.


def has_factor(person: User) -> bool:
    return bool(Authenticator.objects.filter(user=person).exists())


@transaction.atomic
def ask_for_reset(person: User, *, reason: str, by: User) -> FactorReset:
    """Note that this person lost their second factor, and write to them and to those who may
    confirm. Raises Refusal if there is none, if somebody asked already, or if nobody could
    confirm."""
    User.objects.select_for_update().get(pk=person.pk)
    if not has_factor(person):
        raise Refusal(gettext("This person has no second step: they sign in as before."))
    now = timezone.now()
    waiting = person.factor_resets.filter(ended_at=None)
    waiting.filter(asked_at__lte=FactorReset.oldest_open()).update(ended_at=now)
    if waiting.exists():
        raise Refusal(
            gettext("Somebody has already asked for this. A second person has to confirm it.")
        )
    others = helpers_of(person).exclude(pk=by.pk)
    if not others.exists():
        raise Refusal(
            gettext(
                "Nobody else could confirm it: there is no other coordinator of a project of this "
                "person, and no other administrator. Ask the operator of the portal."
            )
        )
    reset = FactorReset.objects.create(person=person, reason=reason, asked_by=by)
    _record(reset, by, "removal of the second factor asked for")
    _write_to_owner(reset, partial(factor_reset_asked_letter, reset))
    for helper in others:
        letter = partial(factor_reset_confirm_letter, reset)
        send_to_person(helper, letter, about=None, thread=reset)
    return reset


@transaction.atomic
def confirm_reset(reset: FactorReset, *, by: User) -> None:
    """Remove the second factor and end all sessions of its owner: the telephone that is lost may be
    signed in. Raises Refusal if the same person asked, or if it is no longer open."""
    reset = _locked(reset)
    if by.pk == reset.asked_by_id:
        raise Refusal(gettext("You asked for it yourself: somebody else has to confirm it."))
    if not may_help(by, reset.person):
        raise Refusal(
            gettext("Only the coordination of one of this person's projects can confirm it.")
        )
    reset.confirmed_by, reset.ended_at = by, timezone.now()
    reset.save(update_fields=["confirmed_by", "ended_at"])
    remove_factors(reset.person)
    _record(reset, by, "removal of the second factor confirmed")
    _write_to_owner(reset, partial(factor_reset_done_letter, reset))


@transaction.atomic
def withdraw_reset(reset: FactorReset, *, by: User) -> None:
    """End the request without removing anything. Raises Refusal if it is no longer open."""
    reset = _locked(reset)
    reset.ended_at = timezone.now()
    reset.save(update_fields=["ended_at"])
    _record(reset, by, "removal of the second factor withdrawn")
    if by.pk != reset.person_id:
        _write_to_owner(reset, factor_reset_withdrawn_letter)


def remove_factors(person: User) -> None:
    """Remove all second factors, and end all sessions and known devices."""
    Authenticator.objects.filter(user=person).delete()
    sign_out_everywhere(person)


def sign_out_everywhere(person: User, *, but: str | None = None) -> int:
    """End all sessions of the person but the one with this key, and know their devices no more;
    return how many ended."""
    sessions = UserSession.objects.filter(user=person).exclude(session_key=but)
    for session in (ended := list(sessions)):
        session.end()
    person.devices_forgotten_at = timezone.now()
    person.save(update_fields=["devices_forgotten_at"])
    return len(ended)


def _locked(reset: FactorReset) -> FactorReset:
    rows = FactorReset.objects.open().select_for_update(of=("self",)).select_related("person")
    if open_reset := rows.filter(pk=reset.pk).first():
        return open_reset
    raise Refusal(gettext("This request is no longer open. If it is still needed, ask again."))


def _record(reset: FactorReset, by: User, change: str) -> None:
    AccessEvent.record(AccessEvent.Kind.ACCOUNT, user=by, thing=reset.person, change=change)


def _write_to_owner(reset: FactorReset, letter: MakeLetter) -> None:
    send_to_person(reset.person, letter, about=None, thread=reset)
