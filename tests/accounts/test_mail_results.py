"""What the receiving mail server says of a sender: headers that deceive prove nothing, and no honest message
is lost without a word (`mail_in/results_*.txt`)."""

from pathlib import Path

import pytest
from django.db import transaction
from django.utils import translation

from accounts.mail_in.addresses import reply_address
from accounts.mail_in.intake import receive
from accounts.models import IncomingMail, OutgoingMail
from projects.models import MailNote
from tests.factories import AssignmentFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db

FOLDER = Path(__file__).parent / "mail_in"
OTHER_HEADERS = (
    *("Received:", "Received-SPF:", "DKIM-Signature:", "X-Spam:", "ARC-Authentication-Results:"),
    *("X-Authentication-Results:", "Authentication-Results-Original:"),
)


def lines_of(name):
    lines = (FOLDER / name).read_text().splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def message(headers, domain, to):
    head = [
        one if one.startswith(OTHER_HEADERS) else f"Authentication-Results: {one}"
        for one in headers.replace("\\n", "\n").split(" ¶ ")
    ]
    head += [f"From: Role <member@{domain}>", f"To: {to}", "Message-ID: <1@example.org>"]
    return "\n".join([*head, "Content-Type: text/plain", "", "I agree."]).encode()


@pytest.fixture(autouse=True)
def checks_senders(settings):
    settings.INBOUND_ADDRESS = "reply@portal.example.org"
    settings.INBOUND_AUTHSERV_ID = "mx.example.net"
    with translation.override("en"):
        yield


@pytest.fixture
def person():
    return UserFactory(language="en")


@pytest.fixture
def project(person):
    project = ProjectFactory()
    AssignmentFactory(project=project, role="coordinator")
    AssignmentFactory(project=project, user=person, role="reader")
    return project


def became(person, project, domain, headers):
    """Return the outcome, whether something was recorded, and how many messages the person got. Each
    message comes for itself: so many of one day would be too many."""
    person.email = f"member@{domain}"
    person.save()
    with transaction.atomic():
        row = receive(message(headers, domain, reply_address(project, person)))
        is_recorded = MailNote.objects.exclude(text="").exists()
        letters = OutgoingMail.objects.filter(person=person).count()
        transaction.set_rollback(True)
    return (row.outcome, is_recorded, letters)


def test_no_header_that_deceives_is_taken_for_proof(person, project):
    hostile = lines_of("results_hostile.txt")

    taken = [
        headers
        for domain, headers in hostile
        if became(person, project, domain, headers)[:2] != (IncomingMail.Outcome.REFUSED, False)
    ]

    assert len(hostile) >= 200
    assert taken == []


def test_no_honest_message_is_lost_without_a_word(person, project):
    honest = lines_of("results_honest.txt")
    expected = {
        "taken": (IncomingMail.Outcome.TAKEN, True, 1),
        "told": (IncomingMail.Outcome.REFUSED, False, 1),
    }

    otherwise = [
        (kind, headers)
        for kind, domain, headers in honest
        if became(person, project, domain, headers) != expected[kind]
    ]

    assert len(honest) >= 200
    assert otherwise == []
