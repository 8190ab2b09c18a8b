"""Who asked for a document is told when it took long: one message for all that was asked at once."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.links import absolute_url
from accounts.mail import send_to_person
from accounts.models import User
from reports.models import Rendition, RenditionRequest
from reports.permissions.documents import every_visible_rendition

# Who waits shorter than that still looks at the page.
PATIENCE = timedelta(seconds=10)
MESSAGE = "reports/email/documents_done"


def note_request(rendition: Rendition, *, by: User, batch: uuid.UUID) -> None:
    """Remember who asked. What is there already needs no message."""
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
    """Who waits for a document that gave way waits for the equal one."""
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


def tell_who_waits(rendition: Rendition) -> None:
    """Write to those for whom this was the last document of what they had asked for."""
    for user, batch in rendition.requests.values_list("user", "batch"):
        _tell(user, batch)


def tell_all_who_wait() -> None:
    """Write where a worker died between the document and the message, or where somebody asked
    in that very moment."""
    waiting = RenditionRequest.objects.filter(told_at=None)
    over = waiting.exclude(rendition__in=Rendition.objects.in_hand())
    for user, batch in over.order_by().values_list("user", "batch").distinct()[:200]:
        _tell(user, batch)


@transaction.atomic
def _tell(user_pk: int, batch: uuid.UUID) -> bool:
    """Write the message, if all is over and nobody wrote it yet; True: it was written.

    Of two workers that finish the last two documents at the same moment one changes the rows.
    The message is in the outbox, or the rows are as before.
    """
    told_at = timezone.now()
    batched = RenditionRequest.objects.filter(user=user_pk, batch=batch)
    untold = batched.filter(told_at=None)
    in_hand = Rendition.objects.in_hand().filter(pk=OuterRef("rendition"))
    in_hand = untold.filter(Exists(in_hand))
    if in_hand.exists() or not untold.update(told_at=told_at):
        return False
    rows = batched.filter(told_at=told_at).select_related("rendition", "user")
    if not any(took_long(row) for row in rows):
        return False
    return _write(rows[0].user, [row.rendition_id for row in rows], key=f"documents:{batch}")


def took_long(request: RenditionRequest) -> bool:
    """Counted from the request, so the time in the queue too."""
    done = request.rendition.finished_at
    return done is not None and done - request.requested_at > PATIENCE


def _write(person: User, documents: list[int], *, key: str) -> bool:
    """Only of what the person may see now: a role may have ended meanwhile."""
    if not person.is_active:
        return False
    visible = every_visible_rendition(person).filter(pk__in=documents)
    rows = list(visible.with_related().order_by("pk"))
    if not rows:
        return False
    facts = {
        "documents": [
            (row, absolute_url(reverse("reports:rendition", args=[row.pk]))) for row in rows
        ]
    }
    subject = gettext_lazy("What you asked for")
    return send_to_person(person, MESSAGE, facts, subject=subject, key=key) is not None
