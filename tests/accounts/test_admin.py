"""The admin repairs accounts; logs and links are only looked at."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission

from accounts.log_check import check_log
from accounts.models import AccessEvent, AccessLink, User, hash_token
from tests.factories import ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/accounts/user/"


@pytest.fixture
def administrator(client):
    user = UserFactory(full_name="Administration 01", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def helper(client):
    """Staff who may change people, but is no superuser."""
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    client.force_login(user)
    return user


def details(**changed):
    return {
        "full_name": "Membre 01",
        "email": "membre@example.org",
        "language": "en",
        "time_zone": "America/Tegucigalpa",
        "is_active": "on",
    } | changed


def test_a_person_added_here_signs_in_by_code(client, administrator):
    response = client.post(f"{PEOPLE}add/", details(email="Membre@Example.org"))

    person = User.objects.get(full_name="Membre 01")
    assert response.status_code == 302
    assert person.email == "membre@example.org"
    assert not person.has_usable_password()
    assert EmailAddress.objects.get(user=person).verified


def test_people_without_an_address_are_not_one(client, administrator):
    for name in ("Membre 01", "Membre 02"):
        client.post(f"{PEOPLE}add/", details(full_name=name, email=""))

    assert User.objects.filter(email=None).count() == 2


def test_a_changed_address_replaces_the_old_one(client, administrator):
    person = UserFactory(email="old@example.org")
    EmailAddress.objects.create(user=person, email="old@example.org", verified=True, primary=True)

    client.post(f"{PEOPLE}{person.pk}/change/", details(email="new@example.org"))

    assert list(EmailAddress.objects.values_list("user", "email")) == [
        (person.pk, "new@example.org")
    ]


def test_a_change_of_powers_is_logged(client, administrator):
    person = UserFactory(full_name="Membre 01", email="membre@example.org")

    client.post(f"{PEOPLE}{person.pk}/change/", details(is_staff="on"))

    event = AccessEvent.objects.get()
    assert (event.kind, event.thing) == ("role", person)
    assert event.details == {"change": {"is_staff": True}}


def test_staff_gives_nobody_powers_it_does_not_have(client, helper):
    person = UserFactory(email="membre@example.org")
    powers = {"is_staff": "on", "is_superuser": "on"}

    client.post(f"{PEOPLE}{person.pk}/change/", details(**powers))
    client.post(f"{PEOPLE}{helper.pk}/change/", details(email="other@example.org", **powers))
    client.post(f"{PEOPLE}add/", details(email="third@example.org", **powers))

    assert not User.objects.filter(is_superuser=True).exists()
    assert list(User.objects.filter(is_staff=True)) == [helper]


def test_staff_does_not_take_over_an_administrator(client, helper):
    administrator = UserFactory(is_staff=True, is_superuser=True, email="admin@example.org")

    client.post(f"{PEOPLE}{administrator.pk}/change/", details(email="mine@example.org"))

    administrator.refresh_from_db()
    assert administrator.email == "admin@example.org"
    assert administrator.is_active


def test_nobody_is_deleted(client, administrator):
    person = UserFactory()

    assert client.post(f"{PEOPLE}{person.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=person.pk).exists()


def test_the_log_is_read_only(client, administrator):
    event = AccessEvent.record("export", user=administrator)
    page = f"/admin/accounts/accessevent/{event.pk}"

    assert client.get("/admin/accounts/accessevent/").status_code == 200
    assert client.get(f"{page}/change/").status_code == 200
    assert client.post(f"{page}/change/", {"kind": "role"}).status_code == 403
    assert client.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/accounts/accessevent/add/").status_code == 403
    delete = {"action": "delete_selected", "_selected_action": event.pk, "post": "yes"}
    client.post("/admin/accounts/accessevent/", delete)
    assert check_log("").problems == []
    assert AccessEvent.objects.get(pk=event.pk).kind == "export"
    kinds = [*AccessEvent.objects.values_list("kind", flat=True)]
    assert kinds == ["refused"] * 3 + ["export"]


def test_a_link_is_shown_without_its_token_and_can_be_revoked(client, administrator):
    link, token = AccessLink.issue(UserFactory(), "plan-review", ProjectFactory(), by=None)
    listed = client.get("/admin/accounts/accesslink/")
    shown = client.get(f"/admin/accounts/accesslink/{link.pk}/change/")

    for page in (listed, shown):
        assert page.status_code == 200
        assert token not in page.content.decode()
        assert hash_token(token) not in page.content.decode()

    client.post("/admin/accounts/accesslink/", {"action": "revoke", "_selected_action": link.pk})

    link.refresh_from_db()
    assert not link.is_valid


def test_a_second_factor_is_never_shown_and_nobody_removes_it_alone(client, administrator):
    person = UserFactory()
    factor = Authenticator.objects.create(user=person, type="totp", data={"secret": "JBSWY3DP"})
    page = f"/admin/mfa/authenticator/{factor.pk}"

    assert "JBSWY3DP" not in client.get(f"{page}/change/").content.decode()
    assert client.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    delete = {"action": "delete_selected", "_selected_action": factor.pk, "post": "yes"}
    client.post("/admin/mfa/authenticator/", delete)

    assert Authenticator.objects.get() == factor


@pytest.mark.parametrize(
    "path", ["account/emailaddress/", "auth/group/", "usersessions/usersession/"]
)
def test_there_is_no_second_door_to_addresses_roles_and_sessions(client, administrator, path):
    assert client.get(f"/admin/{path}").status_code == 404


@pytest.mark.parametrize("name", ["accesslink", "accessevent", "user"])
def test_the_number_of_queries_of_a_list_does_not_grow(
    client, administrator, django_assert_max_num_queries, name
):
    counts = []
    for numbers in (range(1), range(1, 3)):
        for person in UserFactory.create_batch(len(numbers)):
            AccessLink.issue(person, "plan-review", ProjectFactory(), by=None)
            AccessEvent.record("export", user=person)

        with django_assert_max_num_queries(25) as statements:
            assert client.get(f"/admin/accounts/{name}/").status_code == 200
        counts.append(len(statements))

    few, many = counts
    assert many <= few


def test_others_do_not_enter(client):
    assert client.get("/admin/").url == "/admin/login/?next=/admin/"
    assert client.get("/admin/login/?next=/admin/").url == "/accounts/login/?next=%2Fadmin%2F"

    client.force_login(UserFactory())

    assert client.get(PEOPLE).status_code in {302, 403}
    assert client.get("/admin/login/").status_code == 403
