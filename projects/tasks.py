"""Tasks that the scheduler starts. Each may run twice, late or without effect."""

from celery import shared_task

from projects.calls.services.panel import close_past_calls
from projects.calls.services.proposals import forget_old_proposals
from projects.institutions.services.ending import end_announced
from projects.mail_notes.coordination import announce_notes
from projects.team.services import expire_invitations


@shared_task(name="projects.tasks.sweep_calls")
def sweep_calls() -> None:
    close_past_calls()


@shared_task(name="projects.tasks.forget_proposals")
def forget_proposals() -> None:
    """Apart from what is short, since the files of proposals may be in a storage that is away."""
    forget_old_proposals()


@shared_task(name="projects.tasks.sweep_announced_ends")
def sweep_announced_ends() -> None:
    end_announced()


@shared_task(name="projects.tasks.sweep_invitations")
def sweep_invitations() -> None:
    expire_invitations()


@shared_task(name="projects.tasks.announce_mail_notes")
def announce_mail_notes() -> int:
    return announce_notes()
