"""The worker as root: no news in the embedded portal, a warning in production."""

import warnings

import pytest
from celery.exceptions import SecurityWarning
from celery.signals import celeryd_init

from ibcr_portal.celery import app


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


def test_the_worker_knows_every_task_that_the_scheduler_sends():
    app.autodiscover_tasks(force=True)

    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)
