"""Requests documents of every kind, retries and cancels them, composes their data in the worker, notes
downloads, and notifies the people who requested documents once these are done, if that took long.

Requesting takes no time. One message covers all documents that were requested at once.
"""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.mail import send_to_person
from accounts.models import AccessEvent, User
from kernel import broker
from kernel.jobs import Job, enqueue
from projects.models import Project
from reports.document_types import ComposedDocument
from reports.kinds import compose, kind_of
from reports.letters import documents_done_letter, unsealed_letter
from reports.models import (
    About,
    DocumentKind,
    Rendition,
    RenditionRequest,
    Report,
    Snapshot,
    hash_of,
)
from reports.pdf import renderer
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


# Requests


RENDER = "reports.tasks.render_rendition"


def document_languages(project: Project) -> list[str]:
    """Return the languages in which documents are made unasked: those of the project, and those that
    its agreement requires."""
    return list(dict.fromkeys([*project.languages, *project.report_languages]))


@transaction.atomic
def request_renditions(
    about: About,
    languages: Iterable[str],
    *,
    audience: str,
    by: User | None,
    batch: uuid.UUID | None = None,
) -> list[Rendition]:
    """Request a document in several languages; one message tells the person when all are done."""
    batch = batch or uuid.uuid4()
    return [
        request_rendition(about, language=language, audience=audience, by=by, batch=batch)
        for language in languages
    ]


@transaction.atomic
def request_rendition(
    about: About,
    *,
    language: str,
    audience: str,
    by: User | None,
    batch: uuid.UUID | None = None,
) -> Rendition:
    """Request a document, of frozen data or of what is known when a worker begins with it.

    This takes no time, whatever the size: the worker composes what is not frozen yet
    (`reports.services.requesting`). An equal request joins the document that waits, and the worker
    joins documents that turn out equal. One that failed starts again. The work is enqueued on
    commit. Whoever requested a document is notified if it took long, joined or not.
    """
    rendition = _requested(about, {"language": language, "audience": audience}, by)
    if by:
        note_request(rendition, by=by, batch=batch or uuid.uuid4())
    return rendition


def _requested(about: About, wanted: dict[str, str], by: User | None) -> Rendition:
    is_draft = kind_of(about).is_draft(about)
    snapshot = signed_snapshot(about)
    if snapshot and (kept := final_rendition(snapshot, **wanted)):
        return kept
    rendition, created = _get_or_create(
        snapshot or Snapshot.promise(about, **wanted), wanted, is_draft, by
    )
    if rendition.snapshot.is_promise and rendition.state == Job.State.WORKING:
        rendition.snapshot.detach_request()
        rendition, created = _get_or_create(Snapshot.promise(about, **wanted), wanted, is_draft, by)
    if created or rendition.retry() or rendition.state == Job.State.QUEUED:
        enqueue(RENDER, rendition.pk)
    return rendition


def _get_or_create(
    snapshot: Snapshot, wanted: dict[str, str], is_draft: bool, by: User | None
) -> tuple[Rendition, bool]:
    return Rendition.objects.get_or_create(
        snapshot=snapshot,
        is_draft=is_draft,
        renderer=renderer(),
        superseded_at=None,
        **wanted,
        defaults={"requested_by": by},
    )


def signed_snapshot(about: About) -> Snapshot | None:
    """Return the data that was frozen when the report was signed off; other documents have none."""
    is_report = about.kind == DocumentKind.ANNUAL_REPORT
    return about.thing.snapshot if is_report and isinstance(about.thing, Report) else None


def snapshot_for(about: About, *, language: str, audience: str) -> Snapshot:
    """Return the snapshot of the document: that of the sign-off, or one of what is known now."""
    if frozen := signed_snapshot(about):
        return frozen
    data = data_of(about, language=language, audience=audience)
    return Snapshot.keep(about, data, is_final=kind_of(about).is_final(about))


