"""Rung by the scheduler; each may run twice, late or for nothing."""

from celery import shared_task

from projects.calls.services.awards import close_past_calls
from projects.calls.services.proposals import forget_old_proposals


@shared_task
def sweep_calls() -> None:
    close_past_calls()
    forget_old_proposals()
