"""The queue of Celery. The database holds the work to do; a message only says "look now"."""

import os
import warnings

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import celeryd_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcr_portal.settings")

app = Celery("ibcr_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
def accept_root(**kwargs: object) -> None:
    """The embedded portal may run as root, on a machine or in a container of one's own. Its messages
    are JSON and never pickle, so that who can write one cannot run a program with it."""
    if settings.EMBEDDED:
        warnings.filterwarnings("ignore", category=SecurityWarning)
