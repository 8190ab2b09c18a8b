"""What the receiving mail server says of a sender: headers that deceive prove nothing, and no honest message
is lost without a word (`mail_in/results_*.txt`).

Every line is asked of `proves`. About ten of each kind also come in as messages, which shows that what it says
is what happens.
"""

from pathlib import Path

import pytest
from django.db import transaction
from django.utils import translation

from accounts.mail_in.addresses import reply_address
from accounts.mail_in.authentication_results import proves
from accounts.mail_in.intake import receive
from accounts.mail_in.parts import take_apart
from accounts.models import IncomingMail, OutgoingMail
from projects.models import MailNote
from tests.factories import AssignmentFactory, ProjectFactory, UserFactory

FOLDER = Path(__file__).parent / "mail_in"
SERVER = "mx.example.net"
OTHER_HEADERS = (
    *("Received:", "Received-SPF:", "DKIM-Signature:", "X-Spam:", "ARC-Authentication-Results:"),
    *("X-Authentication-Results:", "Authentication-Results-Original:"),
)
# Pictures of control characters, such as ␀, for the characters themselves.
PICTURES = {0x2400 + code: code for code in range(32)} | {0x2421: 0x7F}


def lines_of(name, fields):
    # Some headers hold characters at which splitlines() would divide.
    lines = (FOLDER / name).read_text().split("\n")
    return [line.split("\t", fields - 1) for line in lines if line and not line.startswith("#")]


def hostile():
    """Return the domain and the headers of each line."""
    return lines_of("results_hostile.txt", 2)


def honest(kind):
    """Return the same of the lines of a kind."""
    lines = lines_of("results_honest.txt", 3)
    return [(domain, headers) for each, domain, headers in lines if each == kind]


def about_ten(lines):
    return lines[:: len(lines) // 10]


def message(headers, domain, to):
    head = [
        one if one.startswith(OTHER_HEADERS) else f"Authentication-Results: {one}"
        for one in headers.translate(PICTURES).replace("\\n", "\n").split(" ¶ ")
    ]
    head += [f"From: Role <member@{domain}>", f"To: {to}", "Message-ID: <1@example.org>"]
    return "\n".join([*head, "Content-Type: text/plain", "", "I agree."]).encode()


def is_proved(domain, headers):
    parts = take_apart(message(headers, domain, "reply@portal.example.org"))
    return proves(parts, SERVER, domain.casefold())


@pytest.fixture(autouse=True)
def checks_senders(settings):
    settings.INBOUND_ADDRESS = "reply@portal.example.org"
    settings.INBOUND_AUTHSERV_ID = SERVER
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


def test_no_header_that_deceives_proves_anything():
    lines = hostile()

    taken = [headers for domain, headers in lines if is_proved(domain, headers)]

    assert len(lines) >= 200
    assert taken == []


def test_an_honest_message_is_proved_where_the_server_proves_it():
    proved, others = honest("taken"), honest("told")

    not_taken = [headers for domain, headers in proved if not is_proved(domain, headers)]
    not_told = [headers for domain, headers in others if is_proved(domain, headers)]

    assert len(proved) + len(others) >= 200
    assert (not_taken, not_told) == ([], [])


@pytest.mark.django_db
def test_what_deceives_is_refused(person, project):
    refused = (IncomingMail.Outcome.REFUSED, False)

    otherwise = [
        headers
        for domain, headers in about_ten(hostile())
        if became(person, project, domain, headers)[:2] != refused
    ]

    assert otherwise == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "outcome", "is_recorded"),
    [("taken", IncomingMail.Outcome.TAKEN, True), ("told", IncomingMail.Outcome.REFUSED, False)],
)
def test_no_honest_message_is_lost_without_a_word(kind, outcome, is_recorded, person, project):
    otherwise = [
        headers
        for domain, headers in about_ten(honest(kind))
        if became(person, project, domain, headers) != (outcome, is_recorded, 1)
    ]

    assert otherwise == []
