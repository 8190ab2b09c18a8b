"""Takes a message in: once, under the address at which it came, from the person whose address it is.

What is stored of it is one row; what it changes is saved in the same transaction. Whoever hands it
over (`receive_mail`, `accounts.mail_in.imap`) lets it go only after that.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Model, Q
from django.urls import reverse
from django.utils import timezone, translation

from accounts.acting import refusal_about
from accounts.letters import reply_not_taken_letter, unconfirmed_reply_letter
from accounts.links import absolute_url
from accounts.mail import send_to_person
from accounts.mail_in.addresses import Purpose, SignedAddress, find_signed
from accounts.mail_in.authentication_results import addresses_of, is_from, is_proved
from accounts.mail_in.calendar_answers import CalendarAnswer, UnclearAnswer
from accounts.mail_in.parts import MOST_BYTES, Parts, head_of
from accounts.mail_in.reading import (
    Automatic,
    Bounce,
    Delay,
    Unreadable,
    WhyUnread,
    WrittenReply,
    kind_of,
    opened,
)
from accounts.models import AccessEvent, AccessLink, IncomingMail, OutgoingMail, Pseudonym, User
from kernel.refusal import Refusal

# --- Who takes what comes in ---
#
# Apps above this one say so once, when they are loaded.

# For a person and what their address is about. Returns None if it is not for this taker, a reason
# (`IncomingMail.Reason`) if it is refused, and "" once it is taken. A `Refusal` is sent to the person.
TakeAnswer = Callable[[User, Model, CalendarAnswer], str | None]
TakeReply = Callable[[User, Model, WrittenReply], str | None]
# A message to the person came back; what it was about, if that is known.
HearOfReturn = Callable[[User, OutgoingMail], None]
# A message came in the person's name that nothing proves, or too late: about this thing.
HearOfUnconfirmed = Callable[[User, Model], None]
# Where the person answers about the thing without mail: an address, or None if this app knows none.
FindAnswerPage = Callable[[User, Model], str | None]

answer_takers: list[TakeAnswer] = []
reply_takers: list[TakeReply] = []
return_listeners: list[HearOfReturn] = []
unconfirmed_listeners: list[HearOfUnconfirmed] = []
_answer_pages: list[FindAnswerPage] = []


def add_answer_taker(take: TakeAnswer) -> None:
    answer_takers.append(take)


def add_reply_taker(take: TakeReply) -> None:
    reply_takers.append(take)


def add_return_listener(hear: HearOfReturn) -> None:
    return_listeners.append(hear)


def add_unconfirmed_listener(hear: HearOfUnconfirmed) -> None:
    unconfirmed_listeners.append(hear)


def add_answer_page(find: FindAnswerPage) -> None:
    _answer_pages.append(find)


def answer_page(person: User, thing: Model) -> str:
    """Return where the person answers about the thing: a page that opens by link, where there is one,
    else its page behind the sign-in. For a message to the person alone."""
    links = (find(person, thing) for find in _answer_pages)
    if url := next((url for url in links if url), None):
        return url
    find_page = getattr(thing, "get_absolute_url", None)
    return absolute_url(str(find_page()) if find_page else reverse("home"))


# --- Intake ---

logger = logging.getLogger(__name__)

Kind, Outcome, Reason = IncomingMail.Kind, IncomingMail.Outcome, IncomingMail.Reason
FromPerson = CalendarAnswer | UnclearAnswer | WrittenReply

MOST_AN_HOUR = 20  # taken from one person, so that no two programs answer each other for ever
LONGEST = 10_000  # characters of a reply
# Of what nobody could read, so that mail does not fill the database: bytes, and messages an hour.
MOST_KEPT = 1_000_000
MOST_KEPT_AN_HOUR = 50
KINDS: dict[type, IncomingMail.Kind] = {
    CalendarAnswer: Kind.ANSWER,
    UnclearAnswer: Kind.ANSWER,
    WrittenReply: Kind.REPLY,
    Automatic: Kind.AUTOMATIC,
    Bounce: Kind.BOUNCE,
    Delay: Kind.DELAY,
    Unreadable: Kind.UNREADABLE,
}
# Somebody else may have sent it.
SUSPECT = {
    *(Reason.SENDER, Reason.UNPROVED, Reason.ATTENDEE, Reason.EVENT, Reason.UNCLEAR),
    *(Reason.OTHER_ADDRESS, Reason.REVOKED, Reason.EXPIRED),
}
# Nobody knows whether it is the person's. The coordination sees that something came.
UNCONFIRMED = {Reason.SENDER, Reason.UNPROVED, Reason.EXPIRED}
# The person is sent the page where they can answer.
ASKED_AGAIN = {*UNCONFIRMED, Reason.ATTENDEE, Reason.EVENT, Reason.UNCLEAR, Reason.EMPTY}
# Where mail servers write at which address a message came; a person may have copied it to others.
RECIPIENTS = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Forwarded-To")
WRITTEN_TO = ("To", "Cc", "Resent-To")


def receive(data: bytes, *, recipient: str = "") -> IncomingMail:
    """Take a message in and return its row; one that came before is not looked at again.

    `recipient`: the address at which it came, if the mail server says so. Raises only what a database
    raises: then nothing is stored, and the message has to come again.
    """
    parts = opened(data[: MOST_BYTES + 1])
    head = head_of(data) if isinstance(parts, Unreadable) else parts
    row = IncomingMail(fingerprint=_fingerprint(data, head))
    if known := IncomingMail.objects.filter(fingerprint=row.fingerprint).first():
        return known
    try:
        with transaction.atomic():
            if isinstance(parts, Unreadable):
                _process_unread(row, head, parts, recipient)
            else:
                _process(row, parts, recipient)
            _keep(row, data)
    except IntegrityError:
        if known := IncomingMail.objects.filter(fingerprint=row.fingerprint).first():
            return known  # another process was first, and did it
        raise
    except DatabaseError:
        raise
    except Exception as error:
        logger.error("An incoming message could not be taken: %s", type(error).__name__)
        row = IncomingMail(fingerprint=row.fingerprint, kind=row.kind or Kind.UNREADABLE)
        row.note(Outcome.QUARANTINED, Reason.BROKEN)
        _keep(row, data)
    logger.info("Incoming message %s: %s, %s %s", row.pk, row.kind, row.outcome, row.reason)
    return row


def _fingerprint(data: bytes, head: Parts) -> str:
    """Return a hash by which a message is known again that a server delivers twice: with other
    headers of its way, and the same text. A forged one does not shut out the real one."""
    named = [head.header("Message-ID"), *head.addresses("From", "To", "Cc")]
    body = re.split(rb"\r?\n\r?\n", data, maxsplit=1)[-1].replace(b"\r\n", b"\n").strip()
    return hashlib.sha256("\n".join(named).encode(errors="replace") + b"\0" + body).hexdigest()


def _keep(row: IncomingMail, data: bytes) -> None:
    if row.outcome == Outcome.QUARANTINED:
        since = timezone.now() - timedelta(hours=1)
        kept = IncomingMail.objects.quarantined().filter(received_at__gte=since)
        if kept.count() < MOST_KEPT_AN_HOUR:
            row.content = data[:MOST_KEPT]
    row.save(force_insert=True)


def _process_unread(row: IncomingMail, head: Parts, problem: Unreadable, recipient: str) -> None:
    """Keep what nobody could take apart, if it came to an address that the portal signed."""
    row.kind = Kind.UNREADABLE
    if signed := find_signed(_addresses(head, recipient)):
        row.note_place(signed.person, signed.thing)
        row.note(Outcome.QUARANTINED, _reason_of(problem))
    else:
        row.note(Outcome.REFUSED, Reason.UNSIGNED)


def _process(row: IncomingMail, parts: Parts, recipient: str) -> None:
    # First where it came and who sent it. Words of anybody else are not even read.
    signed = find_signed(_addresses(parts, recipient))
    person = signed.person if signed and signed.purpose == Purpose.REPLY else None
    is_theirs = person is not None and is_from(parts, person) and is_proved(parts)
    result = kind_of(parts, reads_text=is_theirs)
    row.kind = KINDS[type(result)]
    if signed:
        row.note_place(signed.person, signed.thing)
    if isinstance(result, Automatic):
        row.note(Outcome.DROPPED, Reason.AUTOMATIC)
    elif isinstance(result, Delay):
        row.note(Outcome.DROPPED, Reason.DELAYED)
    elif signed is None:
        row.note(Outcome.REFUSED, Reason.UNSIGNED)
    elif isinstance(result, Unreadable):
        row.note(Outcome.QUARANTINED, _reason_of(result))
    elif isinstance(result, Bounce):
        _take_bounce(row, signed, result)
    else:
        _take_from_person(row, signed, parts, result)


def _addresses(parts: Parts, recipient: str) -> Iterable[str]:
    yield from [recipient] if recipient else []
    yield from parts.addresses(*RECIPIENTS, *WRITTEN_TO)


def _reason_of(unreadable: Unreadable) -> str:
    reasons = {WhyUnread.TOO_LARGE: Reason.TOO_LARGE, WhyUnread.ENCRYPTED: Reason.ENCRYPTED}
    return reasons.get(unreadable.problem, Reason.BROKEN)


# What came back


def _take_bounce(row: IncomingMail, signed: SignedAddress, result: Bounce) -> None:
    """Mark the address as one that nobody reads. Only the address to which a message was sent says
    so, which nobody but mail servers on its way knows, and of no other than the one written to."""
    mail = signed.thing
    if signed.purpose != Purpose.BOUNCE or not isinstance(mail, OutgoingMail):
        row.note(Outcome.DROPPED, Reason.AUTOMATIC)
        return
    written_to = {mail.address, mail.person.email if mail.person else ""}
    known = {address.casefold() for address in written_to if address}
    if result.address and known and result.address not in known:
        row.note(Outcome.REFUSED, Reason.OTHER_ADDRESS)
        if mail.person:
            _log_refusal(row, mail.person, Reason.OTHER_ADDRESS)
        return
    row.note(Outcome.TAKEN)
    if mail.came_back() and (person := mail.person):
        person.mark_returned()
        for hear in return_listeners:
            hear(person, mail)


# What a person wrote


def _take_from_person(
    row: IncomingMail, signed: SignedAddress, parts: Parts, result: FromPerson
) -> None:
    person = signed.person
    if signed.purpose != Purpose.REPLY or person is None:
        row.note(Outcome.REFUSED, Reason.NOT_ASKED)
        return
    reason = _refusal(person, signed, parts, result)
    if reason or isinstance(result, UnclearAnswer):
        row.note(Outcome.REFUSED, reason)
        _log_refusal(row, person, reason)
        _follow_refusal(person, signed.thing, reason)
        return
    with translation.override(person.language), timezone.override(person.zone):
        try:
            with transaction.atomic():
                reason = _hand_on(person, signed, result)
        except Refusal as refusal:
            reason = Reason.NOT_NOW
            _say_no(person, signed, str(refusal), row)
    row.note(Outcome.REFUSED if reason else Outcome.TAKEN, reason)
    if reason in SUSPECT:
        _log_refusal(row, person, reason)
    elif not reason:
        person.mark_reachable()
        what = "invitation" if isinstance(result, CalendarAnswer) else "reply"
        AccessEvent.record(
            AccessEvent.Kind.LINK,
            user=person,
            thing=signed.thing,
            purpose="answer_by_mail",
            answer=what,
        )


def _refusal(person: User, signed: SignedAddress, parts: Parts, result: FromPerson) -> str:
    """Return why nothing of it counts, or nothing if it is the person's."""
    if not is_from(parts, person):
        return Reason.SENDER
    if not is_proved(parts):
        return Reason.UNPROVED
    if AccessLink.objects.are_revoked(person, signed.thing):
        return Reason.REVOKED
    if signed.is_over():
        return Reason.EXPIRED
    if isinstance(result, UnclearAnswer):
        return Reason.UNCLEAR
    if isinstance(result, CalendarAnswer) and result.attendee not in addresses_of(person):
        return Reason.ATTENDEE
    if result == WrittenReply(""):
        return Reason.EMPTY
    since = timezone.now() - timedelta(hours=1)
    taken = IncomingMail.objects.filter(person=person, received_at__gte=since)
    answered = taken.filter(Q(outcome=Outcome.TAKEN) | Q(reason=Reason.NOT_NOW))
    return Reason.TOO_MANY if answered.count() >= MOST_AN_HOUR else ""


