"""What the access log records beside sign-ins, downloads and exports, and how much of it."""

import io
import json

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.management import call_command
from django.test import Client, RequestFactory
from fido2.utils import websafe_encode

from accounts.identities import record_erasure
from accounts.models import AccessEvent, AccessLink, OutgoingMail, Pseudonym, User
from accounts.services import record_refusal
from tests.accounts.doors import CODE, CONFIRM, sign_in
from tests.factories import (
    PASSWORD,
    AssignmentFactory,
    CommitteeFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

Kind = AccessEvent.Kind


@pytest.fixture
def person():
    return UserFactory(email="membre@example.org")


def recorded(kind):
    return [*AccessEvent.objects.filter(kind=kind).order_by("number")]


def details(kind):
    return [event.details for event in recorded(kind)]


# Sign-ins that failed


def test_a_wrong_password_is_recorded_with_its_person(client, person):
    sign_in(client, "Membre@Example.org ", "not the password")

    (event,) = recorded(Kind.SIGN_IN_FAILED)
    assert event.key is None  # nobody knows who it was
    assert event.details == {"person": str(person.pseudonym), "method": "password"}


@pytest.mark.parametrize("typed", ["nobody@example.org", "mypassword@typed.here"])
def test_no_other_address_is_recorded_as_it_was_typed(client, typed):
    sign_in(client, typed, "not the password")
    sign_in(client, typed.upper(), "not the password")

    first, second = details(Kind.SIGN_IN_FAILED)
    assert first == second
    assert set(first) == {"typed", "method"}
    assert len(first["typed"]) == 16
    assert typed.split("@")[0] not in str(first)


def test_a_wrong_code_is_recorded(client, person):
    client.post(CODE, {"email": person.email})
    client.post(CONFIRM, {"code": "BBBB-BBBB"})

    assert details(Kind.SIGN_IN_FAILED) == [{"person": str(person.pseudonym), "method": "code"}]
    assert len(mail.outbox) == 1


def test_a_wrong_second_step_is_recorded(client, person):
    TOTP.activate(person, generate_totp_secret())
    sign_in(client, person.email)

    client.post("/accounts/2fa/authenticate/", {"code": "000000"})

    assert details(Kind.SIGN_IN_FAILED) == [{"person": str(person.pseudonym), "method": "totp"}]
    assert recorded(Kind.SIGN_IN) == []


# Passwords and second steps


def test_a_change_of_the_password_is_recorded(client, person):
    client.force_login(person)

    new = "une longue phrase nouvelle"
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )

    (event,) = recorded(Kind.ACCOUNT)
    assert (event.key, event.details) == (person.pseudonym.key, {"change": "password_changed"})


def test_a_change_is_recorded_for_somebody_without_an_address(client):
    person = User.objects.create_user(None, PASSWORD, full_name="Membre 02")
    client.force_login(person)

    new = "une longue phrase nouvelle"
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )

    assert details(Kind.ACCOUNT) == [{"change": "password_changed"}]
    assert mail.outbox == []


