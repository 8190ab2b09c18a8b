"""The pages of allauth that a portal without sign-up needs.

Pages to change addresses are left out: the coordination knows people by their address and
changes it on request. The sign-up page remains, and says how to get an invitation.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.urls import urlpatterns as account_urls
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, include, path

from accounts import sign_in_views, sign_in_views as views

LEFT_OUT = {"account_email", "account_email_verification_sent", "account_confirm_email"}
OWN = {
    *("account_login", "account_logout"),
    *("account_request_login_code", "account_confirm_login_code"),
}


def with_passwords(pattern: URLPattern) -> URLPattern:
    """Leave out the page while PASSWORD_SIGN_IN is off, unless it is about something else."""
    view: Callable[..., HttpResponse] = pattern.callback
    if "password" not in str(pattern.name):
        return pattern

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.PASSWORD_SIGN_IN:
            raise Http404
        return view(request, *args, **kwargs)

    pattern.callback = page
    return pattern


urlpatterns = [
    *(with_passwords(each) for each in account_urls if each.name not in LEFT_OUT | OWN),
    path("login/", views.SignInView.as_view(), name="account_login"),
    path("logout/", views.sign_out, name="account_logout"),
    path("login/code/", views.AskForCodeView.as_view(), name="account_request_login_code"),
    path("login/code/confirm/", views.confirm_code, name="account_confirm_login_code"),
    path("2fa/", include("allauth.mfa.urls")),
    path("organisation/", sign_in_views.organisation_sign_in, name="account_organisation"),
    # allauth asks for this address by its own name.
    path(
        "<slug:provider_id>/callback/",
        sign_in_views.organisation_callback,
        name="openid_connect_callback",
    ),
]
