"""Documents of every kind: asked for, retried, taken away as a file."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import AccessEvent, User
from kernel.jobs import Job, enqueue
from reports.document_types import ComposedDocument
from reports.kinds import compose, kind_of
from reports.models import About, Rendition, Report, Snapshot
from reports.pdf import RENDERER
from reports.services.waiting import note_request, tell_who_waits

LANGUAGES = tuple(language for language, _name in settings.LANGUAGES)
RENDER = "reports.tasks.render_rendition"


@transaction.atomic
def request_renditions(
    about: About,
    languages: Iterable[str],
    *,
    audience: str,
    by: User | None,
    batch: uuid.UUID | None = None,
) -> list[Rendition]:
    """`request_rendition` in several languages, of which the person is told at once."""
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
    """Ask for a document: of what stands, or of what is known when a worker begins with it.

    It takes no time, whatever the size: what is not frozen yet the worker composes
    (`reports.services.composing`). An equal request joins the document that waits, and the worker joins
    what turns out equal. One that failed starts again. It is enqueued on commit. Whoever
    asked is told when it took long, joined or not.
    """
    rendition = _requested(about, {"language": language, "audience": audience}, by)
    if by:
        note_request(rendition, by=by, batch=batch or uuid.uuid4())
    return rendition


def _requested(about: About, wanted: dict[str, str], by: User | None) -> Rendition:
    is_draft = kind_of(about).is_draft(about)
    snapshot = frozen_of(about)
    if snapshot and (kept := kept_of(snapshot, **wanted)):
        return kept
    rendition, created = _asked_for(
        snapshot or Snapshot.promise(about, **wanted), wanted, is_draft, by
    )
    if rendition.snapshot.is_promise and rendition.state == Job.State.WORKING:
        rendition.snapshot.leave_question()
        rendition, created = _asked_for(Snapshot.promise(about, **wanted), wanted, is_draft, by)
    if created or rendition.retry() or rendition.state == Job.State.QUEUED:
        enqueue(RENDER, rendition.pk)
    return rendition


def _asked_for(
    snapshot: Snapshot, wanted: dict[str, str], is_draft: bool, by: User | None
) -> tuple[Rendition, bool]:
    return Rendition.objects.get_or_create(
        snapshot=snapshot,
        is_draft=is_draft,
        renderer=RENDERER,
        **wanted,
        defaults={"requested_by": by},
    )


def frozen_of(about: About) -> Snapshot | None:
    """The data of a report's sign-off."""
    return about.thing.snapshot if isinstance(about.thing, Report) else None


def snapshot_of(about: About, *, language: str, audience: str) -> Snapshot:
    """The frozen data of the document: that of the sign-off, or what is known of it now."""
    if frozen := frozen_of(about):
        return frozen
    data = data_of(about, language=language, audience=audience)
    return Snapshot.keep(about, data, is_final=kind_of(about).is_final(about))


def data_of(
    about: About, *, language: str, audience: str
) -> dict[str, dict[str, ComposedDocument]]:
    """What the document says by what is known now, as a snapshot keeps it."""
    as_of = kind_of(about).as_of(about)
    document = compose(about, language=language, audience=audience, as_of=as_of)
    return {audience: {language: document}}


def kept_of(snapshot: Snapshot, *, language: str, audience: str) -> Rendition | None:
    """What was rendered of data that stands is kept, also when a later renderer would do better."""
    same = snapshot.renditions.filter(language=language, audience=audience, is_draft=False)
    return same.ready().order_by("pk").first()


@transaction.atomic
def retry_rendition(rendition: Rendition, *, by: User | None = None) -> bool:
    if not rendition.retry():
        return False
    if by:
        note_request(rendition, by=by, batch=uuid.uuid4())
    enqueue(RENDER, rendition.pk)
    return True


@transaction.atomic
def cancel_rendition(rendition: Rendition, *, by: User) -> bool:
    """Who cancelled knows it; others who wait for the same document are told."""
    if not rendition.cancel():
        return False
    rendition.requests.filter(user=by, told_at=None).update(told_at=timezone.now())
    tell_who_waits(rendition)
    return True


def record_download(rendition: Rendition, *, by: User | None, **details: Any) -> None:
    """`by` is None where a link without an account was used: `details` then hold its key
    (`link`). What went out with others, packed together, says `format="archive"`."""
    AccessEvent.record(
        AccessEvent.Kind.DOWNLOAD,
        user=by,
        thing=rendition.snapshot.about.page,
        rendition=rendition.pk,
        document=rendition.snapshot.kind,
        language=rendition.language,
        **details,
    )
