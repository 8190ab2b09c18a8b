"""Sign-in with an account of the organisation, at its own server (OpenID Connect,
docs/operations/sign-in.md).

Whoever signs in there is matched by their address, each time anew, with people whom the coordination
knows: nothing that the server says about them is kept. Addresses outside OIDC_DOMAINS are refused,
since the server of one organisation must not speak for people of another. Whether the server said it
at all is checked below (`claims`).
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.stages import AuthenticateStage
from allauth.socialaccount import app_settings
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import AuthError
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import confirm_address, record_failed_sign_in

# --- Organisation server ---
#
# What the organisation's server says, checked as OpenID Connect asks for it before any of it
# counts (docs/operations/sign-in.md).
#
# allauth leaves out the signature where the token came by TLS, the nonce, and the comparison of
# the token with userinfo. A server that is not its own master, or a proxy that reads along, could
# name anybody: here nothing counts that the server's keys did not sign.

# Signed with a key that only the server has: neither `none` nor a secret that both sides know.
ALGORITHMS = [
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
]
NEEDED = ["iss", "sub", "aud", "exp", "iat"]
SECONDS_APART = 60  # that two clocks may be

# In the session of a browser that the server sent back, since the server may know its user for hours:
# the address at which it signs them out, or "". It survives the sign-out here.
SIGNED_IN_THERE = "signed_in_at_organisation"


class OrganisationServer(OpenIDConnectOAuth2Adapter):
    """Takes the answer of the server; its nonce is compared where the sign-in that asked is known
    (`OrganisationAdapter.pre_social_login`)."""

    def get_access_token_data(
        self,
        request: HttpRequest,
        app: SocialApp,
        client: OAuth2Client,
        pkce_code_verifier: str | None = None,
    ) -> dict[str, Any]:
        with refusing_nonsense():
            data = super().get_access_token_data(request, app, client, pkce_code_verifier)
            return dict(data)

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        with refusing_nonsense():
            signed = self.signed_claims(app, kwargs["response"]["id_token"])
            userinfo = self.userinfo_of(token, signed)
            # allauth looks at userinfo alone, where a server may leave out what its token says.
            answer = {"id_token": signed, "userinfo": {**signed, **userinfo}}
            login: SocialLogin = self.get_provider().sociallogin_from_response(request, answer)
        end = self.openid_config.get("end_session_endpoint")
        request.session[SIGNED_IN_THERE] = end if is_web_address(end) else ""
        return login

    def signed_claims(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        """Return what the token says, if the server that the settings name signed it for this portal
        (OpenID Connect Core 3.1.3.7)."""
        issuer = self.openid_config["issuer"]
        if issuer.rstrip("/") != app.settings["server_url"]:
            raise OAuth2Error(f"The server calls itself {issuer!r:.200}.")
        keys = jwt.PyJWKClient(
            self.openid_config["jwks_uri"],
            cache_jwk_set=False,
            timeout=app_settings.REQUESTS_TIMEOUT,
        )
        claims: dict[str, Any] = jwt.decode(
            id_token,
            keys.get_signing_key_from_jwt(id_token),
            algorithms=ALGORITHMS,
            audience=app.client_id,
            issuer=issuer,
            leeway=SECONDS_APART,
            options={"require": NEEDED},
        )
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if {*audience, claims.get("azp", app.client_id)} != {app.client_id}:
            raise OAuth2Error("The token is for somebody else as well.")
        return claims

    def userinfo_of(self, token: SocialToken, signed: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the server says beside the token, which counts only for the person whom the
        token names (5.3.2)."""
        if "userinfo_endpoint" not in self.openid_config:
            return {}
        with get_adapter().get_requests_session() as session:
            answer = session.get(
                self.profile_url, headers={"Authorization": f"Bearer {token.token}"}
            )
            answer.raise_for_status()
            userinfo = dict(answer.json())
        if userinfo.get("sub") != signed["sub"]:
            raise OAuth2Error("Token and userinfo name different people.")
        return userinfo


def is_web_address(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))


@contextmanager
def refusing_nonsense() -> Iterator[None]:
    """Refuse an answer that has another form than it should. What a server sends is the only input in
    here, so any of these errors is the server's."""
    try:
        yield
    except (
        *(jwt.PyJWTError, OSError, KeyError, TypeError, ValueError, AttributeError),
        ImproperlyConfigured,  # of allauth, for a `sub` of more than 191 characters
    ) as error:
        raise OAuth2Error(f"{type(error).__name__}: {error}") from error


# --- Organisation sign in ---

logger = logging.getLogger(__name__)

PROVIDER = "organisation"  # in the address to which its server sends people back
METHOD = "socialaccount"  # in the access log, as allauth calls it
# In the session, and in the request that brings it: the server asked for a second factor, so this portal asks for none.
PROVED = "second_factor_at_organisation"


