"""The worker as root, and the names and queues of its tasks."""

import ast
import warnings
from pathlib import Path

import pytest
from celery.exceptions import SecurityWarning
from celery.signals import celeryd_init
from django.apps import apps
from django.conf import settings

import kernel.jobs
from ibcr_portal.celery import app
from ibcr_portal.management.commands.portal import MAILER, SHORT_WORKER, WORKER
from ibcr_portal.periodic_tasks import (
    BEAT_SCHEDULE,
    DOCUMENT_QUEUE,
    LETTER_QUEUE,
    MAIL_QUEUE,
    QUEUES,
    SHORT_QUEUE,
    SWEEP_QUEUE,
)


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


def known_tasks():
    app.autodiscover_tasks(force=True)
    return {name for name in app.tasks if not name.startswith("celery.")}


# What asks another machine than the database and the broker, or storage of files that may be away.
NETWORK = {
    *("accounts.tasks.deliver_mail", "accounts.tasks.fetch_incoming_mail"),
    "ibcr_portal.tasks.probe_services",
}


def test_each_task_has_the_queue_of_its_kind():
    queue_of = {task: options["queue"] for task, options in app.conf.task_routes.items()}

    assert set(queue_of) <= known_tasks()
    assert {task for task, queue in queue_of.items() if queue == MAIL_QUEUE} == NETWORK
    assert queue_of["ibcr_portal.tasks.write_search"] == SHORT_QUEUE
    assert queue_of["ibcr_portal.tasks.send_digest"] == LETTER_QUEUE
    assert queue_of["reports.tasks.sweep_renditions"] == SWEEP_QUEUE
    assert known_tasks() - set(queue_of) == {
        *("reports.tasks.render_rendition", "reports.tasks.make_archive"),
        "ibcr_portal.tasks.work_on_demonstration",
    }
    assert app.conf.task_default_queue == DOCUMENT_QUEUE == kernel.jobs.DOCUMENT_QUEUE


# Those of 1.0. A release that runs beside this one sends messages under these names, wherever their tasks
# are today.
NAMES_OF_1_0 = {
    "accounts.tasks.check_access_log",
    "accounts.tasks.deliver_mail",
    "accounts.tasks.fetch_incoming_mail",
    "accounts.tasks.forget_what_is_old",
    "accounts.tasks.renew_secrets",
    "accounts.tasks.sign_access_log",
    "accounts.tasks.sweep_mail",
    "committees.tasks.send_reminder",
    "committees.tasks.sweep_reminders",
    "committees.tasks.sweep_silence",
    "ibcr_portal.tasks.check_files",
    "ibcr_portal.tasks.probe_services",
    "ibcr_portal.tasks.send_digest",
    "ibcr_portal.tasks.send_due_reminder",
    "ibcr_portal.tasks.sweep_demonstration",
    "ibcr_portal.tasks.sweep_digests",
    "ibcr_portal.tasks.sweep_due_reminders",
    "ibcr_portal.tasks.sweep_intakes",
    "ibcr_portal.tasks.try_seal",
    "ibcr_portal.tasks.watch",
    "ibcr_portal.tasks.work_on_demonstration",
    "ibcr_portal.tasks.write_obligations",
    "ibcr_portal.tasks.write_search",
    "ibcr_portal.tasks.write_search_of_files",
    "projects.tasks.announce_mail_notes",
    "projects.tasks.forget_proposals",
    "projects.tasks.sweep_announced_ends",
    "projects.tasks.sweep_calls",
    "projects.tasks.sweep_invitations",
    "reports.tasks.enqueue_documents",
    "reports.tasks.make_archive",
    "reports.tasks.prepare_guides",
    "reports.tasks.prepare_packs",
    "reports.tasks.render_rendition",
    "reports.tasks.request_final_documents",
    "reports.tasks.sweep_renditions",
}


def test_no_name_of_a_task_is_lost():
    assert known_tasks() >= NAMES_OF_1_0


def decorators_of_tasks():
    """Every `@shared_task` of ours, with its module."""
    for app_config in apps.get_app_configs():
        folder = Path(app_config.path)
        if folder.parent != settings.BASE_DIR:
            continue
        for file in sorted(folder.rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                for decorator in getattr(node, "decorator_list", ()):
                    if "shared_task" in ast.unparse(decorator):
                        yield str(file.relative_to(settings.BASE_DIR)), decorator


def test_each_task_has_a_name_that_does_not_depend_on_its_module():
    declared = list(decorators_of_tasks())
    unnamed = [
        module
        for module, decorator in declared
        if "name" not in {keyword.arg for keyword in getattr(decorator, "keywords", ())}
    ]

    assert len(declared) == len(known_tasks())
    assert unnamed == []


def test_each_queue_is_read_by_a_worker_here_and_in_compose():
    compose = (settings.BASE_DIR / "docker-compose.yml").read_text()

    read = []
    for command in (WORKER, SHORT_WORKER, MAILER):
        (option,) = [word for word in command if word.startswith("--queues=")]
        assert f'"{option}"' in compose
        read += option.removeprefix("--queues=").split(",")

    assert sorted(read) == sorted(QUEUES)


def test_of_what_the_scheduler_sends_nothing_piles_up():
    waits = {name: one["options"]["expires"] for name, one in BEAT_SCHEDULE.items()}

    assert waits["write-search"] == waits["write-search-of-files"] == 20
    assert waits["sweep-renditions"] == 60
    assert waits["sweep-digests"] == 3600


def test_the_worker_knows_every_task_that_the_scheduler_sends():
    app.autodiscover_tasks(force=True)

    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)
