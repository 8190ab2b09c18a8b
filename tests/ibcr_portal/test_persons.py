"""The rights of persons, and the registers of those who look after them."""

import json
import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AccessEvent, AccessLink, Hold, OutgoingMail, Pseudonym, User
from accounts.retention import apply_retention, retention_rules
from committees.models import SeatTerm
from ibcr_portal.models import Consent, Erasure, LockedAway, PersonRequest, PrivacyIncident
from ibcr_portal.periodic_tasks import BEAT_SCHEDULE
from ibcr_portal.persons.own_data import MOST_SHOWN, NOT_SHOWN, OWN_WORDS
from ibcr_portal.persons.places import SECRET, Tie, places
from ibcr_portal.persons.searching import DataSubject
from kernel.choosing import MANY
from kernel.pages import ROWS_ON_A_PAGE
from partners.models import Contact
from projects.models import Representation
from tests.accounts.doors import CODE, CONFIRM, code_of
from tests.factories import ContactFactory, PeriodFactory, RenditionFactory, UserFactory
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ERASURES = tmp_path / "erasures.jsonl"
    settings.MAILBOX = tmp_path / "mail"


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


@pytest.fixture
def administrator(world):
    return world.people["administrator"]


# What the portal knows about me


def test_everybody_sees_what_the_portal_knows_about_them(client, world, member):
    AccessEvent.record(AccessEvent.Kind.SIGN_IN, user=member, method="code")
    AccessLink.issue(member, "calendar", member, by=member)
    client.force_login(member)

    page = client.get("/people/me/data/").content.decode()
    content = json.loads(client.get("/people/me/data/file/").content)

    assert "Terms of office" in page
    assert content["account"][0]["email"] == member.email
    assert content["directory"][0]["full_name"] == member.contacts.get().full_name
    assert set(content["about"]) >= {"committees.SeatTerm", "accounts.AccessLink"}
    assert content["access_log"][0]["kind"] == "link_issued"


def test_the_page_says_in_words_what_the_rows_say(client, world, member):
    """A count alone, or a file for programs, says little to somebody on a telephone."""
    link, _token = AccessLink.issue(member, "calendar", member, by=world.people["coordinator"])
    world.item.proposed_by = member
    world.item.proposal_reason, world.item.notes = "A reason of mine", "A note of the minutes-taker"
    world.item.save()
    client.force_login(member)

    page = unescape(client.get("/people/me/data/").content.decode())

    assert str(SeatTerm.objects.get(contact__user=member).seat) in page
    assert "calendar of meetings" in page
    assert "A reason of mine" in page
    assert [one for one in ("A note of", link.token_hash, "token_hash") if one in page] == []


def test_long_tables_are_cut_and_lead_to_the_file(client, world, member):
    for number in range(MOST_SHOWN + 3):
        OutgoingMail.objects.create(person=member, subject=f"Message {number}.")
    client.force_login(member)

    page = client.get("/people/me/data/").content.decode()

    assert f"Message {MOST_SHOWN - 1}." in page
    assert f"Message {MOST_SHOWN}." not in page
    assert "3 more are in the file" in page


def test_the_file_has_no_secret_and_nobody_else(client, world, member):
    """A password, the hash of a link or somebody else's name would be a gift to a thief."""
    AccessLink.issue(member, "calendar", member, by=world.people["coordinator"])
    secret = Pseudonym.of(member).secret
    client.force_login(member)

    text = client.get("/people/me/data/file/").content.decode()

    assert member.password not in text
    assert AccessLink.objects.get().token_hash not in text
    assert secret not in text
    others = [person.email for role, person in world.people.items() if role != "member"]
    assert [address for address in others if address in text] == []
    assert {"password", "token_hash", "session_key"} <= SECRET


def test_the_file_has_the_person_s_own_words_alone(client, world, member):
    """Others write into the same rows: notes of the meeting, why somebody represents it, mail."""
    world.item.proposed_by = member
    world.item.proposal_reason, world.item.notes = "A reason of mine", "A note of the minutes-taker"
    world.item.save()
    Representation.objects.filter(contact__user=member).update(reason="A rumour about them")
    OutgoingMail.objects.create(person=member, subject="Your code", text="Code 123456")
    client.force_login(member)

    content = json.loads(client.get("/people/me/data/file/").content)

    written = content["written"]["committees.AgendaItem"][0]
    assert set(written) == {"id", "title_fr", "proposal_reason"}
    assert content["about"]["accounts.OutgoingMail"][0]["subject"] == "Your code"
    everything = json.dumps(content)
    assert [one for one in ("note of", "rumour", "123456") if one in everything] == []