class OrganisationAdapter(DefaultSocialAccountAdapter):
    def list_apps(
        self, request: HttpRequest, provider: Any = None, client_id: Any = None
    ) -> list[SocialApp]:
        """Return the one server that the settings name: none is looked for in the database."""
        server = settings.OIDC
        if not server.url or provider not in {None, PROVIDER}:
            return []
        return [
            SocialApp(
                provider="openid_connect",
                provider_id=PROVIDER,
                name=server.name,
                client_id=server.client_id,
                secret=server.client_secret,
                settings={
                    "server_url": server.url,
                    "oauth_pkce_enabled": True,
                    "scope": ["openid", "email"],  # neither name nor picture
                    "email_authentication": True,
                    "verified_email": list(server.domains),
                },
            )
        ]

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse whom nobody here knows, before allauth asks whether to make an account."""
        claims = sociallogin.account.extra_data
        if claims["id_token"].get("nonce") != sociallogin.state.get("nonce", ""):
            another = OAuth2Error("The token is of another sign-in.")
            raise ImmediateHttpResponse(sign_in_again(request, no_answer(request, another)))
        address = address_in(claims)
        person = sociallogin.user if sociallogin.is_existing else None
        if not person or person.email != address or domain_of(address) not in settings.OIDC.domains:
            record_failed_sign_in(address, method=METHOD)
            raise ImmediateHttpResponse(sign_in_again(request, unknown(address)))
        confirm_address(person)  # else allauth takes the password of somebody who never signed in
        setattr(request, PROVED, is_proved(claims))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        name = {"name": settings.OIDC.name}
        if error == AuthError.CANCELLED:
            text = _("You stopped at %(name)s. Try again, or sign in another way.") % name
        else:
            text = no_answer(request, exception)
        raise ImmediateHttpResponse(sign_in_again(request, text))


class SecondStep(AuthenticateStage):
    """Asks for no second step where the organisation's server has asked for one."""

    def _should_handle(self, request: HttpRequest) -> bool:
        return not proved_now(request) and bool(super()._should_handle(request))


def sign_out(request: HttpRequest) -> None:
    """End the session here. Of the next one it is still known that its browser was at the organisation's
    server, which may know its user: whoever comes next is asked there who they are."""
    there = request.session.get(SIGNED_IN_THERE)
    logout(request)
    if there is not None:
        request.session[SIGNED_IN_THERE] = there


def end_there(address: str) -> str:
    """Return the address at which the organisation's server signs out whoever is at this browser, and
    sends them back (RP-Initiated Logout). It asks them first: a token that would spare the question
    would be in an address."""
    back = {
        "client_id": settings.OIDC.client_id,
        "post_logout_redirect_uri": f"{settings.SITE_URL}/",
    }
    return f"{address}{'&' if '?' in address else '?'}{urlencode(back)}"


def proved_now(request: HttpRequest) -> bool:
    """Return whether the sign-in of this request was proved by two factors at the organisation."""
    return bool(getattr(request, PROVED, False))


def address_in(claims: Mapping[str, Any]) -> str:
    """Return the address that the server names; empty if it names two, or does not say that it has
    checked it: many servers let people write any address into their account."""
    answers = [claims["id_token"], claims["userinfo"]]
    addresses = {str(each["email"]).lower() for each in answers if each.get("email")}
    claim, yes = settings.OIDC.email_verified
    said = {str(each[claim]).lower() for each in answers if claim in each}
    if len(addresses) != 1 or said != {yes.lower()}:
        return ""
    return User.objects.normalize_email(addresses.pop())


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def is_proved(claims: Mapping[str, Any]) -> bool:
    """Return whether the server says that it asked for a second factor.

    `OIDC_SECOND_FACTOR` names the claim and its value; the claim may be a list (`amr`, RFC 8176).
    Only the signed token counts, since it is about this very sign-in.
    """
    name, value = settings.OIDC.second_factor
    told = (claims.get("id_token") or {}).get(name)
    return bool(name) and value in (told if isinstance(told, list) else [told])


def reason(request: HttpRequest, exception: Exception | None) -> str:
    """Return what the server or its library says, in a line for the log."""
    if exception is None:
        return f"it answered {request.GET.get('error', 'without a code that was asked for')!r:.100}"
    return f"{type(exception).__name__}: {' '.join(str(exception).split()):.300}"


def sign_in_again(request: HttpRequest, text: str) -> HttpResponse:
    messages.error(request, text)
    return redirect("account_login")


def no_answer(request: HttpRequest, exception: Exception | None) -> str:
    """Log why it did not work, and return what the person reads."""
    logger.error("Sign-in at %s failed: %s", settings.OIDC.url, reason(request, exception))
    return _(
        "The sign-in at %(name)s did not work. Try again in a few minutes, or sign in another way."
    ) % {"name": settings.OIDC.name}


def unknown(address: str) -> str:
    if not address:
        return _(
            "%(name)s did not confirm your e-mail address. Write to its IT service, or sign in "
            "another way."
        ) % {"name": settings.OIDC.name}
    return _(
        "Nobody signs in here as %(address)s with %(name)s. Sign in another way, or ask the "
        "coordination of your project to invite you with this address."
    ) % {"address": address, "name": settings.OIDC.name}
