"""Asks the services of others with which the portal works whether they answer, so that the one at fault is
named before somebody needs it. Only the worker that talks with other machines does: pages and the watch
read what it noted, and never wait for a service that is silent."""

import logging
import urllib.error
import urllib.request
from collections.abc import Callable

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.mail import get_connection

from accounts.outbox import SERVICE as MAIL
from ibcr_portal.observing.provider import ask_provider
from kernel import outages
from kernel.storage import StorageAway, storage_answers

logger = logging.getLogger(__name__)

SECONDS = 3.0
# These are asked by those who need them: each minute for mail that comes in, and for each message.
ASKED_ANYWAY = {MAIL, "incoming"}


def used() -> dict[str, bool]:
    """Return for each service whether this portal has one of its kind."""
    return {
        MAIL: settings.SENDS_MAIL,
        "incoming": bool(settings.INBOUND_MAILBOX.url and settings.INBOUND_ADDRESS),
        "storage": not isinstance(default_storage, FileSystemStorage),
        "sign-in": bool(settings.OIDC.url),
        "timestamp": bool(settings.SEAL_TIMESTAMP_URL),
    }


def probe() -> None:
    is_used = used()
    for service, ask in PROBES.items():
        if not is_used[service]:
            outages.note_answer(service)
        elif not outages.is_paused(service) and _is_to_be_asked(service):
            _probe(service, ask)


def _is_to_be_asked(service: str) -> bool:
    return service not in ASKED_ANYWAY or outages.began(service) is not None


def _probe(service: str, ask: Callable[[], None]) -> None:
    try:
        ask()
    except Exception as error:
        logger.error("The service %s does not answer: %s", service, type(error).__name__)
        outages.note_failure(service, error)
    else:
        outages.note_answer(service)


def _ask_mail_server() -> None:
    connection = get_connection(timeout=SECONDS)
    try:
        connection.open()
    finally:
        connection.close()


def _ask_storage() -> None:
    if not storage_answers():
        raise StorageAway


def _ask_timestamp_authority() -> None:
    try:
        with urllib.request.urlopen(settings.SEAL_TIMESTAMP_URL, timeout=SECONDS) as answer:
            answer.read(1)
    except urllib.error.HTTPError as answer:  # it answers: a question without a document is none
        answer.close()


PROBES: dict[str, Callable[[], None]] = {
    MAIL: _ask_mail_server,
    "storage": _ask_storage,
    "sign-in": ask_provider,
    "timestamp": _ask_timestamp_authority,
}
