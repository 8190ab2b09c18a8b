"""Minutes with an annex of names: who is in it, who may ask for it, and how it is asked for."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import translation

from committees.minutes.services.minutes import start_minutes
from reports.kinds import compose
from reports.models import About, DocumentKind, Rendition
from tests.factories import AttendanceFactory, ContactFactory, say
from tests.reports.test_documents import seal_minutes_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def present(world):
    """Present with their agreement, one who did not agree, a minor, and one with a pseudonym."""
    start_minutes(world.meeting, language="en")

    def came(name, institution="partner", **facts):
        contact = ContactFactory(
            institution=world.institutions[institution],
            full_name=name,
            **{"may_be_named": True} | facts,
        )
        AttendanceFactory(
            meeting=world.meeting,
            seat=None,
            contact=contact,
            institution=contact.institution,
            guest_name=name,
        )
        return contact

    came("Agreed Person")
    came("Silent Person", may_be_named=False)
    came("Minor Person", is_minor=True, may_be_named=False)
    came("Hidden Person", is_pseudonymous=True)
    return came


def text_of(world, audience="committee"):
    about = About(world.meeting, DocumentKind.NAMED_MINUTES)
    return str(compose(about, language="en", audience=audience, as_of=date.today()))


def test_only_those_are_named_who_agreed(world, present):
    text = text_of(world)

    assert "Agreed Person" in text
    assert not any(name in text for name in ("Silent Person", "Minor Person", "Hidden Person"))


def test_nobody_of_an_institution_that_the_readers_may_not_know_is_named(world, present):
    """Beside a neutral designation, the name of a director would tell which institution it is."""
    present("Director Person", "member")
    before = text_of(world)
    say(world.institutions["member"], "donor", "partners")

    assert "Director Person" in before
    assert "Director Person" not in text_of(world)


def test_where_nobody_agreed_the_annex_says_so(world):
    start_minutes(world.meeting, language="en")

    assert "Nobody present has agreed to be named." in text_of(world)


@pytest.mark.parametrize(
    ("ticked", "kind"), [({}, "minutes"), ({"names": "on"}, "minutes_with_names")]
)
def test_the_page_of_minutes_asks_whether_it_is_to_have_one(client, world, ticked, kind):
    seal_minutes_of(world.meeting)
    client.force_login(world.people["coordinator"])
    page = client.get(reverse("committees:minutes", args=[world.meeting.minutes.pk]))
    url = reverse("reports:document-request", args=["minutes", world.meeting.pk])

    client.post(url, {"languages": "en", "audience": "committee", **ticked})

    assert 'name="names"' in page.content.decode()
    assert Rendition.objects.get().snapshot.kind == kind


def test_members_are_not_asked_and_do_not_get_it(client, world):
    seal_minutes_of(world.meeting)
    client.force_login(world.people["member"])
    page = client.get(reverse("committees:minutes", args=[world.meeting.minutes.pk]))
    url = reverse("reports:document-request", args=["minutes", world.meeting.pk])

    refused = client.post(url, {"languages": "en", "audience": "committee", "names": "on"})

    assert 'name="names"' not in page.content.decode()
    assert (refused.status_code, Rendition.objects.count()) == (403, 0)
