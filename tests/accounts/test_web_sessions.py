"""People see where they are signed in and end it; a session that nobody uses ends by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import AccessEvent, OutgoingMail
from accounts.tasks import forget_what_is_old
from committees.models import Sitting
from tests.accounts.doors import LOGIN, sign_in
from tests.factories import MeetingFactory, ReportFactory, UserFactory
from tests.world import World

pytestmark = pytest.mark.django_db

SESSIONS = "/people/me/sessions/"
PAGE = "/people/me/"
NOW = datetime(2026, 11, 27, 15, tzinfo=UTC)


@pytest.fixture
def person():
    return UserFactory()


@pytest.fixture
def limit(settings, time_machine):
    settings.IDLE_MINUTES = 60
    time_machine.move_to(NOW, tick=False)
    return time_machine


def is_in(client):
    return client.get(PAGE).status_code == 200


# The list


@pytest.fixture
def three(person):
    """The person's browsers, all signed in."""
    clients = [Client(), Client(), Client()]
    for client in clients:
        sign_in(client, person.email, headers={"user-agent": "Firefox/140.0 (Android)"})
    return clients


def test_people_see_their_own_sessions(three, person):
    sign_in(Client(), UserFactory().email)

    page = three[0].get(SESSIONS).content.decode()

    assert page.count("Firefox on Android") == 3
    assert page.count("this device") == 1
    assert page.count("/end/") == 2 + 2


def test_one_session_is_ended(three, person):
    here, there, _third = three
    page = here.get(SESSIONS)
    row = UserSession.objects.get(session_key=there.session.session_key)

    answer = here.post(f"{SESSIONS}{row.pk}/end/")

    assert answer.url == SESSIONS
    assert [is_in(client) for client in three] == [True, False, True]
    assert page.status_code == 200
    event = AccessEvent.objects.filter(kind="account").get()
    assert (event.key, event.details) == (person.pseudonym.key, {"change": "session ended"})


def test_nobody_ends_the_session_of_another(three):
    stranger = Client()
    sign_in(stranger, UserFactory().email)
    row = UserSession.objects.get(session_key=three[0].session.session_key)

    assert stranger.post(f"{SESSIONS}{row.pk}/end/").status_code == 404
    assert is_in(three[0])


@pytest.mark.parametrize(
    ("data", "left"), [({}, [True, False, False]), ({"here": ""}, [False] * 3)]
)
def test_all_sessions_are_ended(three, data, left):
    three[0].post(f"{SESSIONS}end/", data)

    assert [is_in(client) for client in three] == left


def test_after_that_other_devices_are_strange_ones(limit, three, person):
    limit.shift(5)
    three[0].post(f"{SESSIONS}end/")
    limit.shift(5)

    for client in three[:2]:
        client.post("/accounts/logout/")
        sign_in(client, person.email)
    # The two others had been strange once before.
    assert OutgoingMail.objects.filter(person=person).count() == 2 + 1


def test_what_ended_is_forgotten_at_night(three):
    Session.objects.exclude(session_key=three[0].session.session_key).delete()

    forget_what_is_old()

    assert UserSession.objects.get().session_key == three[0].session.session_key


def test_what_nobody_came_back_to_is_forgotten_at_night(limit, three, person):
    """Except for somebody at a live meeting. Whoever comes back later signs in again."""
    world, listener = World(), Client()
    meeting = MeetingFactory(committee=world.committee, status="in_session")
    Sitting.objects.create(meeting=meeting, opened_at=NOW - timedelta(minutes=10))
    sign_in(listener, world.people["coordinator"].email)
    limit.shift(timedelta(minutes=70))
    sign_in(three[0], person.email)

    forget_what_is_old()

    left = set(UserSession.objects.values_list("session_key", flat=True))
    assert left == {each.session.session_key for each in (three[0], listener)}
    assert [is_in(each) for each in (*three, listener)] == [True, False, False, True]


# The limit


def test_without_activity_one_signs_in_again_and_comes_back(client, person, limit):
    sign_in(client, person.email)
    limit.shift(timedelta(minutes=66))

    asked = client.get(PAGE)

    assert asked.url == f"{LOGIN}?next={PAGE}"
    page = client.get(asked.url).content.decode()
    assert "You were signed out after 60 minutes without activity." in page
    assert not UserSession.objects.exists()
    data = {"login": person.email, "password": "correct horse battery staple", "next": PAGE}
    assert client.post(LOGIN, data).url == PAGE


def test_each_page_is_activity(client, person, limit):
    client.force_login(person)

    for _ in range(5):
        limit.shift(timedelta(minutes=50))
        assert is_in(client)


