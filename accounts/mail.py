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
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import Attachment, OutgoingMail, User
from accounts.outbox import post
from accounts.reading import written_for
from accounts.silence import is_silent
from kernel.organisation import home_zone, organisation
from kernel.text import StrOrPromise

URGENT_DAYS = 2

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
    is_daily: bool = False,
    about: Model | None,
) -> OutgoingMail | None:
    """Put a message to a person into the outbox. All mail to people with an account goes this way.

    A worker sends it once the surrounding transaction is committed; the returned row says what
    became of it. It is None if the person has no e-mail address. `template` is named without its
    ending. `subject` is translated late: pass `gettext_lazy`, or a function that is called in the
    reader's language. Addresses in `context` come from `accounts.links.absolute_url`. Two messages
    with the same `key` are one: the second call sends nothing and returns the row of the first.
    `unsubscribe_url` is for messages that repeat: opening that page changes nothing, a POST stops
    them. `is_daily`: see `had_daily_message`. `about` is that of `written_for`: what the message is
    about, None for an account. A message about a project for training is kept and never sent.
    """
    if not user.email:
        return None
    if key and (known := OutgoingMail.objects.filter(key=key).first()):
        return known
    context = {"person": user, **(context or {})}
    with written_for(user, about):
        words = write(template, context, subject=subject, language=user.language, zone=user.zone)
    return _keep(
        words,
        key=key,
        about=about,
        person=user,
        address=user.email,
        attachments=OutgoingMail.rows_of(attachments),
        unsubscribe_url=unsubscribe_url,
        is_daily=is_daily,
    )


def had_daily_message(person: User) -> bool:
    """Whether the portal wrote to the person by itself today. Then only what is due within
    `URGENT_DAYS` is written as well; the caller has locked the person."""
    return OutgoingMail.objects.daily_of(person).exists()


def send_to_address(
    address: str,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    subject: Subject,
    language: str,
    key: str = "",
    about: Model | None,
) -> OutgoingMail | None:
    """Put a message to somebody without an account into the outbox, in the language they chose.

    Returns None if there is no address. Before people have proved that an address is theirs, the
    message must hold nothing that was typed: it would carry anybody's words to anybody.
    """
    if not address:
        return None
    if key and (known := OutgoingMail.objects.filter(key=key).first()):
        return known
    with written_for(AnonymousUser(), about):
        words = write(template, context or {}, subject=subject, language=language, zone=home_zone())
    return _keep(words, key=key, about=about, address=address)


def _keep(words: "MailText", *, key: str, about: Model | None, **values: Any) -> OutgoingMail:
    values |= {"subject": words.subject, "text": words.text, "html": words.html}
    if is_silent(about):  # without a key, so that it can be sent once the project is a real one
        values, key = values | OutgoingMail.SILENT, ""
    if key:  # if two processes write at once, one message is kept
        mail, is_new = OutgoingMail.objects.get_or_create(key=key, defaults=values)
    else:
        mail, is_new = OutgoingMail.objects.create(**values), True
    if is_new and mail.in_hand:
        post(mail)
    return mail


def short_text(
    user: User,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    about: Model | None = None,
) -> str:
    """Return the message in a few words in the person's language, to pass on by messenger."""
    with (
        written_for(user, about),
        translation.override(user.language),
        timezone.override(user.zone),
    ):
        text = render_to_string(f"{template}.short.txt", {"person": user, **(context or {})})
    return text.strip()


class MailText(NamedTuple):
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
) -> MailText:
    """Return the words of a message in this language, with its times in this zone."""
    with translation.override(language), timezone.override(zone):
        words = {"organisation": organisation(), **context}
        text = render_to_string(f"{template}.txt", words).replace("\0", "").strip() + "\n"
        title = one_line(str(subject() if callable(subject) else subject))
        html = render_to_string(
            "accounts/email/message.html",
            {"language": language, "title": title, "body": as_html(text)},
        )
    return MailText(title, text, html)


def one_line(text: str) -> str:
    """Remove line breaks and control characters, which could start another header of the
    message."""
    words = "".join(sign if sign.isprintable() else " " for sign in text).split()
    return " ".join(words)[:150]


def as_html(text: str) -> SafeString:
    """Return the same words as HTML paragraphs.

    Only addresses of this portal become links, so that nobody can smuggle one in with a name.
    """
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return format_html_join(
        "\n", "<p>{}</p>", ((paragraph_html(paragraph),) for paragraph in paragraphs)
    )


def paragraph_html(text: str) -> SafeString:
    # re.split returns its groups too: every second part is an address of this portal.
    parts = re.split(rf"({re.escape(settings.SITE_URL)}(?:/\S*)?(?!\S))", text)
    pieces = [
        format_html('<a href="{0}">{0}</a>', part) if position % 2 else lines_html(part)
        for position, part in enumerate(parts)
    ]
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def lines_html(text: str) -> SafeString:
    return format_html_join(SafeString("<br>\n"), "{}", ((line,) for line in text.split("\n")))
