"""What this portal changes in allauth: who may sign up, and how its mail is sent."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext, gettext_lazy as _

from accounts.account_letters import (
    account_changed_letter,
    new_password_letter,
    sign_in_code_letter,
    unknown_address_letter,
)
from accounts.identities import device_of, remember_device
from accounts.idle import unsaved_texts
from accounts.letters import Letter
from accounts.links import absolute_url
from accounts.mail import envelope_of, write
from accounts.models import AccessEvent, OutgoingMail, User
from accounts.organisation_sign_in import PROVED, proved_now, sign_out
from accounts.outbox import hand_over
from accounts.services import record_failed_sign_in, record_sign_in, tell_of_new_device
from kernel.organisation import home_zone

# Messages that people ask allauth for: our letter, and what of allauth's context is in it.
ANSWERS: dict[str, tuple[Callable[[str], Letter], str]] = {
    "account/email/login_code": (sign_in_code_letter, "code"),
    "account/email/password_reset_key": (new_password_letter, "password_reset_url"),
    "account/email/unknown_account": (unknown_address_letter, "email"),
}

# Messages of allauth to the owner of an account that was changed.
CHANGES = {
    "account/email/password_changed": _("Your password was changed."),
    "account/email/password_reset": _("Your password was replaced by a new one."),
    "account/email/password_set": _("A password was chosen for your account."),
    "mfa/email/totp_activated": _("An authenticator app was added to your account."),
    "mfa/email/totp_deactivated": _("The authenticator app was removed from your account."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made for your account."),
    "mfa/email/webauthn_added": _("A passkey or security key was added to your account."),
    "mfa/email/webauthn_removed": _("A passkey or security key was removed from your account."),
}
SOME_CHANGE = _("The way you sign in was changed.")


# In the session, the page to which the sign-in leads, where its address may be in no other one.
AFTER_SIGN_IN = "page_after_sign_in"


class AccountAdapter(DefaultAccountAdapter):
    """Keeps sign-up closed: the coordination invites the contacts of institutions."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "This e-mail address and this password do not match. Check both, or have a "
            "code sent to you."
        ),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, then try again."),
        "rate_limited": _("Too many requests. Wait a minute, then try again."),
        "incorrect_code": _(
            "This code is incorrect. Type it exactly as it appears in the message, or "
            "ask for a new one."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """Accept only this portal's own pages, not even those of other hosts that it answers to."""
        own = settings.SITE_URL.partition("://")[2]
        return url_has_allowed_host_and_scheme(url, {own}, require_https=settings.HTTPS)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Lead to the page that asked for the sign-in and could not be named in an address."""
        page = request.session.pop(AFTER_SIGN_IN, "")
        return page or str(super().get_login_redirect_url(request))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Build the address from SITE_URL, since a request may claim any host."""
        uid, _dash, rest = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": rest})
        return absolute_url(path)

    def get_login_stages(self) -> list[str]:
        own = {"allauth.mfa.stages.AuthenticateStage": "accounts.organisation_sign_in.SecondStep"}
        return [own.get(stage, stage) for stage in super().get_login_stages()]

    def login(self, request: HttpRequest, user: User) -> None:
        previous = user.last_login
        is_strange = previous is not None and not device_of(request).knows(user)
        super().login(request, user)
        if proved_now(request):
            request.session[PROVED] = True
        records = get_authentication_records(request, user)
        method = records[-1]["method"] if records else "unknown"
        record_sign_in(user, method=method)
        if is_strange:
            tell_of_new_device(user, self.get_http_user_agent(request))

    def logout(self, request: HttpRequest) -> None:
        sign_out(request)

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **options)
        remember_device(request, response, user)
        if unsaved_texts(request, user):
            text = _("What you sent after being signed out has not been saved yet.")
            link = format_html('<a href="{}">{}</a>', reverse("accounts:unsaved"), _("Show it"))
            messages.warning(request, format_html("{} {}", text, link))
        return response

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count attempts on a device of the owner's apart: nobody elsewhere can lock it."""
        if not (key := self.key_of_known_device(request, **credentials)):
            super().pre_authenticate(request, **credentials)
            return
        self._login_failed_rl_usage = ratelimit.consume(
            request, app="allauth.account", action="login_failed_known_device", key=key
        )
        if not self._login_failed_rl_usage:
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Count no attempt that the portal itself broke off: whoever tried while the database was away
        is not locked out once it is back."""
        try:
            person: AbstractBaseUser | None = super().authenticate(request, **credentials)
        except DatabaseError:
            self._rollback_login_failed_rl_usage()
            raise
        return person

    def key_of_known_device(self, request: HttpRequest, **credentials: Any) -> str:
        address = User.objects.normalize_email(str(credentials.get("email", "")))
        device = device_of(request)
        person = User.objects.filter(email=address).first() if device.people and address else None
        return f"{device.key}:{person.pk}" if person and device.knows(person) else ""

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """Begin to count anew after a new password, on a known device as well."""
        super()._delete_login_attempts_cached_email(request, **credentials)
        if key := self.key_of_known_device(request, **credentials):
            ratelimit.clear(
                request, app="allauth.account", action="login_failed_known_device", key=key
            )

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        record_failed_sign_in(str(credentials.get("email", "")), method="password")

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Log the change of a password or second factor, also where nobody can be written to."""
        change = template_prefix.rpartition("/")[2]
        AccessEvent.record(AccessEvent.Kind.ACCOUNT, user=user, change=change)
        super().send_notification_mail(template_prefix, user, context, email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        sent = hand_over(self.written(template_prefix, email, context))
        if not sent and template_prefix in ANSWERS:
            self.say_that_nothing_was_sent()

    def written(self, template_prefix: str, email: str, context: dict[str, Any]) -> OutgoingMail:
        """Return the message in the language of the address's owner or, if nobody owns it, of the
        page."""
        user = User.objects.filter(email__iexact=email).first()
        with (
            translation.override(user.language if user else get_language()),
            timezone.override(user.zone if user else home_zone()),
        ):
            if template_prefix in ANSWERS:
                make, name = ANSWERS[template_prefix]
                letter = make(str({**context, "email": email}[name]))
            else:
                what = CHANGES.get(template_prefix, SOME_CHANGE)
                letter = account_changed_letter(what, context.get("timestamp") or timezone.now())
            words = write(letter, user or "", envelope_of(user, None))
        return OutgoingMail(address=email, **words._asdict())

    def say_that_nothing_was_sent(self) -> None:
        """Show an error on the form, the same for known and unknown addresses."""
        text = gettext("The message could not be sent. Try again in a few minutes.")
        messages.error(self.request, text)
        raise ImmediateHttpResponse(redirect(self.request.get_full_path()))
