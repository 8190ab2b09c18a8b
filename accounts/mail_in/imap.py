"""Fetches mail from a mailbox by IMAP (RFC 9051): with a password, or with a token (XOAUTH2) as
Microsoft 365 and Google ask.

A message is marked as read, or moved, only after its row is committed. If the work breaks off before
that, it is fetched again and known by its fingerprint: nothing is lost, and nothing counts twice.
"""

import imaplib
import json
import logging
import re
import shlex
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import unquote, urlencode, urlsplit
from urllib.request import Request, urlopen

from django.conf import settings

from accounts.mail_in.intake import receive
from accounts.mail_in.parts import MOST_BYTES
from kernel import outages

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 50  # so that the messages that go out, which the same worker sends, wait little
SECONDS = 10
SERVICE = "incoming"  # in the table of outages


class CannotFetch(Exception):
    """The mailbox cannot be read. The text holds no secret, and goes into the log."""


def fetch_mail() -> int:
    """Take in what is new in the mailbox and return how many messages that was."""
    if not (settings.INBOUND_MAILBOX.url and settings.INBOUND_ADDRESS):
        return 0
    if outages.is_paused(SERVICE):
        return 0
    try:
        with _mailbox() as box:
            outages.note_answer(SERVICE)
            return sum(1 for uid in _new_ones(box) if _take(box, uid))
    except (imaplib.IMAP4.error, OSError, ValueError, CannotFetch) as error:
        words = str(error) if isinstance(error, CannotFetch) else type(error).__name__
        logger.error("Incoming mail could not be fetched: %s", words)
        outages.note_failure(SERVICE, error)
        return 0


@contextmanager
def _mailbox() -> Iterator[imaplib.IMAP4]:
    url = urlsplit(settings.INBOUND_MAILBOX.url)
    host, user = url.hostname or "", unquote(url.username or "")
    box: imaplib.IMAP4
    if url.scheme == "imaps":
        context = ssl.create_default_context()
        box = imaplib.IMAP4_SSL(host, url.port or 993, ssl_context=context, timeout=SECONDS)
    else:
        box = imaplib.IMAP4(host, url.port or 143, timeout=SECONDS)
    try:
        if url.scheme == "imap+tls":
            box.starttls(ssl.create_default_context())
        if token := access_token():
            answer = f"user={user}\1auth=Bearer {token}\1\1".encode()
            box.authenticate("XOAUTH2", lambda _challenge: answer)
        else:
            box.login(user, unquote(url.password or ""))
        status, _data = box.select(_quoted(unquote(url.path.strip("/")) or "INBOX"))
        if status != "OK":
            raise CannotFetch("the folder cannot be opened")
        yield box
    finally:
        _leave(box)


def _leave(box: imaplib.IMAP4) -> None:
    try:
        box.logout()
    except (imaplib.IMAP4.error, OSError):
        with suppress(OSError):
            box.shutdown()


def access_token() -> str:
    """Return a token for the mailbox, from a command or for a refresh token (RFC 6749, 6); empty if
    there is a password."""
    if command := settings.INBOUND_MAILBOX.token_command:
        try:
            done = subprocess.run(
                shlex.split(command), capture_output=True, timeout=SECONDS, check=True, text=True
            )
        except subprocess.SubprocessError:
            raise CannotFetch("the command for the token failed") from None
        return done.stdout.strip()
    return _refreshed() if settings.INBOUND_MAILBOX.refresh_token else ""


def _refreshed() -> str:
    facts = {
        "grant_type": "refresh_token",
        "refresh_token": settings.INBOUND_MAILBOX.refresh_token,
        "client_id": settings.INBOUND_MAILBOX.client_id,
        "client_secret": settings.INBOUND_MAILBOX.client_secret,
    }
    given = {name: value for name, value in facts.items() if value}
    request = Request(settings.INBOUND_MAILBOX.token_url, data=urlencode(given).encode())
    try:
        with urlopen(request, timeout=SECONDS) as answer:
            token = json.load(answer).get("access_token")
    except (OSError, ValueError, AttributeError):
        raise CannotFetch("the server for tokens gave none") from None
    if not isinstance(token, str) or not token:
        raise CannotFetch("the server for tokens gave none")
    return token


def _new_ones(box: imaplib.IMAP4) -> list[bytes]:
    status, data = box.uid("SEARCH", "UNSEEN")
    if status != "OK":
        raise CannotFetch("the folder cannot be searched")
    return (data[0] or b"").split()[:MOST_AT_ONCE]


def _take(box: imaplib.IMAP4, uid: bytes) -> bool:
    """Take one message in, then mark it. Reading it marks nothing (PEEK)."""
    number = uid.decode("ascii")
    _status, sizes = box.uid("FETCH", number, "(RFC822.SIZE)")
    size = re.search(rb"RFC822\.SIZE (\d+)", _joined(sizes))
    is_large = bool(size) and int(size[1]) > MOST_BYTES  # type: ignore[index]
    # Of one that is too large the beginning is enough to say so.
    what = f"(BODY.PEEK[]<0.{MOST_BYTES + 1}>)" if is_large else "(BODY.PEEK[])"
    status, data = box.uid("FETCH", number, what)
    content = next((one[1] for one in data if isinstance(one, tuple)), None)
    if status != "OK" or content is None:
        return False
    receive(content)
    if settings.INBOUND_MAILBOX.done_folder:
        _move(box, number)
    else:
        box.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)")
    return True


def _move(box: imaplib.IMAP4, number: str) -> None:
    folder = _quoted(settings.INBOUND_MAILBOX.done_folder)
    if "MOVE" in box.capabilities:
        status, _data = box.uid("MOVE", number, folder)
    else:
        status, _data = box.uid("COPY", number, folder)
        if status == "OK":
            box.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen \Deleted)")
            box.expunge()
    if status != "OK":
        box.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)")
        logger.error("A message could not be moved: is there the folder of INBOUND_IMAP_DONE?")


def _joined(data: list) -> bytes:
    return b" ".join(one if isinstance(one, bytes) else b" ".join(one) for one in data if one)


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