def test_each_table_with_words_of_a_person_says_which_are_theirs():
    words = {place.name: place for place in places() if Tie.WORDS in place.ties.values()}
    earlier = {name for name, place in words.items() if hasattr(place.model, "instance_type")}

    hidden = {model._meta.label for model in NOT_SHOWN}
    assert set(OWN_WORDS) == set(words) - earlier - hidden
    for name, own in OWN_WORDS.items():
        assert own <= {field.name for field in words[name].model._meta.concrete_fields}


def test_who_only_uses_links_gets_a_code_first(client, member):
    answer = client.get("/people/me/data/link/")
    assert answer.url == "/accounts/login/code/?next=%2Fpeople%2Fme%2Fdata%2F"

    own = "/people/me/data/"
    assert f'value="{own}"' in client.get(answer.url).content.decode()
    asked = client.post(CODE, {"email": member.email, "next": own})
    assert f'value="{own}"' in client.get(asked.url).content.decode()
    confirmed = client.post(CONFIRM, {"code": code_of(mail.outbox[0]), "next": own})

    assert confirmed.url == "/people/me/data/"
    assert client.get(confirmed.url).status_code == 200


def test_a_request_reaches_administrators_with_its_day(client, member, administrator):
    client.force_login(member)
    client.post("/people/me/data/ask/", {"kind": "correct", "text": "My name has an accent."})

    kept = PersonRequest.objects.get()
    assert (kept.user, kept.due_on) == (member, timezone.localdate() + timedelta(days=30))
    assert OutgoingMail.objects.filter(person=administrator).count() == 1
    client.force_login(administrator)
    assert "answer by" in client.get("/persons/").content.decode()
    assert kept.get_absolute_url() in client.get("/").content.decode()
    client.post(
        kept.get_absolute_url(),
        {
            "kind": "correct",
            "user": member.pk,
            "text": kept.text,
            "received_on": kept.received_on,
            "due_on": kept.due_on,
            "answered_on": timezone.localdate(),
            "outcome": "granted",
            "answer": "Corrected.",
        },
    )
    client.force_login(member)
    assert "Corrected." in client.get("/people/me/data/").content.decode()


# Forgetting and protecting, on pages


def test_names_looked_for_are_in_no_address(client, world, member, administrator):
    world.item.notes = "As Nombre Antiguo Ficticio said."
    world.item.save()
    client.force_login(administrator)
    address = f"/persons/of/u{member.pk}/"

    assert address in client.post("/persons/", {"q": member.full_name}).content.decode()
    assert address not in client.get("/persons/", {"q": member.full_name}).content.decode()
    found = client.post(address, {"also": "Nombre Antiguo Ficticio"}).content.decode()
    assert "Agenda items" in found
    assert 'value="Nombre Antiguo Ficticio"' in found
    assert (
        client.get(address, {"also": "Nombre Antiguo Ficticio"}).context["form"].is_bound is False
    )


def test_the_preview_shows_every_place_and_the_button_forgets(client, world, member, administrator):
    world.item.notes = f"As {member.full_name} said."
    world.item.save()
    client.force_login(administrator)
    address = f"/persons/of/u{member.pk}/"

    page = client.get(address).content.decode()
    assert "Terms of office" in page
    assert "Agenda items" in page
    again = client.post(f"{address}forget/", {"also": "Nombre Antiguo"}).content.decode()
    assert "tick the box" in again
    assert again.count("Nombre Antiguo") == 2  # in the search, and for the next try
    assert User.objects.filter(pk=member.pk, is_active=True).exists()
    answer = client.post(f"{address}forget/", {"also": "", "understood": "on"}, follow=True)

    erasure = Erasure.objects.get()
    told = unescape(answer.content.decode())
    assert erasure.pseudonym in told
    assert "Agenda items" in told
    assert [name for name in erasure.changed if name in told] == []
    member.refresh_from_db()
    assert (member.full_name, member.email, member.is_active) == (erasure.pseudonym, None, False)
    world.item.refresh_from_db()
    assert world.item.notes == f"As {erasure.pseudonym} said."


