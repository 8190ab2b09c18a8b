"""Codes that are sent to the address on file, before something opens that a link alone does not.

A code is computed and stored nowhere: from the link, what it opens, and the time. It is good for ten
to twenty minutes, once it was sent. Tries are limited for each person, whatever they open: with as
many limits as there are things to open, a code could be guessed.
"""

import re
import time
from functools import partial
from typing import Any

from allauth.core import ratelimit
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from accounts.letters import answer_received_letter, link_code_letter
from accounts.links import absolute_url, token_of
from accounts.mail import send_to_person
from accounts.models import AccessLink
from kernel.refusal import Refusal

SECONDS, DIGITS = 600, 6


def send_code(request: HttpRequest, link: AccessLink, about: str) -> None:
    """Send the code for what is `about`. Raises Refusal where it was asked for too often."""
    if not link.user.email:
        raise Refusal(_("The portal has no e-mail address of yours. Ask the coordination."))
    _limit(request, "link_code_sent", link)
    window = _window()
    cache.set(_sent_key(link, about, window), True, timeout=2 * SECONDS)
    code = _code(link, about, window)
    letter = partial(link_code_letter, code)
    send_to_person(link.user, letter, about=link.thing, is_awaited=True)


def check_code(request: HttpRequest, link: AccessLink, about: str, typed: str) -> None:
    """Raises Refusal unless this is the code that was sent for it."""
    _limit(request, "link_code", link)
    digits = re.sub(r"\D", "", typed)
    now = _window()
    codes = [
        _code(link, about, window)
        for window in (now, now - 1)
        if cache.get(_sent_key(link, about, window))
    ]
    if not any(constant_time_compare(digits, code) for code in codes):
        raise Refusal(
            _("This is not the code of the last message, or it is too old. Ask for a new one.")
        )


def _limit(request: HttpRequest, action: str, link: AccessLink) -> None:
    if not ratelimit.consume(request, action=action, key=str(link.user_id)):
        raise Refusal(
            _("This was tried often. Wait an hour; if that is not enough, until tomorrow.")
        )


def _window() -> int:
    return int(time.time()) // SECONDS


def _code(link: AccessLink, about: str, window: int) -> str:
    digest = salted_hmac("accounts.codes", f"{link.pk} {about} {window}", algorithm="sha256")
    return f"{int(digest.hexdigest(), 16) % 10**DIGITS:0{DIGITS}}"


def _sent_key(link: AccessLink, about: str, window: int) -> str:
    return f"link-code:{link.pk}:{about}:{window}"


def hint_of(address: str) -> str:
    """Return enough of an address for its owner to know it: m…@example.org."""
    name, _at, domain = address.partition("@")
    return f"{name[:1]}…@{domain}"


# --- Receipts by e-mail for what people do on pages that open by link ---


def confirm_use(request: HttpRequest, link: AccessLink, *, page: str, **facts: Any) -> None:
    """Confirm by e-mail what the bearer did, with the `facts` of `answer_received_letter`. `page`: the
    name of the page that the link opens."""
    url = absolute_url(reverse(page, args=[token_of(request)]))
    send_to_person(link.user, partial(answer_received_letter, url, **facts), about=link.thing)
