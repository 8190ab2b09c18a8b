"""Gives messages of the outbox to the mail server.

Only certain outcomes are stored: sent, refused, or not taken, which is tried again. If the
connection breaks while the server has the message, the outcome is unclear and it is not sent a
second time.
"""

import contextlib
import logging
import smtplib
from datetime import timedelta
from email.utils import make_msgid, parseaddr, quote

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMultiAlternatives
from django.db import transaction

from accounts.mail_in.addresses import hide_tokens, return_address
from accounts.models import OutgoingMail
from kernel.jobs import LostLease, enqueue

logger = logging.getLogger(__name__)

DELIVER = "accounts.tasks.deliver_mail"
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
        "Message-ID": make_msgid(domain=settings.SITE_HOST),
    }
    if mail.thread:  # a message that nobody got: mail programs group the answers to it
        first = f"<{mail.thread}@{settings.SITE_HOST}>"
        headers |= {"In-Reply-To": first, "References": first}
    return headers | unsubscribe_headers(mail.unsubscribe_url)


def unsubscribe_headers(url: str) -> dict[str, str]:
    """Return headers by which a mail program unsubscribes with one press (RFC 8058): it posts and
    never opens the page. Only https addresses are announced, which nobody can read on the way."""
    if not url.startswith("https://"):
        return {}
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def hand_over(mail: OutgoingMail) -> bool:
    """Give a message that is in no outbox to the mail server at once, for a person waiting at the screen. A server that
    is down must not undo what the person did."""
    try:
        message_of(mail).send()
    except (OSError, ValueError) as error:  # SMTPException is one, BadHeaderError the other
        logger.error("A message was not sent: %s: %s", type(error).__name__, error)
        return False
    return True


def post(mail: OutgoingMail) -> None:
    """Have a worker send it once the transaction is committed."""
    if settings.MAIL_BY_WORKER:
        enqueue(DELIVER, mail.pk)
    else:
        transaction.on_commit(lambda: deliver(mail.pk))


def enqueue_due() -> None:
    """Enqueue all waiting messages again, and settle interrupted ones: queue messages get lost
    and workers die."""
    OutgoingMail.objects.settle_interrupted()
    for pk in OutgoingMail.objects.due().order_by("pk").values_list("pk", flat=True)[:200]:
        enqueue(DELIVER, pk)


def deliver(pk: int) -> None:
    """Send one message of the outbox, unless another worker has it or had it."""
    mail = OutgoingMail.objects.claim(pk, lease=LEASE)
    if mail is None:
        return
    # A worker that lost its lease publishes nothing: another one has the row.
    with contextlib.suppress(LostLease):
        if (mail.person and not mail.person.is_active) or not mail.address:
            mail.cancel()
            return
        _deliver(mail)


def _deliver(mail: OutgoingMail) -> None:
    connection = get_connection()
    try:
        message = message_of(mail)
        message.message()  # a message that cannot be encoded fails here, before the server is asked
        connection.open()
    except ValueError as error:
        _log_failure(mail, error)
        mail.fail(mail.Failure.BROKEN)
        return
    except OSError as error:  # smtplib.SMTPException is one
        _log_failure(mail, error)
        mail.wait()
        return
    try:
        mail.mark_handed_over(lease=LEASE)
        _hand_over(mail, connection, message)
    finally:
        with contextlib.suppress(OSError):
            connection.close()


def _hand_over(
    mail: OutgoingMail, connection: BaseEmailBackend, message: EmailMultiAlternatives
) -> None:
    """Give it to the server. Only an answer of the server proves that it was not taken."""
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        _log_failure(mail, error)
        _refused(mail, *next(iter(error.recipients.values()), (0, b"")))
    except smtplib.SMTPResponseException as error:
        _log_failure(mail, error)
        if isinstance(error, smtplib.SMTPSenderRefused) or 400 <= error.smtp_code < 500:
            mail.wait()  # a temporary failure (4xx), or the sender's: later it may work
        else:
            _refused(mail, error.smtp_code, error.smtp_error)
    except OSError as error:
        _log_failure(mail, error)
        mail.fail(mail.Failure.UNCLEAR)
    else:
        mail.mark_sent()


def _refused(mail: OutgoingMail, code: int, words: bytes | str) -> None:
    if not 500 <= code < 600:  # temporary: the mailbox is full, or the server does not know us yet
        mail.wait()
        return
    text = words.decode("utf-8", errors="replace") if isinstance(words, bytes) else words
    mail.mark_refused(hide_tokens(" ".join(f"{code} {text}".split())))


def _log_failure(mail: OutgoingMail, error: Exception) -> None:
    """Log the failure, without the address and without the server's words, which may name it."""
    logger.error("Message %s was not sent: %s", mail.pk, type(error).__name__)
