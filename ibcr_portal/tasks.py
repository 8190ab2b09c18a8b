"""Rung by the scheduler; each may run twice, late or for nothing."""

from celery import shared_task
from django.utils import timezone

from ibcr_portal.intake.uploads import forget_uploads
from ibcr_portal.obligations import reminders
from ibcr_portal.obligations.writing import write_changed
from kernel.jobs import enqueue
from projects.models import Project

# Projects whose obligations one task writes, so that e-mails and documents need not wait.
AT_ONCE = 100

DIGEST = "ibcr_portal.tasks.send_digest"
REMINDER = "ibcr_portal.tasks.send_due_reminder"


@shared_task(name="ibcr_portal.tasks.write_obligations")
def write_obligations() -> None:
    write_changed(Project.objects.all(), AT_ONCE)


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


@shared_task(name="ibcr_portal.tasks.sweep_intakes")
def sweep_intakes() -> None:
    forget_uploads()
