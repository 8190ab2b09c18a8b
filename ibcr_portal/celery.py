"""The queue of Celery. The database holds the work to do; a message only says "look now"."""

import logging
import os
import warnings
from contextlib import ExitStack

from celery import Celery, Task
from celery.exceptions import SecurityWarning
from celery.signals import (
    after_setup_logger,
    after_setup_task_logger,
    before_task_publish,
    celeryd_init,
    task_postrun,
    task_prerun,
    worker_ready,
)
from django.conf import settings
from django.utils import timezone

from ibcr_portal.alive import SignOfLife
from ibcr_portal.log_settings import JSON, log_format
from ibcr_portal.periodic_tasks import BEAT_SCHEDULE
from kernel.events import WELL_FORMED, Cost, counted, current_request_id
from kernel.logs import mask_handlers
from kernel.organisation import home_zone

events = logging.getLogger("portal.task")
ROUTINE = frozenset(entry["task"] for entry in BEAT_SCHEDULE.values())
LONG_SECONDS = 1.0

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcr_portal.settings")
# A worker would check all apps at its start, which takes 3 s and 50 MB, and say nothing of what it
# finds. `manage.py update` checks them before.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("ibcr_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(SignOfLife)


@celeryd_init.connect
def accept_root(**kwargs: object) -> None:
    """The embedded portal may run as root, on a machine or in a container of one's own. Its messages
    are JSON and never pickle, so that whoever can write one cannot run a program with it."""
    if settings.EMBEDDED:
        warnings.filterwarnings("ignore", category=SecurityWarning)


@after_setup_logger.connect
@after_setup_task_logger.connect
def mask_tokens_in_logs(logger: logging.Logger, **kwargs: object) -> None:
    """Celery sets up handlers of its own, in place of those of the settings."""
    as_json = log_format() == JSON
    mask_handlers(logger, as_json=as_json)
    if as_json:
        for name in ("celery.worker.strategy", "celery.app.trace"):
            logging.getLogger(name).setLevel(logging.WARNING)  # each task has a line of ours


@before_task_publish.connect
def pass_on_request_id(headers: dict[str, object], **kwargs: object) -> None:
    """The work that a request asks for is logged under its id."""
    if (request_id := current_request_id.get()) != "-":
        headers["request_id"] = request_id


@task_prerun.connect
def count_days_at_home(**kwargs: object) -> None:
    """The days of a task, such as what is due today, are those of the organisation."""
    timezone.activate(home_zone())


# By the id of the task: what counts its statements, and where that ends.
_running: dict[str, tuple[ExitStack, Cost]] = {}


@task_prerun.connect
def begin_event(task_id: str, task: Task, **kwargs: object) -> None:
    stack = ExitStack()
    given = getattr(task.request, "request_id", None) or ""
    request_id = given if WELL_FORMED.fullmatch(str(given)) else task_id.replace("-", "")[:12]
    _running[task_id] = (stack, stack.enter_context(counted(request_id)))


@task_postrun.connect
def end_event(task_id: str, task: Task, state: str | None = None, **kwargs: object) -> None:
    """Write the line of the task. One of the scheduler's that went well and took no time is none."""
    if task_id not in _running:
        return
    stack, cost = _running.pop(task_id)
    with stack:
        is_routine = state == "SUCCESS" and task.name in ROUTINE and cost.seconds < LONG_SECONDS
        facts = {
            "task": task.name,
            "task_id": task_id,
            "state": state,
            "ms": round(cost.seconds * 1000, 1),
            "statements": cost.statements,
            "database_ms": round(cost.database_seconds * 1000, 1),
        }
        level = logging.DEBUG if is_routine else logging.INFO
        said = "%(task)s: %(state)s in %(ms)s ms, %(statements)s statements"
        events.log(level, said, facts, extra={"facts": facts})


@worker_ready.connect
def sign_access_log(**kwargs: object) -> None:
    """Events may have come while no scheduler ran."""
    app.send_task("accounts.tasks.sign_access_log")
