"""When the database is down, people read what to do, in their language, and the log has an id."""

import os
import socket
import subprocess
import sys

import pytest
from django.conf import settings

ASK = """
import django, sys
django.setup()
from django.test import Client
answer = Client(raise_request_exception=False).get(
    sys.argv[1], headers={"accept-language": sys.argv[2], "host": "localhost"}
)
print(answer.status_code, answer.headers.get("X-Request-ID"))
print(answer.content.decode())
"""


@pytest.fixture(scope="module")
def dead_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets it
        yield taken.getsockname()[1]


@pytest.fixture(scope="module")
def environment(dead_port, static_files):
    """Production, with its static files collected, and nobody behind the addresses."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "ibcr_portal.settings",
        "DATABASE_URL": f"postgres://portal@127.0.0.1:{dead_port}/portal",
        "REDIS_URL": f"redis://127.0.0.1:{dead_port}/0",
        "SITE_URL": "http://localhost:8000",
        "SECRET_KEY": "x" * 50,
        "ACCESS_LOG_KEY": "y" * 50,
        "STATIC_ROOT": str(static_files),
    }
    environment.pop("PORTAL_EMBEDDED", None)
    return environment


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("fr", "Il ne peut pas atteindre ses données"),
        pytest.param("es", "No puede acceder a sus datos", marks=pytest.mark.deep(part="cases")),
        pytest.param("en", "It cannot reach its data", marks=pytest.mark.deep(part="cases")),
    ],
)
def test_a_database_that_is_down_is_said_in_words(environment, language, sentence):
    asked = subprocess.run(
        [sys.executable, "-c", ASK, "/health/", language],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
    )
    head, _newline, page = asked.stdout.partition("\n")
    status, request_id = head.split()

    assert status == "503"
    assert sentence in page
    assert request_id in page
    assert f"[{request_id}]" in asked.stderr
    assert "Traceback" not in page
