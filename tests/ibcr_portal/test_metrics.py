"""Figures for Prometheus: behind a token, of all processes of a web server, and of any worker."""

import logging
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import AccessEvent, OutgoingMail
from ibcr_portal import web_server
from ibcr_portal.management.commands.portal import WEB
from ibcr_portal.observing import counters
from reports.models import Rendition
from scripts.services import free_port
from tests.conftest import Process, answers, environment
from tests.factories import UserFactory

TOKEN = "a token that only tests know"


def read(text):
    """By their names with labels, the figures of an exposition."""
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


@pytest.fixture
def ask(client, settings):
    settings.METRICS_TOKEN = TOKEN

    def figures():
        answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        return read(answer.content.decode())

    return figures


@pytest.mark.parametrize(
    ("token", "given", "status"),
    [
        ("", "", 404),
        ("", "Bearer ", 404),
        (TOKEN, "", 401),
        (TOKEN, "Bearer ", 401),
        (TOKEN, f"Basic {TOKEN}", 401),
        (TOKEN, f"Bearer {TOKEN}x", 401),
        (TOKEN, "Bearer pas du tout: é", 401),
    ],
)
def test_only_who_knows_the_token_gets_figures(client, settings, token, given, status):
    settings.METRICS_TOKEN = token

    answer = client.get("/metrics", headers={"authorization": given})

    assert (answer.status_code, answer.content) == (status, b"")


@pytest.mark.django_db
def test_requests_are_counted_by_page_and_answer(client, ask):
    before = ask()
    client.get("/privacy/")
    client.get("/privacy/")
    client.post("/privacy/")
    client.generic("BREW", "/privacy/")
    client.force_login(UserFactory())
    client.get("/news/")
    after = ask()

    def grew(name):
        return after[name] - before.get(name, 0)

    page = 'portal_requests_total{method="%s",status="%s",view="privacy"}'
    assert grew(page % ("GET", 200)) == 2
    assert grew(page % ("POST", 405)) == 1
    assert grew(page % ("other", 405)) == 1
    assert grew('portal_request_seconds_count{view="privacy"}') == 4
    assert grew('portal_request_statements_total{view="news"}') > 1
    assert not any("health" in name or 'view="unknown"' in name for name in after if grew(name))


@pytest.mark.django_db
def test_work_is_counted_in_the_database(ask):
    now = timezone.now()
    OutgoingMail.objects.create(next_attempt_at=now - timedelta(seconds=90))
    OutgoingMail.objects.create(state="ready", sent_at=now)
    OutgoingMail.objects.create(state="failed", failure="refused", finished_at=now)
    AccessEvent.record(AccessEvent.Kind.SIGN_IN_FAILED, user=None)

    found = ask()

    assert found['portal_jobs{failure="",kind="mail",state="queued"}'] == 1
    assert found['portal_jobs{failure="",kind="mail",state="ready"}'] == 1
    assert found['portal_jobs{failure="refused",kind="mail",state="failed"}'] == 1
    assert found['portal_jobs_waiting{kind="mail"}'] == 1
    assert 90 <= found['portal_oldest_job_seconds{kind="mail"}'] < 100
    assert found['portal_oldest_job_seconds{kind="documents"}'] == 0
    assert found["portal_sign_ins_refused_last_hour"] == 1
    assert found["portal_renders_last_hour"] == Rendition.objects.count() == 0
    assert found["portal_broker_up"] == found["portal_database_up"] == 1
    assert found['portal_disk_free_bytes{place="var"}'] > 0


@pytest.mark.django_db
def test_nothing_is_imported_for_it_without_a_token():
    code = "import ibcr_portal.wsgi, sys; print([n for n in sys.modules if 'prometheus' in n])"

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env=environment(),
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout.strip() == "[]"


def test_the_processes_of_a_web_server_count_together(
    transactional_db, static_files, monkeypatch, tmp_path
):
    monkeypatch.setenv("METRICS_TOKEN", TOKEN)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    port = free_port()
    url = f"http://localhost:{port}"
    server = Process([*WEB, "--workers=3", f"--bind=127.0.0.1:{port}"])
    try:
        server.wait_until(lambda: answers(f"{url}/health/live"))
        for _ in range(40):
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(f"{url}/nowhere/", timeout=20)
        asked = urllib.request.Request(
            f"{url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        seen = []
        for _ in range(5):
            with urllib.request.urlopen(asked, timeout=20) as answer:
                found = read(answer.read().decode())
            name = 'portal_requests_total{method="GET",status="404",view="unknown"}'
            seen.append(found[name])
        assert seen == [40.0] * 5
        (folder,) = tmp_path.glob("portal-metrics-*")
        processes = {re.sub(r"\D", "", path.name) for path in folder.glob("counter_*.db")}
        assert len(processes) > 1
        replace(server, folder)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            found = read(answer.read().decode())
        assert found[name] == 40.0  # what the processes that ended counted still counts
        left = {path.name.rpartition("_")[2] for path in folder.glob("*_*.db")}
        assert left & {f"{pid}.db" for pid in processes} == set()
        assert "ended.db" in left
    finally:
        server.stop()
    time.sleep(0.2)
    assert list(tmp_path.glob("portal-metrics-*")) == []


def replace(server, folder):
    """End each process of the web server that counted; others take their places."""
    for pid in {re.sub(r"\D", "", path.name) for path in folder.glob("counter_*.db")}:
        os.kill(int(pid), signal.SIGTERM)
    server.wait_until(lambda: not list(folder.glob("counter_[0-9]*.db")))


def test_a_process_that_was_killed_while_it_began_stops_no_figures(monkeypatch, tmp_path):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    (tmp_path / "counter_12.db").touch()

    counters.add_up(12)

    assert [path.name for path in tmp_path.glob("*_12.db")] == []
    assert list(counters.ProcessCounts().collect()) == []


def test_figures_that_cannot_be_written_end_no_web_server(monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    (tmp_path / "counter_12.db").touch()
    (tmp_path / "counter_ended.db").mkdir()  # as unwritable as on a full disk
    server = SimpleNamespace(log=logging.getLogger("gunicorn.error"))

    web_server.child_exit(server, SimpleNamespace(pid=12))

    assert "What process 12 counted is lost" in caplog.text
