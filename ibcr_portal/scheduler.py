"""The scheduler of Celery: `celery --app=ibcr_portal.scheduler beat`.

It sends the names of tasks when their time comes (`ibcr_portal.periodic_tasks`), and knows nothing
else of the portal, which would take three times the memory.
"""

import logging
import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcr_portal.settings")

# Without the fixup that loads Django's apps.
app = Celery("ibcr_portal.scheduler", fixups=[])
app.config_from_object("django.conf:settings", namespace="CELERY")

# It warns of every schedule file that it makes anew.
logging.getLogger("celery.beat").setLevel(logging.ERROR)
