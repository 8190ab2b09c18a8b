"""Reads an e-mail that somebody saved as a file (.eml): who wrote it to whom, when, what it says, and
what came with it.

It is hostile input: sizes, depth and numbers have limits (`accounts.mail_in.parts`), no word of it is
ever shown as HTML, and what came with it passes the same checks as an upload.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import Message
from email.utils import parsedate_to_datetime

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.mail_in.html_text import CUT, html_text
from accounts.mail_in.parts import MOST_BYTES, Parts, TooMuch, decoded, take_apart
from kernel.formats import file_size
from kernel.text import clean_text

MOST_ATTACHED = 20
MOST_WORDS = 200_000  # characters of its text that are kept


@dataclass(frozen=True)
class Attached:
    name: str
    content: bytes


@dataclass
class ReadMessage:
    subject: str
    sender: str
    recipients: str
    sent_at: datetime | None
    text: str
    sha256: str
    attached: list[Attached] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def as_text(self) -> bytes:
        """Return the message as plain text: what is kept of it."""
        when = (
            timezone.localtime(self.sent_at).strftime("%Y-%m-%d %H:%M %z") if self.sent_at else ""
        )
        head = [
            (_("From"), self.sender),
            (_("To"), self.recipients),
            (_("Sent"), when),
            (_("Subject"), self.subject),
            ("SHA-256", self.sha256),
        ]
        lines = [f"{label}: {value}" for label, value in head if value]
        return "\n".join([*lines, "", self.text, ""]).encode()


def read_message(data: bytes) -> ReadMessage:
    """Raises ValidationError with a sentence."""
    try:
        parts = take_apart(data)
        message = message_from_bytes(data, policy=policy.compat32)
        attached, left_out = _attached(message)
    except (TooMuch, RecursionError):
        raise ValidationError(
            _("This message is larger than %(limit)s or too nested: save its attachments instead.")
            % {"limit": file_size(MOST_BYTES)}
        ) from None
    if parts.is_encrypted:
        raise ValidationError(
            _("This message is encrypted: open it in your mail program and save its text.")
        )
    if not (parts.header("From") and (parts.header("Date") or parts.header("Subject"))):
        raise ValidationError(
            _("This file is no e-mail message: save the message in your mail program as .eml.")
        )
    return ReadMessage(
        subject=_line(parts.header("Subject"))[:200],
        sender=_line(", ".join(parts.all_headers("From")))[:300],
        recipients=_line(", ".join(parts.all_headers("To") + parts.all_headers("Cc")))[:2000],
        sent_at=_sent_at(parts),
        text=_text(parts),
        sha256=hashlib.sha256(data).hexdigest(),
        attached=attached,
        left_out=left_out,
    )


def _line(text: str) -> str:
    return " ".join(clean_text(text).split())


def _text(parts: Parts) -> str:
    """Return what it says: its plain text, else that of its HTML."""
    said = "\n\n".join(text for text, _flows in parts.plain if text.strip())
    if not said.strip():
        said = "\n\n".join(html_text(each).replace(CUT, "\n") for each in parts.html)
    return clean_text(said).strip()[:MOST_WORDS]


def _sent_at(parts: Parts) -> datetime | None:
    try:
        sent = parsedate_to_datetime(parts.header("Date"))
    except (TypeError, ValueError, OverflowError):
        return None
    if sent.tzinfo is None:
        sent = timezone.make_aware(sent)
    try:
        # Near the ends of the calendar there is no such moment in another time zone.
        return sent if sent.astimezone(timezone.get_current_timezone()).year >= 1990 else None
    except (OverflowError, ValueError):
        return None


def _attached(message: Message) -> tuple[list[Attached], list[str]]:
    found: list[Attached] = []
    left_out: list[str] = []
    for part in _leaves(message):
        name = _line(decoded(str(part.get_filename() or "")))[:150]
        disposition = str(part.get_content_disposition() or "")
        if disposition != "attachment" and not name:
            continue
        if disposition == "inline" and part.get_content_maintype() == "image":
            continue  # a logo in a signature
        if len(found) == MOST_ATTACHED:
            left_out.append(
                _("More than %(most)s attachments: the others were left out.")
                % {"most": MOST_ATTACHED}
            )
            break
        content = part.get_payload(decode=True)
        found.append(
            Attached(name or _("Attachment"), content if isinstance(content, bytes) else b"")
        )
    return found, left_out


def _leaves(message: Message) -> Iterator[Message]:
    """Yield the parts that are no containers. What is inside a message that was forwarded as a whole
    belongs to that one."""
    payload = message.get_payload()
    if message.get_content_type() == "message/rfc822" or not isinstance(payload, list):
        yield message
        return
    for part in payload:
        if isinstance(part, Message):
            yield from _leaves(part)
