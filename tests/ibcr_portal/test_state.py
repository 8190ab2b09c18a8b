"""How the portal is doing, as machines and the administrator read it."""

from collections import namedtuple
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.log_check import log_checked
from accounts.models import OutgoingMail
from ibcr_portal.models import Watch
from ibcr_portal.observing import figures, probes, state
from ibcr_portal.observing.machines import forget_state
from ibcr_portal.observing.words import WORDS, read
from kernel import broker
from reports.models import Rendition
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

KEYS = [
    *("database", "migrations", "broker", "clock", "worker", "queue", "documents", "mail"),
    *("refusals", "access-log", "backup", "files", "keys", "seal", "storage", "disk"),
]


@pytest.fixture(autouse=True)
def fresh():
    forget_state()
    state._current_until = 0.0
    broker.forget()
    yield
    state._current_until = 0.0
    forget_state()


@pytest.fixture
def ask(client):
    def ready():
        forget_state()
        answer = client.get("/health/ready")
        return answer.status_code, answer.json()

    return ready


def status(answer, key):
    return answer[1]["checks"][key]["status"]


def test_a_portal_that_is_well_says_so(ask, settings):
    settings.EMBEDDED = True

    code, found = ask()

    assert (code, list(found["checks"])) == (200, KEYS)
    assert {key: one["status"] for key, one in found["checks"].items()} == dict.fromkeys(KEYS, "ok")
    assert found["status"] == "ok"
    assert found["checks"]["queue"] == {
        "status": "ok",
        **{name: {"waiting": 0, "oldest_seconds": 0} for name in ("documents", "archives", "mail")},
    }


def test_each_part_has_words():
    assert set(WORDS) == {*KEYS, *probes.used()}
    for key in WORDS:
        line = read(state.HealthLine(key, state.WARN))
        assert line.tone == "bad"
        assert line.text
        assert line.advice


def down(execute, sql, params, many, context):
    raise OperationalError("the server closed the connection")


def test_it_lives_without_a_database_and_cannot_serve(client, django_assert_num_queries):
    with connection.execute_wrapper(down):
        assert client.get("/health/live").content == b"ok"
        answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert answer.json()["checks"]["database"] == {"status": "bad"}
    assert "queue" not in answer.json()["checks"]
    with django_assert_num_queries(0):
        client.get("/health/live")


def test_a_database_of_an_earlier_version_cannot_serve(ask):
    MigrationRecorder(connection).migration_qs.filter(app="ibcr_portal").delete()

    answer = ask()

    assert (answer[0], status(answer, "migrations")) == (503, "bad")


def test_what_waits_for_too_long_is_reported(ask):
    OutgoingMail.objects.create(next_attempt_at=timezone.now() - timedelta(minutes=11))

    answer = ask()

    assert (answer[0], answer[1]["status"], status(answer, "queue")) == (200, "degraded", "warn")
    assert answer[1]["checks"]["queue"]["mail"] == {"waiting": 1, "oldest_seconds": 660}


def test_a_job_that_a_dead_worker_left_waits_since_its_lease_ran_out():
    OutgoingMail.objects.create(
        state="working",
        next_attempt_at=timezone.now() - timedelta(days=1),
        lease_until=timezone.now() - timedelta(minutes=2),
    )

    assert round(figures.waiting("mail").seconds) == 120


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"attempt": 4}, "ok"),
        ({"attempt": 5, "next_attempt_at": timezone.now() + timedelta(hours=1)}, "warn"),
        ({"state": "failed", "failure": "unreachable", "finished_at": timezone.now()}, "warn"),
        ({"state": "failed", "failure": "refused", "finished_at": timezone.now()}, "ok"),
    ],
)
def test_a_mail_server_that_takes_nothing_is_reported(ask, facts, expected):
    OutgoingMail.objects.create(**facts)

    assert status(ask(), "mail") == expected


