"""The portal while Redis is stopped, or takes connections and says nothing."""

import signal
import subprocess
import time

import pytest
from django.core.cache import cache
from django.db import connection
from django.urls import reverse
from django.utils import translation

from kernel import broker
from kernel.jobs import enqueue
from reports.models import Rendition
from reports.services.requesting import RENDER, queue_note
from scripts.services import answers as listens, free_port, redis_program, wait_until
from tests.factories import UserFactory
from tests.world import World

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture
def redis(settings, tmp_path):
    """A Redis of this test's own, which it may stop."""
    port = free_port()
    options = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(tmp_path), "--save", ""]
    server = subprocess.Popen([redis_program(), *options], stdout=subprocess.DEVNULL)
    wait_until(lambda: listens(port), server, tmp_path)
    settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
    settings.CACHES = {
        "default": {
            "BACKEND": "kernel.steady_cache.SteadyCache",
            "LOCATION": settings.REDIS_URL,
        }
    }
    broker.forget()
    yield server
    server.send_signal(signal.SIGCONT)
    server.kill()
    server.wait()
    broker.forget()


def cache_keys():
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM portal_cache")
        return [key for (key,) in cursor.fetchall()]


def stop(server, how):
    if how == "stopped":
        server.kill()
        server.wait()
    else:
        server.send_signal(signal.SIGSTOP)


def test_what_redis_holds_is_in_redis(redis):
    cache.set("a", 1)

    assert (cache.get("a"), cache.redis.get("a"), cache.rows.get("a")) == (1, 1, None)
    assert broker.answers()
    assert broker.messages("celery") == 0
    assert queue_note() == ""


@pytest.mark.parametrize("how", ["stopped", "silent"])
def test_people_sign_in_and_what_they_ask_for_waits(redis, client, how, caplog):
    world = World()
    person = UserFactory(email="reader@example.org")
    person.set_password(PASSWORD)
    person.save()
    assert client.get("/").status_code == client.get(reverse("account_login")).status_code == 200
    assert cache.get("warm") is None  # the connection is open
    stop(redis, how)

    began = time.monotonic()
    answer = client.post(
        reverse("account_login"), {"login": "reader@example.org", "password": PASSWORD}
    )
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(person.pk)
    assert client.get("/").status_code == 200
    assert time.monotonic() - began < 4

    broker._answer.until = time.monotonic() + 60  # what the pages above found out counts
    coordinator = world.people["coordinator"]
    client.force_login(coordinator)
    began = time.monotonic()
    url = reverse("reports:document-request", args=["register", world.committee.pk])
    answer = client.post(url, {"languages": ["fr"], "audience": "committee"}, follow=True)
    assert answer.status_code == 200
    with translation.override(coordinator.language):
        note = queue_note()
    assert [str(message) for message in answer.context["messages"]] == [note]
    rendition = Rendition.objects.get()
    page = client.get(rendition.get_absolute_url()).content.decode()
    assert note in page
    assert rendition.state == "queued"
    assert time.monotonic() - began < 4
    assert "Redis does not answer" in caplog.text


@pytest.mark.parametrize("how", ["stopped", "silent"])
def test_wrong_passwords_are_still_counted(redis, client, how):
    UserFactory(email="reader@example.org")
    stop(redis, how)

    wrong = {"login": "reader@example.org", "password": "no"}
    answers = [client.post(reverse("account_login"), wrong).status_code for _ in range(11)]

    assert answers[0] == 200
    counted = [key for key in cache_keys() if "login_failed" in key]
    assert counted


def test_enqueueing_is_no_burden_while_it_is_down(redis, django_capture_on_commit_callbacks):
    stop(redis, "silent")

    began = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        for pk in range(100):
            enqueue(RENDER, pk)

    assert time.monotonic() - began < 3


def test_it_counts_again_once_it_is_back(redis, settings, tmp_path):
    stop(redis, "silent")
    assert not broker.answers()
    assert cache.get("a") is None
    cache.set("a", 2)
    assert cache.rows.get("a") == 2

    redis.send_signal(signal.SIGCONT)
    broker.forget()

    assert broker.answers()
    assert cache.get("a") is None
