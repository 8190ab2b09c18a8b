"""Notifies the people who requested documents once these are done, if that took long.

One message covers all documents that were requested at once.
"""

import uuid
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.mail import send_to_person
from accounts.models import User
from reports.letters import documents_done_letter, unsealed_letter
from reports.models import Rendition, RenditionRequest
from reports.permissions.documents import every_visible_rendition
from reports.sealing.documents import given_up

# Whoever waited less than this is still looking at the page that shows the document.
PATIENCE = timedelta(seconds=10)


def note_request(rendition: Rendition, *, by: User, batch: uuid.UUID) -> None:
    """Record who requested the document. One that is ready already needs no message."""
    now = timezone.now()
    RenditionRequest.objects.update_or_create(
        rendition=rendition,
        user=by,
        defaults={
            "batch": batch,
            "requested_at": now,
            "told_at": None if rendition.in_hand else now,
        },
    )


@transaction.atomic
def pass_on_requests(rendition: Rendition, equal: Rendition) -> None:
    """Let everybody who waits for a document wait for the equal one that replaces it."""
    for row in rendition.requests.all():
        RenditionRequest.objects.update_or_create(
            rendition=equal,
            user_id=row.user_id,
            defaults={
                "batch": row.batch,
                "requested_at": row.requested_at,
                "told_at": row.told_at,
            },
        )


def notify_requesters(rendition: Rendition) -> None:
    """Write to the people for whom this was the last document of those they had requested at
    once."""
    for user, batch in rendition.requests.values_list("user", "batch"):
        _notify(user, batch)


def notify_all_requesters() -> None:
    """Send the messages that are missing because a worker died between document and message, or
    because somebody requested the document in that very moment."""
    waiting = RenditionRequest.objects.filter(told_at=None)
    over = waiting.exclude(rendition__in=Rendition.objects.in_hand())
    for user, batch in over.order_by().values_list("user", "batch").distinct()[:200]:
        _notify(user, batch)


@transaction.atomic
def _notify(user_pk: int, batch: uuid.UUID) -> bool:
    """Write the message, if all documents are done and nobody wrote it yet; return whether it was.

    Of two workers that finish the last two documents at the same moment only one changes the rows.
    Rows and message are written in one transaction, so neither exists without the other.
    """
    notified_at = timezone.now()
    batched = RenditionRequest.objects.filter(user=user_pk, batch=batch)
    open_requests = batched.filter(told_at=None)
    in_hand = Rendition.objects.in_hand().filter(pk=OuterRef("rendition"))
    if open_requests.filter(Exists(in_hand)).exists():
        return False
    if not open_requests.update(told_at=notified_at):
        return False
    rows = batched.filter(told_at=notified_at).select_related("rendition", "user")
    if not any(took_long(row) for row in rows):
        return False
    return _write(rows[0].user, [row.rendition_id for row in rows], key=f"documents:{batch}")


def warn_of_unsealed() -> None:
    """Tell administrators once of documents that the portal no longer tries to seal."""
    newest = given_up().order_by("-pk").values_list("pk", flat=True).first()
    if newest is None:
        return
    for person in User.objects.filter(is_staff=True, is_active=True):
        letter = partial(unsealed_letter, given_up().count())
        send_to_person(person, letter, key=f"unsealed:{newest}:{person.pk}", about=None)


def took_long(request: RenditionRequest) -> bool:
    """Whether the document was slow, counted from the request and so with the time in the queue."""
    finished_at = request.rendition.finished_at
    return finished_at is not None and finished_at - request.requested_at > PATIENCE


def _write(person: User, documents: list[int], *, key: str) -> bool:
    """Write about the documents that the person may see now: a role may have ended since."""
    if not person.is_active:
        return False
    visible = every_visible_rendition(person).filter(
        pk__in=documents, snapshot__project__training=False
    )
    rows = list(visible.with_related().order_by("pk"))
    if not rows:
        return False
    projects = {row.snapshot.project_id: row.snapshot.project for row in rows}
    place = next(iter(projects.values())) if len(projects) == 1 else None
    letter = partial(documents_done_letter, rows)
    return send_to_person(person, letter, place=place, key=key, about=None) is not None
