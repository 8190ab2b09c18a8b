"""Mail to a person: in their language and time zone, neutral in its subject.

Telephones lie on tables, so a subject names no project, institution or topic. A message is one
plain text, `<template>.txt`; its HTML part says the same, with links that can be pressed, and
`<template>.short.txt` is what the coordination passes on by messenger.
"""

import logging
import re
import zoneinfo
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import User

logger = logging.getLogger(__name__)

Subject = str | Callable[[], str]


def send_to_person(
    user: User, template: str, context: dict[str, Any] | None = None, *, subject: Subject
) -> bool:
    """Send a message to a person, after the transaction around it; the one way to do so.

    `template` is named without its ending. `subject` is translated late: `gettext_lazy`, or a
    function that is called in the reader's language. Addresses in `context` come from
    `accounts.links.absolute_url`.

    The answer is False where nothing was sent: the person has no e-mail address, or the mail
    server refused. Inside a transaction the server is asked later, and a refusal is only logged.
    """
    if not user.email:
        return False
    message = compose(
        user.email,
        template,
        {"person": user, **(context or {})},
        subject=subject,
        language=user.language,
        zone=user.zone,
    )
    if connection.in_atomic_block:
        transaction.on_commit(lambda: hand_over(message))
        return True
    return hand_over(message)


def short_text(user: User, template: str, context: dict[str, Any] | None = None) -> str:
    """The message in a few words, to pass on by messenger, in the person's language."""
    with translation.override(user.language), timezone.override(user.zone):
        text = render_to_string(f"{template}.short.txt", {"person": user, **(context or {})})
    return text.strip()


def compose(
    address: str,
    template: str,
    context: dict[str, Any],
    *,
    subject: Subject,
    language: str,
    zone: zoneinfo.ZoneInfo,
) -> EmailMultiAlternatives:
    with translation.override(language), timezone.override(zone):
        text = render_to_string(f"{template}.txt", context).strip() + "\n"
        title = one_line(str(subject() if callable(subject) else subject))
        html = render_to_string(
            "accounts/email/message.html",
            {"language": language, "title": title, "body": as_html(text)},
        )
    message = EmailMultiAlternatives(
        title, text, to=[address], headers={"Auto-Submitted": "auto-generated"}
    )
    message.attach_alternative(html, "text/html")
    return message


def hand_over(message: EmailMultiAlternatives) -> bool:
    """Give a message to the mail server; a server that is down must not break what was done."""
    try:
        message.send()
    except (OSError, ValueError) as error:  # SMTPException is one, BadHeaderError the other
        logger.error("A message was not sent: %s: %s", type(error).__name__, error)
        return False
    return True


def one_line(text: str) -> str:
    """Without line breaks and control characters, which would start a header of their own."""
    words = "".join(sign if sign.isprintable() else " " for sign in text).split()
    return " ".join(words)[:150]


def as_html(text: str) -> SafeString:
    """The same words as paragraphs. Only addresses of this portal become links, so that a name
    typed by somebody cannot smuggle in another."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return format_html_join(
        "\n", "<p>{}</p>", ((paragraph_html(paragraph),) for paragraph in paragraphs)
    )


def paragraph_html(text: str) -> SafeString:
    # Split by a group, every second part is an address of this portal.
    parts = re.split(rf"({re.escape(settings.SITE_URL)}(?:/\S*)?(?!\S))", text)
    pieces = [
        format_html('<a href="{0}">{0}</a>', part) if position % 2 else lines_html(part)
        for position, part in enumerate(parts)
    ]
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def lines_html(text: str) -> SafeString:
    return format_html_join(SafeString("<br>\n"), "{}", ((line,) for line in text.split("\n")))
