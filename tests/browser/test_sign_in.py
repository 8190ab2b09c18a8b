"""Signing in as a browser does it: with a passkey, and again after a session ended in the middle of
a sentence."""

from importlib import import_module

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from accounts.idle import SIGNED_IN_AT
from accounts.models import AccessEvent
from projects.models import Project
from reports.models import Section
from tests.factories import PASSWORD, ReportFactory
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.deep(part="browser"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def world():
    return World()


@pytest.fixture
def coordinator(world, with_password):
    return with_password(world.people["coordinator"])


def sign_in(page, person):
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page, person):
    page.get_by_label(f"My account: {person}").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.goto("/accounts/login/")


def methods():
    events = AccessEvent.objects.filter(kind="sign_in").order_by("number")
    return [event.details["method"] for event in events]


def test_a_passkey_signs_in_alone_and_as_second_step(open_page, coordinator):
    page = open_page("/accounts/login/?next=/accounts/2fa/", language="en")
    authenticator = page.context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    authenticator.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    sign_in(page, coordinator)

    page.get_by_role("link", name="Add a passkey").click()
    page.locator("input[type=password]").fill(PASSWORD)  # before any change of the way in
    page.keyboard.press("Enter")
    page.get_by_label("Name of the passkey").fill("My telephone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto("/accounts/2fa/")
    expect(page.get_by_text("My telephone")).to_be_visible()
    passkey = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)
    assert passkey.wrap().is_passwordless

    sign_out(page, coordinator)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()

    sign_out(page, coordinator)
    sign_in(page, coordinator)
    page.get_by_role("button", name="Use the passkey or key").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    assert methods() == ["password", "mfa", "mfa"]


def end_sessions():
    """As if they had been open for two weeks."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for session in Session.objects.all():
        opened = store(session.session_key)
        opened[SIGNED_IN_AT] -= 15 * 24 * 3600
        opened.save()


def test_a_half_filled_form_is_there_again_after_the_sign_in(open_page, world, coordinator):
    edit = f"/projects/{world.project.code}/edit/"
    page = open_page(edit, user=coordinator, language="en")
    field = page.locator("form[method=post] input[type=text]").first
    field.fill("A title half written")
    end_sessions()

    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("What you typed has been kept.")).to_be_visible()
    sign_in(page, coordinator)

    assert page.url.endswith(edit)
    expect(field).to_have_value("A title half written")
    assert not Project.objects.filter(short_title_en="A title half written").exists()


def test_a_long_text_is_there_again_after_the_sign_in(open_page, world, coordinator):
    report = ReportFactory(period=world.year, written_by=coordinator)
    path = f"{report.get_absolute_url()}sections/context/en/"
    page = open_page(path, user=coordinator, language="en")
    text = page.get_by_role("main").get_by_role("textbox")
    text.fill("Three villages were visited.")
    end_sessions()

    page.get_by_role("button", name="Save").click()
    sign_in(page, coordinator)

    expect(text).to_have_value("Three villages were visited.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".alert-success")).to_be_visible()
    assert Section.objects.get().text == "Three villages were visited."


def test_the_text_of_one_person_is_not_shown_to_the_next(
    open_page, world, coordinator, with_password
):
    administrator = with_password(world.people["administrator"])
    edit = f"/projects/{world.project.code}/edit/"
    page = open_page(edit, user=coordinator, language="en")
    field = page.locator("form[method=post] input[type=text]").first
    before = field.input_value()
    field.fill("A title half written")
    end_sessions()

    page.get_by_role("button", name="Save").click()
    sign_in(page, administrator)

    assert page.url.endswith(edit)
    expect(field).to_have_value(before)
