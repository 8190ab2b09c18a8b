"""What the answers tell a browser: what to keep, what to refuse, and which cookies are whose."""

import urllib.request

import pytest

from tests.factories import UserFactory
from tests.test_settings import PRODUCTION, value
from tests.world import World

PRIVATE = "private, no-store"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/", 200),
        ("/privacy/", 200),  # its head names who is signed in
        ("/projects/", 200),
        ("/projects/HN-1/team/", 200),
        ("/partners/", 200),
        ("/access-log/", 200),
        ("/mailbox/", 200),
        ("/projects/elsewhere/", 404),
        ("/people/me/", 200),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"HTTP_HX_REQUEST": "true"}], ids=["page", "part"])
def test_no_browser_keeps_what_somebody_saw_who_signed_in(
    client, settings, tmp_path, address, status, headers
):
    settings.EMAIL_FILE_PATH = str(tmp_path)
    client.force_login(World().people["administrator"])

    answer = client.get(address, **headers)

    if address != "/mailbox/":  # only where mail lies in a folder
        assert answer.status_code == status
    assert answer.headers["Cache-Control"] == PRIVATE


@pytest.mark.django_db
def test_a_public_page_may_be_kept(client):
    answer = client.get("/privacy/")

    assert "Cache-Control" not in answer.headers


@pytest.mark.django_db
def test_a_page_turns_off_what_the_portal_does_not_use_and_leaves_passkeys(client):
    client.force_login(UserFactory())

    policy = client.get("/").headers["Permissions-Policy"].split(", ")

    assert {entry for entry in policy if not entry.endswith("=()")} == {
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    }
    assert {"camera=()", "geolocation=()", "microphone=()", "payment=()", "usb=()"} < set(policy)


@pytest.mark.django_db
def test_a_part_of_a_page_leaves_its_policy_to_the_page(client):
    answer = client.get("/privacy/", headers={"HX-Request": "true"})

    assert "Permissions-Policy" not in answer.headers
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "DELETE", "PROPFIND", "nonsense"])
@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/projects/", "/due/link/x/"])
def test_a_method_that_no_page_needs_is_refused(client, method, address):
    answer = client.generic(method, address)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert answer.content == b""


@pytest.mark.deep(part="browser")
def test_the_server_does_not_say_which_program_it_is(live_portal):
    with urllib.request.urlopen(f"{live_portal.url}/accounts/login/") as answer:
        assert answer.headers["Server"] == "portal"


def test_over_https_no_other_host_can_write_the_cookies(tmp_path):
    production = PRODUCTION | {"PORTAL_VAR": str(tmp_path)}
    cookies = (f"{name}_COOKIE_NAME" for name in ("SESSION", "CSRF", "LANGUAGE", "DEVICE"))
    asked = ", settings.".join([*cookies, "OF_THIS_HOST"])

    assert value(production, asked).split() == [
        "__Host-sessionid",
        "__Host-csrftoken",
        "__Host-django_language",
        "__Host-device",
        "__Host-",  # before the one for messages, too
    ]
    for name in ("SESSION", "CSRF", "LANGUAGE"):
        assert value(production, f"{name}_COOKIE_SECURE") == "True"


def test_over_http_the_prefix_would_be_refused(tmp_path):
    embedded = {"PORTAL_EMBEDDED": "1", "PORTAL_VAR": str(tmp_path)}

    assert value(embedded, "SESSION_COOKIE_NAME") == "sessionid"
