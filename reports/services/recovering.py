"""Makes documents again that must exist and failed, and archives, without a person.

What made them fail may be over: the disk was full, memory or a library was missing, a fault was
mended by an update. Nothing tells the portal so, and each try costs up to some minutes of the
processor. So the pauses grow with the time since the request.
"""

from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from kernel.jobs import Job, JobQuerySet
from reports.models import Archive, Rendition, RenditionQuerySet
from reports.models.rendition import ASKED_FOR

SHORTEST = timedelta(minutes=1)
# After which pause at most the reason is looked at again: a room on the disk may be there soon.
LONGEST = {
    Job.Failure.DISK_FULL: timedelta(hours=1),
    Job.Failure.NO_MEMORY: timedelta(hours=1),
    Job.Failure.WORKER_DIED: timedelta(hours=1),
    Job.Failure.BROKEN: timedelta(hours=6),
    Job.Failure.TOO_LONG: timedelta(days=1),
    Job.Failure.TOO_LARGE: timedelta(days=1),
}
# After so long a person has to look: several tries were for nothing.
PATIENCE = timedelta(minutes=15)
DAY = timedelta(days=1)


def failed() -> RenditionQuerySet:
    """Return the documents that must exist and could not be made, whatever the reason."""
    return Rendition.objects.must_exist().filter(state=Job.State.FAILED)


def needing_a_person() -> RenditionQuerySet:
    return failed().filter(requested_at__lt=timezone.now() - PATIENCE)


def recover() -> None:
    """Try again what failed and whose pause is over; documents that lack the seal or libraries have
    checks of their own. Somebody waits for each archive: it is tried until the day it is deleted."""
    for rows in (failed(), interrupted(), Archive.objects.filter(state=Job.State.FAILED)):
        _try_again(rows)


def interrupted() -> RenditionQuerySet:
    """Return the documents that somebody asked for in the last day and whose workers died each time:
    that says nothing about the document."""
    asked = Rendition.objects.current().filter(ASKED_FOR, requested_at__gte=timezone.now() - DAY)
    return asked.filter(state=Job.State.FAILED, failure=Job.Failure.WORKER_DIED).distinct()


def _try_again(rows: JobQuerySet[Any]) -> None:
    now = timezone.now()
    rows = rows.filter(failure__in=list(LONGEST), finished_at__lt=now - SHORTEST)
    for job in rows.defer("file").order_by(F("finished_at").asc())[:200]:
        if job.finished_at and now - job.finished_at >= pause_of(job):
            job.retry()


def pause_of(job: Job) -> timedelta:
    """Return how long the portal waits: as long as it tried before, which doubles the pause each
    time."""
    if job.finished_at is None:
        return SHORTEST
    since = job.finished_at - job.requested_at
    return min(max(since, SHORTEST), LONGEST[Job.Failure(job.failure)])
