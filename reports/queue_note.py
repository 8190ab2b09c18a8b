"""What somebody reads who asks for a document while the queue cannot be reached."""

from django.contrib import messages
from django.utils.translation import gettext as _

from kernel import broker


def queue_note() -> str:
    if broker.answers():
        return ""
    return _(
        "The queue of the portal does not answer at the moment. Your request is kept, and the file "
        "will be made by itself as soon as it answers again."
    )


def queued(done: str) -> tuple[int, str]:
    """Return the message about a request, with its level."""
    note = queue_note()
    return (messages.WARNING, note) if note else (messages.SUCCESS, done)
