"""What the pages about personal data say next: how to undo, where to look, what is still to be done."""

from html import unescape

import pytest
from django.utils import translation

from ibcr_portal.models import Consent, Erasure
from partners.models import Contact
from tests.factories import RenditionFactory
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english(client):
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return World()


@pytest.fixture
def member(world):
    return world.people["member"]


def shown(answer):
    return unescape(answer.content.decode())


def test_who_is_protected_may_be_named_again(client, world, member):
    client.force_login(world.people["coordinator"])
    address = f"/persons/of/u{member.pk}/protect/"
    entry = member.contacts.get()
    entry_url = f"/partners/{entry.institution_id}/contacts/{entry.pk}/"

    before = shown(client.get(address))
    after = shown(client.post(address, follow=True))

    assert "The name is not hidden yet." in before
    assert entry_url not in before
    assert "The name is hidden." in after
    assert f'href="{entry_url}"' in after
    assert client.get(entry_url).status_code == 200


def test_no_name_counts_as_hidden_where_there_is_no_entry(client, world):
    """Somebody of the team has an account alone."""
    client.force_login(world.people["administrator"])
    page = shown(client.get(f"/persons/of/u{world.people['reader'].pk}/protect/"))

    assert "in no institution’s list of people" in page
    assert "The name is hidden." not in page


def test_documents_with_the_name_lead_to_where_they_are_replaced(client, world, member):
    name = Contact.objects.get(user=member).full_name
    RenditionFactory(
        snapshot__report__period=world.year,
        snapshot__data={"donor": {"fr": {"text": name}}},
    )
    client.force_login(world.people["coordinator"])
    page = shown(client.get(f"/persons/of/u{member.pk}/protect/"))

    address = f"/projects/{world.project.code}/reports/superseded/new/"
    assert f'href="{address}"' in page
    assert client.get(address).status_code == 200


def test_what_holds_a_forgotten_name_leads_to_its_page(client, world):
    client.force_login(world.people["administrator"])
    remains = [
        (f"committees.Meeting {world.meeting.pk}", "sealed"),
        ("committees.Meeting 999999", "sealed"),
        ("committees.Gone 5", "sealed"),
    ]
    erasure = Erasure.objects.create(pseudonym="P-00000001", remains=remains)

    page = shown(client.get(f"/persons/erasures/{erasure.pk}/"))

    assert f'href="{world.meeting.get_absolute_url()}"' in page
    assert "Meeting 999999" in page
    assert "committees.Gone 5" in page


@pytest.mark.parametrize(
    ("purpose", "says"),
    [("picture", "Open the activity with the photograph"), ("quotation", "Withdraw the words")],
)
def test_a_withdrawn_consent_says_what_is_still_to_be_done(client, world, purpose, says):
    client.force_login(world.people["administrator"])
    facts = {
        "who": "Participant of a workshop",
        "purpose": purpose,
        "details": "For the report.",
        "channel": "letter",
        "evidence": "Form of the workshop",
        "given_on": "2026-03-01",
    }
    given = client.post("/persons/consents/new/", facts, follow=True)
    address = Consent.objects.get().get_absolute_url()
    withdrawn = client.post(address, facts | {"withdrawn_on": "2026-04-01"}, follow=True)
    corrected = client.post(
        address, facts | {"evidence": "The form", "withdrawn_on": "2026-04-01"}, follow=True
    )

    assert [says in shown(each) for each in (given, withdrawn, corrected)] == [False, True, False]
