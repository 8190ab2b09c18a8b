"""Whose address counts: the one that a trusted proxy appended, never one that a client wrote."""

import pytest

from tests.accounts.doors import LOGIN

pytestmark = pytest.mark.django_db


def attempts(client, number, **headers):
    """Wrong passwords for different addresses, which only the limit per client stops."""
    answers = []
    for each in range(number):
        sent = {name: value.format(each) for name, value in headers.items()}
        typed = {"login": f"person{each}@example.org", "password": "wrong"}
        answers.append(client.post(LOGIN, typed, **sent))
    return answers


def is_stopped(answer):
    return "Attendez cinq minutes" in answer.text


FORGED = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_FOR": "198.51.100.{}, 203.0.113.9"}


def test_behind_a_proxy_that_appends_a_forged_address_changes_nothing(client, settings):
    settings.TRUSTED_PROXIES = 1

    answers = attempts(client, 13, **FORGED)

    assert [is_stopped(answer) for answer in answers] == [False] * 10 + [True] * 3


def test_behind_a_proxy_that_appends_clients_are_told_apart(client, settings):
    settings.TRUSTED_PROXIES = 1
    headers = FORGED | {"HTTP_X_FORWARDED_FOR": "198.51.100.7, 203.0.113.{}"}

    assert not any(is_stopped(answer) for answer in attempts(client, 13, **headers))


def test_of_two_proxies_the_outer_one_saw_the_client(client, settings):
    settings.TRUSTED_PROXIES = 2
    headers = FORGED | {"HTTP_X_FORWARDED_FOR": "198.51.100.{}, 203.0.113.9, 10.0.0.1"}

    assert is_stopped(attempts(client, 11, **headers)[-1])


def test_without_a_trusted_proxy_the_headers_are_ignored(client, settings):
    settings.TRUSTED_PROXIES = 0

    assert is_stopped(attempts(client, 11, **FORGED)[-1])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_FOR": "unknown"},
        {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_FOR": "203.0.113.9,"},
    ],
)
def test_a_proxy_that_does_not_set_the_headers_is_noticed_at_once(client, settings, headers):
    settings.TRUSTED_PROXIES = 1

    refused = client.get(LOGIN, **headers)
    health = client.get("/health/", **headers)

    assert (refused.status_code, health.status_code) == (400, 200)
    assert "X-Forwarded-For et X-Forwarded-Proto" in refused.text
    assert "comme le montre docs/proxies.md" in refused.text


def test_fewer_entries_than_proxies_are_refused(client, settings):
    settings.TRUSTED_PROXIES = 2

    assert client.get(LOGIN, **FORGED | {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}).status_code == 400


@pytest.mark.parametrize("written", ["2001:db8::7", " 203.0.113.9 "])
def test_the_address_is_where_the_log_of_the_web_server_finds_it(client, settings, written):
    settings.TRUSTED_PROXIES = 1
    headers = FORGED | {"HTTP_X_FORWARDED_FOR": f"198.51.100.7, {written}"}

    request = client.get(LOGIN, **headers).wsgi_request

    assert request.META["REMOTE_ADDR"] == written.strip()
