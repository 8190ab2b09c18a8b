"""Compares the clocks of all workers with that of the database. Leases, codes and the age of messages depend
on them: a worker whose clock is 20 seconds ahead takes the scheduler's messages for too old."""

import logging
import time
from collections.abc import Mapping

from celery import current_app
from django.conf import settings
from django.db import connection

from kernel import broker

logger = logging.getLogger(__name__)

# Seconds; an answer may be on its way for one.
APART = 5.0
PATIENCE = 1.0
ASK = "wall_clock"  # workers answer it (`ibcr_portal.worker`)


def ahead(moment: float) -> float:
    """Return by how many seconds this is ahead of the database's clock, which on SQLite is our own."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        return moment - float(cursor.fetchone()[0])


def count_apart() -> int:
    """Ask each worker for its time. Return how many that answer are wrong, and log which."""
    said = {worker: ahead(moment) for worker, moment in _times().items()}
    wrong = {worker: seconds for worker, seconds in said.items() if abs(seconds) > APART}
    for worker, seconds in wrong.items():
        logger.error("The clock of %s is %+.0f s off that of the database", worker, seconds)
    return len(wrong)


def _times() -> Mapping[str, float]:
    """Return what each worker says. Without Redis all run on one machine."""
    if not settings.REDIS_URL or not broker.answers():
        return {}
    asked = time.time()
    answers = current_app.control.broadcast(ASK, reply=True, timeout=PATIENCE)
    # Half of the answers' time is taken from each, as if all had come in the middle.
    late = (time.time() - asked) / 2
    return {name: float(said) + late for each in answers for name, said in each.items()}
