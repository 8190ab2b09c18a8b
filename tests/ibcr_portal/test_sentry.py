"""What leaves the portal when an error is reported: nothing about a person."""

import gzip
import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import brotli
import pytest
import sentry_sdk
from django.db import connection
from django.test import Client
from django.urls import reverse

from ibcr_portal.observing import sentry
from kernel.events import counted
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

TOKEN = "4OHi4-Tl5ufo6err7O3u7_Dx8vP09fb3-Pn6-_z9_v8"
SECRETS = [
    *("Reader of the North", "reader@example.org", TOKEN, "typed by somebody", "192.0.2.77"),
    *("a local secret", "sessionid", "question=", "Mozilla of mine"),
]


class Receiver(HTTPServer):
    """Takes what the portal sends, as Sentry would."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies = []
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()

    @property
    def events(self):
        found = []
        for body in self.bodies:
            lines = body.splitlines()
            for head, content in zip(lines[1::2], lines[2::2], strict=False):
                if json.loads(head)["type"] == "event":
                    found.append(json.loads(content))
        return found


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        opened = {"gzip": gzip.decompress, "br": brotli.decompress}
        if encoding := self.headers.get("Content-Encoding"):
            body = opened[encoding](body)
        self.server.bodies.append(body.decode())
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args):
        pass


@pytest.fixture
def receiver():
    server = Receiver()
    sentry.start(f"http://key@127.0.0.1:{server.server_port}/1")
    yield server
    sentry_sdk.get_client().close(timeout=5)
    sentry_sdk.init()
    server.shutdown()
    server.server_close()


def fails(execute, sql, params, many, context):
    local = "a local secret"
    raise RuntimeError(f"{local}: {params} typed by somebody")


def test_an_error_is_reported_with_nothing_about_a_person(receiver):
    person = UserFactory(full_name="Reader of the North", email="reader@example.org")
    client = Client(raise_request_exception=False, headers={"user-agent": "Mozilla of mine"})
    client.force_login(person)
    with connection.execute_wrapper(fails):
        answer = client.post(
            reverse("news-read") + "?question=typed by somebody",
            {"text": "typed by somebody", "token": TOKEN},
            REMOTE_ADDR="192.0.2.77",
            headers={"referer": f"http://localhost:8000/due/link/{TOKEN}/"},
        )
    assert answer.status_code == 500
    sentry_sdk.flush(timeout=5)

    (event,) = [one for one in receiver.events if "exception" in one]
    assert event["exception"]["values"][-1]["type"] == "RuntimeError"
    frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
    assert frames[-1]["function"] == "fails"
    assert event["tags"]["request_id"] == answer.headers["X-Request-ID"]
    assert set(event) <= sentry.KEPT
    for secret in SECRETS:
        sent = "".join(receiver.bodies)
        # The source of this test, which is code, is beside the line that failed.
        code = [line for frame in frames for line in frame.get("pre_context", [])]
        code += [frame.get("context_line", "") for frame in frames]
        code += [line for frame in frames for line in frame.get("post_context", [])]
        assert sent.count(secret) <= "\n".join(code).count(secret), secret


def test_a_line_of_the_log_is_reported_without_what_was_filled_in(receiver):
    with counted("abcdef123456"):
        logging.getLogger("portal.test").error("No room for %s at /due/link/%s/", "Reader", TOKEN)
    sentry_sdk.flush(timeout=5)

    (event,) = receiver.events
    assert event["logentry"] == {"message": "No room for %s at /due/link/***/"}
    assert event["tags"] == {"request_id": "abcdef123456"}
    assert set(event) <= sentry.KEPT
    assert "Reader" not in "".join(receiver.bodies)
