"""A file is checked in the browser: its hash is computed there, or the file is sent and forgotten."""

import hashlib
import socket
import time
import urllib.request

import pytest
from playwright.sync_api import expect

from kernel.jobs import Job
from reports.models import About, Report, Snapshot
from tests.factories import RenditionFactory, ReportFactory
from tests.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.deep(part="browser"),
    pytest.mark.django_db(transaction=True),
]

CONTENT = b"%PDF-1.7 " + bytes(range(256)) * 2_000
GENUINE = "This file is genuine"


@pytest.fixture
def document(live_portal):
    """A published report with one file."""
    world = World()
    report = ReportFactory(period=world.year, written_by=world.people["coordinator"])
    snapshot = Snapshot.keep(About(report), {"donor": {}}, is_final=True)
    Report.objects.filter(pk=report.pk).update(
        status="published",
        snapshot=snapshot,
        signed_off_by=world.people["monitoring"],
        signed_off_on="2020-09-30",
        published_on="2020-10-26",
    )
    return RenditionFactory(
        snapshot=snapshot,
        language="es",
        audience="donor",
        state=Job.State.READY,
        file="reports/renditions/x.pdf",
        pages=9,
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
    )


def give(page, content):
    file = {"name": "report.pdf", "mimeType": "application/pdf", "buffer": content}
    page.get_by_label("The file").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()


def sent_by(page) -> list[tuple[str, int]]:
    """The requests for pages, and how many bytes their bodies had."""
    requests = []
    page.on(
        "request",
        lambda one: (
            requests.append((one.method, len(one.post_data_buffer or b"")))
            if one.is_navigation_request()
            else None
        ),
    )
    return requests


def test_the_browser_sends_the_hash_alone(open_page, document):
    page = open_page("/verify/", language="en", width="phone")
    requests = sent_by(page)
    expect(page.get_by_text("The file stays on your device").first).to_be_visible()

    give(page, CONTENT)

    expect(page.get_by_text(GENUINE).first).to_be_visible()
    expect(page.get_by_text(str(document.snapshot.project)).first).to_be_visible()
    assert page.url.endswith(f"/verify/file/{document.sha256}/")
    assert requests == [("GET", 0)]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_one_byte_more_is_unknown(open_page, document):
    page = open_page("/verify/", language="en")

    give(page, CONTENT + b"\n")

    expect(page.get_by_text("This file is unknown").first).to_be_visible()


def test_a_browser_without_script_or_without_crypto_sends_the_file(open_page, document):
    plain = open_page("/verify/", language="en", java_script_enabled=False)
    old = open_page("/health/", language="en")
    old.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    old.goto("/verify/")

    for page in (plain, old):
        requests = sent_by(page)
        expect(page.get_by_text("The file is sent to the portal").first).to_be_visible()
        give(page, CONTENT)

        expect(page.get_by_text(GENUINE).first).to_be_visible()
        assert page.url.endswith(f"/verify/file/{document.sha256}/")
        assert requests[0][0] == "POST"


def test_none_an_empty_and_too_large_a_file_are_told(open_page, document):
    page = open_page("/verify/", language="en")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("Choose the file that you want to check.").first).to_be_visible()

    give(page, b"")
    expect(page.get_by_text("This file is empty").first).to_be_visible()

    page.locator("[data-verify]").evaluate("form => { form.dataset.limit = 100 }")
    give(page, CONTENT)
    expect(page.get_by_text("This file is larger than any document").first).to_be_visible()


def test_a_slow_upload_keeps_nobody_waiting(live_portal, document):
    """Slow lines are many: others are answered while a file trickles in."""
    host, port = live_portal.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as slow:
        slow.sendall(
            b"POST /verify/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n"
            b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
            b'Content-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
        )
        for _number in range(3):
            slow.sendall(b"%PDF")
            began = time.monotonic()
            urllib.request.urlopen(f"{live_portal.url}/health/", timeout=10).close()
            assert time.monotonic() - began < 10
