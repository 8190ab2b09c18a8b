"""Undoes, for half a minute, a step of which messages were written (`kernel.undo`): they wait that long,
and go with it.

    @messages_wait()
    def open_review(plan, …):
        …
    take_back(plan, "submit", by=request.user)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessLink, OutgoingMail, User
from accounts.models.outbox import thread_of
from kernel.lifecycle import Lifecycle
from kernel.refusal import Refusal
from kernel.undo import SECONDS

PAUSE = timedelta(seconds=SECONDS + 10)  # longer than the button is there
OVER = _(
    "“Undo” is no longer possible: it was undone already, somebody has answered, or its half minute is "
    "over and the messages are on their way. The page says how it is now. To correct it openly, postpone "
    "or cancel a meeting, or return a plan or minutes to draft."
)

_wait: ContextVar[bool] = ContextVar("messages wait", default=False)


@contextmanager
def messages_wait() -> Iterator[None]:
    """Let the messages that are written meanwhile wait until their step can no longer be undone."""
    token = _wait.set(settings.MAIL_WAITS_FOR_UNDO)
    try:
        yield
    finally:
        _wait.reset(token)


def due_at() -> datetime | None:
    """Return when a message that waits is sent, or None for one that is sent at once."""
    return timezone.now() + PAUSE if _wait.get() else None


def due_after_earlier(address: str, thread: str) -> datetime | None:
    """Return until when an earlier message of the thread to this address waits, or None: people get the
    messages about a thing in their order."""
    if not (thread and settings.MAIL_WAITS_FOR_UNDO):
        return None
    waiting = OutgoingMail.objects.filter(
        address=address,
        thread=thread,
        state=OutgoingMail.State.QUEUED,
        attempt=0,
        next_attempt_at__gt=timezone.now(),
    )
    last = waiting.order_by("-next_attempt_at").first()
    return last.next_attempt_at if last else None


def drop_waiting(thing: Lifecycle) -> None:
    """Delete the messages about a thing that still wait: what they ask no longer holds."""
    waiting = OutgoingMail.objects.filter(
        thread=thread_of(thing), state=OutgoingMail.State.QUEUED, attempt=0
    )
    waiting.filter(next_attempt_at__gt=timezone.now()).delete()


def can_be_undone(thing: Lifecycle, verb: str, by: User) -> bool:
    """Whether this step is the last of the thing, by this person, and of this half minute."""
    step = thing.status_changes.order_by("pk").last()
    if step is None or (step.verb, step.by_id) != (verb, by.pk) or not settings.MAIL_WAITS_FOR_UNDO:
        return False
    return step.recorded_at >= timezone.now() - timedelta(seconds=SECONDS)


@transaction.atomic
def take_back(thing: Lifecycle, verb: str, *, by: User, **changes: Any) -> None:
    """Return to the state before the step, writing `changes` with it; delete its messages. Raises Refusal
    once its time is over or one has been sent."""
    step = thing.last_step(verb)
    if step is None or not can_be_undone(thing, verb, by):
        raise Refusal(OVER)
    drop_unsent(thing, since=step.recorded_at, by=by)
    thing.take_back(verb, by=by, to=step.from_status, **changes)


def drop_unsent(thing: Model, *, since: datetime, by: User) -> None:
    """Delete the messages written about a thing since then, and end the links to it that were in them.
    Raises Refusal once one has been sent."""
    written = OutgoingMail.objects.filter(thread=thread_of(thing), requested_at__gte=since)
    states = written.select_for_update().values_list("state", flat=True)
    if set(states) - {OutgoingMail.State.QUEUED, OutgoingMail.State.CANCELLED}:
        raise Refusal(OVER)
    written.delete()
    kind = ContentType.objects.get_for_model(thing)
    links = AccessLink.objects.filter(content_type=kind, object_id=thing.pk)
    links.filter(created_at__gte=since).revoke(by=by)