def test_what_is_locked_away_is_opened_by_administrators_and_logged(
    client, world, member, administrator
):
    AccessEvent.record(AccessEvent.Kind.SIGN_IN, user=member, method="code")
    name = member.full_name
    client.force_login(administrator)
    client.post(f"/persons/of/u{member.pk}/forget/", {"also": "", "understood": "on"})
    locked = LockedAway.objects.get()

    assert name not in client.get("/persons/locked/").content.decode()
    shown = client.post(f"/persons/locked/{locked.pk}/")
    assert name in unescape(shown.content.decode())
    assert AccessEvent.objects.about(locked).count() == 1
    for role in ("auditor", "coordinator"):
        client.force_login(world.people[role])
        assert client.get("/persons/locked/").status_code == 404
        assert client.post(f"/persons/locked/{locked.pk}/").status_code == 404


def test_one_step_protects_a_person(client, world, member):
    AccessLink.issue(member, "calendar", member, by=member)
    Contact.objects.filter(user=member).update(may_be_named=True)
    client.force_login(world.people["coordinator"])
    key = DataSubject.of_user(member).key

    assert "1 link or feed is open" in client.get(f"/persons/of/{key}/protect/").content.decode()
    client.post(f"/persons/of/{key}/protect/")

    contact = Contact.objects.get(user=member)
    assert (contact.is_pseudonymous, contact.may_be_named) == (True, False)
    assert not AccessLink.objects.valid().exists()
    member.refresh_from_db()
    assert member.is_active
    assert member.devices_forgotten_at
    client.force_login(world.people["outsider"])
    assert client.post(f"/persons/of/{key}/protect/").status_code == 404


@pytest.mark.parametrize("role", ["partner", "reader", "administrator"])
def test_protecting_has_a_way_there_and_back(client, world, role):
    """From the access of a representative, and from the team; an administrator comes from the
    page about the person."""
    person = world.people["partner" if role == "administrator" else role]
    client.force_login(world.people["administrator" if role == "administrator" else "coordinator"])
    pages = {
        "administrator": f"/persons/of/u{person.pk}/",
        "partner": Representation.objects.filter(contact__user=person).first(),
        "reader": reverse("projects:team", args=[world.project.code]),
    }
    start = pages[role] if isinstance(pages[role], str) else pages[role].get_absolute_url()

    links = re.findall(r'href="(/persons/of/[uc]\d+/protect/)"', client.get(start).content.decode())
    page = client.get(links[-1])

    assert page.context["cancel_url"]
    assert f'href="{page.context["cancel_url"]}"' in page.content.decode()
    assert client.get(page.context["cancel_url"]).status_code == 200


def test_the_coordination_protects_in_its_own_projects_alone(client, world, member):
    """Somebody with a role elsewhere too: what is there stays as it is, and is not shown."""
    User.objects.filter(pk=member.pk).update(full_name="Nom Caché Fictif")
    here = member.contacts.get()
    there = ContactFactory(institution=world.foreign_institution, user=member)
    AccessLink.issue(member, "meeting", world.meeting, by=member)
    AccessLink.issue(member, "calendar", member, by=member)
    client.force_login(world.people["coordinator"])
    documents = [
        RenditionFactory(
            snapshot__report__period=period,
            snapshot__data={"donor": {"fr": {"text": f"{here.full_name}, {there.full_name}"}}},
        )
        for period in (world.year, PeriodFactory(project=world.neighbour))
    ]
    address = f"/persons/of/u{member.pk}/protect/"

    page = unescape(client.get(address).content.decode())
    assert here.full_name in page
    assert "Nom Caché Fictif" not in page
    assert "Sessions and calendar feeds continue" in page
    assert [one.get_absolute_url() in page for one in documents] == [True, False]
    client.post(address)

    here.refresh_from_db()
    there.refresh_from_db()
    member.refresh_from_db()
    assert (here.is_pseudonymous, there.is_pseudonymous) == (True, False)
    assert [link.purpose for link in AccessLink.objects.valid()] == ["calendar"]
    assert member.devices_forgotten_at is None


