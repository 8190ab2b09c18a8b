"""Gives messages of the outbox to the mail server.

Only certain outcomes are stored: sent, refused, or not taken, which is tried again. If the
connection breaks while the server has the message, the outcome is unclear and it is not sent a
second time.

After a failed connection nobody asks the mail server for a minute (`kernel.outages`), else each message
that waits would hold the worker until its time is over.
"""

import contextlib
import logging
import re
import smtplib
import time
from datetime import timedelta
from email.utils import make_msgid, parseaddr, quote

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMultiAlternatives
from django.db import transaction

from accounts.mail_in.addresses import hide_tokens, return_address
from accounts.models import OutgoingMail
from kernel import outages
from kernel.jobs import LostLease, enqueue

logger = logging.getLogger(__name__)

DELIVER = "accounts.tasks.deliver_mail"
SERVICE = "mail"  # in the table of outages
CODE_QUEUE = "codes"
# Security or policy status (RFC 3463, 3.8), such as “5.7.1 listed as a source of spam”.
POLICY = re.compile(r"\s*5\.7\.\d")
LEASE = timedelta(
    minutes=2
)  # a session with a mail server has ten steps, each of at most EMAIL_TIMEOUT


def message_of(mail: OutgoingMail) -> EmailMultiAlternatives:
    sender, headers = from_address(mail.sender), headers_of(mail)
    if returned_to := return_address(mail):  # the envelope sender, which readers never see
        headers["From"] = sender
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        from_email=returned_to or sender,
        to=[mail.address],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers=headers,
    )
    message.attach_alternative(mail.html, "text/html")
    for file in mail.files:
        if file.kind.startswith("text/calendar"):
            # Calendars look for an alternative to the text, people for a file.
            message.attach_alternative(file.content.decode(), file.kind)
            message.attach(file.name, file.content, "application/ics")
        else:
            message.attach(file.name, file.content, file.kind)
    return message


def from_address(name: str) -> str:
    """Return the portal's address with this name: mail servers refuse the portal other senders."""
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return f'"{quote(name)}" <{address}>' if name else settings.DEFAULT_FROM_EMAIL


def headers_of(mail: OutgoingMail) -> dict[str, str]:
    """Return the headers by which programs answer nothing by themselves (RFC 3834), show messages
    about one thing together, and unsubscribe."""
    headers = {
        "Auto-Submitted": "auto-generated",
        "Message-ID": message_id(mail),
    }
    if mail.thread:  # a message that nobody got: mail programs group the answers to it
        first = f"<{mail.thread}@{settings.SITE_HOST}>"
        headers |= {"In-Reply-To": first, "References": first}
    return headers | unsubscribe_headers(mail.unsubscribe_url)


def message_id(mail: OutgoingMail) -> str:
    """Return the same for each try, so that a server or a mailbox knows a message that it already has."""
    if mail.pk is None:
        return make_msgid(domain=settings.SITE_HOST)
    return f"<mail-{mail.pk}-{mail.requested_at:%Y%m%d%H%M%S%f}@{settings.SITE_HOST}>"


def unsubscribe_headers(url: str) -> dict[str, str]:
    """Return headers by which a mail program unsubscribes with one press (RFC 8058): it posts and
    never opens the page. Only https addresses are announced, which nobody can read on the way."""
    if not url.startswith("https://"):
        return {}
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def hand_over(mail: OutgoingMail) -> bool:
    """Give a message that is in no outbox to the mail server at once, for a person waiting at the screen. A server that
    is down must not undo what the person did, nor keep one person after the other waiting."""
    if outages.is_paused(SERVICE):
        return False
    connection = get_connection()
    try:
        message = message_of(mail)
        _open(connection)
        with contextlib.closing(connection):
            connection.send_messages([message])
    except (OSError, ValueError) as error:  # SMTPException is one, BadHeaderError the other
        logger.error("A message was not sent: %s: %s", type(error).__name__, error)
        return False
    return True


def post(mail: OutgoingMail, *, is_awaited: bool = False) -> None:
    """Have a worker send it once the transaction is committed; before all others, if a person waits for it
    at the screen."""
    if settings.MAIL_BY_WORKER:
        enqueue(DELIVER, mail.pk, queue=CODE_QUEUE if is_awaited else None)
    else:
        transaction.on_commit(lambda: deliver(mail.pk))


