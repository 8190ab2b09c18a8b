"""People sign in with the account of their organisation; strangers and doubtful addresses do not."""

import html
import re
import subprocess
import sys
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.conf import settings as present
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessEvent, User
from ibcr_portal.sign_in_environment import Oidc
from kernel.logs import mask_tokens
from scripts.services import free_port
from tests.accounts.doors import LOGIN
from tests.accounts.oidc_server import CLIENT_ID, CLIENT_SECRET
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

START = "/accounts/organisation/"
BACK = "/accounts/organisation/callback/"
SETUP = "/accounts/2fa/"
OUT = "/accounts/logout/"
HOME = f"{present.SITE_URL}/"


@pytest.fixture(scope="module")
def server():
    port = free_port()
    command = [sys.executable, "-m", "tests.accounts.oidc_server", str(port), HOME]
    with subprocess.Popen(
        [*command, f"http://testserver{BACK}"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "ready\n"
        yield f"http://127.0.0.1:{port}/o"
        process.terminate()


@pytest.fixture(autouse=True)
def organisation(settings, server, client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    settings.OIDC = Oidc(
        url=server,
        name="Invented Ministry",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        domains=("example.org",),
        second_factor=("amr", "mfa"),
    )
    return settings.OIDC


@pytest.fixture
def person():
    return UserFactory(email="known@example.org", language="en")


def onward(answer):
    """Where the page leads that takes people to another host."""
    page = answer.content.decode()
    return html.unescape(re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page)[1])


def way_to(client, **fields):
    return onward(client.post(START, fields))


def sign_in_there(browser, address, name):
    """Sign in at the organisation, and return the address to which it sends back."""
    page = browser.get(address)
    answer = browser.post(page.url, {"name": name, "password": "secret"}, allow_redirects=False)
    onward = requests.compat.urljoin(page.url, answer.headers["Location"])
    told = browser.get(onward, allow_redirects=False).headers["Location"]
    assert told.startswith(f"http://testserver{BACK}?")
    return told.removeprefix("http://testserver")


def sent_back(client, name, **fields):
    with requests.Session() as browser:
        return sign_in_there(browser, way_to(client, **fields), name)


def come_back(client, name, **fields):
    return client.get(sent_back(client, name, **fields))


def shown_at_the_door(client, answer):
    assert answer.status_code == 302, answer.content
    assert answer.url == LOGIN
    page = client.get(LOGIN).content.decode()
    assert "_auth_user_id" not in client.session
    return html.unescape(re.search(r'role="alert".*?<p>(.*?)</p>', page, re.DOTALL)[1])


def test_a_known_person_signs_in_and_nothing_about_them_is_kept(client, person):
    assert "Sign in with Invented Ministry" in client.get(LOGIN).content.decode()

    answer = come_back(client, person.email, next="/people/me/")

    assert answer.url == "/people/me/"
    assert client.session["_auth_user_id"] == str(person.pk)
    event = AccessEvent.objects.get(kind=AccessEvent.Kind.SIGN_IN)
    assert (event.key, event.details) == (person.pseudonym.key, {"method": "socialaccount"})
    assert not any(model.objects.exists() for model in (SocialAccount, SocialApp, SocialToken))
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("stranger@example.org", "Nobody signs in here as stranger@example.org"),
        ("elsewhere@example.com", "Nobody signs in here as elsewhere@example.com"),
        ("doubted@example.org", "Invented Ministry did not confirm your e-mail address."),
        ("silent@example.org", "Invented Ministry did not confirm your e-mail address."),
        ("nameless", "Invented Ministry did not confirm your e-mail address."),
    ],
)
def test_a_stranger_or_a_doubtful_address_does_not_come_in(client, name, said):
    for address in ("elsewhere@example.com", "doubted@example.org", "silent@example.org"):
        UserFactory(email=address)
    people = User.objects.count()

    assert shown_at_the_door(client, come_back(client, name)).startswith(said)
    assert User.objects.count() == people
    event = AccessEvent.objects.get()
    assert (event.kind, event.details["method"]) == ("sign_in_failed", "socialaccount")


