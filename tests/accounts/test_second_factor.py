"""People whose role asks for a second factor set it up before they do anything else."""

import re
from datetime import date

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.utils import timezone

from accounts.models import OutgoingMail, User
from ibcr_portal.sign_in_environment import ROLES
from projects.permissions.roles import Role
from tests.factories import PASSWORD, AssignmentFactory, UserFactory
from tests.world import World

pytestmark = pytest.mark.django_db

DEFAULT = ["administrator", "coordinator", "monitoring", "finance", "donor"]
SETUP = "/accounts/2fa/"
PAGES = ["/people/me/", "/access-log/", "/admin/", "/"]


@pytest.fixture(autouse=True)
def required(settings):
    settings.SECOND_FACTOR_ROLES = DEFAULT


@pytest.fixture
def administrator():
    return User.objects.create_superuser(
        "admin@example.org", PASSWORD, full_name="Admin 01", language="en"
    )


def sign_in(client, user):
    return client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})


def current_code(secret):
    _before, now, _after = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, now))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("page", PAGES)
def test_without_one_an_administrator_is_sent_to_set_it_up(client, administrator, page, method):
    client.force_login(administrator)

    response = getattr(client, method)(page)

    assert response.url == SETUP
    assert "Your role requires a second step at sign-in." in client.get(SETUP).content.decode()


@pytest.mark.parametrize("page", ["/privacy/", "/health/", "/accounts/2fa/totp/activate/"])
def test_the_way_there_is_open(client, administrator, page):
    sign_in(client, administrator)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    assert client.get(page).status_code == 200


@pytest.mark.parametrize(
    ("role", "is_asked"),
    [
        *((role, True) for role in ("coordinator", "monitoring", "finance", "donor")),
        *((role, False) for role in ("reader", "auditor", "member", "partner", "panel")),
    ],
)
def test_the_role_decides_who_needs_one(client, role, is_asked):
    client.force_login(World().people[role])

    response = client.get("/people/me/")

    assert (response.status_code, response.headers.get("Location")) == (
        (302, SETUP) if is_asked else (200, None)
    )


def test_a_setting_names_other_roles(client, settings):
    settings.SECOND_FACTOR_ROLES = ["member"]
    world = World()

    answers = {}
    for role in ("administrator", "coordinator", "member"):
        client.force_login(world.people[role])
        answers[role] = client.get("/people/me/").status_code
    assert answers == {"administrator": 200, "coordinator": 200, "member": 302}


def test_a_role_that_ended_asks_for_nothing(client):
    person = UserFactory()
    AssignmentFactory(user=person, role="finance", ends_on=date(2020, 1, 1))
    client.force_login(person)

    assert client.get("/people/me/").status_code == 200


def test_the_settings_name_the_roles_of_projects():
    named = [role.value for role in Role if role != Role.ACCEPTS_FOR_DONOR]

    assert sorted(ROLES) == sorted(named)


def test_a_passkey_is_offered_first(client, administrator):
    sign_in(client, administrator)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    page = client.get(SETUP).content.decode()
    form = client.get("/accounts/2fa/webauthn/add/").context["form"]

    assert page.index("Add a passkey") < page.index("Set up an app")
    assert form["passwordless"].value() is True


def test_an_embedded_portal_asks_nobody(client, administrator, settings):
    settings.SECOND_FACTOR_ROLES = []
    client.force_login(administrator)

    assert client.get("/people/me/").status_code == 200


def test_recovery_codes_alone_are_none(client, administrator):
    Authenticator.objects.create(
        user=administrator, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "x"}
    )
    client.force_login(administrator)

    assert client.get("/people/me/").url == SETUP


def test_an_administrator_sets_up_an_app_and_signs_in_with_it(
    client, administrator, django_capture_on_commit_callbacks, time_machine
):
    time_machine.move_to(timezone.now(), tick=False)
    sign_in(client, administrator)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    form = client.get("/accounts/2fa/totp/activate/")
    secret = form.context["form"].secret

    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/totp/activate/", {"code": current_code(secret)})

    assert client.get("/people/me/").status_code == 200
    assert "An authenticator app was added to your account." in mail.outbox[0].body
    client.post("/accounts/logout/")

    first = sign_in(client, administrator)
    assert first.url == "/accounts/2fa/authenticate/"
    assert client.get("/people/me/").status_code == 302
    time_machine.shift(60)
    assert client.post(first.url, {"code": current_code(secret)}).url == "/"
    assert client.get("/people/me/").status_code == 200


def test_a_recovery_code_signs_in_once_and_its_owner_is_told(client, administrator):
    TOTP.activate(administrator, "JBSWY3DPEHPK3PXP")
    first, *_others = RecoveryCodes.activate(administrator).generate_codes()

    for status in (200, 302):
        asked = sign_in(client, administrator)
        client.post(asked.url, {"code": first})
        assert client.get("/people/me/").status_code == status
        client.post("/accounts/logout/")

    (message,) = OutgoingMail.objects.filter(text__contains="recovery code")
    assert "A recovery code was used to sign in as you. 9 are left." in message.text
    assert "/people/me/sessions/" in message.text


def test_the_pages_of_the_second_step_lead_back_and_speak_the_language(client, administrator):
    """They are allauth's own: its form has an English label, and none of them had a way back."""
    User.objects.filter(pk=administrator.pk).update(language="es")
    TOTP.activate(administrator, "JBSWY3DPEHPK3PXP")
    first, *_others = RecoveryCodes.activate(administrator).generate_codes()
    asked = sign_in(client, administrator)
    client.post(asked.url, {"code": first})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    key = Authenticator.objects.create(
        user=administrator, type="webauthn", data={"name": "Mi teléfono"}
    )

    for page in ("recovery-codes/", "recovery-codes/generate/", "totp/deactivate/"):
        assert f'href="{SETUP}"' in client.get(SETUP + page).content.decode()
    renamed = client.get(f"{SETUP}webauthn/keys/{key.pk}/edit/").content.decode()
    assert "Nombre de la clave de acceso" in renamed
    assert 'value="Mi teléfono"' in renamed
    codes = client.get(f"{SETUP}recovery-codes/").content.decode()
    assert codes.count("<li><code>") == 9


def test_a_code_by_mail_is_no_second_factor(client, administrator):
    TOTP.activate(administrator, "JBSWY3DPEHPK3PXP")

    client.post("/accounts/login/code/", {"email": administrator.email})
    code = re.search(r"^([A-Z]{4}-[A-Z]{4})$", mail.outbox[0].body, re.MULTILINE)[1]
    response = client.post("/accounts/login/code/confirm/", {"code": code})

    assert response.url == "/accounts/2fa/authenticate/"
    assert client.get("/people/me/").url.startswith("/accounts/login/")
