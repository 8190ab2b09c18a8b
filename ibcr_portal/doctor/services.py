"""Whether what the portal works with answers: queue and workers, mail, virus scanner, proxy."""

import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import get_connection
from django.utils import timezone

from accounts.models import OutgoingMail
from ibcr_portal.celery import app
from ibcr_portal.doctor.findings import Finding, good, reason, warning, without_password, wrong
from ibcr_portal.periodic_tasks import OF_DOCUMENTS, OF_MAIL, OF_SHORT_WORK
from kernel import antivirus
from kernel.jobs import Job
from reports.models import Archive, Rendition

SECONDS = 5.0
QUICK_SECONDS, ANSWER_SECONDS = 2.0, 5.0
EXPIRES_SOON = timedelta(days=14)
QUEUES = {OF_DOCUMENTS: "documents and the rest", OF_SHORT_WORK: "short work", OF_MAIL: "e-mail"}
WORK_OF = {OF_DOCUMENTS: (Rendition, Archive), OF_MAIL: (OutgoingMail,)}


def queue() -> Iterator[Finding]:
    where = without_password(settings.REDIS_URL) or "files in a folder"
    try:
        with app.connection_for_write(connect_timeout=SECONDS) as connection:
            connection.ensure_connection(max_retries=1, timeout=SECONDS)
        read = queues_read(QUICK_SECONDS)
        if not {name.partition(",")[0] for name in QUEUES} <= set(read):  # the machine may be busy
            read = queues_read(ANSWER_SECONDS)
    except Exception as error:  # whatever the library of the broker raises
        yield wrong(
            f"The queue ({where}) does not answer ({reason(error)}): work waits.",
            "Start Redis, and compare REDIS_URL and REDIS_PASSWORD with it.",
        )
        return
    yield good(f"The queue ({where}) answers.")
    for name, what in QUEUES.items():
        yield readers(name, what, read.count(name.partition(",")[0]))


def queues_read(seconds: float) -> list[str]:
    """Return the queues of each worker that answers."""
    answers = app.control.inspect(timeout=seconds).active_queues() or {}
    return [each["name"] for queues in answers.values() for each in queues]


def readers(queues: str, what: str, count: int) -> Finding:
    """A worker that makes a document answers nobody: the lease of its row then says that it is there."""
    if count:
        return good(f"{count} worker(s) read the queues {queues!r}: {what}.")
    working = {"state": Job.State.WORKING, "lease_until__gt": timezone.now()}
    if any(kind._default_manager.filter(**working).exists() for kind in WORK_OF.get(queues, ())):
        return good(f"The worker of the queues {queues!r} ({what}) is at work.")
    return wrong(
        f"No worker reads the queues {queues!r} ({what}): none answered within {ANSWER_SECONDS:.0f} s, "
        "and none is at work.",
        f"Start one (the services worker and mailer): python -m ibcr_portal.worker --queues={queues}",
    )


def mail() -> Iterator[Finding]:
    if not settings.SENDS_MAIL:
        yield good("Messages are written into a folder and sent to nobody.")
        return
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    connection = get_connection(timeout=SECONDS)
    try:
        with closing(connection):
            connection.open()
    except Exception as error:  # of smtplib, ssl and socket
        yield wrong(
            f"The mail server {server} does not take messages ({reason(error)}).",
            "Compare EMAIL_URL and EMAIL_PASSWORD with what the mail server expects.",
        )
        return
    yield good(f"The mail server {server} takes messages of {settings.DEFAULT_FROM_EMAIL}.")


def virus_scanner() -> Iterator[Finding]:
    if not settings.CLAMD_URL:
        return
    try:
        antivirus.ask_whether_it_answers()
    except OSError as error:
        yield wrong(
            f"The virus scanner does not answer ({reason(error)}), so no file is taken.",
            "Start ClamAV and give it some minutes to read its signatures, or correct CLAMD_URL.",
        )
    else:
        yield good("The virus scanner answers.")


def address() -> Iterator[Finding]:
    """Ask for the portal as people do, through its proxy."""
    if not settings.HTTPS:
        yield good(f"{settings.SITE_URL} is for this machine alone.")
        return
    if not settings.TRUSTED_PROXIES:
        yield warning(
            "TRUSTED_PROXIES is 0, so no header of a proxy is believed.",
            "Write how many proxies are in front of the portal (docs/proxies.md).",
        )
    try:
        status, headers, expires = asked()
    except ssl.SSLError as error:
        yield wrong(
            f"The certificate of {settings.SITE_URL} is not trusted ({error.reason or 'TLS'}).",
            "Give the proxy a certificate for this name that browsers trust.",
        )
    except (OSError, http.client.HTTPException) as error:
        yield warning(
            f"{settings.SITE_URL} could not be asked from here ({reason(error)}).",
            "Open it in a browser. If that works, nothing is wrong: this machine may not see itself "
            "from outside.",
        )
    else:
        yield from judged(status, headers, expires)


def asked() -> tuple[int, dict[str, str], datetime]:
    parts = urlsplit(settings.SITE_URL)
    where = (parts.hostname or "", parts.port or 443)
    context = ssl.create_default_context()
    with (
        socket.create_connection(where, timeout=SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=where[0]) as secure,
    ):
        until = ssl.cert_time_to_seconds(str((secure.getpeercert() or {})["notAfter"]))
        request = (
            f"GET /accounts/login/ HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
        )
        secure.sendall(request.encode())
        answer = http.client.HTTPResponse(secure)
        answer.begin()
        headers = {name.lower(): value for name, value in answer.getheaders()}
    return answer.status, headers, datetime.fromtimestamp(until, UTC)


def judged(status: int, headers: dict[str, str], expires: datetime) -> Iterator[Finding]:
    if status == 400:
        yield wrong(
            "The proxy does not set X-Forwarded-For and X-Forwarded-Proto.",
            "Configure it as docs/proxies.md shows.",
        )
    elif status != 200:
        yield wrong(
            f"{settings.SITE_URL} answers with {status}.",
            "See the log of the proxy, and that of the web server by its id "
            f"{headers.get('x-request-id', '-')}.",
        )
    elif "strict-transport-security" not in headers:
        yield warning(
            "The proxy takes the header Strict-Transport-Security away.", "Let it pass headers on."
        )
    elif expires - datetime.now(UTC) < EXPIRES_SOON:
        yield warning(f"The certificate expires on {expires:%Y-%m-%d}.", "Renew it.")
    else:
        yield good(
            f"{settings.SITE_URL} answers; its certificate is valid until {expires:%Y-%m-%d}."
        )
