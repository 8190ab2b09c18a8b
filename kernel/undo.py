"""The button “Undo” beside the words that say what was just done: it posts to the page that takes it back,
which then asks nothing, and whose own rules hold. It is there for half a minute, on the pages that follow as
well (`kernel.message_cookie`).

The page that takes a thing back can be posted to at any time by whoever may do so. So the time in the
form is no permission: it makes the page ask first, if the button was pressed too late.
"""

import time
from collections.abc import Iterable
from typing import NamedTuple

from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.utils.translation import gettext as _, gettext_lazy

from kernel.text import StrOrPromise

SECONDS = 30
FIELD = "undo"
STAYS = "undo-stays"  # said on an earlier page already
UNDONE = gettext_lazy("Undone at once: no message was sent.")
ALREADY = gettext_lazy("This was already undone.")


class Undo(NamedTuple):
    url: str
    until: int  # in seconds, as `time.time` counts them

    @property
    def seconds_left(self) -> int:
        return self.until - int(time.time())


def say_with_undo(
    request: HttpRequest, sentence: StrOrPromise, url: str, *, level: int = messages.SUCCESS
) -> None:
    """Say what was done, with the button where there is an address for it. Messages keep it as a tag."""
    until = int(time.time()) + SECONDS
    tag = f"{FIELD}={until}={url}" if url else ""
    messages.add_message(request, level, sentence, extra_tags=tag)


def undo_of(message: Message) -> Undo | None:
    """Return the button of a message, as long as it works."""
    name, _sign, rest = (message.extra_tags or "").partition("=")
    until, _sign, url = rest.partition("=")
    found = Undo(url, int(until)) if name in {FIELD, STAYS} else None
    return found if found and found.seconds_left > 0 else None


def staying(shown: Iterable[Message], reader: AbstractBaseUser | AnonymousUser) -> list[Message]:
    """Return what the next page says again: messages whose button works. Nothing is said to whoever
    signed out: another person may come next."""
    if not reader.is_authenticated:
        return []
    return [
        Message(one.level, one.message, extra_tags=f"{STAYS}={undo.until}={undo.url}")
        for one in shown
        if (undo := undo_of(one))
    ]


def is_news(message: Message) -> bool:
    """Whether it was not said on an earlier page."""
    return not (message.extra_tags or "").startswith(STAYS)


def is_over(request: HttpRequest) -> bool:
    """Whether the button was pressed too late, which is said: then the page asks as it always does."""
    until = request.POST.get(FIELD, "")
    if not until.isdecimal() or int(until) >= time.time():
        return False
    messages.info(
        request,
        _("The half minute for “Undo” is over: nothing was undone."),
    )
    return True
