"""What this portal changes in allauth's second factors: secrets are encrypted, keys have names that
say what they are, and failed passkeys are logged."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal.auth import extract_user_from_response
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from accounts import encryption
from accounts.models import User
from accounts.services import record_failed_sign_in, record_rejected


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This was not accepted. Check it, then try again."),
    }

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)

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
