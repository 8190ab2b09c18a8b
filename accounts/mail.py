"""Mail to a person: in their language and time zone, neutral in its subject.

Telephones lie on tables, so a subject names no project, institution or topic. A message is one
plain text, `<template>.txt`; its HTML part says the same, with links that can be pressed, and
`<template>.short.txt` is what the coordination passes on by messenger.
"""

import re
import zoneinfo
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import Attachment, OutgoingMail, User
from accounts.outbox import post
from kernel.text import StrOrPromise

Subject = StrOrPromise | Callable[[], StrOrPromise]


def send_to_person(
    user: User,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    subject: Subject,
    key: str = "",
    attachments: Iterable[Attachment] = (),
    unsubscribe_url: str = "",
) -> OutgoingMail | None:
    """Put a message to a person into the outbox; the one way to write to people.

    A worker sends it after the transaction around it; the row tells what became of it. `template`
    is named without its ending. `subject` is translated late: `gettext_lazy`, or a function that
    is called in the reader's language. Addresses in `context` come from
    `accounts.links.absolute_url`. A `key` says what the message is about: the same is never sent
    twice, the answer is then the row that there is. `unsubscribe_url` is for what comes again and
    again: a page that changes nothing when it is opened, and stops it when it is posted to.

    The answer is None where the person has no e-mail address.
    """
    if not user.email:
        return None
    if key and (known := OutgoingMail.objects.filter(key=key).first()):
        return known
    words = write(
        template,
        {"person": user, **(context or {})},
        subject=subject,
        language=user.language,
        zone=user.zone,
    )
    return _keep(
        words,
        key=key,
        person=user,
        address=user.email,
        attachments=OutgoingMail.rows_of(attachments),
        unsubscribe_url=unsubscribe_url,
    )


def send_to_address(
    address: str,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    subject: Subject,
    language: str,
    key: str = "",
) -> OutgoingMail | None:
    """The same for somebody without an account, in the language that they chose.

    The answer is None where there is no address. Before somebody has shown that the address is
    theirs, nothing that was typed may stand in the message: it would carry anybody's words.
    """
    if not address:
        return None
    if key and (known := OutgoingMail.objects.filter(key=key).first()):
        return known
    zone = zoneinfo.ZoneInfo(settings.TIME_ZONE)
    words = write(template, context or {}, subject=subject, language=language, zone=zone)
    return _keep(words, key=key, address=address)


def _keep(words: "Words", *, key: str, **values: Any) -> OutgoingMail:
    values |= {"subject": words.subject, "text": words.text, "html": words.html}
    if key:  # of two who write at once, one does
        mail, is_new = OutgoingMail.objects.get_or_create(key=key, defaults=values)
    else:
        mail, is_new = OutgoingMail.objects.create(**values), True
    if is_new:
        post(mail)
    return mail


def short_text(user: User, template: str, context: dict[str, Any] | None = None) -> str:
    """The message in a few words, to pass on by messenger, in the person's language."""
    with translation.override(user.language), timezone.override(user.zone):
        text = render_to_string(f"{template}.short.txt", {"person": user, **(context or {})})
    return text.strip()


class Words(NamedTuple):
    subject: str
    text: str
    html: str


def write(
    template: str,
    context: dict[str, Any],
    *,
    subject: Subject,
    language: str,
    zone: zoneinfo.ZoneInfo,
) -> Words:
    """The words of a message in that language, its times in that zone."""
    with translation.override(language), timezone.override(zone):
        text = render_to_string(f"{template}.txt", context).replace("\0", "").strip() + "\n"
        title = one_line(str(subject() if callable(subject) else subject))
        html = render_to_string(
            "accounts/email/message.html",
            {"language": language, "title": title, "body": as_html(text)},
        )
    return Words(title, text, html)


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
