"""What an incoming message is. Bytes come in, a typed result comes out; nothing else happens here.

    read(message: bytes) -> CalendarAnswer | UnclearAnswer | WrittenReply | Automatic | Bounce | Delay | Unreadable

Messages come from anybody: `read` raises nothing, whatever they hold.
"""

import logging
from dataclasses import dataclass, replace
from email.message import Message
from enum import StrEnum

from accounts.mail_in.automatic import is_absence_note, is_automatic, report_in
from accounts.mail_in.calendar_answers import CalendarAnswer, UnclearAnswer, calendar_answer
from accounts.mail_in.parts import Parts, TooMuch, decoded, take_apart
from accounts.mail_in.reply_text import reply_text

MOST_PICTURES = 5

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MailPicture:
    """A picture as it came, with the name that its sender's program gave it. Nothing of it was
    checked."""

    name: str
    content: bytes


@dataclass(frozen=True)
class WrittenReply:
    """What a person wrote; empty if there is nothing but what was quoted and attached. `left_out`: so
    many attachments were dropped, pictures among them if there were too many."""

    text: str
    pictures: tuple[MailPicture, ...] = ()
    left_out: int = 0


@dataclass(frozen=True)
class Automatic:
    """What no person wrote; it is dropped, and nobody is answered."""


@dataclass(frozen=True)
class Bounce:
    """A message could not be delivered to this address, which is empty if the report names none."""

    address: str
    status: str = ""


@dataclass(frozen=True)
class Delay:
    """A server is still trying to deliver a message."""

    address: str
    status: str = ""


class WhyUnread(StrEnum):
    TOO_LARGE = "too_large"
    ENCRYPTED = "encrypted"
    BROKEN = "broken"


@dataclass(frozen=True)
class Unreadable:
    problem: WhyUnread


Result = CalendarAnswer | UnclearAnswer | WrittenReply | Automatic | Bounce | Delay | Unreadable


def read(message: bytes) -> Result:
    parts = opened(message)
    return parts if isinstance(parts, Unreadable) else kind_of(parts)


def opened(message: bytes) -> Parts | Unreadable:
    try:
        return take_apart(message)
    except (TooMuch, RecursionError):
        return Unreadable(WhyUnread.TOO_LARGE)
    except Exception as error:
        logger.error("A message could not be taken apart: %s", type(error).__name__)
        return Unreadable(WhyUnread.BROKEN)


def kind_of(parts: Parts, *, reads_text: bool = True) -> Result:
    """A report or an answer of a calendar is looked for first: programs send both. `reads_text`: whether
    its words are looked for, which takes longest; without it a reply is empty."""
    try:
        return _kind_of(parts, reads_text=reads_text)
    except Exception as error:
        logger.error("A message could not be read: %s", type(error).__name__)
        return Unreadable(WhyUnread.BROKEN)


def _kind_of(parts: Parts, *, reads_text: bool) -> Result:
    if report := report_in(parts):
        kind = Bounce if report.is_final else Delay
        return kind(report.address, report.status)
    if found := _calendar_answer(parts):
        return _answer(found, parts) if reads_text else found
    if parts.report or is_automatic(parts):
        return Automatic()
    if not reads_text and (parts.plain or parts.html):
        return WrittenReply("")
    text = reply_text(parts.plain, parts.html)
    if is_absence_note(text):
        return Automatic()
    if not text and parts.is_encrypted:
        return Unreadable(WhyUnread.ENCRYPTED)
    pictures = tuple(map(_picture, parts.pictures[:MOST_PICTURES])) if reads_text else ()
    left_out = parts.left_out + len(parts.pictures[MOST_PICTURES:])
    return WrittenReply(text, pictures, left_out)


def _picture(part: Message) -> MailPicture:
    """Its extension is that of its type where it has no name."""
    extension = part.get_content_subtype().replace("jpeg", "jpg")
    name = decoded(str(part.get_filename() or "")) or f"{part.get_content_maintype()}.{extension}"
    content = part.get_payload(decode=True)
    return MailPicture(name, content if isinstance(content, bytes) else b"")


def _calendar_answer(parts: Parts) -> CalendarAnswer | UnclearAnswer | None:
    """Return the one answer in all calendar files. One that is not attached and no answer, such as a
    request, is unclear: its words are those of a calendar."""
    sender = next(iter(parts.addresses("From")), "")
    found = []
    for file in parts.calendars:
        answer = calendar_answer(file.text, file.method, sender)
        if answer or not file.is_attached:
            found.append(answer or UnclearAnswer())
    clear = [one for one in found if isinstance(one, CalendarAnswer)]
    if len(clear) == len(found) and len({one.essence for one in clear}) == 1:
        return clear[0]
    return UnclearAnswer() if found else None


def _answer(found: CalendarAnswer | UnclearAnswer, parts: Parts) -> CalendarAnswer | UnclearAnswer:
    if isinstance(found, UnclearAnswer) or found.comment or not found.is_of_microsoft:
        return found
    return replace(found, comment=reply_text(parts.plain, parts.html))
