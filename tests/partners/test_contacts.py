"""Contacts: shown to those who need them, invited, and without access once they have left."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import AccessEvent, AccessLink, User
from partners.models import Contact
from tests.factories import ContactFactory

pytestmark = pytest.mark.django_db

NEW = {
    "full_name": "Membre 99",
    "email": "m99@example.org",
    "language": "es",
    "sex": "unsaid",
    "phone": "+504 2222-0000",
}


@pytest.fixture
def institution(world):
    return world.institutions["partner"]


@pytest.fixture
def contact(institution):
    return ContactFactory(institution=institution, full_name="Membre 50", email="m50@example.org")


def url_of(page, institution, *contacts):
    return reverse(f"partners:{page}", args=[institution.pk, *(each.pk for each in contacts)])


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("administrator", True),
        ("coordinator", True),
        ("partner", True),
        ("monitoring", False),
        ("finance", False),
        ("reader", False),
        ("auditor", False),
        ("member", False),
        ("donor", False),
        ("embassy", False),
    ],
)
def test_contacts_are_shown_to_the_coordination_and_to_their_own_institution(
    client, institution, contact, sign_in, role, seen
):
    sign_in(role)

    content = client.get(institution.get_absolute_url()).content.decode()

    assert ("Membre 50" in content) == seen
    assert ("m50@example.org" in content) == seen


def test_who_coordinates_another_project_sees_no_contacts_of_this_one(
    client, world, institution, contact
):
    person = world.people["reader"]
    world.neighbour.assignments.create(user=person, role="coordinator")
    client.force_login(person)

    assert "Membre 50" not in client.get(institution.get_absolute_url()).content.decode()
    assert client.get(url_of("contact-edit", institution, contact)).status_code == 404


def test_a_contact_sent_twice_is_there_once(client, institution, coordinator):
    url = url_of("contact-create", institution)

    client.post(url, NEW)
    twice = client.post(url, NEW | {"full_name": "MEMBRE 99", "email": "M99@example.org"})

    assert twice.context["form"].errors == {
        "__all__": ["The institution already has this contact."]
    }
    assert Contact.objects.filter(email="m99@example.org").count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"full_name": ""},
        {"full_name": "x" * 300},
        {"email": "nonsense"},
        {"email": "a@example.org\nBcc: b@example.org"},
        {"language": "de"},
        {"is_minor": "on", "may_be_named": "on"},
        {"is_pseudonymous": "on", "may_be_named": "on"},
    ],
)
def test_a_contact_that_cannot_be_is_refused(client, institution, coordinator, changes):
    before = Contact.objects.count()

    response = client.post(url_of("contact-create", institution), NEW | changes)

    assert response.context["form"].errors
    assert Contact.objects.count() == before


def test_an_invited_contact_has_an_account_without_a_password_and_a_letter(
    client, institution, contact, coordinator, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url_of("contact-invite", institution, contact))

    contact.refresh_from_db()
    assert contact.user.email == "m50@example.org"
    assert not contact.user.has_usable_password()
    assert [letter.to for letter in mail.outbox] == [["m50@example.org"]]
    event = AccessEvent.objects.about(institution).get()
    assert event.details["change"] == "invited"
    assert "m50" not in str(event.details)

    client.force_login(contact.user)
    assert client.get(institution.get_absolute_url()).status_code == 200


def test_who_is_invited_twice_has_one_account(client, institution, contact, coordinator):
    for _ in range(2):
        client.post(url_of("contact-invite", institution, contact))

    assert User.objects.filter(email="m50@example.org").count() == 1
    assert AccessEvent.objects.about(institution).count() == 1


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"email": ""}, "Enter an e-mail address first"),
        ({"ended_on": date(2020, 1, 1)}, "This person has left"),
    ],
)
def test_who_cannot_be_invited_is_not(client, institution, contact, coordinator, facts, sentence):
    Contact.objects.filter(pk=contact.pk).update(**facts)
    before = User.objects.count()

    response = client.post(url_of("contact-invite", institution, contact), follow=True)

    assert sentence in response.content.decode()
    assert User.objects.count() == before


def test_a_closed_account_is_not_opened_by_an_invitation(client, institution, contact, coordinator):
    User.objects.create_user("m50@example.org", full_name="Membre 50", is_active=False)

    response = client.post(url_of("contact-invite", institution, contact), follow=True)

    contact.refresh_from_db()
    assert contact.user is None
    assert "account was closed" in response.content.decode()


def test_taking_back_the_access_ends_the_role_and_the_links(
    client, world, institution, contact, coordinator
):
    client.post(url_of("contact-invite", institution, contact))
    contact.refresh_from_db()
    person = contact.user
    link, _token = AccessLink.issue(
        person, "review", world.project, by=coordinator, lasts=timedelta(days=3)
    )

    client.post(url_of("contact-withdraw", institution, contact))

    link.refresh_from_db()
    assert not link.is_valid
    client.force_login(person)
    assert client.get(institution.get_absolute_url()).status_code == 404
    assert client.get(world.project.get_absolute_url()).status_code == 404


def test_who_has_left_has_no_access(client, institution, contact, coordinator):
    client.post(url_of("contact-invite", institution, contact))
    url = url_of("contact-departure", institution, contact)
    assert "on" in client.post(url, {"on": "2999-01-01"}).context["form"].errors

    client.post(url, {"on": "2020-05-31"})

    contact.refresh_from_db()
    assert (contact.ended_on, contact.user) == (date(2020, 5, 31), None)
    assert client.post(url, {"on": "2020-05-31"}).status_code == 404
    content = client.get(institution.get_absolute_url()).content.decode()
    assert "1 person who left" in content


def test_the_address_by_which_somebody_signs_in_is_not_edited(
    client, institution, contact, coordinator
):
    client.post(url_of("contact-invite", institution, contact))

    client.post(
        url_of("contact-edit", institution, contact),
        NEW | {"full_name": "Membre 51", "email": "thief@example.org"},
    )

    contact.refresh_from_db()
    assert (contact.full_name, contact.email) == ("Membre 51", "m50@example.org")
    assert contact.user.email == "m50@example.org"
