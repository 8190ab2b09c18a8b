"""Mail to a person: in their language and time zone, as text and as HTML that say the same.

Telephones lie on tables: for most people the outside of a message names no project, institution or
topic (`Envelope`). `<template>.short.txt` is what the coordination passes on by messenger.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _, pgettext

from accounts.letters import Block, Code, Details, Foreign, Letter, Line, Lines, MakeLetter
from accounts.mail_in.addresses import reply_address
from accounts.models import Attachment, OutgoingMail, User
from accounts.models.outbox import thread_of
from accounts.outbox import post
from accounts.reading import written_for
from accounts.recurrent import choices_url
from accounts.undo import due_after_earlier, due_at
from kernel.organisation import home_zone, organisation

# --- Envelopes ---
#
# Who a message comes from, who gets the answer, and whether its outside may name the project. Apps
# above this one say so once, when they are loaded; messages ask.


@dataclass(frozen=True)
class Envelope:
    """`answers_to` and `reply_to`: name and address of the person who gets an answer. `project`: its
    name, in the reader's language, if it may be on the outside."""

    answers_to: str = ""
    reply_to: str = ""
    project: str = ""
    is_named: bool = False

    @property
    def sender(self) -> str:
        """The name beside the portal's address. A neutral one is the person's alone."""
        name = self.answers_to or _("Governance portal")
        return f"{name} · {organisation()}" if self.is_named and organisation().is_entered else name


# For a reader, None without an account, what the message is about, and who caused it.
FindEnvelope = Callable[[User | None, Model | None, User | None], Envelope]
_finders: list[FindEnvelope] = []


def add_envelopes(find: FindEnvelope) -> None:
    _finders.append(find)


def envelope_of(reader: User | None, about: Model | None, by: User | None = None) -> Envelope:
    return next((find(reader, about, by) for find in _finders), Envelope())


# --- Which messages never leave the portal: those of projects for training ---
#
# Apps above this one say so once, when they are loaded; messages ask.

# What the message is about, if that is one thing; else it is of the page that caused it.
Silence = Callable[[Model | None], bool]
_silences: list[Silence] = []


def add_silence(silence: Silence) -> None:
    _silences.append(silence)


def is_silent(about: Model | None) -> bool:
    return any(silence(about) for silence in _silences)


# --- Mail ---

URGENT_DAYS = 2


def send_to_person(
    user: User,
    make: MakeLetter,
    *,
    about: Model | None,
    by: User | None = None,
    place: Model | None = None,
    thread: Model | None = None,
    key: str = "",
    attachments: Iterable[Attachment] = (),
    recurrent: str = "",
    is_daily: bool = False,
    is_awaited: bool = False,
) -> OutgoingMail | None:
    """Put a message to a person into the outbox. All mail to people with an account goes this way.

    A worker sends it once the surrounding transaction is committed; the returned row says what
    became of it, and is None if the person has no e-mail address. `make` is called in the reader's
    language. Of two with one `key` the first counts. `about`: see `written_for`; None for an account.
    What is about a project for training is never sent. `by` caused it, and signs it as a coordinator.
    `place`: its project, if it is about several things. Those of one `thread`, usually `about`, are
    shown together. `recurrent`: see `accounts.recurrent`. `is_daily`: see `had_daily_message`.
    `is_awaited`: a person waits for it at the screen, so it goes before all others.
    """
    if not user.email:
        return None
    if known := _with_key(key):
        return known
    words = words_for(user, make, about=about, by=by, place=place, recurrent=recurrent)
    values = {
        "person": user,
        "address": user.email,
        "thread": thread_of(thread or about),
        "attachments": OutgoingMail.rows_of(attachments),
        "unsubscribe_url": choices_url(user, recurrent) if recurrent else "",
    }
    values |= {"is_daily": is_daily}
    return _keep(words, key=key, about=about, is_awaited=is_awaited, **values)


