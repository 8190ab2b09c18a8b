"""One line for an event, with an id from the proxy to the worker, and nobody's name."""

import io
import json
import logging
import time

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import RequestFactory

from ibcr_portal.celery import app
from ibcr_portal.middleware import id_of_proxy
from kernel.events import counted, current_request_id, pseudonym
from kernel.logs import JsonFormatter
from tests.factories import UserFactory

TOKEN = "4OHi4-Tl5ufo6err7O3u7_Dx8vP09fb3-Pn6-_z9_v8"


@pytest.fixture
def lines():
    """What the log holds, as machines read it."""
    handler = logging.StreamHandler(stream := io.StringIO())
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    names = ("portal.web", "portal.task", "portal.database")
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.INFO)
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.django_db
def test_a_page_is_one_line(client, lines):
    person = UserFactory(full_name="Reader of the North", email="reader@example.org")
    client.force_login(person)

    answer = client.get("/news/", headers={"x-request-id": "mine-000000000001"})

    (line,) = [one for one in lines() if one["logger"] == "portal.web"]
    assert set(line) == {
        *("time", "level", "logger", "message", "request_id", "method", "view", "route"),
        *("status", "ms", "statements", "database_ms", "user"),
    }
    assert line["request_id"] == answer.headers["X-Request-ID"] != "mine-000000000001"
    assert (line["method"], line["view"], line["route"]) == ("GET", "news", "news/")
    assert (line["status"], line["level"]) == (200, "INFO")
    assert line["user"] == pseudonym(person.pk)
    assert line["statements"] > 1
    assert 0 < line["database_ms"] < line["ms"]
    assert line["time"].endswith("+00:00")
    assert "Reader" not in json.dumps(line)
    assert "reader" not in json.dumps(line)


@pytest.mark.django_db
def test_a_page_asks_the_same_statements_as_before(client, lines, django_assert_num_queries):
    client.force_login(UserFactory())
    client.get("/news/")
    before = lines()[-1]["statements"]

    with django_assert_num_queries(before):
        client.get("/news/")


@pytest.mark.django_db
def test_what_machines_ask_all_day_is_no_line(client, lines):
    for path in ("/health/", "/health/live", "/health/ready", "/metrics"):
        client.get(path)

    assert [line for line in lines() if line["logger"] == "portal.web"] == []


@pytest.mark.django_db
def test_no_token_is_in_a_line(client, lines):
    client.get(f"/due/link/{TOKEN}/")
    logging.getLogger("other").error('Wrong: "/due/link/%s" of a.person@example.org\n', TOKEN)

    web = [one for one in lines() if one["logger"] == "portal.web"]
    assert [one["route"] for one in web] == ["due/link/<str:token>/"]
    (other,) = [one for one in lines() if one["logger"] == "other"]
    assert other["message"] == 'Wrong: "/due/link/***" of ***@***\n'
    assert TOKEN not in json.dumps(lines())


def test_a_failure_is_one_line_with_its_traceback(lines):
    try:
        raise ValueError(f"/due/link/{TOKEN}/")
    except ValueError:
        logging.getLogger("other").exception("It failed")

    (line,) = lines()
    assert line["error"].startswith("Traceback")
    assert line["error"].endswith("ValueError: /due/link/***/")


@pytest.mark.parametrize(
    ("proxies", "given", "forwarded", "taken"),
    [
        (1, "0b5e8a7c-1d2f-4c3b-9a8d-7e6f5a4b3c2d", "192.0.2.1", True),
        (1, "abcdef123456", "192.0.2.1", True),
        (0, "abcdef123456", "192.0.2.1", False),
        (1, "abcdef123456", "", False),
        (2, "abcdef123456", "192.0.2.1", False),
        (1, "short", "192.0.2.1", False),
        (1, "two words here", "192.0.2.1", False),
        (1, 'a"},{"level":"x', "192.0.2.1", False),
        (1, TOKEN, "192.0.2.1", False),
    ],
)
def test_the_id_of_a_request_is_that_of_a_trusted_proxy(settings, proxies, given, forwarded, taken):
    settings.TRUSTED_PROXIES = proxies
    headers = {"x-request-id": given} | ({"x-forwarded-for": forwarded} if forwarded else {})
    request = RequestFactory().get("/", headers=headers)
    request.user = AnonymousUser()

    assert id_of_proxy(request) == (given if taken else "")


@pytest.mark.django_db
def test_a_slow_statement_is_logged_without_its_values(lines, settings):
    settings.SLOW_STATEMENT_MS = 20
    slow = "SELECT pg_sleep(%s), 'a secret'" if connection.vendor == "postgresql" else None
    if slow is None:
        connection.ensure_connection()
        connection.connection.create_function("nap", 1, lambda seconds: time.sleep(seconds))
        slow = "SELECT nap(%s), 'a secret'"

    with counted("abcdef") as cost, connection.cursor() as cursor:
        cursor.execute(slow, [0.05])
        cursor.execute("SELECT 1")

    (line,) = lines()
    assert (line["logger"], line["level"], line["request_id"]) == (
        "portal.database",
        "WARNING",
        "abcdef",
    )
    assert line["ms"] >= 50
    assert line["message"].endswith("(%s), '…'")
    assert "0.05" not in line["message"]
    assert cost.statements == 2
    assert current_request_id.get() == "-"


def test_messages_carry_the_id():
    with counted("abcdefgh"), app.connection_for_write() as broker:
        queue = broker.SimpleQueue("test-ids")
        queue.clear()
        app.send_task("no.such.task", queue="test-ids", connection=broker)
        message = queue.get(timeout=5)
        message.ack()
        queue.close()

    assert message.headers["request_id"] == "abcdefgh"
