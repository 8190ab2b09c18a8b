"""Ends web sessions that nobody uses any more: after IDLE_MINUTES without a request or a typed
letter, and two weeks after the sign-in in any case.

A meeting in session ends none: who takes the minutes listens, and types an hour later.
"""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import UpdateError
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.organisation_sign_in import sign_out

SIGNED_IN_AT = "signed_in_at"
USED_AT = "used_at"
KEPT_AT = "kept_at"  # when its owner signed out everywhere else
UNSAVED = "unsaved"
MOST_CHARACTERS = 100_000  # of what was sent too late: each request reads the session
NOT_TYPED = re.compile(r"csrf|password|code|key|^(next|language)$")

_live: list[Callable[[User, datetime], bool]] = []


def add_live_sessions(source: Callable[[User, datetime], bool]) -> None:
    """Let an app above this one say, once, when it is loaded, that a web session last used at this
    moment must go on, since something live depends on it."""
    _live.append(source)


def step() -> int:
    """Return after how many seconds a use is written down again: each one costs a statement."""
    return min(300, settings.IDLE_MINUTES * 10) if settings.IDLE_MINUTES else 300


@receiver(user_logged_in)
def begin(request: HttpRequest, **kwargs: Any) -> None:
    now = int(time.time())
    request.session[SIGNED_IN_AT] = request.session[USED_AT] = now


def is_over(request: HttpRequest, person: User) -> bool:
    """Return whether the web session ended although its owner did not sign out."""
    session, now = request.session, time.time()
    if now - session.get(SIGNED_IN_AT, now) > settings.SESSION_COOKIE_AGE:
        return True
    # The list of sessions may lack one that nobody used since the list was introduced.
    ended_at = person.devices_forgotten_at
    began_at = max(session.get(SIGNED_IN_AT, 0), session.get(KEPT_AT, 0))
    if ended_at and began_at < int(ended_at.timestamp()):
        return True
    return was_left(person, session.get(USED_AT, now))


def was_left(person: User, used_at: float) -> bool:
    """Return whether nobody used the web session for too long since the use that was written down
    last. Later uses, within `step`, were not written down and count for the person."""
    last = used_at + step()
    if not settings.IDLE_MINUTES or time.time() - last <= settings.IDLE_MINUTES * 60:
        return False
    moment = datetime.fromtimestamp(last, UTC)
    return not any(source(person, moment) for source in _live)


def keep(request: HttpRequest) -> None:
    """Let the session go on after its owner signed out everywhere else."""
    request.session[KEPT_AT] = int(time.time())


def end(request: HttpRequest) -> None:
    """Sign out, and keep what was sent too late for the same person: a browser without scripts keeps
    nothing itself."""
    person, texts = request.user.pk, texts_sent(request)
    UserSession.objects.filter(session_key=request.session.session_key).delete()
    sign_out(request)
    if texts:
        request.session[UNSAVED] = {"person": person, "texts": texts}


def texts_sent(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the fields of the form with what somebody may have typed into them."""
    texts, left = [], MOST_CHARACTERS
    for name, values in request.POST.lists():
        for value in values:
            if not NOT_TYPED.search(name) and is_typed(value) and len(value) <= left:
                texts.append((name, value))
                left -= len(value)
    return texts


def is_typed(value: str) -> bool:
    """Whether this looks like words, unlike numbers, keys and the stamps that forms carry."""
    if not re.search(r"[^\W\d_]{3}", value):
        return False
    return " " in value or (len(value) < 40 and not re.fullmatch(r"[0-9a-f-]{32,36}", value))


def unsaved_texts(request: HttpRequest, person: User) -> list[tuple[str, str]]:
    """Return what the person sent after their session had ended, the last time."""
    unsaved = request.session.get(UNSAVED, {})
    texts: list[tuple[str, str]] = unsaved.get("texts", [])
    return texts if unsaved.get("person") == person.pk else []


def note_use(request: HttpRequest) -> None:
    session, now = request.session, int(time.time())
    if now - session.get(USED_AT, 0) < step():
        return
    session[USED_AT] = now
    session.setdefault(SIGNED_IN_AT, now)
    try:
        # Saved at once, and not again at the end: what a request beside this one writes would be
        # overwritten.
        session.save()
        session.modified = False
    except UpdateError:  # ended on another device a moment ago
        end(request)
        return
    UserSession.objects.create_from_request(request)
