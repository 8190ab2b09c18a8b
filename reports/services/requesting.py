"""Requests documents of every kind, retries and cancels them, and logs their downloads."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import AccessEvent, User
from kernel.jobs import Job, enqueue
from projects.models import Project
from reports.document_types import ComposedDocument
from reports.kinds import compose, kind_of
from reports.models import About, DocumentKind, Rendition, Report, Snapshot, hash_of
from reports.pdf import renderer
from reports.services.waiting import note_request, notify_requesters

RENDER = "reports.tasks.render_rendition"


@transaction.atomic
def document_languages(project: Project) -> list[str]:
    """Return the languages in which documents are made unasked: those of the project, and those that
    its agreement requires."""
    return list(dict.fromkeys([*project.languages, *project.report_languages]))


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
    (`reports.services.composing`). An equal request joins the document that waits, and the worker
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