def test_somebody_who_was_closed_out_stays_out(client, person):
    User.objects.update(is_active=False)

    come_back(client, person.email)

    assert "_auth_user_id" not in client.session


def test_the_old_address_no_longer_opens_the_account(client, person, settings):
    come_back(client, person.email)
    client.logout()
    person.email = "moved@example.org"
    person.save()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"  # signing out took it

    said = shown_at_the_door(client, come_back(client, "known@example.org"))

    assert said.startswith("Nobody signs in here as known@example.org")


# The second factor


@pytest.fixture
def second_factor(settings):
    settings.SECOND_FACTOR_ROLES = ["administrator"]


def administrator(name):
    return User.objects.create_superuser(name, PASSWORD, full_name="Admin 01", language="en")


def test_whom_the_organisation_asked_for_two_factors_is_asked_for_none_here(client, second_factor):
    person = administrator("proved@example.org")
    TOTP.activate(person, generate_totp_secret())

    assert come_back(client, person.email).url == "/"
    assert client.get("/people/me/").status_code == 200


def test_without_one_here_either_they_go_on(client, second_factor):
    person = administrator("proved@example.org")

    come_back(client, person.email)

    assert client.get("/people/me/").status_code == 200


def test_whom_it_did_not_ask_is_asked_here(client, second_factor):
    person = administrator("known@example.org")

    come_back(client, person.email)
    assert client.get("/people/me/").url == SETUP

    client.logout()
    TOTP.activate(person, generate_totp_secret())
    assert come_back(client, person.email).url == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in client.session


def test_two_factors_count_for_the_sign_in_that_they_belong_to(client, second_factor):
    person = administrator("proved@example.org")
    come_back(client, person.email)
    client.logout()

    client.post(LOGIN, {"login": person.email, "password": PASSWORD})

    assert client.get("/people/me/").url == SETUP


def test_without_the_setting_no_claim_counts(client, settings, second_factor, organisation):
    settings.OIDC = Oidc(**{**vars(organisation), "second_factor": ("", "")})

    come_back(client, administrator("proved@example.org").email)

    assert client.get("/people/me/").url == SETUP


# Signing out


def test_whoever_signs_out_is_taken_to_sign_out_at_the_organisation_too(client, person):
    with requests.Session() as browser:
        client.get(sign_in_there(browser, way_to(client), person.email))
        answer = client.post(OUT)
        page = browser.get(onward(answer))
        left = browser.post(page.url, {"allow": "1", **hidden(page.text)}, allow_redirects=False)
        again = browser.get(way_to(client))

    assert "_auth_user_id" not in client.session
    assert "Invented Ministry, to sign out there as well" in answer.content.decode()
    assert left.headers["Location"].startswith(HOME)
    assert "Sign in at the organisation" in again.text


def test_the_way_there_is_gone_once(client, person):
    come_back(client, person.email)
    client.post(OUT)

    client.post(LOGIN, {"login": person.email, "password": PASSWORD})

    assert client.post(OUT).url == "/"


def hidden(page):
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def test_the_next_person_at_a_shared_machine_is_asked_who_they_are(client, person):
    assert "prompt" not in parse_qs(urlsplit(way_to(client)).query)
    come_back(client, person.email)

    client.post(OUT)

    assert parse_qs(urlsplit(way_to(client)).query)["prompt"] == ["login"]


def test_so_are_they_after_a_session_that_ended_by_itself(client, person, settings, time_machine):
    settings.IDLE_MINUTES = 60
    come_back(client, person.email)

    time_machine.move_to(timezone.now() + timedelta(hours=3))
    client.get("/people/me/")

    assert parse_qs(urlsplit(way_to(client)).query)["prompt"] == ["login"]


def test_whoever_signed_in_here_is_not_sent_there(client, person):
    client.post(LOGIN, {"login": person.email, "password": PASSWORD})

    assert client.post(OUT).url == "/"


# What goes wrong


def logged(caplog):
    found = [one for one in caplog.records if one.name == "accounts.organisation_sign_in"]
    return [one.getMessage() for one in found]


