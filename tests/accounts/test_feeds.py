"""A person gives a calendar an address that opens one file to it, until it is taken back."""

import pytest
from django.conf import settings
from django.urls import path
from django.utils import translation

from accounts.feeds import CalendarFeed
from accounts.models import AccessLink
from ibcr_portal import urls as portal
from tests.factories import UserFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.sqlite,
    pytest.mark.urls("tests.accounts.test_feeds"),
]

FEED = CalendarFeed(
    lambda person: f"{person.full_name} · {translation.get_language()}".encode(),
    purpose="tides",
    page_name="tides",
    file_view="tides-file",
    template="components/feed_page.html",
    file_name="tides.ics",
)
urlpatterns = [
    *portal.urlpatterns,
    path("tides/", FEED.page, name="tides"),
    path("tides/renew/", FEED.renew, name="tides-renew"),
    path("tides/revoke/", FEED.revoke, name="tides-revoke"),
    path("tides/<str:token>.ics", FEED.file, name="tides-file"),
]
handler404 = portal.handler404


@pytest.fixture
def person(client):
    person = UserFactory(full_name="Membre 01", language="es")
    client.force_login(person)
    return person


def renew(client):
    page = client.post("/tides/renew/")
    return page.context["url"].removeprefix(settings.SITE_URL)


def test_a_calendar_reads_the_file_of_its_person_in_their_language(client, person):
    address = renew(client)
    client.logout()

    response = client.get(address)

    assert response.content == "Membre 01 · es".encode()
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'inline; filename="tides.ics"'
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in response.headers["Cache-Control"]


def test_the_address_is_shown_once(client, person):
    made = client.post("/tides/renew/")
    later = client.get("/tides/")

    token = made.context["url"].rpartition("/")[2].removesuffix(".ics")
    assert made.context["url"] in made.content.decode()
    assert "no-store" in made.headers["Cache-Control"]
    assert token not in later.content.decode()
    assert later.context["link"] == AccessLink.objects.get()


def test_the_page_offers_to_revoke_only_what_there_is(client, person):
    before = client.get("/tides/").content.decode()
    renew(client)
    after = client.get("/tides/").content.decode()

    assert ("/tides/renew/" in before, "/tides/revoke/" in before) == (True, False)
    assert ("/tides/renew/" in after, "/tides/revoke/" in after) == (True, True)


def test_a_new_address_replaces_the_one_before(client, person):
    first, second = renew(client), renew(client)

    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)


def test_a_revoked_address_opens_nothing(client, person):
    address = renew(client)

    response = client.post("/tides/revoke/")

    assert response.url == "/tides/"
    assert client.get(address).status_code == 404
    assert client.get("/tides/").context["link"] is None


def test_revoking_leaves_the_feeds_of_others_and_other_feeds(client, person):
    other = UserFactory()
    _link, theirs = AccessLink.issue(other, "tides", other, by=other)
    _link, another = AccessLink.issue(person, "moons", person, by=person)

    client.post("/tides/revoke/")

    assert client.get(f"/tides/{theirs}.ics").status_code == 200
    assert AccessLink.objects.opened_by(another, "moons")


@pytest.mark.parametrize("purpose", ["moons", "tides"])
def test_a_link_for_another_purpose_or_thing_opens_no_feed(client, person, purpose):
    thing = person if purpose == "moons" else UserFactory()
    _link, token = AccessLink.issue(person, purpose, thing, by=None)

    assert client.get(f"/tides/{token}.ics").status_code == 404


def test_visitors_have_no_feed(client):
    assert client.get("/tides/").status_code == 302
    assert client.post("/tides/renew/").status_code == 302


@pytest.mark.parametrize(
    ("method", "path"), [("post", "/tides/"), ("get", "/tides/renew/"), ("get", "/tides/revoke/")]
)
def test_reading_changes_nothing(client, person, method, path):
    assert getattr(client, method)(path).status_code == 405
