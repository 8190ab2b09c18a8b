"""Eight ways of signing in, each whole, with the settings as they are: `scripts/test settings` runs
these with all optional ones on, `make deep PART=settings` with each alone."""

import dataclasses
import os
import re
import subprocess
import sys

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.urls import reverse

from accounts.models import AccessLink
from accounts.services import invite_person, send_invitation
from committees.models import ActionPlan
from ibcr_portal.sign_in_environment import Oidc
from tests import optional_settings
from tests.accounts.doors import CODE, CONFIRM, RESET, code_of, sign_in
from tests.accounts.lying_organisation import CLIENT_ID, CLIENT_SECRET, running
from tests.accounts.test_lying_organisation import come_back
from tests.factories import UserFactory
from tests.obligations import write_all
from tests.world import World

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def english(client, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"


@pytest.fixture
def person():
    return UserFactory(email="known@example.org", full_name="Membre 01", language="en")


def is_in(client):
    return client.get("/people/me/").status_code == 200


def by_code(client, address, page=CODE):
    client.post(page, {"email": address, "login": address})
    return client.post(CONFIRM, {"code": code_of(mail.outbox[-1])})


def first_step(client, settings, person):
    """The way to the second step: by password, unless there are none."""
    return (
        sign_in(client, person.email)
        if settings.PASSWORD_SIGN_IN
        else by_code(client, person.email)
    )


def test_by_password(client, settings, person):
    answer = sign_in(client, person.email)

    if settings.PASSWORD_SIGN_IN:
        assert is_in(client)
    else:
        assert answer.url == CONFIRM


def test_by_a_code(client, person):
    by_code(client, person.email)

    assert is_in(client)


def test_by_a_new_password(client, settings, person):
    asked = client.post(RESET, {"email": person.email})
    if not settings.PASSWORD_SIGN_IN:
        assert asked.status_code == 404
        return
    link = re.search(rf"^{re.escape(settings.SITE_URL)}(/\S+)$", mail.outbox[0].body, re.MULTILINE)
    form = client.get(link[1], follow=True)
    new = {"password1": "another good phrase", "password2": "another good phrase"}
    client.post(form.request["PATH_INFO"], new)

    sign_in(client, person.email, "another good phrase")

    assert is_in(client)


def test_by_an_invitation(client, settings, django_capture_on_commit_callbacks):
    by = UserFactory()
    with django_capture_on_commit_callbacks(execute=True):
        person = invite_person(full_name="Membre 02", email="new@example.org", language="en", by=by)
        send_invitation(person, by=by)
    way = re.search(rf"{re.escape(settings.SITE_URL)}(\S+)", mail.outbox[-1].body)[1]

    by_code(client, person.email, page=way)

    assert is_in(client)


def test_by_an_app_as_second_step(client, settings, person):
    TOTP.activate(person, SECRET)
    asked = first_step(client, settings, person)
    _before, now, _after = yield_hotp_counters_from_time()

    client.post(asked.url, {"code": format_hotp_value(hotp_value(SECRET, now))})

    assert is_in(client)


def test_by_a_recovery_code(client, settings, person):
    TOTP.activate(person, SECRET)
    code, *_others = RecoveryCodes.activate(person).generate_codes()
    asked = first_step(client, settings, person)

    client.post(asked.url, {"code": code})

    assert is_in(client)


def test_by_the_account_of_the_organisation(client, settings, person):
    with running() as organisation:
        server = Oidc(name="Invented Ministry", domains=("example.org",), **PORTAL)
        set_up = settings.OIDC if settings.OIDC.url else server
        settings.OIDC = dataclasses.replace(set_up, url=organisation.url, **PORTAL)
        come_back(client, organisation)

    assert is_in(client)


PORTAL = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


def test_by_a_link_and_a_code(client, django_capture_on_commit_callbacks):
    world = World()
    ActionPlan.objects.filter(pk=world.plan.pk).update(
        status="in_execution", validated_by=world.decision
    )
    write_all()
    member, institution = world.people["member"], world.institutions["member"]
    participation = world.project.participations.get(institution=institution)
    _link, token = AccessLink.issue(member, "open_duties", participation, by=None)
    page = f"{reverse('due-link', args=[token])}action-{world.action.pk}/"
    with django_capture_on_commit_callbacks(execute=True):
        client.post(page, {"send": "1"})
    code = re.search(r"^\d{6}$", mail.outbox[-1].body, re.MULTILINE)[0]

    opened = client.post(page, {"code": code})

    assert world.action.reference in client.get(opened.url).content.decode()


@pytest.mark.every_case
@pytest.mark.deep(part="settings")
@pytest.mark.parametrize("setting", optional_settings.alone())
def test_all_ways_are_open_with_this_setting_alone(setting, worker_id):
    """In a process of its own, since settings are read when it starts."""
    kept = {name: text for name, text in os.environ.items() if "XDIST" not in name}
    own = {"PORTAL_TEST_SETTINGS": setting, "PYTEST_DB_SUFFIX": f"_settings_{worker_id}"}
    command = [sys.executable, "-m", "pytest", "-q", "--reuse-db", __file__]

    done = subprocess.run(command, env=kept | own, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 passed" in done.stdout
