"""A body that is too large is refused by its announced size: nothing of it reaches the disk."""

import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.test import Client
from django.urls import get_resolver

from accounts.models import AccessLink
from ibcr_portal.body_limit import READS_AND_FORGETS, TAKE_FILES
from tests.factories import UserFactory

LOGIN = "/accounts/login/"
NOTHING_RECORDED = "rien n’a été enregistré"


def announce(client, address, megabytes):
    """Announce a body and send none of it: to read it would fail."""
    size = str(megabytes * 1_000_000)
    return client.post(address, content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=size)


@pytest.fixture
def signed_in(client):
    client.force_login(UserFactory(language="fr"))
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("megabytes", [4, 36, 300])
def test_a_visitor_is_refused_with_the_limit(client, megabytes):
    refused = announce(client, LOGIN, megabytes)

    assert refused.status_code == 413
    assert "au plus 3,0\xa0Mo" in refused.text
    assert NOTHING_RECORDED in refused.text


@pytest.mark.django_db
def test_a_page_without_files_takes_no_more_from_people_who_signed_in(signed_in):
    assert announce(signed_in, "/people/me/", 300).status_code == 413


@pytest.mark.django_db
def test_a_page_with_files_takes_larger_ones_up_to_its_limit(signed_in):
    page = "/projects/new/iati/"

    taken = signed_in.post(page, {"file": "x" * 2_000_000, "text": "x" * 400_000})
    refused = announce(signed_in, page, 300)

    assert taken.status_code != 413
    assert refused.status_code == 413
    assert "au plus 35,0\xa0Mo" in refused.text


@pytest.mark.django_db
def test_who_was_signed_out_meanwhile_is_asked_to_sign_in(client):
    refused = announce(client, "/projects/new/iati/", 20)

    assert refused.status_code == 413
    assert "Votre session a pris fin entre-temps" in refused.text


@pytest.mark.django_db
def test_only_a_valid_link_takes_files_without_signing_in(client):
    person = UserFactory()
    _link, token = AccessLink.issue(person, "any", person, by=None)

    wrong = announce(client, "/actions/link/wrong/", 36)
    right = announce(client, f"/actions/link/{token}/", 36)

    assert wrong.status_code == 404
    assert "Votre session" not in wrong.text
    assert "au plus 35,0\xa0Mo" in right.text


class Kept(Exception):
    """Something of a body was about to be kept."""


class RaisingHandler(FileUploadHandler):
    def handle_raw_input(self, *args, **kwargs):
        raise Kept


@pytest.mark.django_db
def test_somebody_signed_in_gets_the_answer_after_the_whole_body(settings):
    settings.FILE_UPLOAD_HANDLERS = [f"{__name__}.RaisingHandler"]
    client = Client(enforce_csrf_checks=True)  # which reads the body of whoever has a cookie
    client.force_login(UserFactory())
    assert client.get("/people/me/").cookies["csrftoken"]

    refused = client.post("/people/me/", {"file": "x" * 4_000_000})

    assert refused.status_code == 413
    body = refused.wsgi_request.META["wsgi.input"]
    assert body.read() == b""
    with pytest.raises(Kept):  # as any body that is not refused
        client.post("/people/me/", {"file": "x" * 2_000_000})


@pytest.mark.django_db
def test_a_body_of_unannounced_length_is_refused(client):
    refused = client.generic("POST", LOGIN, HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")

    assert refused.status_code == 411
    assert "n’a pas annoncé" in refused.text


def test_every_module_that_reads_files_has_a_page_in_the_list():
    """Also finds a page of the list that is gone or has another name."""
    views = dict(named_views(get_resolver()))
    listed = {views[name].__module__ for name in [*TAKE_FILES, *READS_AND_FORGETS]}
    reading = {
        module
        for module in {view.__module__ for view in views.values()}
        if re.search(r"posted_files\(|request\.FILES", source_of(module))
    }

    # `exchange.importing` reads through its form, `request_link` through the sheet of `requests`.
    assert reading - listed == set()


def named_views(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from named_views(pattern, inner)
        elif pattern.name:
            yield f"{prefix}{pattern.name}", pattern.callback


def source_of(module):
    path = Path(settings.BASE_DIR, *module.split(".")).with_suffix(".py")
    return path.read_text() if path.exists() else ""


def ask_server(portal, lines):
    """Send the head of a request alone, and return the first line of the answer."""
    address = urlsplit(portal.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        head = [*lines, f"Host: {address.netloc}", "Connection: close", "", ""]
        connection.sendall("\r\n".join(head).encode())
        return connection.recv(200).decode("latin-1").partition("\r\n")[0]


def test_the_web_server_answers_before_anything_was_sent(live_portal):
    post = f"POST {LOGIN} HTTP/1.1"

    announced = ask_server(live_portal, [post, "Content-Length: 300000000"])
    chunked = ask_server(live_portal, [post, "Transfer-Encoding: chunked"])
    long_line = ask_server(live_portal, [f"GET /{'x' * 5_000} HTTP/1.1"])
    many_fields = ask_server(live_portal, [f"GET {LOGIN} HTTP/1.1", *["X-More: 1"] * 60])
    long_field = ask_server(live_portal, [f"GET {LOGIN} HTTP/1.1", f"X-More: {'x' * 9_000}"])

    assert announced == "HTTP/1.1 413 Content Too Large"
    assert chunked == "HTTP/1.1 411 Length Required"
    assert long_line.startswith("HTTP/1.1 4")
    assert (many_fields, long_field) == ("HTTP/1.1 431 Request Header Fields Too Large",) * 2
