"""The access log: chained so that tampering shows, and read by administrators alone."""

import re
import threading
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.identities import record_erasure
from accounts.log_check import check_log, forget_events, keep_checkpoint
from accounts.models import AccessChain, AccessEvent, Pseudonym, User
from accounts.tasks import forget_what_is_old
from tests.factories import InstitutionFactory, ProjectFactory, UserFactory
from tests.triggers import triggers_off

pytestmark = pytest.mark.django_db

URL = "/access-log/"
Kind = AccessEvent.Kind


@pytest.fixture(autouse=True)
def checkpoints(tmp_path, settings):
    settings.ACCESS_LOG_CHECKPOINTS = tmp_path / "checkpoints.jsonl"


@pytest.fixture
def person():
    return UserFactory(full_name="Membre 01")


@pytest.fixture
def administrator(client):
    user = UserFactory(full_name="Administration 01", is_staff=True)
    client.force_login(user)
    return user


@pytest.fixture
def events(person):
    """Four events, one per kind that has a thing."""
    project = ProjectFactory()
    return [
        AccessEvent.record(Kind.SIGN_IN, user=person, method="code"),
        AccessEvent.record(Kind.ROLE, user=person, thing=project, role="reader"),
        AccessEvent.record(Kind.DOWNLOAD, user=person, thing=project, name="café"),
        AccessEvent.record(Kind.EXPORT, user=person, thing=project, rows=3),
    ]


def verify(*arguments):
    out = StringIO()
    call_command("verify_access_log", *arguments, stdout=out)
    return out.getvalue()


def problems():
    return check_log("").problems


# The chain


def test_a_whole_chain_is_ok(events):
    assert problems() == []
    assert verify() == "OK: 4 events; 0 checkpoints; 4 events newer than the last one.\n"


def test_an_empty_log_is_ok():
    assert verify() == "OK: 0 events; 0 checkpoints; 0 events newer than the last one.\n"