def test_a_new_second_step_and_its_end_are_recorded(
    client, person, django_capture_on_commit_callbacks
):
    sign_in(client, person.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    _before, counter, _after = yield_hotp_counters_from_time()

    code = format_hotp_value(hotp_value(secret, counter))
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/totp/activate/", {"code": code})
    client.post("/accounts/2fa/totp/deactivate/")

    changes = [each["change"] for each in details(Kind.ACCOUNT)]
    assert (changes[0], changes[-1]) == ("totp_activated", "totp_deactivated")


# Refusals


@pytest.fixture
def reader(client, person):
    project = ProjectFactory(code="HN-OPEN")
    AssignmentFactory(project=project, user=person, role="reader")
    client.force_login(person)
    return project


def test_what_somebody_may_not_do_is_recorded(client, person, reader):
    assert client.get("/projects/HN-OPEN/edit/").status_code == 403

    (event,) = recorded(Kind.REFUSED)
    assert event.key == person.pseudonym.key
    assert event.details == {
        "status": 403,
        "method": "GET",
        "address": "/projects/HN-OPEN/edit/",
    }


def test_a_look_into_another_project_is_recorded(client, person, reader):
    hidden = ProjectFactory(code="HN-HIDDEN")

    assert client.get("/projects/HN-HIDDEN/risks/").status_code == 404

    (event,) = recorded(Kind.REFUSED)
    assert (event.key, event.thing) == (person.pseudonym.key, hidden)
    assert event.details["status"] == 404


@pytest.mark.parametrize("sign", ["%0A", "%1B", "%7F", "%C2%85"])
def test_control_characters_in_an_address_are_replaced(client, reader, sign):
    committee = CommitteeFactory(project=reader)

    refused = client.get(f"/committees/{committee.pk}/steps/a{sign}b/")

    assert refused.status_code == 403
    (event,) = recorded(Kind.REFUSED)
    assert event.details["address"] == f"/committees/{committee.pk}/steps/a\ufffdb/"


@pytest.mark.parametrize(
    "path",
    [
        "/projects/HN-NONE/",
        "/projects/HN-OPEN/nothing/",
        "/nothing/",
        "/projects/HN%00OPEN/risks/",
        "/committees/1/steps/a%00b/",
    ],
)
def test_a_page_that_is_not_there_is_no_refusal(client, reader, path):
    assert client.get(path).status_code == 404

    assert recorded(Kind.REFUSED) == []


def test_a_visitor_who_is_sent_to_sign_in_is_no_refusal(client):
    ProjectFactory(code="HN-OPEN")

    assert client.get("/projects/HN-OPEN/").status_code == 302
    assert client.get("/projects/HN-NONE/nothing/").status_code == 404

    assert not AccessEvent.objects.exists()


# The log cannot be flooded


def test_one_person_does_not_fill_the_log(client, reader, time_machine):
    time_machine.move_to("2026-11-27T10:00:00Z", tick=False)
    client.cookies.clear()
    client.force_login(User.objects.get())
    for _ in range(30):
        client.get("/projects/HN-OPEN/edit/")

    refused = details(Kind.REFUSED)
    assert len(refused) == AccessEvent.MOST_OF_ONE
    assert [("more" in each) for each in refused] == [False] * 19 + [True]

    time_machine.shift(3601)
    client.get("/projects/HN-OPEN/edit/")
    assert len(recorded(Kind.REFUSED)) == AccessEvent.MOST_OF_ONE + 1


def test_many_people_do_not_fill_the_log_either(client, monkeypatch):
    monkeypatch.setattr(AccessEvent, "MOST_AN_HOUR", 4)

    for number in range(8):
        sign_in(client, f"nobody{number}@example.org", "no", REMOTE_ADDR=f"192.0.2.{number}")

    failed = details(Kind.SIGN_IN_FAILED)
    assert [each.get("more") for each in failed] == [None, None, None, "not recorded"]


def test_unknown_addresses_do_not_use_up_what_is_left_for_people(client, person, monkeypatch):
    monkeypatch.setattr(AccessEvent, "MOST_AN_HOUR", 4)
    for number in range(8):
        sign_in(client, f"nobody{number}@example.org", "no", REMOTE_ADDR=f"192.0.2.{number}")

    sign_in(client, person.email, "no", REMOTE_ADDR="192.0.2.99")

    assert details(Kind.SIGN_IN_FAILED)[-1] == {
        "person": str(person.pseudonym),
        "method": "password",
    }
    assert len(recorded(Kind.SIGN_IN_FAILED)) == 5


def test_refusals_of_visitors_do_not_use_up_what_is_left_for_people(client, reader, monkeypatch):
    monkeypatch.setattr(AccessEvent, "MOST_AN_HOUR", 4)
    for _ in range(8):
        record_refusal(RequestFactory().get("/somewhere/"), status=403)

    client.get("/projects/HN-OPEN/edit/")

    assert [event.is_of_visitor for event in recorded(Kind.REFUSED)] == [True] * 4 + [False]


# Links


def test_a_link_is_recorded_with_its_person_when_issued_and_revoked(person):
    project, by = ProjectFactory(), UserFactory()

    link, token = AccessLink.issue(person, "review_plan", project, by=by)
    other, _token = AccessLink.issue(person, "review_plan", project, by=None)
    AccessLink.objects.all().revoke(by=by)
    AccessLink.objects.all().revoke(by=by)

    issued, _other = recorded(Kind.LINK_ISSUED)
    assert (issued.key, issued.thing) == (by.pseudonym.key, project)
    assert issued.details == {
        "person": str(person.pseudonym),
        "purpose": "review_plan",
        "link": link.pk,
    }
    (revoked,) = recorded(Kind.LINK_REVOKED)
    assert (revoked.key, revoked.details) == (by.pseudonym.key, {"links": [link.pk, other.pk]})
    assert token not in str([*AccessEvent.objects.values()])


def test_who_is_known_by_a_pseudonym_can_be_forgotten(person):
    AccessEvent.record(Kind.ROLE, user=None, thing=person, change="invited")

    event = AccessEvent.objects.about(person).get()
    assert event.thing_key == str(person.pseudonym)
    assert event.thing == person
    record_erasure([person.pk], by=None)
    Pseudonym.objects.all().delete()
    assert AccessEvent.objects.get(kind=Kind.ROLE).thing is None


# What allauth and Django tell nobody


def credential(person):
    """What a browser sends for a passkey, with a signature that is not right."""
    handle = websafe_encode(user_pk_to_url_str(person).encode()) if person else "AAAA"
    part = websafe_encode(b"{}")
    response = {
        "clientDataJSON": websafe_encode(
            b'{"type": "webauthn.get", "challenge": "AAAA", "origin": "http://testserver"}'
        ),
        "authenticatorData": websafe_encode(b"\0" * 37),
        "signature": part,
        "userHandle": handle,
    }
    return json.dumps(
        {
            "id": part,
            "rawId": part,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }
    )


def test_a_passkey_that_is_not_accepted_is_recorded(client, person):
    page = "/accounts/2fa/webauthn/login/"
    client.get(page, headers={"accept": "application/json"})

    client.post(page, {"credential": credential(person)})
    client.post(page, {"credential": credential(None)})
    client.post(page, {"credential": '["nonsense"]'})

    first, *others = details(Kind.SIGN_IN_FAILED)
    assert first == {"person": str(person.pseudonym), "method": "webauthn"}
    assert [set(each) for each in others] == [{"typed", "method"}] * 2
    assert recorded(Kind.SIGN_IN) == []


def test_a_passkey_as_second_step_that_is_not_accepted_is_recorded(client, person):
    TOTP.activate(person, generate_totp_secret())
    sign_in(client, person.email)

    client.post("/accounts/2fa/authenticate/", {"credential": credential(person)})

    assert details(Kind.SIGN_IN_FAILED) == [{"person": str(person.pseudonym), "method": "webauthn"}]


def test_a_form_without_its_token_is_recorded(person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)

    assert client.post("/people/me/", {}).status_code == 403

    (event,) = recorded(Kind.REFUSED)
    assert (event.key, event.details) == (
        person.pseudonym.key,
        {"status": 403, "method": "POST", "address": "/people/me/", "check": "csrf"},
    )


def test_a_password_that_the_operator_sets_is_recorded_and_told(person, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda prompt: "nueve gatos bajo la lluvia")

    call_command("changepassword", person.email, stdout=io.StringIO())

    (event,) = recorded(Kind.ACCOUNT)
    assert (event.key, event.thing) == (None, person)
    assert event.details == {"change": "password_changed"}
    said = OutgoingMail.objects.get(person=person).text
    assert "Your password was changed." in said
    assert "/people/me/sessions/" in said
    person.refresh_from_db()
    assert person.check_password("nueve gatos bajo la lluvia")
