"""Real workers, each with its queues: what is short never waits behind what is long."""

import os
import signal
import time

import pytest
from celery import current_app
from django.conf import settings

from accounts.models import OutgoingMail
from ibcr_portal.management.commands.portal import MAILER, SHORT_WORKER
from ibcr_portal.models import Watch
from ibcr_portal.observing import clocks
from tests.conftest import running
from tests.factories import UserFactory

pytestmark = [pytest.mark.deep(part="workers"), pytest.mark.django_db(transaction=True)]

OPTIONS = [word for word in (*SHORT_WORKER, *MAILER[1:]) if word.startswith("--queues=")]


@pytest.fixture
def both_workers(transactional_db):
    """Both of compose's service `mailer`, as copies of one process."""
    yield from running(["ibcr_portal.worker", *OPTIONS])


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as found:
        return [int(child) for child in found.read().split()]


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "It did not happen."
        time.sleep(0.05)


def test_one_process_runs_a_worker_for_each_group_of_queues(both_workers):
    until(lambda: both_workers.log.read_text().count("ready.") == 2)
    row = OutgoingMail.objects.create(person=UserFactory(), address="a@example.org", subject="x")

    current_app.send_task("ibcr_portal.tasks.watch")
    current_app.send_task("accounts.tasks.deliver_mail", [row.pk], queue="codes")

    until(lambda: Watch.objects.exists())
    until(lambda: OutgoingMail.objects.filter(pk=row.pk).exclude(sent_at=None).exists())


def test_a_worker_that_was_killed_ends_the_other_so_that_both_are_started_again(both_workers):
    until(lambda: both_workers.log.read_text().count("ready.") == 2)
    first, second = children_of(both_workers.child.process.pid)

    os.kill(first, signal.SIGKILL)

    until(lambda: not both_workers.child.running)
    assert both_workers.child.process.returncode != 0
    assert not os.path.exists(f"/proc/{second}")


def test_asked_to_stop_both_end_well(both_workers):
    until(lambda: both_workers.log.read_text().count("ready.") == 2)

    both_workers.child.terminate()

    until(lambda: not both_workers.child.running)
    assert both_workers.child.process.returncode == 0


@pytest.mark.sqlite
def test_short_work_does_not_wait_for_the_messages_that_are_written(short_worker):
    people = [UserFactory() for _ in range(3)]
    for _ in range(40):
        for person in people:
            current_app.send_task("ibcr_portal.tasks.send_digest", [person.pk])
    current_app.send_task("ibcr_portal.tasks.watch")

    began = time.monotonic()
    until(lambda: Watch.objects.exists())

    assert time.monotonic() - began < 5


def test_each_worker_that_is_asked_says_its_time(both_workers):
    until(lambda: both_workers.log.read_text().count("ready.") == 2)
    if not settings.REDIS_URL:
        pytest.skip("Without Redis all workers are on one machine, with one clock.")

    times = clocks._times()

    assert len(times) == 2
    assert all(abs(clocks.ahead(moment)) < clocks.APART for moment in times.values())