def words_for(
    user: User,
    make: MakeLetter,
    *,
    about: Model | None,
    by: User | None = None,
    place: Model | None = None,
    recurrent: str = "",
) -> "MailText":
    """Return the message as the person would get it; the arguments are those of `send_to_person`."""
    choices = choices_url(user, recurrent) if recurrent or about else ""
    with written_for(user, about), _read_by(user.language, user.zone):
        envelope = envelope_of(user, place or about, by)
        if about and envelope.reply_to and (answers := reply_address(about, user)):
            envelope = replace(envelope, reply_to=answers)
        return write(make(), user, envelope, choices=choices, repeats=bool(recurrent))


@contextmanager
def _read_by(language: str, zone: tzinfo) -> Iterator[None]:
    with translation.override(language), timezone.override(zone):
        yield


def mail_stays(sends: bool) -> bool:
    """Whether to say on a page that no message goes out: only to somebody who sends from there."""
    return sends and not settings.SENDS_MAIL


def invited_words(address: str | None) -> str:
    """Return the sentence for whoever invited somebody."""
    if settings.SENDS_MAIL:
        sentence = _("The invitation was sent to %(address)s.")
    else:
        sentence = _("The invitation to %(address)s is in the mailbox and was not sent.")
    return sentence % {"address": address}


def confirmed_words(person: User) -> str:
    """Return the sentence for whoever answered themselves; empty if no e-mail goes out to them."""
    if not settings.SENDS_MAIL or not person.email:
        return ""
    return _("A confirmation is on its way to you by e-mail.")


def confirmed_to_words(*people: User | None) -> str:
    """Return the sentence for whoever entered the answer of these people."""
    if not any(person and person.email for person in people):
        return _("No e-mail reaches the person: confirm it yourself.")
    if not settings.SENDS_MAIL:
        return _("This portal does not send e-mail yet: confirm it yourself.")
    return _("A confirmation is on its way to the person by e-mail.")


def had_daily_message(person: User) -> bool:
    """Whether the portal wrote to the person by itself today. Then only what is due within
    `URGENT_DAYS` is written as well; the caller has locked the person."""
    return OutgoingMail.objects.daily_of(person).exists()


def send_to_address(
    address: str,
    make: MakeLetter,
    *,
    language: str,
    name: str = "",
    reply_to: str = "",
    key: str = "",
    about: Model | None,
) -> OutgoingMail | None:
    """Put a message to somebody without an account into the outbox, in the language they chose.

    Returns None if there is no address. Before people have proved that an address is theirs, the
    message must hold nothing that was typed: it would carry anybody's words to anybody.
    """
    if not address:
        return None
    if known := _with_key(key):
        return known
    with written_for(AnonymousUser(), about), _read_by(language, home_zone()):
        words = write(make(), name, Envelope(reply_to=reply_to))
    return _keep(words, key=key, about=about, address=address, thread=thread_of(about))


def _with_key(key: str) -> OutgoingMail | None:
    return OutgoingMail.objects.filter(key=key).first() if key else None


def _keep(
    words: "MailText", *, key: str, about: Model | None, is_awaited: bool = False, **values: Any
) -> OutgoingMail:
    values |= words._asdict()
    if due := due_at() or due_after_earlier(values["address"], values["thread"]):
        values["next_attempt_at"] = due
    if is_silent(about):  # without a key, so that it can be sent once the project is a real one
        values, key = values | OutgoingMail.SILENT, ""
    if key:  # if two processes write at once, one message is kept
        mail, is_new = OutgoingMail.objects.get_or_create(key=key, defaults=values)
    else:
        mail, is_new = OutgoingMail.objects.create(**values), True
    if is_new and mail.in_hand and not due:  # else the sweep sends it then
        post(mail, is_awaited=is_awaited)
    return mail


def short_text(
    user: User,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    about: Model | None = None,
) -> str:
    """Return the message in a few words in the person's language, to pass on by messenger."""
    with written_for(user, about), _read_by(user.language, user.zone):
        text = render_to_string(f"{template}.short.txt", {"person": user, **(context or {})})
    return text.strip()