def test_a_server_that_does_not_answer_is_told_of(client, settings, organisation, caplog):
    url = f"http://127.0.0.1:{free_port()}"
    settings.OIDC = Oidc(**{**vars(organisation), "url": url})

    said = shown_at_the_door(client, client.post(START))

    assert said.startswith("The sign-in at Invented Ministry did not work.")
    (line,) = logged(caplog)
    assert line.startswith(f"Sign-in at {url} failed: ConnectionError: ")


def test_a_wrong_secret_is_told_of(client, settings, person, organisation, caplog):
    settings.OIDC = Oidc(**{**vars(organisation), "client_secret": "another"})

    said = shown_at_the_door(client, come_back(client, person.email))

    assert said.startswith("The sign-in at Invented Ministry did not work.")
    (line,) = logged(caplog)
    assert "invalid_client" in line
    assert person.email not in line


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "The sign-in at Invented Ministry did not work."),
        ("code=x&state=y", "The sign-in at Invented Ministry did not work."),
        ("error=access_denied&state={state}", "You stopped at Invented Ministry."),
        ("error=server_error&state={state}", "The sign-in at Invented Ministry did not work."),
        ("code=forged&state={state}", "The sign-in at Invented Ministry did not work."),
    ],
)
def test_an_answer_that_is_none_is_refused(client, query, said):
    state = parse_qs(urlsplit(way_to(client)).query)["state"][0]

    answer = client.get(f"{BACK}?{query.format(state=state)}")

    assert shown_at_the_door(client, answer).startswith(said)


def test_an_answer_counts_once_and_in_the_browser_that_asked(client, person):
    other = type(client)()
    address = sent_back(client, person.email)

    assert other.get(address).url == LOGIN
    assert client.get(address).url == "/"
    client.logout()
    assert client.get(address).url == LOGIN
    assert "_auth_user_id" not in client.session


def test_the_way_leads_to_no_other_portal(client, person):
    assert come_back(client, person.email, next="https://evil.example.com/").url == "/"


def test_only_a_form_of_this_portal_starts_it(client):
    assert client.get(START).status_code == 405
    assert type(client)(enforce_csrf_checks=True).post(START).status_code == 403


def test_attempts_are_limited(client, settings):
    limits = settings.ACCOUNT_RATE_LIMITS | {"organisation": "1/h/ip"}
    settings.ACCOUNT_RATE_LIMITS = limits
    client.post(START)

    said = shown_at_the_door(client, client.post(START))

    assert said == "Too many attempts. Wait five minutes, then try again."


def test_nothing_that_signs_in_is_logged():
    line = f'"GET {BACK}?code=abc123&state=xyz789 HTTP/1.1" 302'

    assert mask_tokens(line) == f'"GET {BACK}?code=***&state=*** HTTP/1.1" 302'


def test_a_portal_without_such_a_server_has_no_such_page(client, settings):
    settings.OIDC = Oidc()

    assert client.post(START).status_code == 404
    assert client.get(BACK).status_code == 404
    assert client.get("/accounts/another/callback/").status_code == 404
    assert reverse("account_organisation") not in client.get(LOGIN).content.decode()


# Without passwords


@pytest.fixture
def without_passwords(settings):
    settings.PASSWORD_SIGN_IN = False
    settings.ACCOUNT_SIGNUP_FIELDS = ["email*"]


def test_without_passwords_people_get_a_code_or_go_to_their_organisation(
    client, person, without_passwords, mailoutbox
):
    page = client.get(LOGIN).content.decode()
    assert 'type="password"' not in page
    assert "Sign in with Invented Ministry" in page

    answer = client.post(LOGIN, {"login": person.email, "password": PASSWORD})

    assert answer.url == "/accounts/login/code/confirm/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "page", ["password/reset/", "password/reset/done/", "password/change/", "password/set/"]
)
def test_without_passwords_their_pages_are_gone(client, person, without_passwords, page):
    client.force_login(person)

    assert client.get(f"/accounts/{page}").status_code == 404
    assert "/accounts/password/" not in client.get("/people/me/").content.decode()


def test_a_password_that_was_chosen_before_opens_nothing(person, settings, without_passwords):
    assert not person.has_usable_password()
    assert not person.check_password(PASSWORD)

    settings.PASSWORD_SIGN_IN = True
    assert person.check_password(PASSWORD)
