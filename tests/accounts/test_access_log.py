"""The access log: chained so that tampering shows, and read by administrators alone."""

import re
import threading
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessChain, AccessEvent, Pseudonym
from accounts.tasks import forget_what_is_old
from tests.factories import ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db

URL = "/access-log/"
Kind = AccessEvent.Kind


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


def verify():
    out = StringIO()
    call_command("verify_access_log", stdout=out)
    return out.getvalue()


# The chain


def test_a_whole_chain_is_ok(events):
    assert AccessEvent.objects.broken() == []
    assert verify() == "OK: 4 events.\n"


def test_an_empty_log_is_ok():
    assert verify() == "OK: 0 events.\n"


CHANGES = [
    {"kind": "sign_in"},
    {"key": None},
    {"object_id": 999_999},
    {"content_type": None},
    {"details": {}},
    {"details": {"name": "cafe"}},
    {"at": datetime(2020, 9, 3, 15, tzinfo=UTC)},
    {"hash": "0" * 64},
    {"previous": "0" * 64},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_changed_event_is_found(events, change):
    AccessEvent.objects.filter(pk=events[2].pk).update(**change)

    assert events[2].pk in AccessEvent.objects.broken()
    with pytest.raises(CommandError, match=str(events[2].pk)) as refused:
        verify()
    assert refused.value.returncode == 1


def test_a_changed_event_with_a_new_hash_breaks_the_next(events):
    event = AccessEvent.objects.get(pk=events[1].pk)
    event.details = {"role": "coordinator"}
    event.hash = event.computed_hash()
    event.save()

    assert AccessEvent.objects.broken() == [events[2].pk]


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_removed_event_breaks_the_next(events, position):
    AccessEvent.objects.filter(pk=events[position].pk).delete()

    assert AccessEvent.objects.broken() == [events[position + 1].pk]


def test_removed_last_events_are_missed(events):
    AccessEvent.objects.filter(pk__gte=events[2].pk).delete()

    assert AccessEvent.objects.broken() == []
    with pytest.raises(CommandError, match="last events are missing"):
        verify()


def test_a_log_that_was_emptied_is_missed(events):
    AccessEvent.objects.all().delete()

    with pytest.raises(CommandError, match="last events are missing"):
        verify()


def test_an_event_slipped_in_is_found(events):
    copy = AccessEvent.objects.get(pk=events[1].pk)
    copy.pk = None
    copy.save()

    assert AccessEvent.objects.broken() == [copy.pk]


def test_what_the_operator_did_has_no_key():
    event = AccessEvent.record(Kind.ROLE, user=None, change="invited")

    assert event.key is None
    assert AccessEvent.objects.broken() == []


def test_forgetting_a_person_leaves_the_chain_whole(events, person):
    Pseudonym.objects.get(user=person).delete()

    assert AccessEvent.objects.broken() == []
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
                AccessEvent.record(Kind.DOWNLOAD, user=person, number=number)
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
    assert AccessEvent.objects.count() == 30
    assert AccessEvent.objects.values("previous").distinct().count() == 30
    assert verify() == "OK: 30 events.\n"


def test_old_events_are_forgotten_and_the_rest_still_follows(person, settings, time_machine):
    now = timezone.now()
    for days in (400, 366, 200, 1):
        time_machine.move_to(now - timedelta(days=days), tick=False)
        AccessEvent.record(Kind.SIGN_IN, user=person, days=days)
    time_machine.move_to(now, tick=False)

    assert forget_what_is_old() == 2
    assert forget_what_is_old() == 0

    kept = list(AccessEvent.objects.order_by("pk"))
    assert [event.details["days"] for event in kept] == [200, 1]
    assert verify() == "OK: 2 events.\n"
    AccessEvent.record(Kind.SIGN_IN, user=person)
    assert verify() == "OK: 3 events.\n"
    AccessEvent.objects.filter(pk=kept[0].pk).delete()
    assert AccessEvent.objects.broken() == [kept[1].pk]


def test_a_log_may_be_forgotten_entirely(events, settings):
    settings.ACCESS_LOG_DAYS = 0

    assert forget_what_is_old() == 4

    assert verify() == "OK: 0 events.\n"
    assert AccessChain.objects.get().start == events[-1].hash


# The page


def rows(response):
    return [row["event"].pk for row in response.context["rows"]]


def test_administrators_read_who_did_what(client, administrator, events):
    page = client.get(URL).content.decode()

    assert "Membre 01" in page
    assert "Download" in page
    assert "café" in page


def test_a_forgotten_person_has_no_name_on_the_page(client, administrator, events, person):
    person.pseudonym.delete()

    page = client.get(URL).content.decode()

    assert "Membre 01" not in page
    assert page.count("a person who was forgotten") == 4


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


@pytest.mark.parametrize("count", [1, 3, 30])
def test_the_number_of_queries_does_not_grow(
    client, administrator, django_assert_num_queries, count
):
    project = ProjectFactory()
    for person in UserFactory.create_batch(count):
        AccessEvent.record(Kind.DOWNLOAD, user=person, thing=project)

    with django_assert_num_queries(5):  # session, user, count, page, people
        response = client.get(URL)

    assert len(rows(response)) == count


def test_pages_of_fifty(client, administrator, person):
    for number in range(51):
        AccessEvent.record(Kind.EXPORT, user=person, number=number)

    first, second = client.get(URL, {"kind": "export"}), client.get(URL, {"page": 2})

    assert [len(rows(answer)) for answer in (first, second)] == [50, 1]
    following = re.search(r'href="(\?[^"]+)" rel="next"', first.content.decode())[1]
    assert following == "?kind=export&amp;page=2"


def test_the_address_of_the_page():
    assert reverse("accounts:access-log") == URL
