"""Rung by the scheduler; each may run twice, late or for nothing."""

from contextlib import suppress

from celery import shared_task
from django.utils import timezone

from ibcr_portal import stored_files
from ibcr_portal.intake.file import forget_uploads
from ibcr_portal.models import DemonstrationJob
from ibcr_portal.obligations import reminders
from ibcr_portal.obligations.writing import write_changed
from ibcr_portal.observing import alerts, probes, seal
from ibcr_portal.search.writing import OF_FILES, OF_ROWS, write_changed as write_changed_things
from ibcr_portal.starting import removing
from kernel.jobs import enqueue
from kernel.storage import StorageUnavailable
from projects.models import Project

# Projects whose obligations one task writes, so that e-mails and the index of the search need not wait:
# half a second.
AT_ONCE = 25
# Things that the search reads again in one task.
THINGS_AT_ONCE = 500
FILES_AT_ONCE = 5

DIGEST = "ibcr_portal.tasks.send_digest"
REMINDER = "ibcr_portal.tasks.send_due_reminder"


@shared_task(name="ibcr_portal.tasks.watch")
def watch() -> None:
    alerts.look()


@shared_task(name="ibcr_portal.tasks.probe_services")
def probe_services() -> None:
    probes.probe()


@shared_task(name="ibcr_portal.tasks.try_seal")
def try_seal() -> None:
    seal.note_failure()


@shared_task(name="ibcr_portal.tasks.write_obligations")
def write_obligations() -> None:
    write_changed(Project.objects.all(), AT_ONCE)


@shared_task(name="ibcr_portal.tasks.write_search")
def write_search() -> None:
    write_changed_things(OF_ROWS, THINGS_AT_ONCE)


@shared_task(name="ibcr_portal.tasks.write_search_of_files")
def write_search_of_files() -> None:
    write_changed_things(OF_FILES, FILES_AT_ONCE)


@shared_task(name="ibcr_portal.tasks.check_files")
def check_files() -> None:
    """Where the storage is away, the page says so, and the next hour goes on here."""
    with suppress(StorageUnavailable):
        stored_files.check_some()


@shared_task(name="ibcr_portal.tasks.sweep_digests")
def sweep_digests() -> None:
    for pk in reminders.people_to_summarise(timezone.now()):
        enqueue(DIGEST, pk)


@shared_task(name="ibcr_portal.tasks.sweep_due_reminders")
def sweep_due_reminders() -> None:
    for pk in reminders.people_to_remind(timezone.now()):
        enqueue(REMINDER, pk)


@shared_task(name=DIGEST)
def send_digest(pk: int) -> None:
    reminders.summarise(pk)


@shared_task(name=REMINDER)
def send_due_reminder(pk: int) -> None:
    reminders.remind(pk)


@shared_task(name=removing.WORK)
def work_on_demonstration(pk: int) -> None:
    if job := DemonstrationJob.objects.claim(pk, lease=DemonstrationJob.LEASE):
        removing.work(job)


@shared_task(name="ibcr_portal.tasks.sweep_demonstration")
def sweep_demonstration() -> None:
    for pk in DemonstrationJob.objects.due().values_list("pk", flat=True):
        enqueue(removing.WORK, pk)


@shared_task(name="ibcr_portal.tasks.sweep_intakes")
def sweep_intakes() -> None:
    forget_uploads()
