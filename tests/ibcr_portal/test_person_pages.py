"""What the pages about personal data say next: how to undo, where to look, what is still to be done."""

from html import unescape

import pytest
from django.utils import timezone, translation

from accounts.models import OutgoingMail
from ibcr_portal.models import Consent, Erasure, PersonRequest
from partners.models import Contact
from tests.factories import ProposedChangeFactory, RenditionFactory
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
    [("picture", "Open the activity with the photograph"), ("quotation", "Withdraw the quotation")],
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


@pytest.mark.parametrize("has_account", [True, False])
def test_an_answer_needs_an_outcome_and_reaches_the_person_once(client, world, member, has_account):
    client.force_login(world.people["administrator"])
    who = {"user": member} if has_account else {"who": "Somebody, by telephone"}
    asked = PersonRequest.objects.create(kind="correct", text="My name.", **who)
    facts = {
        "kind": "correct",
        "text": "My name.",
        "received_on": asked.received_on.isoformat(),
        "due_on": asked.due_on.isoformat(),
        "answer": "The name was corrected.",
        "user": member.pk if has_account else "",
        "who": asked.who,
    }
    refused = shown(client.post(asked.get_absolute_url(), facts))
    assert "Choose the outcome, or leave out the answer for now." in refused
    assert not OutgoingMail.objects.exists()

    client.post(asked.get_absolute_url(), facts | {"outcome": "granted"})
    asked.refresh_from_db()
    today = timezone.localdate()
    assert (asked.answered_on, asked.outcome) == (today, "granted")
    facts |= {"outcome": "granted", "answered_on": today.isoformat(), "answer": "It is corrected."}
    client.post(asked.get_absolute_url(), facts)

    assert [mail.person for mail in OutgoingMail.objects.all()] == [member] * has_account
    if has_account:
        assert "/people/me/data/link/" in OutgoingMail.objects.get().text


def test_what_somebody_proposed_is_shown_in_words(client, world, member):
    police = world.institutions["member"]
    ProposedChangeFactory(by=member, field="responsible", old_value="", new_value=str(police.pk))
    client.force_login(member)
    page = shown(client.get("/people/me/data/"))

    assert "<dd>responsible</dd>" in page
    assert f"<dd>{police}</dd>" in page


def test_forgetting_answers_who_asked_for_it(client, world, settings, tmp_path):
    settings.ERASURES, settings.MAILBOX = tmp_path / "erasures.jsonl", tmp_path / "mail"
    outsider = world.people["outsider"]
    removal, correction = (
        PersonRequest.objects.create(kind=kind, text="Mine.", user=outsider)
        for kind in ("remove", "correct")
    )
    client.force_login(world.people["administrator"])

    client.post(f"/persons/of/u{outsider.pk}/forget/", {"understood": "on"})

    removal.refresh_from_db()
    correction.refresh_from_db()
    assert (removal.outcome, removal.answer) == ("granted", "The person was forgotten.")
    assert correction.is_open
