"""Whether servers of others answer that the portal needs now and then."""

import imaplib
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from ibcr_portal.doctor.findings import Finding, good, reason, warning, without_password, wrong
from ibcr_portal.observing.provider import ProviderFault, ask_provider

SECONDS = 5.0


def mailbox() -> Iterator[Finding]:
    if not settings.INBOUND_MAILBOX.url:
        return
    url = urlsplit(settings.INBOUND_MAILBOX.url)
    host, where = url.hostname or "", without_password(settings.INBOUND_MAILBOX.url)
    try:
        if url.scheme == "imaps":
            box: imaplib.IMAP4 = imaplib.IMAP4_SSL(host, url.port or 993, timeout=SECONDS)
        else:
            box = imaplib.IMAP4(host, url.port or 143, timeout=SECONDS)
        box.shutdown()
    except (OSError, imaplib.IMAP4.error) as error:
        yield wrong(
            f"The mailbox {where} does not answer ({reason(error)}): answers by mail wait there.",
            "Compare INBOUND_IMAP_URL with what the mail server expects, and see whether it runs.",
        )
    else:
        yield good(f"The mailbox {where} answers.")


def provider() -> Iterator[Finding]:
    if not settings.OIDC.url:
        return
    try:
        ask_provider()
    except ProviderFault as fault:
        yield wrong(
            f"Nobody can sign in with {settings.OIDC.name}: {settings.OIDC.url} does not answer as it "
            f"should ({fault}).",
            "See whether that server runs, and compare OIDC_URL with the issuer that it names. People "
            "sign in with a code by e-mail meanwhile.",
        )
    else:
        yield good(f"People can sign in with {settings.OIDC.name} ({settings.OIDC.url}).")


def timestamps() -> Iterator[Finding]:
    if not settings.SEAL_TIMESTAMP_URL or settings.SEAL_OFF:
        return
    url = urlsplit(settings.SEAL_TIMESTAMP_URL)
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        socket.create_connection((url.hostname or "", port), timeout=SECONDS).close()
    except OSError as error:
        yield warning(
            f"The timestamp authority does not answer ({reason(error)}): documents are sealed without a "
            "confirmed time.",
            "See whether it runs, or correct SEAL_TIMESTAMP_URL.",
        )
    else:
        yield good("The timestamp authority answers.")