class MailText(NamedTuple):
    """The words of a message, in columns of its row."""

    subject: str
    text: str
    html: str
    sender: str
    reply_to: str


def write(
    letter: Letter,
    reader: User | str,
    envelope: Envelope,
    *,
    choices: str = "",
    repeats: bool = False,
) -> MailText:
    """Write a message to a person, or to a name, in the active language and time zone.

    `choices`: the address where the person chooses what messages they get and what these show; a
    message that `repeats` says that they stop there.
    """
    greeting = ""
    if letter.is_greeted:
        greeting = _("Hello %(name)s,") % {"name": reader} if str(reader) else _("Hello,")
    subject = f"{letter.subject} · {envelope.project}" if envelope.project else letter.subject
    choose = _("Choose which messages you get and what they show")
    if repeats:
        choose = _("Stop these messages, or choose what you get")
    facts = {
        "body": [block for block in letter.body if block],
        "button": letter.button,
        "after": [block for block in letter.after if block],
        "title": one_line(letter.subject),
        "greeting": greeting,
        "project": envelope.project,
        "closing": closing(letter, envelope),
        "choices": choices,
        "choose": choose,
        "language": translation.get_language(),
    }
    return MailText(
        subject=one_line(subject),
        text=as_text(facts),
        html=render_to_string("accounts/email/letter.html", facts).replace("\0", ""),
        sender=one_line(envelope.sender),
        reply_to=envelope.reply_to,
    )


def closing(letter: Letter, envelope: Envelope) -> list[str]:
    """Return the last lines: whose portal it is, who gets an answer, why the message came."""
    place = _("Governance portal")
    if organisation().is_entered:
        place = _("Governance portal of %(organisation)s") % {"organisation": organisation()}
    answers = ""
    if envelope.answers_to and envelope.reply_to:
        answers = _("If you answer this message, %(name)s reads it.") % {
            "name": envelope.answers_to
        }
    usual = _(
        "This message was sent automatically. If it is not meant for you, delete it; nothing else is "
        "needed."
    )
    return [line for line in (place, answers, letter.reason or usual) if line]


def one_line(text: str) -> str:
    """Remove line breaks and control characters, which could start another header of the
    message."""
    words = "".join(sign if sign.isprintable() else " " for sign in text).split()
    return " ".join(words)[:150]


# Text: the address of the button alone on its line.


def as_text(facts: dict[str, Any]) -> str:
    """Write what the HTML part is made of (`accounts/email/letter.html`)."""
    button = facts["button"]
    parts = [
        facts["greeting"],
        *map(block_text, facts["body"]),
        f"{button.label}{_colon()}\n{button.url}" if button else "",
        *map(block_text, facts["after"]),
        "\n".join(facts["closing"]),
        f"{facts['choose']}{_colon()}\n{facts['choices']}" if facts["choices"] else "",
    ]
    return "\n\n".join(part for part in parts if part).replace("\0", "").strip() + "\n"


def block_text(block: Block) -> str:
    if isinstance(block, Details):
        lines = (f"{fact.label}{_colon()} {fact.value}" for fact in block.details)
        return "\n".join(map(_with_address, lines, block.details))
    if isinstance(block, Lines):
        listed = (
            f"{number}. {line.text}" if block.numbered else f"– {line.text}"
            for number, line in enumerate(block.lines, start=1)
        )
        title = [f"{block.title}{_colon()}"] if block.title else []
        return "\n".join([*title, *map(_with_note, listed, block.lines)])
    if isinstance(block, Foreign):
        return f"{block.says_so}\n{block.text}"
    return block.code if isinstance(block, Code) else str(block).strip()


def _with_note(words: str, line: Line) -> str:
    return _with_address(f"{words}{_colon()} {line.note}" if line.note else words, line)


def _with_address(words: str, line: Any) -> str:
    return f"{words}\n{line.url}" if line.url else words


def _colon() -> str:
    return pgettext("between a label and its value", ":")
