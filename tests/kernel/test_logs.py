"""No log holds the token of a link, in whatever format it is written."""

import io
import json
import logging
import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory
from django.urls import get_resolver, reverse
from gunicorn.config import Config

from accounts.models import User
from ibcr_portal.celery import mask_tokens_in_logs
from ibcr_portal.error_reports import MaskingReporter
from ibcr_portal.web_log import WebLogger
from kernel import logs
from kernel.logs import MaskingFormatter, RequestFilter, mask_tokens

# As `secrets.token_urlsafe(32)` makes them; always the same, since names of tests hold it.
TOKEN = "4OHi4-Tl5ufo6err7O3u7_Dx8vP09fb3-Pn6-_z9_v8"


def addresses(resolver=None, prefix="", names=("token", "key"), before=()):
    """The names of all addresses that hold a secret, and their parameters; `before`: those of the
    beginning that they have in common with others."""
    for pattern in (resolver or get_resolver()).url_patterns:
        found = [*before, *pattern.pattern.regex.groupindex]
        if hasattr(pattern, "url_patterns"):
            if pattern.namespace != "admin":
                below = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
                yield from addresses(pattern, below, names, found)
            continue
        if set(names) & set(found):
            yield f"{prefix}{pattern.name}", found


SECRET_ADDRESSES = [*addresses()]


def address(name, parameters, token):
    given = dict.fromkeys(parameters, 1) | {"code": "HN-1", "uidb36": "1"}
    given |= dict.fromkeys(("token", "key"), token)
    return reverse(name, kwargs={key: given[key] for key in parameters})


def test_there_are_such_addresses():
    assert len(SECRET_ADDRESSES) >= 20


@pytest.mark.parametrize("token", [TOKEN, TOKEN[:-5], "x" * 5, f"{TOKEN}x"], ids=len)
def test_no_address_gives_its_token_away(token):
    for name, parameters in SECRET_ADDRESSES:
        path = address(name, parameters, token)
        for line in (path, f"https://portal.example.org{path}?a=1", f'"GET {path} HTTP/1.1" 200'):
            masked = mask_tokens(line)
            assert token not in masked, name
            assert "***" in masked, name


def test_the_log_of_nginx_as_we_configure_it_gives_no_token_away():
    guide = (settings.BASE_DIR / "docs" / "proxies.md").read_text()
    (pattern,) = re.findall(r'"~(\S+)" "\$\{before\}\*\*\*"', guide)

    for name, parameters in SECRET_ADDRESSES:
        found = re.match(pattern, address(name, parameters, TOKEN))
        assert found, name
        assert TOKEN not in found["before"], name


@pytest.mark.parametrize(
    "line",
    [
        f"/plans%2Flink%2F{TOKEN}/",
        f"/plans/{TOKEN.replace('-', '%2D').replace('_', '%5F')}/",
        f"/accounts/login/?next={quote('/plans/link/' + TOKEN, safe='')}",
        f"ValueError: {TOKEN!r} is no key",
        json.dumps({"path": f"/shared/{TOKEN}/"}),
    ],
)
def test_a_token_is_known_by_its_length_elsewhere(line):
    masked = mask_tokens(line)

    assert TOKEN not in masked
    assert TOKEN.replace("-", "%2D").replace("_", "%5F") not in masked


@pytest.mark.parametrize(
    "line",
    [
        "GET /projects/HN-TRATA/plans/2/ 200",
        "Deleted reports/renditions/4KDbIeTz5o4FBCvkR1yhYq0w7ZJ8a-9N.pdf",
        "sha256 " + "0123456789abcdef" * 4,
        "File test_what_the_operator_did_has_no_key_and_no_other_name.py",
        "/meetings/4/invitations/3/",
        "/calendar/",
    ],
)
def test_other_lines_stay_as_they_are(line):
    assert mask_tokens(line) == line


# The formats


def record_of(error=None, *, name="django.request", status=None, message="Not Found: %s"):
    record = logging.LogRecord(
        name, logging.ERROR, __file__, 1, message, (f"/plans/link/{TOKEN}/",), error
    )
    if status:
        record.status_code = status
    return record


