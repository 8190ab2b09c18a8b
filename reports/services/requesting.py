"""Documents of every kind: asked for, retried, taken away as a file."""

import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import AccessEvent, User
from kernel.jobs import Job, ring
from reports.kinds import compose, kind_of
from reports.models import About, Rendition, Report, Snapshot
from reports.pdf import RENDERER
from reports.services.telling import note_request, tell_who_waits
from reports.word import docx_of

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
    """Ask for a document: of what stands, or of what is known today.

    An equal request joins the document that is there or on its way; one that failed starts
    again. The worker is rung on commit. Whoever asked is told when it took long, joined or not.
    """
    rendition = _requested(about, language, audience, by)
    if by:
        note_request(rendition, by=by, batch=batch or uuid.uuid4())
    return rendition


def _requested(about: About, language: str, audience: str, by: User | None) -> Rendition:
    is_draft = kind_of(about).is_draft(about)
    snapshot = snapshot_of(about, language=language, audience=audience)
    if snapshot.is_final and not is_draft and (kept := _kept(snapshot, language, audience)):
        return kept
    rendition, created = Rendition.objects.get_or_create(
        snapshot=snapshot,
        language=language,
        audience=audience,
        is_draft=is_draft,
        renderer=RENDERER,
        defaults={"requested_by": by},
    )
    if created or rendition.retry() or rendition.state == Job.State.QUEUED:
        ring(RENDER, rendition.pk)
    return rendition


def snapshot_of(about: About, *, language: str, audience: str) -> Snapshot:
    """The frozen data of the document: that of the sign-off, or what is known of it now."""
    if isinstance(about.thing, Report) and about.thing.snapshot:
        return about.thing.snapshot
    kind = kind_of(about)
    document = compose(about, language=language, audience=audience, as_of=kind.as_of(about))
    data = {audience: {language: document}}
    return Snapshot.keep(about, data, is_final=kind.is_final(about))


def _kept(snapshot: Snapshot, language: str, audience: str) -> Rendition | None:
    """What was rendered of data that stands is kept, also when a later renderer would do better."""
    same = snapshot.renditions.filter(language=language, audience=audience, is_draft=False)
    return same.ready().order_by("pk").first()


@transaction.atomic
def retry_rendition(rendition: Rendition, *, by: User | None = None) -> bool:
    if not rendition.retry():
        return False
    if by:
        note_request(rendition, by=by, batch=uuid.uuid4())
    ring(RENDER, rendition.pk)
    return True


@transaction.atomic
def cancel_rendition(rendition: Rendition, *, by: User) -> bool:
    """Who cancelled knows it; others who wait for the same document are told."""
    if not rendition.cancel():
        return False
    rendition.requests.filter(user=by, told_at=None).update(told_at=timezone.now())
    tell_who_waits(rendition)
    return True


def record_download(rendition: Rendition, *, by: User) -> None:
    AccessEvent.record(
        AccessEvent.Kind.DOWNLOAD,
        user=by,
        thing=rendition.snapshot.about.page,
        rendition=rendition.pk,
        document=rendition.snapshot.kind,
        language=rendition.language,
    )


def word_file(about: About, *, language: str, audience: str, by: User) -> bytes:
    """The document as a Word file, of what is known now; who took it is logged."""
    kind = kind_of(about)
    document = compose(about, language=language, audience=audience, as_of=kind.as_of(about))
    content = docx_of(document, is_draft=kind.is_draft(about))
    AccessEvent.record(
        AccessEvent.Kind.DOWNLOAD,
        user=by,
        thing=about.page,
        document=about.kind,
        language=language,
        format="docx",
    )
    return content
