"""Servers of others that the portal needs now and then. Whoever looks at the portal must not wait for
them: the worker asks, and what they did is kept (`Watch`)."""

import http.client
import json
import urllib.request
from typing import Any

from django.conf import settings
from django.utils import timezone

from ibcr_portal.models import Watch
from reports.sealing.keys import SealFailed, is_on, usable_key

SECONDS = 5.0
LARGEST = 1_000_000
WELL_KNOWN = "/.well-known/openid-configuration"
NEEDED = ("authorization_endpoint", "token_endpoint")


def ask_others() -> None:
    """Ask, and keep the outcome. It runs in the worker of documents, which alone has the key of the
    seal."""
    Watch.note(
        provider_failure=provider_failure(),
        provider_asked_at=timezone.now(),
        seal_failure=seal_failure(),
    )


def provider_failure() -> str:
    """Return why nobody can sign in with the account of the organisation; '' if they can."""
    url = settings.OIDC.url
    if not url:
        return ""
    try:
        found = _read(url if WELL_KNOWN in url else f"{url}{WELL_KNOWN}")
    except OSError as error:  # of sockets, TLS and answers such as 404
        return str(getattr(error, "reason", "") or error.strerror or type(error).__name__)[:200]
    except (http.client.HTTPException, ValueError):
        return "its answer is none of OpenID Connect"
    issuer = str(found.get("issuer", ""))
    if issuer.rstrip("/") != url.partition(WELL_KNOWN)[0].rstrip("/"):
        return f"it calls itself {issuer or 'nothing'}"[:200]
    missing = [name for name in NEEDED if not found.get(name)]
    return f"its answer has no {missing[0]}" if missing else ""


def _read(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=SECONDS) as answer:
        found = json.loads(answer.read(LARGEST))
    if not isinstance(found, dict):
        raise ValueError
    return found


def seal_failure() -> str:
    """Return the reason for which this process could seal nothing; '' if it could, or need not."""
    try:
        if is_on():
            usable_key()
    except SealFailed as failed:
        return str(failed.reason)
    return ""