def _hand_on(person: User, signed: SignedAddress, result: CalendarAnswer | WrittenReply) -> str:
    if sentence := refusal_about(person, signed.thing):
        raise Refusal(sentence)
    if isinstance(result, CalendarAnswer):
        found = (take(person, signed.thing, result) for take in answer_takers)
    else:
        if len(result.text) > LONGEST:
            result = replace(result, text=f"{result.text[:LONGEST]}…")
        found = (take(person, signed.thing, result) for take in reply_takers)
    return next((reason for reason in found if reason is not None), Reason.NOT_ASKED)


def _say_no(person: User, signed: SignedAddress, sentence: str, row: IncomingMail) -> None:
    """Write to the person why their answer does not count. Programs never get here, and no more than
    `MOST_AN_HOUR` of these go out."""
    url = answer_page(person, signed.thing)
    send_to_person(
        person,
        partial(reply_not_taken_letter, sentence, url),
        about=signed.thing,
        key=f"incoming:{row.fingerprint}",
    )


def _follow_refusal(person: User, thing: Model, reason: str) -> None:
    """Write to the person's own address where they can answer, at most once a day, and let the
    coordination know of what is unconfirmed. Not once their links were revoked: that would open a
    new one."""
    if reason not in ASKED_AGAIN or AccessLink.objects.are_revoked(person, thing):
        return
    if reason in UNCONFIRMED:
        for hear in unconfirmed_listeners:
            hear(person, thing)
    key = f"unconfirmed:{person.pk}:{timezone.now():%Y-%m-%d}"
    if not OutgoingMail.objects.filter(key=key).exists():
        letter = partial(unconfirmed_reply_letter, answer_page(person, thing))
        # Outside the thing's thread: what a stranger caused must not prolong an address for replies.
        send_to_person(person, letter, about=thing, thread=person, key=key)


def _log_refusal(row: IncomingMail, person: User, reason: str) -> None:
    """Log a message that somebody else may have sent with the person's address."""
    if reason not in SUSPECT:
        return
    AccessEvent.record_if_few(
        AccessEvent.Kind.REFUSED,
        among=Q(details__method="mail"),
        same=Q(details__method="mail", details__person=str(Pseudonym.of(person))),
        user=None,
        thing=row.thing if not isinstance(row.thing, User) else None,
        person=person,
        method="mail",
        check=str(reason),
    )
