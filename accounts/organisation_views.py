"""The way to the organisation's own server, where people sign in with their account there, and back."""

import secrets

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from requests import RequestException

from accounts.organisation_server import SIGNED_IN_THERE, OrganisationServer
from accounts.organisation_sign_in import (
    PROVIDER,
    OrganisationAdapter,
    no_answer,
    sign_in_again,
)


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
    """Take the answer of the server, as allauth does, but checked (accounts/organisation_server.py)."""
    view = OAuth2CallbackView.adapter_view(OrganisationServer(request, provider_id))
    try:
        answer: HttpResponse = view(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return answer
