"""The key to the first visit: good once, and only as long as nobody has an account.

The terminal or the log shows it. Whoever types it goes on in that web session alone. The database
holds hashes, and neither an address nor the log of the web server ever holds the key.
"""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from ibcr_portal.models import FirstVisit

# 32 letters and figures that nobody mixes up, so that 20 of them make 100 bits.
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
GROUPS, SIGNS_IN_GROUP = 4, 5
SESSION_KEY = "first_visit"
# For a session that was left open on a strange computer.
LASTS = timedelta(hours=2)

_over = False


def is_over() -> bool:
    """Return whether somebody has an account. Once that is so it stays so, and is not asked again."""
    global _over
    if not _over:
        _over = User.objects.exists()
    return _over


def welcome() -> list[str]:
    """Return the text for the terminal or the log that shows a new key."""
    return [
        "",
        f"Nobody has an account yet. Open {settings.SITE_URL}{reverse('start')} and type this key,",
        "which is good once:",
        "",
        f"  {new_key()}",
        "",
    ]


@transaction.atomic
def new_key() -> str:
    """Return a new key, which ends the one before and any web session that goes on with that."""
    groups = [
        "".join(secrets.choice(SIGNS) for _sign in range(SIGNS_IN_GROUP))
        for _group in range(GROUPS)
    ]
    values = {"key_hash": _hash("".join(groups)), "session_hash": "", "used_at": None}
    FirstVisit.objects.update_or_create(pk=FirstVisit.ONLY_KEY, defaults=values)
    return "-".join(groups)


@sensitive_variables()  # no report of an error shows them
def use_key(typed: str, session: SessionBase) -> bool:
    """Let this web session go on if the key is right. Of two people who send it at once, one wins."""
    key = "".join(sign for sign in typed.upper() if sign.isalnum())
    if len(key) != GROUPS * SIGNS_IN_GROUP:
        return False
    secret = secrets.token_urlsafe(32)
    used = FirstVisit.objects.filter(key_hash=_hash(key)).update(
        key_hash="", session_hash=_hash(secret), used_at=timezone.now()
    )
    if used:
        session.cycle_key()  # whoever knew the session before does not go on with it
        session[SESSION_KEY] = secret
    return bool(used)


def goes_on(session: SessionBase) -> bool:
    """Return whether the key was typed in this web session."""
    row = FirstVisit.objects.exclude(session_hash="").filter(used_at__gt=timezone.now() - LASTS)
    known = row.values_list("session_hash", flat=True).first()
    secret = session.get(SESSION_KEY, "")
    return bool(known and secret) and constant_time_compare(str(known), _hash(str(secret)))


def _hash(secret: str) -> str:
    return salted_hmac("ibcr_portal.first_visit", secret, algorithm="sha256").hexdigest()


# --- Leads to the first visit whoever opens a page of an empty portal ---

Handler = Callable[[HttpRequest], HttpResponse]


class FirstVisitMiddleware:
    """Comes before the sign-in, since nobody can sign in yet."""

    OPEN = frozenset(
        {"start", "start-organisation", "start-administrator", "set_language", "health"}
    )

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Handler, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if is_over():
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        return None if name in self.OPEN else redirect("start")
