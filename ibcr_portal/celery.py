"""The queue of Celery. The database holds the work to do; a message only says "look now"."""

import logging
import os
import warnings

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import (
    after_setup_logger,
    after_setup_task_logger,
    celeryd_init,
    task_prerun,
    worker_ready,
)
from django.conf import settings
from django.utils import timezone

from ibcr_portal.alive import SignOfLife
from kernel.logs import mask_handlers
from kernel.organisation import home_zone

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
    mask_handlers(logger)


@task_prerun.connect
def count_days_at_home(**kwargs: object) -> None:
    """The days of a task, such as what is due today, are those of the organisation."""
    timezone.activate(home_zone())


@worker_ready.connect
def sign_access_log(**kwargs: object) -> None:
    """Events may have come while no scheduler ran."""
    app.send_task("accounts.tasks.sign_access_log")