def test_nobody_gets_power_over_a_person_by_entering_them(client, world):
    """A contact with somebody's address, or a place that is over or not confirmed, is no right."""
    outsider = world.people["outsider"]
    entered = ContactFactory(
        institution=world.institutions["partner"],
        full_name=outsider.full_name,
        email=outsider.email,
    )
    donor = world.people["donor"]
    Representation.objects.filter(contact__user=donor).update(confirmed_at=None)
    client.force_login(world.people["coordinator"])

    assert client.get(f"/persons/of/u{outsider.pk}/protect/").status_code == 404
    assert client.get(f"/persons/of/u{donor.pk}/protect/").status_code == 404
    assert client.get(f"/persons/of/c{entered.pk}/protect/").status_code == 200
    Representation.objects.filter(contact=entered).update(ended_at=timezone.now())
    assert client.get(f"/persons/of/c{entered.pk}/protect/").status_code == 404


# Who is meant


def test_a_shared_address_does_not_make_one_person_of_several(client, world, member, administrator):
    """An entry with the address counts if it has the name too; others are shown as a hint."""
    institution = world.institutions["member"]
    same, colleague = (
        ContactFactory(institution=institution, full_name=name, email=member.email)
        for name in (member.full_name.upper(), "Collègue Fictif")
    )
    found = DataSubject.of_user(member)

    assert same in found.contacts
    assert found.others_at_address == [colleague]
    client.force_login(administrator)
    page = unescape(client.get(f"/persons/of/u{member.pk}/").content.decode())
    assert "the same address but a different name: Collègue Fictif" in page
    client.force_login(member)
    own = json.loads(client.get("/people/me/data/file/").content)
    assert [entry["id"] for entry in own["directory"]] == [member.contacts.get().pk]


# Registers


def test_a_serious_incident_waits_for_its_report_and_is_kept_five_years(client, administrator):
    client.force_login(administrator)
    facts = {
        "what": "A laptop was stolen.",
        "data": "Addresses of contacts.",
        "noticed_on": "2026-03-01",
        "risk": "serious",
        "assessed_on": "",
    }
    refused = client.post("/persons/incidents/new/", facts)
    assert "Say on which day it was assessed." in refused.content.decode()

    client.post("/persons/incidents/new/", facts | {"assessed_on": "2026-03-02"})
    incident = PrivacyIncident.objects.get()
    assert str(incident.waits_for) == "Report it to the authority"
    assert incident.kept_until == date(2031, 3, 1)
    incident.reported_on = incident.notified_on = date(2026, 3, 3)
    assert incident.waits_for == ""


def test_a_consent_ends_when_it_is_withdrawn(client, administrator):
    client.force_login(administrator)
    facts = {
        "who": "Participant of a workshop",
        "purpose": "picture",
        "details": "Photograph of the workshop, for the report.",
        "channel": "letter",
        "evidence": "Form of the workshop",
        "given_on": "2026-03-01",
    }
    client.post("/persons/consents/new/", facts)
    consent = Consent.objects.get()
    assert consent.is_valid
    client.post(consent.get_absolute_url(), facts | {"withdrawn_on": "2026-04-01"})
    consent.refresh_from_db()
    assert not consent.is_valid


def test_each_register_is_shown_in_pages(client, administrator):
    for number in range(ROWS_ON_A_PAGE + 1):
        PersonRequest.objects.create(kind="see", who=f"Somebody {number}.", text="Everything.")
        Consent.objects.create(
            who=f"Person {number}.",
            **{"purpose": "name", "details": "x", "channel": "letter", "evidence": "x"},
            recorded_by=administrator,
        )
    client.force_login(administrator)

    first = client.get("/persons/").content.decode()
    second = client.get("/persons/?requests=2").content.decode()

    assert 'href="?requests=2" rel="next"' in first
    assert 'href="?requests=1" rel="prev"' in second
    assert 'href="?requests=2&amp;consents=2" rel="next"' in second
    assert [page.count("Somebody ") for page in (first, second)] == [ROWS_ON_A_PAGE, 1]
    assert [page.count("Person ") for page in (first, second)] == [ROWS_ON_A_PAGE] * 2


def test_an_answer_has_a_day_an_outcome_and_words():
    request = PersonRequest(kind="see", who="x", text="y", answered_on=timezone.localdate())
    with pytest.raises(ValidationError, match="An answer needs a day"):
        request.full_clean()


# How long


