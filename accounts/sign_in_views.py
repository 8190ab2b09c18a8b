"""The pages of allauth on the way in and out, where this portal does more than they."""

import secrets

from allauth.account.adapter import get_adapter
from allauth.account.stages import LoginByCodeStage, LoginStage
from allauth.account.views import LoginView, RequestLoginCodeView, confirm_login_code, logout
from allauth.core import ratelimit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from requests import RequestException

from accounts.organisation_sign_in import (
    PROVIDER,
    SIGNED_IN_THERE,
    OrganisationAdapter,
    OrganisationServer,
    end_there,
    no_answer,
    sign_in_again,
)


class WithoutTrap:
    """Shows its form also while a code is awaited, for which allauth leads to the page of the code: the
    address may have been mistyped, or another way in be at hand. Sending the form begins anew."""

    def _redirect_to_pending_stage(
        self, request: HttpRequest, stage: LoginStage
    ) -> HttpResponse | None:
        if stage.key == LoginByCodeStage.key:
            return None
        answer: HttpResponse = super()._redirect_to_pending_stage(request, stage)  # type: ignore[misc]
        return answer


class SignInView(WithoutTrap, LoginView):
    pass


class AskForCodeView(WithoutTrap, RequestLoginCodeView):
    pass


@login_not_required
def confirm_code(request: HttpRequest) -> HttpResponse:
    """Say that a code is over, for which allauth asks for the address again without a word, and
    keep the page to which the person was on the way."""
    answer: HttpResponse = confirm_login_code(request)
    asks_anew = reverse("account_request_login_code")
    if getattr(answer, "url", "") != asks_anew:
        return answer
    # Of too many attempts allauth itself says what to do.
    if not getattr(messages.get_messages(request), "added_new", False):
        messages.error(
            request,
            _("This code has expired: a code works for ten minutes. Have a new one sent to you."),
        )
    page = request.POST.get("next") or request.GET.get("next")
    return redirect(f"{asks_anew}?{urlencode({'next': page})}" if page else asks_anew)


@login_not_required
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out here, on this device, and at the organisation's server where it was used."""
    was_here = request.user.is_authenticated
    there = request.session.get(SIGNED_IN_THERE)
    answer: HttpResponse = logout(request)
    if not was_here or request.method != "POST":
        return answer
    if there and settings.OIDC.url:
        request.session[SIGNED_IN_THERE] = ""  # people go there once
        # A page, since a browser follows no redirect from a form to another host.
        context = {"address": end_there(there), "name": settings.OIDC.name, "is_over": True}
        answer = render(request, "accounts/leaving.html", context)
    return clear_device(answer)


def clear_device(response: HttpResponse) -> HttpResponse:
    """Have the browser forget what pages keep in it, as the pages do themselves where scripts run
    (docs/rules/offline.md). Cookies stay: one of them says that the device is known."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


# --- Organisation views ---
#
# The way to the organisation's own server, where people sign in with their account there, and
# back.


@login_not_required
@never_cache
@require_POST
def organisation_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the organisation's server by a page of its own: from a form, a browser follows no
    redirect to another host (`form-action` of the content security policy)."""
    if not settings.OIDC.url:
        raise Http404
    if not ratelimit.consume(request, action="organisation"):
        return sign_in_again(request, _("Too many attempts. Wait five minutes, then try again."))
    page = request.POST.get("next", "")
    next_url = page if get_adapter(request).is_safe_url(page) else None
    provider = OrganisationAdapter(request).get_provider(request, PROVIDER)
    nonce = secrets.token_urlsafe()
    asked = {"nonce": nonce}
    if SIGNED_IN_THERE in request.session:  # whoever comes next at this machine is somebody else
        asked["prompt"] = "login"
    try:
        leaving = provider.redirect(
            request, process=AuthProcess.LOGIN, next_url=next_url, auth_params=asked, nonce=nonce
        )
    except (RequestException, OAuth2Error, ValueError, KeyError) as error:
        # There is no server, or it is not such a server.
        return sign_in_again(request, no_answer(request, error))
    context = {"address": leaving["Location"], "name": settings.OIDC.name}
    return render(request, "accounts/leaving.html", context)


@login_not_required
def organisation_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take the answer of the server, as allauth does, but checked (accounts/organisation_sign_in.py)."""
    view = OAuth2CallbackView.adapter_view(OrganisationServer(request, provider_id))
    try:
        answer: HttpResponse = view(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return answer
