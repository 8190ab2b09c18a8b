"""Scheduled tasks. Each may run twice, late, or with nothing to do."""

from celery import shared_task
from django.utils import timezone

from committees.minutes.services.minutes import adopt_all_by_silence
from committees.plans.services import reminders
from committees.plans.services.reminders import record_silences
from kernel.jobs import enqueue

REMINDER = "committees.tasks.send_reminder"


@shared_task(name="committees.tasks.sweep_reminders")
def sweep_reminders() -> None:
    for pk in reminders.people_to_remind(timezone.now()):
        enqueue(REMINDER, pk)


@shared_task(name="committees.tasks.sweep_silence")
def sweep_silence() -> None:
    """Adopt minutes by silence where the terms of reference allow it, and record silence on
    plans."""
    adopt_all_by_silence()
    record_silences()


@shared_task(name=REMINDER)
def send_reminder(pk: int) -> None:
    reminders.send_reminder(pk)