def failure():
    try:
        raise ValueError(f"no plan of {TOKEN}")
    except ValueError as error:
        return type(error), error, error.__traceback__


def test_the_line_and_its_traceback_are_masked():
    line = MaskingFormatter("%(message)s").format(record_of(failure()))

    assert "Not Found: /plans/link/***/" in line
    assert "ValueError: no plan of ***" in line
    assert TOKEN not in line


@pytest.mark.parametrize(
    ("status", "kept"), [(403, False), (404, False), (400, False), (500, True)]
)
def test_a_refusal_has_no_traceback(status, kept):
    record = record_of(failure(), status=status)

    assert RequestFilter().filter(record)

    assert ("Traceback" in MaskingFormatter("%(message)s").format(record)) == kept
    assert record.getMessage() == "Not Found: /plans/link/***/"


class JsonFormatter(logging.Formatter):
    def format(self, record):
        return json.dumps({"message": record.getMessage()})


def test_the_format_of_another_program_is_kept():
    logger = logging.Logger("celery")
    logger.addHandler(logging.StreamHandler(stream := io.StringIO()))
    logger.handlers[0].setFormatter(JsonFormatter())

    mask_tokens_in_logs(logger=logger)
    mask_tokens_in_logs(logger=logger)  # for each kind of logger, on the same handler
    logger.handle(record_of(name="celery"))

    assert json.loads(stream.getvalue()) == {"message": "Not Found: /plans/link/***/"}


class Answer:
    status, headers, sent = "200 OK", [], 5


@pytest.mark.parametrize("json_lines", [False, True])
def test_the_web_server_masks_addresses_and_referrers(json_lines, capsys, monkeypatch):
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [*root.handlers])  # a configuration empties the list
    config = Config()
    config.set("accesslog", "-")
    if json_lines:
        config.set("logconfig_dict", WITH_JSON)
    logger = WebLogger(config)
    path = f"/plans/link/{TOKEN}/"
    request = type("Request", (), {"headers": [], "uri": path})
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": path,
        "PATH_INFO": path,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": f"http://localhost:8000{path}",
    }
    logger.access(Answer, request, environ, timedelta(seconds=1))
    logger.error("Error handling request %s", path)

    said = "".join(capsys.readouterr())
    assert said.count("/plans/link/***/") == 3
    assert TOKEN not in said


WITH_JSON = {
    "formatters": {"json": {"()": JsonFormatter}},
    "handlers": {
        "json": {"class": "logging.StreamHandler", "formatter": "json"},
        "error_console": {"class": "logging.StreamHandler", "formatter": "json"},
    },
    "loggers": {
        "gunicorn.access": {"handlers": ["json"], "propagate": False},
        "gunicorn.error": {"handlers": ["json"], "propagate": False},
    },
    "root": {"handlers": []},
}


@pytest.mark.parametrize("form", ["text", "html"])
def test_a_report_of_an_error_is_masked(form):
    path = f"/plans/link/{TOKEN}/"
    request = RequestFactory().get(path, headers={"referer": f"http://localhost{path}"})
    reporter = MaskingReporter(request, *failure())

    report = reporter.get_traceback_text() if form == "text" else reporter.get_traceback_html()

    assert "ValueError" in report
    assert TOKEN not in report


# Rows


ADDRESS = "ixchel@example.org"


def broken_email():
    User.objects.create(email=ADDRESS, full_name="Another")


def broken_row():
    User.objects.update(language=None)


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite names no values")
@pytest.mark.parametrize("breaks", [broken_email, broken_row])
def test_no_error_of_the_database_shows_a_row(breaks):
    """Its message has the values of the row, in which a sentence or a paragraph may end."""
    User.objects.create(email=ADDRESS, full_name="Ixchel (Maya).\n\nFuentes")
    try:
        with transaction.atomic():
            breaks()
    except IntegrityError as error:
        record = record_of((type(error), error, error.__traceback__))
        said = str(error)

    assert ADDRESS in said
    for formatter in (MaskingFormatter("%(message)s"), logs.JsonFormatter()):
        line = formatter.format(record)
        assert "IntegrityError" in line
        assert [word for word in ("ixchel@", "Maya", "Fuentes") if word in line] == []
