"""The coordination invites people by their address; each address is one person."""

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import AccessEvent, User
from accounts.services import confirm_address, invite_person
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator():
    return UserFactory(full_name="Coordination 01")


def invite(by, email="membre@example.org", name="Membre 01", language="es"):
    return invite_person(full_name=name, email=email, language=language, by=by)


def addresses():
    return list(EmailAddress.objects.values_list("user", "email", "verified", "primary"))


def test_an_invited_person_has_an_account_without_a_password(coordinator):
    person = invite(coordinator, name="  Membre \n 01 ")

    assert (person.full_name, person.email, person.language) == (
        "Membre 01",
        "membre@example.org",
        "es",
    )
    assert not person.has_usable_password()
    assert not person.is_staff
    assert addresses() == [(person.pk, "membre@example.org", True, True)]


def test_who_invited_is_logged_once(coordinator):
    person = invite(coordinator)
    invite(coordinator)

    event = AccessEvent.objects.get()
    assert (event.kind, event.key) == ("role", coordinator.pseudonym.key)
    assert event.thing == person


@pytest.mark.parametrize(
    "email", ["membre@example.org", "MEMBRE@Example.ORG", " membre@example.org\n"]
)
def test_inviting_twice_is_one_account_left_as_its_owner_wants_it(coordinator, email):
    first = invite(coordinator)
    first.language, first.full_name = "fr", "Membre 01, renommé"
    first.set_password(PASSWORD)
    first.save()

    again = invite(coordinator, email=email, name="Other", language="en")

    assert again == first
    assert (again.language, again.full_name) == ("fr", "Membre 01, renommé")
    assert again.check_password(PASSWORD)
    assert len(addresses()) == 1


@pytest.mark.parametrize("email", ["", " ", "nonsense", "a@b", "a@example.org\nBcc: b@example.org"])
def test_what_is_no_address_is_refused(coordinator, email):
    with pytest.raises(ValidationError):
        invite(coordinator, email=email)

    assert list(User.objects.all()) == [coordinator]


def test_an_inactive_account_is_not_woken(coordinator):
    person = UserFactory(email="membre@example.org", is_active=False)

    assert invite(coordinator) == person

    person.refresh_from_db()
    assert not person.is_active


def test_an_address_that_was_replaced_opens_the_account_no_longer(coordinator):
    person = invite(coordinator)
    person.email = "new@example.org"
    person.save()

    confirm_address(person)

    assert addresses() == [(person.pk, "new@example.org", True, True)]


def test_an_address_goes_over_to_who_has_it_now(coordinator):
    first = invite(coordinator)
    User.objects.filter(pk=first.pk).update(email="elsewhere@example.org")

    second = invite(coordinator)

    assert second != first
    assert addresses() == [(second.pk, "membre@example.org", True, True)]


def test_a_person_without_an_address_has_none(coordinator):
    person = invite(coordinator)
    person.email = None
    person.save()

    confirm_address(person)

    assert addresses() == []


def test_the_database_refuses_two_people_of_one_address():
    UserFactory(email="membre@example.org")

    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(email="Membre@Example.org")
    UserFactory(email=None)
    UserFactory(email=None)
