"""Whether the server of the organisation's accounts answers as OpenID Connect asks."""

import http.client
import json
import urllib.request
from typing import Any

from django.conf import settings

SECONDS = 3.0
LARGEST = 1_000_000
WELL_KNOWN = "/.well-known/openid-configuration"
NEEDED = ("authorization_endpoint", "token_endpoint")


class ProviderFault(Exception):
    """Nobody can sign in with the account of the organisation; the text says why."""


def ask_provider() -> None:
    """Ask the server at OIDC_URL who it is. Raises ProviderFault."""
    url = settings.OIDC.url
    try:
        found = _read(f"{url}{WELL_KNOWN}")
    except OSError as error:  # of sockets, TLS and answers such as 404
        why = str(getattr(error, "reason", "") or error.strerror or type(error).__name__)
        raise ProviderFault(why) from error
    except (http.client.HTTPException, ValueError) as error:
        raise ProviderFault("its answer is none of OpenID Connect") from error
    issuer = str(found.get("issuer", ""))
    if issuer.rstrip("/") != url:
        raise ProviderFault(f"it calls itself {issuer or 'nothing'}")
    for name in NEEDED:
        if not found.get(name):
            raise ProviderFault(f"its answer has no {name}")


def _read(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=SECONDS) as answer:
        found = json.loads(answer.read(LARGEST))
    if not isinstance(found, dict):
        raise ValueError
    return found
