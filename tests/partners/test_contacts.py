"""The directory of people: shown to those who need them, edited without touching other projects,
invited, and marked as left. An entry gives access to nothing."""

from datetime import date

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import AccessEvent, User
from partners.models import Contact
from projects.models import Representation
from tests.factories import (
    AssignmentFactory,
    ContactFactory,
    ParticipationFactory,
    SeatTermFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

FACTS = {
    "full_name": "Membre 51",
    "email": "m51@example.org",
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


@pytest.fixture
def shared(world, institution, contact):
    """The same person also represents the institution in the neighbouring project."""
    place = ParticipationFactory(project=world.neighbour, institution=institution)
    Representation.objects.create(contact=contact, participation=place, reason="Lettre")
    return contact


@pytest.fixture
def with_account(contact):
    contact.user = UserFactory(email="m50@example.org", full_name="Membre 50")
    contact.save()
    return contact


def url_of(page, institution, *contacts):
    return reverse(f"partners:{page}", args=[institution.pk, *(each.pk for each in contacts)])


def page_of(client, institution):
    return client.get(institution.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("role", "name", "address"),
    [
        ("administrator", True, True),
        ("coordinator", True, True),
        ("partner", True, False),
        ("monitoring", False, False),
        ("finance", False, False),
        ("reader", False, False),
        ("auditor", False, False),
        ("member", False, False),
        ("donor", False, False),
        ("embassy", False, False),
    ],
)
def test_addresses_are_for_the_coordination_and_colleagues_see_names(
    client, institution, contact, sign_in, role, name, address
):
    sign_in(role)

    content = page_of(client, institution)

    assert ("Membre 50" in content) == name
    assert ("m50@example.org" in content) == address


def test_an_entry_that_represents_nobody_is_shown_to_administrators_alone(
    client, institution, sign_in
):
    ContactFactory(institution=institution, full_name="Membre 60", represents=False)

    sign_in("coordinator")
    assert "Membre 60" not in page_of(client, institution)
    sign_in("administrator")
    assert "Membre 60" in page_of(client, institution)


def test_an_entry_gives_access_to_nothing(client, world, institution):
    contact = ContactFactory(institution=institution, user=UserFactory(), represents=False)
    client.force_login(contact.user)

    assert client.get(institution.get_absolute_url()).status_code == 404
    assert client.get(world.project.get_absolute_url()).status_code == 404


def test_the_coordination_of_another_project_of_the_institution_sees_nobody_of_this_one(
    client, world, institution, contact
):
    ParticipationFactory(project=world.neighbour, institution=institution)
    person = world.people["outsider"]
    client.force_login(person)

    assert "Membre 50" not in page_of(client, institution)
    assert client.get(url_of("contact-edit", institution, contact)).status_code == 404
    assert client.post(url_of("contact-invite", institution, contact)).status_code == 404
    assert client.post(url_of("contact-departure", institution, contact)).status_code == 404


def test_the_holder_of_a_seat_is_known_to_the_coordination(client, world, coordinator):
    institution = world.institutions["member"]
    contact = ContactFactory(institution=institution, email="seat@example.org", represents=False)
    SeatTermFactory(seat=world.seat, contact=contact, capacity="alternate")

    assert "seat@example.org" in page_of(client, institution)


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
def test_a_contact_that_cannot_be_is_refused(client, institution, contact, coordinator, changes):
    response = client.post(url_of("contact-edit", institution, contact), FACTS | changes)

    assert response.context["form"].errors
    contact.refresh_from_db()
    assert contact.full_name == "Membre 50"


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


def test_who_has_no_address_cannot_be_invited(client, institution, contact, coordinator):
    Contact.objects.filter(pk=contact.pk).update(email="")
    before = User.objects.count()

    response = client.post(url_of("contact-invite", institution, contact), follow=True)

    assert "Enter an e-mail address first" in response.content.decode()
    assert User.objects.count() == before


def test_a_closed_account_is_not_opened_by_an_invitation(client, institution, contact, coordinator):
    User.objects.create_user("m50@example.org", full_name="Membre 50", is_active=False)

    response = client.post(url_of("contact-invite", institution, contact), follow=True)

    contact.refresh_from_db()
    assert contact.user is None
    assert "account was closed" in response.content.decode()


def test_who_has_left_has_no_access(client, world, institution, contact, coordinator):
    client.post(url_of("contact-invite", institution, contact))
    url = url_of("contact-departure", institution, contact)
    assert "on" in client.post(url, {"on": "2999-01-01"}).context["form"].errors

    client.post(url, {"on": "2020-05-31"})

    contact.refresh_from_db()
    assert contact.ended_on == date(2020, 5, 31)
    assert not contact.representations.open().exists()
    assert client.post(url, {"on": "2020-05-31"}).status_code in {403, 404}
    client.force_login(contact.user)
    assert client.get(world.project.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("page", ["contact-edit", "contact-departure"])
def test_who_serves_another_project_too_is_not_changed_by_one_coordination(
    client, institution, shared, coordinator, page
):
    response = client.post(url_of(page, institution, shared), FACTS | {"on": "2020-05-31"})

    assert response.status_code == 403
    shared.refresh_from_db()
    assert (shared.full_name, shared.ended_on) == ("Membre 50", None)


def test_who_coordinates_both_projects_changes_the_entry(
    client, world, institution, shared, coordinator
):
    AssignmentFactory(project=world.neighbour, user=coordinator)

    client.post(url_of("contact-edit", institution, shared), FACTS)

    shared.refresh_from_db()
    assert shared.full_name == "Membre 51"


def test_the_address_by_which_somebody_signs_in_is_not_edited_by_the_coordination(
    client, institution, with_account, coordinator
):
    url = url_of("contact-edit", institution, with_account)
    client.post(url, FACTS | {"email": "thief@example.org"})

    with_account.refresh_from_db()
    assert (with_account.full_name, with_account.email) == ("Membre 51", "m50@example.org")
    assert with_account.user.email == "m50@example.org"


@pytest.mark.parametrize("who", ["themselves", "administrator"])
def test_that_person_or_an_administrator_changes_it_and_the_old_address_is_notified(
    client, world, institution, with_account, who, django_capture_on_commit_callbacks
):
    by = with_account.user if who == "themselves" else world.people["administrator"]
    client.force_login(by)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(url_of("contact-edit", institution, with_account), FACTS)

    with_account.refresh_from_db()
    assert with_account.email == with_account.user.email == "m51@example.org"
    letter = mail.outbox[-1]
    assert letter.to == ["m50@example.org"]
    assert ("An administrator gave" in letter.body) == (who == "administrator")
    event = AccessEvent.objects.about(with_account.user).get(kind=AccessEvent.Kind.ACCOUNT)
    assert event.details["change"] == "address changed"


def test_an_address_of_somebody_else_is_refused(client, world, institution, with_account):
    client.force_login(with_account.user)
    taken = world.people["donor"].email

    response = client.post(
        url_of("contact-edit", institution, with_account), FACTS | {"email": taken}
    )

    assert response.context["form"].errors
    with_account.refresh_from_db()
    assert with_account.email == with_account.user.email == "m50@example.org"
