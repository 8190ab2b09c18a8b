"""The scheduler of Celery: `python -m ibcr_portal.scheduler --schedule=FILE`.

It sends the names of tasks when their time comes (`ibcr_portal.periodic_tasks`), and knows nothing
else of the portal, which would take three times the memory; nor what the command `celery` imports.
"""

import argparse
import logging
import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcr_portal.settings")

# Without the fixup that loads Django's apps.
app = Celery("ibcr_portal.scheduler", fixups=[])
app.config_from_object("django.conf:settings", namespace="CELERY")

# It warns of every schedule file that it makes anew.
logging.getLogger("celery.beat").setLevel(logging.ERROR)


def main() -> None:
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("--schedule")
    options.add_argument("--loglevel", default="INFO")
    given = options.parse_args()
    app.Beat(schedule=given.schedule, loglevel=given.loglevel, quiet=True).run()


if __name__ == "__main__":
    main()
