"""Neither an address to go to nor the name of a host leads out of this portal."""

import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core import mail

from tests.accounts.doors import CODE, CONFIRM, LOGIN, RESET, code_of, sign_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return UserFactory(email="membre@example.org", full_name="Membre 01")


# Where to go afterwards


OUTSIDE = [
    "https://elsewhere.example/",
    "http://elsewhere.example",
    "//elsewhere.example/",
    "///elsewhere.example/",
    "////elsewhere.example/",
    r"\\elsewhere.example",
    r"/\elsewhere.example/",
    r"\/elsewhere.example/",
    "/\t/elsewhere.example/",
    "\t//elsewhere.example/",
    " //elsewhere.example/",
    "https:elsewhere.example",
    "https:///elsewhere.example",
    "http:/\\elsewhere.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "ftp://elsewhere.example/",
    "file:///etc/passwd",
    f"{settings.SITE_URL}@elsewhere.example/",
    f"{settings.SITE_URL}.elsewhere.example/",
    "http://127.0.0.1/",
    "http://127.0.0.1:9/",
    "http://localhost:1/",
    "//localhost@elsewhere.example/",
    "https://user:password@elsewhere.example/",
    "http://[::1]/",
    "//[elsewhere",
    "mailto:other@example.org",
]


@pytest.mark.parametrize("url", OUTSIDE)
def test_sign_in_leads_to_no_place_outside(client, person, url):
    by_form = sign_in(client, person.email, query_params={"next": url})
    client.post("/accounts/logout/")
    client.post(CODE, {"email": person.email}, query_params={"next": url})
    by_code = client.post(
        CONFIRM, {"code": code_of(mail.outbox[-1]), "next": url}, query_params={"next": url}
    )
    already = client.get(LOGIN, query_params={"next": url})
    out = client.post("/accounts/logout/", {"next": url})

    assert [answer.url for answer in (by_form, by_code, already, out)] == ["/"] * 4


@pytest.mark.parametrize("url", ["/people/me/", "/privacy/?a=b#c", f"{settings.SITE_URL}/privacy/"])
def test_sign_in_leads_back_to_a_page_of_this_portal(client, person, url):
    assert sign_in(client, person.email, query_params={"next": url}).url == url


# Hosts


HOSTILE_HOSTS = [
    "elsewhere.example",
    "elsewhere.example:80",
    "localhost.elsewhere.example",
    "localhost@elsewhere.example",
    "localhost:80@elsewhere.example",
    "localhost elsewhere.example",
    "localhost/elsewhere.example",
    "localhost\telsewhere.example",
    "127.0.0.1.elsewhere.example",
    "127.0.0.1",
    "127.0.0.1:8000",
    "[::1]",
    "*",
    "",
    "localhost:abc",
    "xn--localhost-",
    "LOCALHOST.elsewhere.example",
    "0.0.0.0",
    "169.254.169.254",
    "localhost, elsewhere.example",
    "..localhost",
    "localhost#elsewhere.example",
]


@pytest.mark.parametrize("host", HOSTILE_HOSTS)
def test_a_request_for_another_host_is_refused_and_sends_nothing(client, person, host):
    answers = [client.post(page, {"email": person.email}, HTTP_HOST=host) for page in (CODE, RESET)]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert mail.outbox == []


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_HOST": "localhost:1"},
        {"HTTP_X_FORWARDED_HOST": "elsewhere.example"},
        {"HTTP_X_FORWARDED_SERVER": "elsewhere.example"},
        {"HTTP_X_FORWARDED_PORT": "1234"},
        {"HTTP_FORWARDED": "host=elsewhere.example"},
        {"HTTP_X_ORIGINAL_HOST": "elsewhere.example"},
        {"HTTP_X_HOST": "elsewhere.example"},
        {"SERVER_NAME": "localhost", "SERVER_PORT": "1234"},
    ],
)
def test_links_in_mail_come_from_the_settings_alone(client, person, headers):
    client.post(RESET, {"email": person.email}, **headers)

    (message,) = mail.outbox
    everything = message.body + message.alternatives[0].content
    addresses = {urlsplit(url)[:2] for url in re.findall(r"https?://[^\s\"<]+", everything)}
    assert addresses == {urlsplit(settings.SITE_URL)[:2]}
