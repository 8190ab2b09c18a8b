"""The worker as root: no news in the embedded portal, a warning in production."""

import warnings

import pytest
from celery.exceptions import SecurityWarning
from celery.signals import celeryd_init
from django.conf import settings

from ibcr_portal.celery import app
from ibcr_portal.management.commands.portal import MAILER, WORKER
from ibcr_portal.periodic_tasks import BEAT_SCHEDULE
from kernel.jobs import DOCUMENT_QUEUE


@pytest.mark.parametrize(("embedded", "expected"), [(True, []), (False, [SecurityWarning])])
def test_only_in_production_a_worker_that_runs_as_root_is_warned_of(settings, embedded, expected):
    settings.EMBEDDED = embedded

    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        celeryd_init.send(sender="worker", instance=None, conf=app.conf, options={})
        warnings.warn("You're running the worker as root", SecurityWarning, stacklevel=1)

    assert [warning.category for warning in found] == expected


def test_no_message_can_carry_a_program():
    assert set(app.conf.accept_content) == {"json"}


DOCUMENTS = {"render_rendition", "make_archive", "sweep_renditions", "prepare_packs"}


def test_mail_and_short_work_have_a_queue_and_a_worker_of_their_own():
    app.autodiscover_tasks(force=True)
    routes = app.conf.task_routes
    compose = (settings.BASE_DIR / "docker-compose.yml").read_text()

    assert routes["accounts.tasks.deliver_mail"] == {"queue": "mail"}
    assert set(routes) <= set(app.tasks)
    assert not {f"reports.tasks.{name}" for name in DOCUMENTS} & set(routes)
    assert app.conf.task_default_queue == DOCUMENT_QUEUE
    for queue, command in (("celery", WORKER), ("mail", MAILER)):
        assert f"--queues={queue}" in command
        assert f"ibcr_portal.worker, --queues={queue}]" in compose


def test_what_the_scheduler_sends_does_not_pile_up_before_messages():
    waits = {name: one.get("options", {}).get("expires") for name, one in BEAT_SCHEDULE.items()}

    assert waits["write-search"] == waits["write-obligations"] == 20
    assert waits["sweep-digests"] == 3600
    assert waits["sweep-renditions"] is None  # it waits behind documents


def test_the_worker_knows_every_task_that_the_scheduler_sends():
    app.autodiscover_tasks(force=True)

    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)
