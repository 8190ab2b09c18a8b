"""Sends people to the sign-in page, and administrators to set up a second factor; keeps the
addresses of links to themselves.

Allauth asks for a second factor where one is set up, but cannot require it by role.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

Handler = Callable[[HttpRequest], HttpResponse]


class SignInMiddleware(LoginRequiredMiddleware):
    """Brings people back to the page they were on if their session ended before they pressed a
    button. The button's own address takes POST only, so they could not return to that."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        if request.method in {"GET", "HEAD"}:
            return super().handle_no_permission(request, view_func)
        text = _("You were signed out meanwhile: nothing was recorded. Sign in and send it again.")
        messages.warning(request, text)
        page = request.headers.get("Referer", "")
        if url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()):
            back = urlsplit(page)._replace(scheme="", netloc="", fragment="").geturl()
        else:
            back = reverse("home")
        return redirect_to_login(back, self.get_login_url(view_func))


class LinkAddressMiddleware:
    """Keeps the token in an address out of the referrer of what the page loads and links to.

    `no-referrer` would also send “Origin: null”, and no form of the page could be posted.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.resolver_match and "token" in request.resolver_match.kwargs:
            response.headers.setdefault("Referrer-Policy", "strict-origin")
        return response


class SecondFactorMiddleware:
    """Stops administrators from going on until they have set up a second factor."""

    OPEN = {
        "account_logout",
        "account_reauthenticate",
        "account_set_password",
        "account_change_password",
        "set_language",
        "privacy",
        "health",
    }

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Handler, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not settings.REQUIRE_SECOND_FACTOR or not request.user.is_staff:
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in self.OPEN or name.startswith("mfa_"):
            return None
        if is_mfa_enabled(request.user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]):
            return None
        text = _("Administrators sign in with a second step. Set one up here, then go on.")
        messages.warning(request, text)
        return redirect("mfa_index")