def answered(*failures):
    """Messages that the mail server answered, the newest one last."""
    now = timezone.now()
    for ago, failure in enumerate(reversed(failures)):
        then = now - timedelta(minutes=ago)
        sent = {"state": "ready", "sent_at": then} if not failure else {"state": "failed"}
        OutgoingMail.objects.create(failure=failure, started_at=then, finished_at=then, **sent)


@pytest.mark.parametrize(
    ("failures", "expected"),
    [
        (["refused", "policy"], "ok"),  # mistyped addresses, perhaps
        (["", "refused", "policy", "refused"], "warn"),
        (["refused", "refused", "", "refused"], "warn"),  # more than a tenth of the day
        ([*[""] * 40, "refused", "refused", "", "refused", ""], "ok"),
        ([*[""] * 20, "unclear", "unclear", "unclear", ""], "warn"),
        ([*[""] * 40, "unclear", "unclear", "unclear", ""], "ok"),
    ],
)
def test_a_mail_server_that_refuses_is_reported(ask, failures, expected):
    answered(*failures)

    answer = ask()

    assert status(answer, "refusals") == expected
    facts = answer[1]["checks"]["refusals"]
    assert facts["answered"] == len(failures)
    assert facts["refused"] + facts["unclear"] == len([one for one in failures if one])


def test_what_was_refused_yesterday_is_reported_no_more(ask):
    answered("refused", "refused", "refused")
    OutgoingMail.objects.update(started_at=timezone.now() - timedelta(days=1, minutes=1))

    assert status(ask(), "refusals") == "ok"


@pytest.mark.parametrize(("minutes", "expected"), [(14, "ok"), (16, "warn")])
def test_a_scheduler_that_is_silent_is_reported(ask, minutes, expected):
    Watch.note(looked_at=timezone.now() - timedelta(minutes=minutes))

    assert status(ask(), "worker") == expected


def test_an_access_log_that_was_altered_is_reported_until_it_is_whole(ask):
    log_checked.send(None, is_whole=False)
    assert status(ask(), "access-log") == "warn"

    log_checked.send(None, is_whole=True)
    assert status(ask(), "access-log") == "ok"


Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(
    ("total", "free", "expected"),
    [(10**11, 2 * 10**10, "ok"), (10**11, 9 * 10**9, "warn"), (5 * 10**9, 9 * 10**8, "warn")],
)
def test_a_disk_that_is_nearly_full_is_reported(ask, monkeypatch, total, free, expected):
    monkeypatch.setattr(figures, "disk_usage", lambda path: Usage(total, total - free, free))

    answer = ask()

    assert status(answer, "disk") == expected
    assert answer[1]["checks"]["disk"]["var"] == {"free_bytes": free, "total_bytes": total}


def test_redis_that_is_down_degrades_and_does_not_stop(ask, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = ask()

    assert (answer[0], status(answer, "broker")) == (200, "warn")


def test_machines_need_no_host_proxy_or_https(settings, client):
    settings.TRUSTED_PROXIES = 1
    settings.SECURE_SSL_REDIRECT = True

    for path in ("/health/live", "/health/ready"):
        assert client.get(path, headers={"host": "10.0.0.7:8000"}).status_code == 200
        assert client.post(path).status_code == 405


def test_an_answer_counts_for_two_seconds(client, django_assert_num_queries):
    client.get("/health/ready")

    with django_assert_num_queries(0):
        client.get("/health/ready")


def test_the_administrator_reads_what_to_do_first(client):
    OutgoingMail.objects.create(attempt=5, next_attempt_at=timezone.now() + timedelta(hours=1))
    client.force_login(UserFactory(is_staff=True, language="en"))

    answer = client.get(reverse("system"))

    lines = answer.context["lines"]
    assert lines[0].label == "E-mail"
    assert lines[0].figures == ["1 message waits"]
    assert [line.tone for line in lines].count("bad") == answer.context["troubles"]
    page = answer.content.decode()
    assert "Check the mail server and EMAIL_URL" in page
    assert not Rendition.objects.exists()


def test_nobody_else_reads_it(client):
    client.force_login(UserFactory())

    assert client.get(reverse("system")).status_code == 404
    assert Client().get(reverse("system")).status_code == 302
