"""The page on which an auditor without a shell checks the access log."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.checkpoints import public_key
from accounts.log_check import keep_checkpoint
from accounts.log_words import WORDS
from accounts.models import AccessEvent
from committees.models import SeatTerm
from projects.models import Assignment, Participation
from reports.downloads import DownloadWay
from reports.models import DocumentKind
from tests.factories import AssignmentFactory, UserFactory
from tests.triggers import triggers_off

pytestmark = pytest.mark.django_db

URL = "/access-log/check/"
FILE = "/access-log/checkpoints/"


@pytest.fixture(autouse=True)
def checkpoints(tmp_path, settings):
    settings.ACCESS_LOG_CHECKPOINTS = tmp_path / "checkpoints.jsonl"


@pytest.fixture
def auditor(client):
    person = UserFactory(full_name="Audit 01", language="en")
    ends_on = timezone.localdate() + timedelta(days=30)
    AssignmentFactory(user=person, role="auditor", ends_on=ends_on)
    client.force_login(person)
    return person


@pytest.fixture
def state(auditor):
    for _ in range(3):
        AccessEvent.record("sign_in", user=auditor)
    return keep_checkpoint()


def page(response):
    assert response.status_code == 200
    return response.content.decode()


def test_an_auditor_checks_against_the_portals_own_checkpoints(client, state):
    assert "The log is intact" not in page(client.get(URL))

    found = page(client.post(URL))

    assert "The log is intact" in found
    assert "1 checkpoint kept by the portal" in found
    assert "3, numbers 1 to 3" in found
    assert public_key().replace("+", "&#x2B;") in found or public_key() in found


@pytest.mark.parametrize("way", ["text", "file"])
def test_an_auditor_checks_against_one_that_was_kept_elsewhere(client, state, way):
    given = state.line
    if way == "file":
        given = SimpleUploadedFile("checkpoints.txt", state.line.encode())

    found = page(client.post(URL, {way: given}))

    assert "The log is intact" in found
    assert "1 checkpoint that you provided" in found


def test_missing_events_are_named_in_plain_words(client, state):
    with triggers_off():
        AccessEvent.objects.filter(number=2).delete()

    found = page(client.post(URL, {"text": state.line}))

    assert "The log is not intact" in found
    assert "Event 2 is missing." in found
    assert "The log is intact" not in found


def test_a_checkpoint_of_another_portal_does_not_accuse_the_log(client, state):
    foreign = json.dumps(state.values | {"key": "0" * 16})

    found = page(client.post(URL, {"text": f"{state.line}\n{foreign}"}))

    assert "Some of the checkpoints cannot be used" in found
    assert "was not signed by this portal, or was altered" in found
    assert "1 checkpoint that you provided" in found
    assert "The log is not intact" not in found
    assert "The log is intact" not in found


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("fr", "L’événement 2 manque."), ("es", "Falta el evento 2."), ("en", "Event 2 is missing.")],
)
def test_in_three_languages(client, state, auditor, language, sentence):
    auditor.language = language
    auditor.save()
    with triggers_off():
        AccessEvent.objects.filter(number=2).delete()

    assert sentence in page(client.post(URL))


@pytest.mark.parametrize("text", ["no checkpoint", "   .   "])
def test_what_holds_no_checkpoint_is_refused_in_words(client, state, text):
    found = page(client.post(URL, {"text": text}))

    assert "It contains no checkpoint." in found
    assert "The log is intact" not in found


def test_a_file_that_is_too_large_is_refused_in_words(client, state):
    file = SimpleUploadedFile("checkpoints.txt", b" " * 5_000_001)

    assert "larger than 5 MB" in page(client.post(URL, {"file": file}))


def test_nobody_else_checks_it(client):
    ended = UserFactory()
    yesterday = timezone.localdate() - timedelta(days=1)
    AssignmentFactory(user=ended, role="auditor", ends_on=yesterday)
    coordinator = AssignmentFactory(role="coordinator").user
    for person in (ended, coordinator):
        client.force_login(person)
        assert client.get(URL).status_code == client.post(URL).status_code == 404
        assert client.get(FILE).status_code == 404
        assert "/access-log/" not in page(client.get("/people/me/"))


def test_an_auditor_finds_the_page_and_takes_the_checkpoints_along(client, state):
    assert URL in page(client.get("/people/me/"))
    assert "/access-log/&quot;" not in page(client.get(URL))

    taken = client.get(FILE)

    assert taken.content.decode() == f"{state.line}\n"
    assert taken.headers["Content-Disposition"] == 'attachment; filename="checkpoints.txt"'


def test_an_administrator_comes_from_the_log(client):
    client.force_login(UserFactory(is_staff=True))

    assert URL in page(client.get("/access-log/"))
    assert page(client.get(URL))


def test_the_number_of_queries_does_not_grow(client, state, django_assert_max_num_queries):
    counts = []
    for numbers in (range(1), range(1, 30)):
        for _ in numbers:
            AccessEvent.record("sign_in", user=None)

        # The session, the user, whether an auditor; the chain, its events, and twice where it begins;
        # the begin and the end of the transaction. Then who is behind the keys, twice; and the
        # migrations, triggers, functions and rules of the database.
        with django_assert_max_num_queries(30) as statements:
            client.post(URL, {"text": state.line})
        counts.append(len(statements))

    few, many = counts
    assert many <= few


# The page of the events


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ["rôle : Lecture", "changement : ajouté", "jusqu’au : 3 mai 2030", "numéro-9"]),
        ("es", ["función: Lectura", "cambio: agregado", "hasta: 3 de mayo de 2030", "numéro-9"]),
        ("en", ["role: Reader", "change: added", "until: May 3, 2030", "numéro-9"]),
    ],
)
def test_details_are_in_the_reader_s_language(client, language, words):
    reader = UserFactory(is_staff=True, language=language, time_zone="America/Toronto")
    client.force_login(reader)
    details = {"role": "reader", "change": "added", "until": "2030-05-03", "name": "numéro-9"}
    AccessEvent.record("role", user=reader, **details)
    AccessEvent.record("role", user=reader, change={"is_staff": True})

    found = page(client.get("/access-log/")).replace("\xa0", " ")

    assert all(word in found for word in words)
    assert "Toronto" in found
    assert "is_staff" not in found


def test_every_kind_that_the_log_names_has_its_word():
    for key, choices in [
        ("role", [*Assignment.Role, *Participation.Role, *SeatTerm.Capacity]),
        ("document", list(DocumentKind)),
        ("format", list(DownloadWay)),
    ]:
        assert {str(choice.value) for choice in choices} <= set(WORDS[key]), key


def test_what_administrators_do_for_persons_is_no_change_of_a_sign_in(client):
    client.force_login(UserFactory(is_staff=True, language="en"))
    AccessEvent.record("account", user=None, change="hold placed")
    AccessEvent.record("account", user=None, change="password_changed")

    kinds = [row["kind"] for row in client.get("/access-log/").context["page"]]

    assert kinds == ["Password or second step changed", "Personal data"]


def test_another_file_is_no_broken_checkpoint(client, state):
    """Thousands of braces in a PDF are no checkpoints that somebody cut or altered."""
    file = SimpleUploadedFile("report.pdf", b"%PDF-1.7 {1 0 obj << {} >> { stream \xff\xfe {")
    found = page(client.post(URL, {"file": file}))

    assert "It contains no checkpoint." in found
    assert "begins like a checkpoint" not in found
    empty = page(client.post(URL, {"file": SimpleUploadedFile("empty.txt", b"")}))
    assert "This file is empty" in empty
