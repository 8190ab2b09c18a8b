"""What the organisation's server says, checked as OpenID Connect asks for it before any of it counts
(docs/operations/sign-in.md).

allauth leaves out the signature where the token came by TLS, the nonce, and the comparison of the
token with userinfo. A server that is not its own master, or a proxy that reads along, could name
anybody: here nothing counts that the server's keys did not sign.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import jwt
from allauth.socialaccount import app_settings
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

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