def test_typing_is_activity(client, person, limit):
    client.force_login(person)

    for _ in range(3):
        limit.shift(timedelta(minutes=50))
        assert client.get("/people/me/here/").status_code == 204
    assert is_in(client)


def test_an_open_page_that_asks_by_itself_is_none(client, limit):
    world = World()
    client.force_login(world.people["coordinator"])
    report = ReportFactory(period=world.year, written_by=world.people["coordinator"])
    writing = f"{report.get_absolute_url()}sections/context/en/writing/"

    for _ in range(2):
        limit.shift(timedelta(minutes=40))
        answer = client.post(writing, headers={"hx-request": "true"})
    assert answer.status_code == 401
    assert not is_in(client)


def test_a_part_of_a_page_is_not_replaced_by_the_sign_in(client, person, limit):
    client.force_login(person)
    limit.shift(timedelta(minutes=66))

    assert client.get(PAGE, headers={"hx-request": "true"}).status_code == 401


def test_what_is_sent_too_late_leads_back_to_its_page(client, person, limit):
    client.force_login(person)
    limit.shift(timedelta(minutes=66))

    asked = client.post(PAGE, {}, headers={"referer": f"http://testserver{PAGE}"})

    assert asked.url == f"{LOGIN}?next={PAGE}"
    assert "What you typed has been kept." in client.get(asked.url).content.decode()


def test_what_was_sent_too_late_is_shown_to_the_same_person(client, person, limit):
    """A browser without scripts keeps nothing of a page behind the sign-in."""
    data = {"full_name": "Une longue phrase", "oldpassword": "some thing secret", "version": "12"}
    client.force_login(person)
    limit.shift(timedelta(minutes=66))
    client.post(PAGE, data, headers={"referer": f"http://testserver{PAGE}"})

    answer = sign_in(client, person.email, follow=True)

    assert '<a href="/people/me/unsaved/">' in answer.content.decode()
    page = client.get("/people/me/unsaved/")
    assert page.context["texts"] == [["full_name", "Une longue phrase"]]
    assert "Une longue phrase" in page.content.decode()


def test_what_was_sent_too_late_is_not_shown_to_the_next_person(client, person, limit):
    client.force_login(person)
    limit.shift(timedelta(minutes=66))
    client.post(PAGE, {"full_name": "Une longue phrase"})

    answer = sign_in(client, UserFactory().email, follow=True)

    assert "/people/me/unsaved/" not in answer.content.decode()
    assert client.get("/people/me/unsaved/").context["texts"] == []


def test_the_limit_of_two_weeks_holds_for_those_who_come_every_hour(
    client, person, limit, settings
):
    settings.SESSION_COOKIE_AGE = 3 * 3600  # as if it were two weeks
    client.force_login(person)
    for _ in range(3):
        limit.shift(timedelta(minutes=59))
        assert is_in(client)

    limit.shift(timedelta(minutes=4))

    assert not is_in(client)


def test_without_a_limit_nobody_is_signed_out(client, person, limit, settings):
    settings.IDLE_MINUTES = 0
    client.force_login(person)
    limit.shift(timedelta(days=3))

    assert is_in(client)


def test_a_use_is_written_down_once_in_five_minutes(
    client, person, limit, django_assert_max_num_queries
):
    client.force_login(person)
    with django_assert_max_num_queries(15) as statements:
        client.get("/people/me/here/")
    assert not [each["sql"] for each in statements if not each["sql"].startswith("SELECT")]

    limit.shift(301)
    client.get("/people/me/here/")
    assert UserSession.objects.get().last_seen_at == NOW + timedelta(seconds=301)


@pytest.mark.parametrize(
    ("role", "opened", "stays"),
    [
        ("coordinator", -10, True),
        ("member", -10, True),
        ("coordinator", 70, False),  # after they had gone
        ("outsider", -10, False),
    ],
)
def test_a_meeting_in_session_signs_nobody_out(client, limit, role, opened, stays):
    world = World()
    meeting = MeetingFactory(committee=world.committee, status="in_session")
    Sitting.objects.create(meeting=meeting, opened_at=NOW + timedelta(minutes=opened))
    client.force_login(world.people[role])

    limit.shift(timedelta(minutes=150))

    assert is_in(client) is stays


def test_a_meeting_that_nobody_closed_counts_for_a_day(client, limit):
    world = World()
    meeting = MeetingFactory(committee=world.committee, status="in_session")
    Sitting.objects.create(meeting=meeting, opened_at=NOW)
    client.force_login(world.people["coordinator"])

    limit.shift(timedelta(hours=25))

    assert not is_in(client)