def enqueue_due() -> None:
    """Enqueue all waiting messages again, and settle interrupted ones: queue messages get lost
    and workers die."""
    OutgoingMail.objects.settle_interrupted()
    if began := outages.began(SERVICE):
        OutgoingMail.objects.give_up(began)
    if outages.is_paused(SERVICE):
        return
    for pk in OutgoingMail.objects.due().order_by("pk").values_list("pk", flat=True)[:200]:
        enqueue(DELIVER, pk)


def deliver(pk: int) -> None:
    """Send a message of the outbox, unless another worker has it or had it; and in the same session others
    that wait."""
    if outages.is_paused(SERVICE):
        return
    mail = OutgoingMail.objects.claim(pk, lease=LEASE)
    if mail is None:
        return
    with contextlib.closing(Session()) as session:
        while mail:
            # A worker that lost its lease publishes nothing: another one has the row.
            with contextlib.suppress(LostLease):
                session.take(mail)
            mail = OutgoingMail.objects.claim_next(lease=LEASE) if session.goes_on else None


class Session:
    """One connection to the mail server, for some messages and seconds: then somebody who waits for a code
    gets their turn. Many servers take no more in one session either."""

    SECONDS, MESSAGES = 5.0, 20

    def __init__(self) -> None:
        self.connection = get_connection()
        self.until = time.monotonic() + self.SECONDS
        self.left = self.MESSAGES
        self.is_broken = False

    @property
    def goes_on(self) -> bool:
        return not self.is_broken and self.left > 0 and time.monotonic() < self.until

    def take(self, mail: OutgoingMail) -> None:
        self.left -= 1
        if (mail.person and not mail.person.is_active) or not mail.address:
            mail.cancel()
            return
        try:
            message = message_of(mail)
            message.message()  # a message that cannot be encoded fails here, before the server is asked
        except ValueError as error:
            _log_failure(mail, error)
            mail.fail(mail.Failure.BROKEN)
            return
        try:
            self._open()
        except OSError as error:  # smtplib.SMTPException is one
            self.is_broken = True
            _log_failure(mail, error)
            mail.wait()
            return
        mail.mark_handed_over(lease=LEASE)
        self._hand_over(mail, message)

    def _open(self) -> None:
        """Open it, and again if the server has ended it since the last message."""
        open_one = getattr(self.connection, "connection", None)
        if isinstance(open_one, smtplib.SMTP):
            with contextlib.suppress(OSError):
                if open_one.noop()[0] == 250:
                    return
            self.close()
        _open(self.connection)

    def _hand_over(self, mail: OutgoingMail, message: EmailMultiAlternatives) -> None:
        """Give it to the server. Only an answer of the server proves that it was not taken."""
        try:
            self.connection.send_messages([message])
        except smtplib.SMTPRecipientsRefused as error:
            _log_failure(mail, error)
            _refused(mail, *next(iter(error.recipients.values()), (0, b"")))
        except smtplib.SMTPResponseException as error:
            _log_failure(mail, error)
            is_of_sender = isinstance(error, smtplib.SMTPSenderRefused)
            _refused(mail, error.smtp_code, error.smtp_error, is_policy=is_of_sender)
        except OSError as error:
            self.is_broken = True
            _log_failure(mail, error)
            outages.note_failure(SERVICE, error)
            mail.fail(mail.Failure.UNCLEAR)
        else:
            mail.mark_sent()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.close()


def _open(connection: BaseEmailBackend) -> None:
    """Raises OSError, and has all others leave the server alone for a while."""
    try:
        connection.open()
    except OSError as error:
        outages.note_failure(SERVICE, error)
        raise
    outages.note_answer(SERVICE)


def _refused(mail: OutgoingMail, code: int, words: bytes | str, *, is_policy: bool = False) -> None:
    """Note what the server answered. Only what is about the address is for good: a rule of the server, such
    as a blocklist, is about the portal, and later it may work."""
    if not 500 <= code < 600:  # temporary: the mailbox is full, or the server does not know us yet
        mail.wait()
        return
    text = words.decode("utf-8", errors="replace") if isinstance(words, bytes) else words
    reason = hide_tokens(" ".join(f"{code} {text}".split()))
    if is_policy or POLICY.match(text):
        mail.wait(policy=reason)
    else:
        mail.mark_refused(reason)


def _log_failure(mail: OutgoingMail, error: Exception) -> None:
    """Log the failure, without the address and without the server's words, which may name it."""
    logger.error("Message %s was not sent: %s", mail.pk, type(error).__name__)
