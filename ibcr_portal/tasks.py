"""Rung by the scheduler; each may run twice, late or for nothing."""

from celery import shared_task
from django.utils import timezone

from ibcr_portal.obligations import reminders
from kernel.jobs import enqueue

DIGEST = "ibcr_portal.tasks.send_digest"
REMINDER = "ibcr_portal.tasks.send_due_reminder"


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