def test_a_hold_is_placed_and_lifted_and_stops_deletion(client, world, administrator):
    client.force_login(administrator)
    old = PersonRequest.objects.create(
        kind="see", who="x", text="y", answered_on="2015-01-01", outcome="granted", answer="z"
    )
    client.post("/persons/holds/new/", {"covers": "everything", "reason": "Letter of the court."})
    hold = Hold.objects.get()
    assert apply_retention() == {}

    client.post(f"/persons/holds/{hold.pk}/lift/")
    assert apply_retention()["registers"] == 1
    assert not PersonRequest.objects.filter(pk=old.pk).exists()


def test_days_that_make_no_sense_are_refused_and_kept(client, administrator):
    """A hold that is over would hold nothing back, and nobody would notice."""
    client.force_login(administrator)
    tomorrow = timezone.localdate() + timedelta(days=1)

    hold = {"covers": "everything", "reason": "Audit.", "until": "2020-01-01"}
    page = client.post("/persons/holds/new/", hold).content.decode()
    assert "This day has passed" in page
    assert 'value="2020-01-01"' in page
    incident = {"what": "A lost message.", "data": "Addresses.", "risk": "open"}
    page = client.post("/persons/incidents/new/", incident | {"noticed_on": f"{tomorrow}"})
    assert "in the future" in page.content.decode()
    assert not Hold.objects.exists()
    assert not PrivacyIncident.objects.exists()


def test_of_many_people_one_is_found_by_name_or_address(client, world, administrator):
    UserFactory.create_batch(MANY)
    client.force_login(administrator)
    twins = [
        UserFactory(full_name="Rósa Ficticia", email=f"rosa{one}@example.org") for one in (1, 2)
    ]

    def place(covers):
        facts = {"covers": covers, "reason": "Audit.", "until": ""}
        return unescape(client.post("/persons/holds/new/", facts).content.decode())

    assert 'type="search" name="covers"' in client.get("/persons/holds/new/").content.decode()
    assert "Nothing here has this name" in place("Nobody at all")
    several = place("rosa fic")
    assert "Several have this name: choose one of them." in several
    assert re.findall(r'<option value="(user-\d+)"', several) == [f"user-{one.pk}" for one in twins]
    place(f"user-{twins[1].pk}")
    place("rosa1@example.org")
    place("everything")
    held = [hold.thing for hold in Hold.objects.order_by("pk")]
    assert held == [twins[1], twins[0], None]

    facts = {"kind": "see", "user": "rosa2@example.org", "text": "x"}
    days = {"received_on": timezone.localdate(), "due_on": timezone.localdate()}
    client.post("/persons/requests/new/", facts | days)
    request = PersonRequest.objects.get()
    assert request.user == twins[1]
    shown = client.get(request.get_absolute_url()).content.decode()
    assert 'value="Rósa Ficticia (rosa2@example.org)"' in shown


def test_a_hold_covers_an_entry_of_the_directory(client, world, administrator):
    entry = ContactFactory(
        institution=world.institutions["partner"], full_name="Sin Cuenta", represents=False
    )
    client.force_login(administrator)

    client.post("/persons/holds/new/", {"covers": f"entry-{entry.pk}", "reason": "Audit."})

    hold = Hold.objects.get()
    assert DataSubject.of_contact(entry).holds == [hold]
    assert str(hold) == str(entry)
    entry.delete()
    assert str(Hold.objects.get()) == "Something that no longer exists"


def test_each_kind_of_data_has_a_period_and_what_deletes_it(client, administrator):
    rules = retention_rules()
    tasks = {entry["task"] for entry in BEAT_SCHEDULE.values()}

    assert len({rule.key for rule in rules}) == len(rules)
    assert {rule.task for rule in rules} - {""} <= tasks
    public = unescape(client.get("/privacy/").content.decode())
    client.force_login(administrator)
    internal = unescape(client.get("/persons/retention/").content.decode())
    for rule in rules:
        assert str(rule.what) in public
        assert rule.period() in public
        assert rule.source in internal


@pytest.mark.parametrize("name", ["persons:own-link", "persons:own-request"])
def test_each_promise_of_the_privacy_page_has_its_button(client, name):
    assert reverse(name) in client.get("/privacy/").content.decode()


def test_each_way_of_referring_to_a_person_is_known():
    kinds = {tie for place in places() for tie in place.ties.values()}
    assert kinds == set(Tie)
