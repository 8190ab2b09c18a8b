"""What is done again and again: enqueue what waits, keep what stands, delete what is left over."""

import logging

from django.core.cache import cache

from committees.meetings.services.call_attendance import forget_uploads
from committees.models import ActionPlan, Audience, Minutes
from kernel.jobs import Job, enqueue
from reports import libraries
from reports.kinds import kind_of
from reports.models import FOLDER, About, Kind, Rendition, Snapshot
from reports.services.archiving import sweep_archives
from reports.services.finishing import delete_unnamed
from reports.services.requesting import LANGUAGES, RENDER, request_renditions

logger = logging.getLogger(__name__)

# A plan that is over or replaced was kept while it was in force.
IN_FORCE = ActionPlan.STARTABLE | {ActionPlan.Status.IN_EXECUTION}
# For whom each is kept. The donor sees no meeting and asks for nothing there: what it may read of
# one lies ready among the documents of the project.
KEPT = (
    (Kind.PLAN, Audience.COMMITTEE),
    (Kind.MINUTES, Audience.COMMITTEE),
    (Kind.PLAN, Audience.DONOR),
    (Kind.MINUTES, Audience.DONOR),
    (Kind.RECORD, Audience.DONOR),
)


def enqueue_due() -> None:
    """Ring for what waits: messages get lost, and workers die."""
    for pk in Rendition.objects.due().values_list("pk", flat=True)[:200]:
        enqueue(RENDER, pk)


def retry_for_libraries() -> None:
    """Queue again what failed because this server lacked libraries, once it has them. Whether it
    has is only asked where something waits for them: it takes a process."""
    failed = Rendition.objects.filter(state=Job.State.FAILED, failure=Job.Failure.NO_LIBRARIES)
    if failed.exists() and not libraries.ask().missing:
        for rendition in failed:
            rendition.retry()


def request_standing_documents() -> None:
    """Ask for the documents of plans that the committee validated and of minutes that were
    sealed, so that each is kept as it was read. What nobody could compose is tried again."""
    plans = ActionPlan.objects.filter(status__in=IN_FORCE).with_related()
    sealed = Minutes.objects.filter(status=Minutes.Status.SEALED).with_related()
    for kind, audience in KEPT:
        kept = Rendition.objects.filter(
            snapshot__kind=kind, snapshot__is_final=True, audience=audience
        )
        if kind == Kind.PLAN:
            missing = plans.exclude(pk__in=kept.values("snapshot__plan"))
            standing = [About(plan, kind) for plan in missing]
        else:
            missing = sealed.exclude(meeting__in=kept.values("snapshot__meeting"))
            standing = [About(minutes.meeting, kind) for minutes in missing]
        for about in standing:
            _ask_for(about, audience)


def _ask_for(about: About, audience: str) -> None:
    try:
        if kind_of(about).applies(about):
            request_renditions(about, LANGUAGES, audience=audience, by=None)
    except Exception:
        logger.exception("%s was not asked for", about.thing)


def sweep_files() -> None:
    """Delete what was made for the day, and files that no row names: their worker died before it
    could tell.

    Once an hour is enough.
    """
    if not cache.add("reports:files-swept", True, timeout=3600):
        return
    forget_uploads()
    sweep_archives()
    Rendition.objects.passing().delete()
    Snapshot.objects.left_over().delete()
    for name in delete_unnamed(FOLDER, Rendition.objects.all()):
        logger.warning("Deleted %s, which belonged to no document", name)
