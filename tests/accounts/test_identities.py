"""Who is behind a key of the access log: a commitment that nobody exchanges unseen in the database,
and that nobody can open once the person is forgotten."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation

from accounts.identities import record_earlier_identities, record_erasure
from accounts.log_check import check_log, forget_events, keep_checkpoint
from accounts.models import AccessEvent, Pseudonym, User
from accounts.services import change_address
from tests.factories import UserFactory
from tests.triggers import triggers_off

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

Kind = AccessEvent.Kind


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def checkpoints(tmp_path, settings):
    settings.ACCESS_LOG_CHECKPOINTS = tmp_path / "checkpoints.jsonl"


@pytest.fixture
def person():
    return UserFactory(full_name="Membre 01", email="m01@example.org")


def sign_in(person):
    return AccessEvent.record(Kind.SIGN_IN, user=person, method="code")


def of_1_0(person):
    """A key as release 1.0 makes one, before the update or beside this version."""
    with connection.cursor() as cursor:
        key = uuid.uuid4()
        written = key.hex if connection.vendor == "sqlite" else str(key)
        columns = "INSERT INTO accounts_pseudonym (key, user_id) VALUES (%s, %s)"
        cursor.execute(columns, [written, person.pk])
    return key


def identities():
    return [event.details["change"] for event in AccessEvent.objects.filter(kind=Kind.IDENTITY)]


def rename(person, name):
    User.objects.filter(pk=person.pk).update(full_name=name)


def test_the_key_says_who_it_is_to_whoever_knows_the_secret(person):
    sign_in(person)

    assert person.pseudonym.key == person.pseudonym.commitment
    assert check_log("").problems == []


def test_a_form_that_was_not_saved_does_not_become_the_identity(person):
    person.full_name = "Typed and never saved"
    sign_in(person)

    assert check_log("").problems == []


def test_who_changes_their_name_or_address_in_the_portal_stays_the_same(client, person):
    sign_in(person)
    client.force_login(person)
    facts = {"full_name": "Membre 02", "language": "en", "time_zone": "America/Toronto"}

    assert client.post("/people/me/", facts).status_code == 302
    change_address(User.objects.get(pk=person.pk), "m02@example.org", by=person)

    person.refresh_from_db()
    assert (person.full_name, person.email) == ("Membre 02", "m02@example.org")
    assert identities() == ["identity changed"] * 2
    assert check_log("").problems == []


def test_an_administrator_may_change_them_too(client, person):
    sign_in(person)
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    facts = {"full_name": "Membre 03", "email": "m03@example.org", "language": "en"}
    facts |= {"time_zone": "America/Toronto", "is_active": "on"}

    assert client.post(f"/admin/accounts/user/{person.pk}/change/", facts).status_code == 302

    assert identities() == ["identity changed"]
    assert check_log("").problems == []


def test_a_change_in_the_database_is_covered_up_by_no_later_one_in_the_portal(client, person):
    sign_in(person)
    rename(person, "Somebody Else")
    client.force_login(person)
    facts = {"full_name": "Another Again", "language": "en", "time_zone": "America/Toronto"}

    client.post("/people/me/", facts)

    with translation.override("en"):  # the request was in the language of the person
        [problem] = check_log("").problems
    assert "not the person who was recorded" in problem


def test_an_erasure_is_told_apart_from_tampering(person):
    event = sign_in(person)
    record_erasure([person.pk], by=None)
    person.pseudonym.delete()

    check = check_log("")

    assert check.problems == []
    assert check.notes == ["1 person was forgotten, as the log records: nobody can say who it was."]
    with triggers_off():
        Pseudonym.objects.create(key=event.key, user=UserFactory(), secret="x")
    assert "not the person who was recorded" in check_log("").problems[0]


def test_keys_of_release_1_0_are_recorded_after_the_update(person):
    key = of_1_0(person)
    sign_in(person)
    assert check_log("").problems == []
    assert "version 1.0 made the key" in check_log("").notes[0]

    assert record_earlier_identities() == 1
    assert record_earlier_identities() == 0

    assert identities() == ["identity recorded"]
    assert Pseudonym.objects.get().key == key
    assert (check_log("").problems, check_log("").notes) == ([], [])
    rename(person, "Somebody Else")
    assert "not the person who was recorded" in check_log("").problems[0]


def test_release_1_0_may_go_on_beside_this_version(person):
    of_1_0(person)
    sign_in(person)
    record_earlier_identities()
    other = UserFactory()
    of_1_0(other)
    sign_in(other)

    keep_checkpoint()

    assert identities() == ["identity recorded"] * 2
    assert check_log("").problems == []


def test_the_key_of_somebody_whom_release_1_0_forgot_is_given_to_nobody(person):
    forgotten = UserFactory()
    key = of_1_0(forgotten)
    sign_in(forgotten)
    with triggers_off():
        Pseudonym.objects.filter(key=key).delete()
    of_1_0(person)
    sign_in(person)
    record_earlier_identities()
    assert check_log("").problems == []

    Pseudonym.objects.create(key=key, user=UserFactory())

    assert record_earlier_identities() == 0
    assert "not the person who was recorded" in check_log("").problems[0]


def test_what_old_events_record_is_recorded_again_before_they_go(person):
    of_1_0(person)
    sign_in(person)
    record_earlier_identities()

    assert forget_events(timezone.now() + timedelta(days=1)) == 2

    sign_in(person)
    assert identities() == ["identity renewed"]
    assert check_log("").problems == []
    rename(person, "Somebody Else")
    assert forget_events(timezone.now() + timedelta(days=1)) == 0


@pytest.mark.parametrize(
    "change", ["delete", "key", "user", "secret"]
)  # fmt: skip
def test_the_database_keeps_who_is_behind_a_key(person, change):
    sign_in(person)
    rows = Pseudonym.objects.filter(user=person)
    values = {"key": uuid.uuid4(), "user": UserFactory(), "secret": ""}

    with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
        rows.delete() if change == "delete" else rows.update(**{change: values[change]})


@pytest.mark.skipif(connection.vendor != "postgresql", reason="functions and rules of PostgreSQL")
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DROP TRIGGER accounts_events_stay ON accounts_accessevent", "is missing"),
        ("ALTER TABLE accounts_accessevent DISABLE TRIGGER accounts_events_stay", "switched off"),
        ("ALTER TABLE committees_minutes DISABLE TRIGGER ALL", "switched off"),
        (
            "CREATE OR REPLACE FUNCTION accounts_events_stay() RETURNS trigger"
            " AS $$ BEGIN RETURN COALESCE(NEW, OLD); END; $$ LANGUAGE plpgsql",
            "The function “accounts_events_stay” is missing or was changed",
        ),
        (
            "CREATE RULE swallow AS ON INSERT TO accounts_accessevent DO INSTEAD NOTHING",
            "“swallow”",
        ),
        ("ALTER TABLE accounts_accessevent ENABLE ROW LEVEL SECURITY", "“accounts_accessevent”"),
    ],
)  # fmt: skip
def test_what_the_owner_of_the_database_takes_away_or_adds_is_named(statement, words):
    assert check_log("").problems == []
    with connection.cursor() as cursor:
        cursor.execute(statement)

    assert words in check_log("").problems[0]
