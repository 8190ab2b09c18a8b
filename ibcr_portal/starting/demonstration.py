"""Loads and removes the demonstration in the background."""

from contextlib import suppress

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, User
from ibcr_portal.models import DemonstrationJob
from ibcr_portal.starting.removing import is_loaded, remove_demonstration
from kernel.jobs import LostLease, enqueue
from kernel.refusal import Refusal

WORK = "ibcr_portal.tasks.work_on_demonstration"
Kind = DemonstrationJob.Kind


def is_public() -> bool:
    """Whether everybody may know the password: this machine alone reaches the embedded portal."""
    return bool(settings.EMBEDDED)


def latest_job() -> DemonstrationJob | None:
    return DemonstrationJob.objects.order_by("-pk").first()


@transaction.atomic
def ask_for(kind: str, *, by: User) -> DemonstrationJob:
    """Have a worker load or remove it. Raises Refusal."""
    busy = _("The demonstration is already being loaded or removed: wait until this is finished.")
    if DemonstrationJob.objects.in_hand().exists():
        raise Refusal(busy)
    if kind == Kind.REMOVE and not is_loaded():
        raise Refusal(_("There is no demonstration to remove."))
    job = DemonstrationJob(kind=kind, language=by.language)
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError:  # somebody else asked at the same moment
        raise Refusal(busy) from None
    change = "demonstration loaded" if kind == Kind.LOAD else "demonstration removed"
    AccessEvent.record(AccessEvent.Kind.ROLE, user=by, change=change)
    enqueue(WORK, job.pk)
    return job


def work(job: DemonstrationJob) -> None:
    # What makes it is imported here: it has libraries of its own, for one task in a year.
    from ibcr_portal.demo.whole import PROJECTS, load_demonstration  # noqa: PLC0415

    # A worker that lost its lease publishes nothing: another one has the job.
    with suppress(LostLease), translation.override(job.language):
        try:
            if job.kind == Kind.LOAD:
                load_demonstration(
                    lambda code, number: job.report_progress(
                        code, lease=job.LEASE, progress=number, of=len(PROJECTS)
                    ),
                    is_open=is_public(),
                )
            else:
                remove_demonstration()
        except Refusal as refusal:
            DemonstrationJob.objects.filter(pk=job.pk).update(why=str(refusal)[:500])
            job.fail(job.Failure.BROKEN)
        except LostLease:
            raise
        except Exception:
            job.fail(job.Failure.BROKEN)
            raise
        else:
            job.finish()
