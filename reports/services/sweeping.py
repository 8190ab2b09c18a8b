"""Regular work on documents: enqueues those that wait, requests final ones, tries again what failed,
deletes remains.

What made a document fail may be over: the disk was full, memory or a library was missing, a fault was
mended by an update. Nothing tells the portal so, and each try costs up to some minutes of the
processor. So the pauses grow with the time since the request.
"""

import logging
import random
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import F
from django.utils import timezone

from accounts.unnamed_files import set_aside_unnamed
from committees.meetings.services.attendance_import import forget_uploads
from committees.models import ActionPlan, Audience, Minutes
from kernel import broker
from kernel.jobs import DOCUMENT_QUEUE, Job, JobQuerySet, enqueue
from projects.retention import held_projects
from reports import libraries
from reports.kinds import kind_of
from reports.models import (
    FOLDER,
    About,
    Archive,
    DocumentKind,
    Rendition,
    RenditionQuerySet,
    Snapshot,
)
from reports.models.rendition import ASKED_FOR
from reports.services.archiving import sweep_archives
from reports.services.requesting import RENDER, document_languages, request_renditions

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


# Regular work


logger = logging.getLogger(__name__)

AT_ONCE = 200
FINAL_AT_ONCE = 10  # things whose documents are composed, each in all languages
MOST_MESSAGES = 1000

# Documents of a plan that is over or replaced were made while it was in force.
IN_FORCE = ActionPlan.STARTABLE | {ActionPlan.Status.IN_EXECUTION}
# The final documents that the portal makes by itself, each with its audience. The donor does not
# see meetings and cannot request their documents, so these are made without a request.
FINAL_DOCUMENTS = (
    (DocumentKind.PLAN, Audience.COMMITTEE),
    (DocumentKind.MINUTES, Audience.COMMITTEE),
    (DocumentKind.PLAN, Audience.DONOR),
    (DocumentKind.MINUTES, Audience.DONOR),
    (DocumentKind.RECORD, Audience.DONOR),
)


def enqueue_due() -> None:
    """Enqueue documents that wait: messages get lost, and workers die.

    A message is for whichever document comes first. Where many wait, more would only pile up.
    """
    due = list(Rendition.objects.due().order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if due and (broker.messages(DOCUMENT_QUEUE) or 0) < MOST_MESSAGES:
        for pk in due:
            enqueue(RENDER, pk)


def retry_for_libraries() -> None:
    """Retry documents that failed because this server lacked libraries, once it has them.

    Checking that takes a process, so it is done only if a document waits for it.
    """
    lacking = {"state": Job.State.FAILED, "failure": Job.Failure.NO_LIBRARIES}
    failed = Rendition.objects.current().filter(**lacking)
    if failed.exists() and not libraries.ask().missing:
        for rendition in failed:
            rendition.retry()


def request_final_documents() -> None:
    """Request the documents of validated plans and of sealed minutes that were not made yet.

    So each is kept as the committee read it. Documents that could not be composed are tried again.
    Many may be missing, as after an import, and messages wait behind this: a round takes a few, by
    chance, so that those that fail hold no others up.
    """
    plans = ActionPlan.objects.filter(status__in=IN_FORCE).with_related()
    sealed = Minutes.objects.filter(status=Minutes.Status.SEALED).with_related()
    missing: list[tuple[About, str]] = []
    for kind, audience in FINAL_DOCUMENTS:
        made = Rendition.objects.filter(
            snapshot__kind=kind, snapshot__is_final=True, audience=audience
        )
        if kind == DocumentKind.PLAN:
            without = plans.exclude(pk__in=made.values("snapshot__plan"))
            missing += [(About(plan, kind), audience) for plan in without]
        else:
            unmade = sealed.exclude(meeting__in=made.values("snapshot__meeting"))
            missing += [(About(minutes.meeting, kind), audience) for minutes in unmade]
    for about, readers in random.sample(missing, min(len(missing), FINAL_AT_ONCE)):
        _request(about, readers)


def _request(about: About, audience: str) -> None:
    try:
        if kind_of(about).applies(about):
            languages = document_languages(about.project)
            request_renditions(about, languages, audience=audience, by=None)
    except Exception:  # one document that cannot be composed must not stop the others
        logger.exception("%s could not be requested", about.thing)


def sweep_files() -> None:
    """Delete documents that were made for the day, and set files aside that no row refers to, because
    their worker died before it stored the name. Does nothing if it ran during the last hour."""
    if not cache.add("reports:files-swept", True, timeout=3600):
        return
    forget_uploads()
    sweep_archives()
    Rendition.objects.expired().exclude(snapshot__project__in=held_projects()).delete()
    Snapshot.objects.unused().delete()
    set_aside_unnamed(FOLDER, Rendition.objects.all())