CHANGES = [
    {"kind": "sign_in"},
    {"key": None},
    {"thing_key": "999999"},
    {"thing_label": "projects.activity"},
    {"thing_label": "", "thing_key": ""},
    {"details": {}},
    {"details": {"name": "cafe"}},
    {"at": datetime(2020, 9, 3, 15, tzinfo=UTC)},
    {"hash": "0" * 64},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_changed_event_is_found(events, change):
    with triggers_off():
        AccessEvent.objects.filter(pk=events[2].pk).update(**change)

    assert f" {events[2].pk} " in problems()[0]
    with pytest.raises(CommandError, match=f"Event {events[2].pk} ") as refused:
        verify()
    assert refused.value.returncode == 1


def test_a_removed_event_is_named(events):
    with triggers_off():
        AccessEvent.objects.filter(pk=events[1].pk).delete()

    with pytest.raises(CommandError, match=rf"^Event {events[1].pk} is missing\.$"):
        verify()


def test_removed_last_events_are_missed(events):
    with triggers_off():
        AccessEvent.objects.filter(pk__gte=events[2].pk).delete()

    with pytest.raises(CommandError, match=r"^Events 3 to 4 are missing\.$"):
        verify()


def test_a_log_that_was_emptied_is_missed(events):
    with triggers_off():
        AccessEvent.objects.all().delete()

    with pytest.raises(CommandError, match=r"^Events 1 to 4 are missing\.$"):
        verify()


def test_what_the_operator_did_has_no_key():
    event = AccessEvent.record(Kind.ROLE, user=None, change="invited")

    assert event.key is None
    assert problems() == []


def test_forgetting_a_person_leaves_the_chain_whole(events, person):
    record_erasure([person.pk], by=None)
    Pseudonym.objects.get(user=person).delete()

    assert problems() == []
    assert AccessEvent.objects.filter(key=events[0].key).count() == 4


@pytest.mark.django_db(transaction=True)
def test_two_who_write_at_once_make_one_chain():
    people = UserFactory.create_batch(2)
    together = threading.Barrier(2)
    failures = []

    def write(person):
        try:
            together.wait(10)
            for number in range(15):
                AccessEvent.record(Kind.DOWNLOAD, user=person, times=number)
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert [*AccessEvent.objects.order_by("number").values_list("number", flat=True)] == [
        *range(1, 31)
    ]
    assert verify() == "OK: 30 events; 0 checkpoints; 30 events newer than the last one.\n"


@pytest.mark.parametrize("attack", ["update", "delete", "all"])
def test_the_database_lets_no_event_be_changed_or_removed(events, attack):
    statements = {
        "update": "UPDATE accounts_accessevent SET kind = 'export' WHERE number = 1",
        "delete": "DELETE FROM accounts_accessevent WHERE number = 1",
        "all": "TRUNCATE accounts_accessevent"
        if connection.vendor == "postgresql"
        else "REPLACE INTO accounts_accessevent SELECT * FROM accounts_accessevent",
    }

    with (
        pytest.raises(IntegrityError, match="stay as they are"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statements[attack])

    assert problems() == []


@pytest.mark.django_db(transaction=True)
def test_the_log_survives_a_dump_and_its_restore(events, person, tmp_path):
    """As from SQLite to PostgreSQL: with other keys of content types and people."""
    names = ["--natural-foreign", "--natural-primary"]
    left_out = [f"--exclude={each}" for each in ("contenttypes", "auth.permission", "sessions")]
    dump = tmp_path / "dump.json"
    call_command("dumpdata", *names, *left_out, output=dump)
    with triggers_off():
        AccessEvent.objects.all().delete()
        AccessChain.objects.all().delete()
        User.objects.filter(pk=person.pk).delete()
        UserFactory()  # takes the key that the person had, on SQLite

    call_command("loaddata", dump)

    assert verify() == "OK: 4 events; 0 checkpoints; 4 events newer than the last one.\n"
    again = User.objects.get(full_name="Membre 01")
    assert AccessEvent.objects.filter(key=again.pseudonym.key).count() == 4


# How long events are kept


def test_old_events_are_forgotten_and_the_rest_still_follows(person, settings, time_machine):
    now = timezone.now()
    for days in (400, 366, 200, 1):
        time_machine.move_to(now - timedelta(days=days), tick=False)
        AccessEvent.record(Kind.SIGN_IN, user=person, days=days)
    time_machine.move_to(now, tick=False)
    before = keep_checkpoint()

    assert forget_what_is_old() == 2
    assert forget_what_is_old() == 0

    kept = list(AccessEvent.objects.order_by("pk"))
    assert [event.details.get("days") for event in kept] == [200, 1, None]
    assert kept[-1].kind == "pruned"
    assert kept[-1].details["checkpoint"]["sequence"] == 2
    assert verify() == "OK: 3 events; 1 checkpoints; 1 events newer than the last one.\n"
    assert check_log(before.line).newest == before
    AccessEvent.record(Kind.SIGN_IN, user=person)
    assert problems() == []
    with triggers_off():
        AccessEvent.objects.filter(pk=kept[0].pk).delete()
    assert problems() == ["L’événement 3 manque."]


def test_a_checkpoint_of_forgotten_events_is_no_contradiction(person, time_machine):
    now = timezone.now()
    states = []
    for days in (400, 380, 1):
        time_machine.move_to(now - timedelta(days=days), tick=False)
        AccessEvent.record(Kind.SIGN_IN, user=person)
        states.append(keep_checkpoint())
    time_machine.move_to(now, tick=False)
    forget_what_is_old()

    check = check_log("\n".join(state.line for state in states))

    assert check.problems == []
    assert (check.compared, len(check.notes), check.newest) == (3, 1, states[2])


def test_a_log_may_be_forgotten_entirely(events):
    assert forget_events(timezone.now() + timedelta(seconds=1)) == 4

    assert AccessEvent.objects.get().kind == "pruned"
    assert AccessEvent.objects.beginning().head == events[-1].hash
    assert verify() == "OK: 1 events; 0 checkpoints; 1 events newer than the last one.\n"


@pytest.mark.parametrize(
    ("ended", "kept"),
    [
        (timedelta(days=-30), True),
        (timedelta(days=6 * 365), True),
        (timedelta(days=8 * 365), False),
    ],
)
def test_events_stay_as_long_as_the_records_of_a_project(person, time_machine, ended, kept):
    now = timezone.now()
    today = timezone.localdate()
    ProjectFactory(
        starts_on=today - timedelta(days=3000),
        original_end=today - ended,
        current_end=today - ended,
    )
    time_machine.move_to(now - timedelta(days=2990), tick=False)
    AccessEvent.record(Kind.SIGN_IN, user=person)
    time_machine.move_to(now, tick=False)

    assert forget_what_is_old() == (not kept)


# The page


def rows(response):
    return [row["event"].pk for row in response.context["page"]]


def test_administrators_read_who_did_what(client, administrator, events):
    page = client.get(URL).content.decode()

    assert "Membre 01" in page
    assert "Download" in page
    assert "café" in page


def test_what_an_event_is_about_has_its_name(client, administrator):
    """A number says nothing, and what is gone has only that."""
    project, institution, gone = ProjectFactory(code="HN-9"), InstitutionFactory(), ProjectFactory()
    AccessEvent.record(Kind.ROLE, user=administrator, thing=institution, change="invited")
    AccessEvent.record(Kind.ROLE, user=administrator, thing=project, institution=institution.pk)
    AccessEvent.record(Kind.EXPORT, user=administrator, thing=gone)
    number = gone.pk
    gone.delete()

    last, of_project, of_institution = client.get(URL).context["page"]

    assert of_institution["about"] == [institution.name]
    assert of_project["about"] == [f"HN-9 · {project.short_title}"]
    assert dict(of_project["details"]) == {"institution": institution.name}
    assert last["about"] == [f"Project {number}"]


def test_a_forgotten_person_has_no_name_on_the_page(client, administrator, events, person):
    record_erasure([person.pk], by=None)
    person.pseudonym.delete()

    page = client.get(URL).content.decode()

    assert "Membre 01" not in page
    assert page.count("a person who was forgotten") >= 4


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_else_reads_it(client, events, person, method):
    assert getattr(client, method)(URL).status_code == 302

    client.force_login(person)

    assert getattr(client, method)(URL).status_code in {404, 405}
    assert client.get(URL).status_code == 404


def test_filters(client, administrator, events):
    AccessEvent.record(Kind.DOWNLOAD, user=administrator)
    today, tomorrow = timezone.localdate(), timezone.localdate() + timedelta(days=2)

    def count(**asked):
        return len(rows(client.get(URL, asked)))

    assert count(kind="download") == 2
    assert count(person="membre") == 4
    assert count(kind="download", person="Administration") == 1
    assert count(since=today - timedelta(days=1)) == 5
    assert count(since=tomorrow) == 0
    assert count(until=today - timedelta(days=2)) == 0
    assert count(person="Nobody") == 0


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "nonsense"},
        {"since": "yesterday"},
        {"until": "2026-02-30"},
        {"since": "0000-00-00"},
        {"person": "\x00"},
        {"person": "a" * 300},
        {"page": "-1"},
        {"page": "nonsense"},
        {"page": "9" * 30},
    ],
    ids=str,
)
def test_a_wrong_filter_narrows_nothing(client, administrator, events, asked):
    response = client.get(URL, asked)

    assert response.status_code == 200
    assert len(rows(response)) == 4


def test_an_empty_log_says_so(client, administrator):
    assert "No event" in client.get(URL).content.decode()


def test_the_number_of_queries_does_not_grow(client, administrator, django_assert_max_num_queries):
    project = ProjectFactory()
    counts = []
    for numbers in (range(1), range(1, 30)):
        for person in UserFactory.create_batch(len(numbers)):
            AccessEvent.record(Kind.DOWNLOAD, user=person, thing=project)

        # session, user, count, page, people, projects
        with django_assert_max_num_queries(15) as statements:
            response = client.get(URL)
        counts.append(len(statements))

        assert len(rows(response)) == numbers.stop

    few, many = counts
    assert many <= few


def test_pages_of_fifty(client, administrator, person):
    for number in range(51):
        AccessEvent.record(Kind.EXPORT, user=person, times=number)

    first, second = client.get(URL, {"kind": "export"}), client.get(URL, {"page": 2})

    assert [len(rows(answer)) for answer in (first, second)] == [50, 1]
    following = re.search(r'href="(\?[^"]+)" rel="next"', first.content.decode())[1]
    assert following == "?kind=export&amp;page=2"


def test_the_address_of_the_page():
    assert reverse("accounts:access-log") == URL
