"""Sends people to the sign-in page, and those whose role asks for it to set up a second factor;
keeps the addresses of links to themselves.

Allauth asks for a second factor where one is set up, but cannot require it by role.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _, ngettext

from accounts import idle
from accounts.adapter import AFTER_SIGN_IN
from accounts.models import User
from accounts.organisation_sign_in import PROVED
from accounts.permissions import needs_second_factor

Handler = Callable[[HttpRequest], HttpResponse]
READING = {"GET", "HEAD"}


class IdleMiddleware:
    """Ends web sessions that nobody uses any more (accounts/idle.py), before the page is looked for
    a sign-in."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Handler, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        if not isinstance(request.user, User):
            return
        if idle.is_over(request, request.user):
            idle.end(request)
            if request.method in READING and not is_part(request):
                messages.warning(request, idle_sentence())
        elif not getattr(view, "is_background", False):
            idle.note_use(request)


class SignInMiddleware(LoginRequiredMiddleware):
    """Brings people back to the page they were on if their session ended before they pressed a
    button. The button's own address takes POST only, so they could not return to that."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        return (
            HttpResponse(status=HTTPStatus.UNAUTHORIZED) if answer and is_part(request) else answer
        )

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        if getattr(view_func, "has_secret_address", False):
            request.session[AFTER_SIGN_IN] = request.path
            return HttpResponseRedirect(str(resolve_url(self.get_login_url(view_func))))
        if request.method in READING or is_part(request):
            return super().handle_no_permission(request, view_func)
        text = _(
            "You were signed out in the meantime: nothing was recorded. Sign in and send "
            "it again. What you typed has been kept."
        )
        messages.warning(request, text)
        page = request.headers.get("Referer", "")
        if url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()):
            back = urlsplit(page)._replace(scheme="", netloc="", fragment="").geturl()
        else:
            back = reverse("home")
        return redirect_to_login(back, self.get_login_url(view_func))


def is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page: the page itself says what to do (static/js/portal.js)."""
    return "HX-Request" in request.headers


def idle_sentence() -> str:
    return ngettext(
        "You were signed out after %(count)s minute without activity. Sign in to "
        "continue: what you typed has been kept.",
        "You were signed out after %(count)s minutes without activity. Sign in to "
        "continue: what you typed has been kept.",
        settings.IDLE_MINUTES,
    ) % {"count": settings.IDLE_MINUTES}


class LinkAddressMiddleware:
    """Keeps the token in an address out of the referrer of what the page loads and links to.

    `no-referrer` would also send “Origin: null”: the check of forms would refuse those of the page that
    a session protects, such as the choice of a language.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.resolver_match and "token" in request.resolver_match.kwargs:
            response.headers.setdefault("Referrer-Policy", "strict-origin")
        return response


class SecondFactorMiddleware:
    """Stops people whose role asks for a second factor from going on until they have set it up."""

    OPEN = {
        "account_logout",
        "account_reauthenticate",
        "account_set_password",
        "account_change_password",
        "set_language",
        "privacy",
        "help",
        "help-page",
        "help-glossary",
        "help-keys",
        "health",
    }

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Handler, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not settings.SECOND_FACTOR_ROLES or not isinstance(request.user, User):
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in self.OPEN or name.startswith("mfa_"):
            return None
        # First what one statement answers: roles are several.
        if is_mfa_enabled(request.user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]):
            return None
        if PROVED in request.session or not needs_second_factor(request.user):
            return None
        messages.warning(
            request,
            _("Your role requires a second step at sign-in. Set one up here, then continue."),
        )
        return redirect("mfa_index")