def data_of(
    about: About, *, language: str, audience: str
) -> dict[str, dict[str, ComposedDocument]]:
    """Compose the document of what is known now, in the form that a snapshot stores.

    What is printed from sealed content would hold again what was removed from it, such as a
    quotation that was withdrawn. So data that were superseded give place to their successor's. For
    names of institutions there is a rule, which may change again.
    """
    as_of = kind_of(about).as_of(about)
    document = compose(about, language=language, audience=audience, as_of=as_of)
    data = {audience: {language: document}}
    removed = Rendition.objects.filter(replaced_by__isnull=False, snapshot__project=about.project)
    removed = removed.exclude(superseded_for__in=Rendition.ABOUT_NAMES)
    while earlier := removed.filter(snapshot__sha256=hash_of(data)).first():
        assert earlier.replaced_by is not None  # by the filter
        data = earlier.replaced_by.snapshot.data
    return data


def final_rendition(snapshot: Snapshot, *, language: str, audience: str) -> Rendition | None:
    """Return the file that was rendered of this final data, even if a later renderer would do
    better: whoever has the file must be able to verify it."""
    same = snapshot.renditions.filter(language=language, audience=audience, is_draft=False)
    return same.ready().current().order_by("pk").first()


@transaction.atomic
def retry_rendition(rendition: Rendition, *, by: User | None = None) -> bool:
    if rendition.is_superseded or not rendition.retry():
        return False
    if by:
        note_request(rendition, by=by, batch=uuid.uuid4())
    enqueue(RENDER, rendition.pk)
    return True


@transaction.atomic
def cancel_rendition(rendition: Rendition, *, by: User) -> bool:
    """Cancel the work, and notify the others who wait for the same document."""
    if not rendition.cancel():
        return False
    rendition.requests.filter(user=by, told_at=None).update(told_at=timezone.now())
    notify_requesters(rendition)
    return True


def record_download(rendition: Rendition, *, by: User | None, **details: Any) -> None:
    """Log who downloaded the document.

    For the bearer of a link, `by` is None and `details` hold the key of the link (`link`). A
    download as part of an archive has `format="archive"`.
    """
    AccessEvent.record(
        AccessEvent.Kind.DOWNLOAD,
        user=by,
        thing=rendition.snapshot.about.page,
        rendition=rendition.pk,
        document=rendition.snapshot.kind,
        language=rendition.language,
        **details,
    )


# In the worker


REMEMBERED_SECONDS = 24 * 3600


def compose_data(rendition: Rendition) -> bool:
    """Compose the data of a claimed document, unless that was done before.

    Returns False if an equal document exists or is being made, which has replaced this one
    (`joined_by`). Raises LostLease.
    """
    promise = rendition.snapshot
    if not promise.is_promise:
        return True
    about = promise.about
    kind = kind_of(about)
    wanted = {"language": rendition.language, "audience": rendition.audience}
    data = data_of(about, **wanted)
    is_draft, is_final = kind.is_draft(about), kind.is_final(about)
    snapshot = promise.fulfil(data, is_final=is_final)
    if is_final and not is_draft and (kept := final_rendition(snapshot, **wanted)):
        give_way(rendition, kept)
        return False
    try:
        rendition.set_snapshot(snapshot, is_draft=is_draft)
    except IntegrityError:
        same = snapshot.renditions.current().filter(is_draft=is_draft, **wanted)
        give_way(rendition, same.get(renderer=rendition.renderer))
        return False
    return True


def give_way(rendition: Rendition, equal: Rendition) -> None:
    """Replace a document by an equal one, which starts again if it had failed, and lead everybody
    who waits there."""
    cache.set(_key(rendition.pk), equal.pk, REMEMBERED_SECONDS)
    pass_on_requests(rendition, equal)
    Rendition.objects.filter(pk=rendition.pk, token=rendition.token).delete()
    if equal.retry():
        enqueue(RENDER, equal.pk)
    notify_requesters(equal)


def joined_by(pk: int) -> int | None:
    """Return the key of the equal document that replaced that one during the last day, if any."""
    key: int | None = cache.get(_key(pk))
    return key


def _key(pk: int) -> str:
    return f"reports:joined:{pk}"


# While the queue cannot be reached


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
