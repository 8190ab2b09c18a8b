"""Documents of every kind: asked for, retried, taken away as a file."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import AccessEvent, User
from kernel.jobs import Job, ring
from reports.kinds import compose, kind_of
from reports.models import About, Rendition, Report, Snapshot, hash_of
from reports.pdf import RENDERER
from reports.plain_text import text_of
from reports.services.waiting import note_request, tell_who_waits
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
    if (
        snapshot.is_final
        and not is_draft
        and (kept := kept_rendition(snapshot, language, audience))
    ):
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
    data = {audience: {language: _known_now(about, language, audience)}}
    return Snapshot.keep(about, data, is_final=kind_of(about).is_final(about))


def kept_rendition(snapshot: Snapshot, language: str, audience: str) -> Rendition | None:
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


def word_file(about: About, *, language: str, audience: str, by: User) -> bytes:
    """The document as a Word file, of what is known now; who took it is logged."""
    content = word_now(about, language=language, audience=audience)
    _record_taken(about, language, "docx", by)
    return content


def word_now(about: About, *, language: str, audience: str) -> bytes:
    document = _known_now(about, language, audience)
    return docx_of(document, is_draft=kind_of(about).is_draft(about))


def text_file(about: About, *, language: str, audience: str, by: User) -> bytes:
    """The document as plain text, of what is known now or of what stands; who took it is logged."""
    content = text_now(about, language=language, audience=audience).encode()
    _record_taken(about, language, "txt", by)
    return content


def text_now(about: About, *, language: str, audience: str) -> str:
    """With the code where a document that stands was kept with this very data."""
    kind = kind_of(about)
    is_draft = kind.is_draft(about)
    if isinstance(about.thing, Report) and about.thing.snapshot:
        snapshot = about.thing.snapshot
        document = snapshot.document(audience, language)
    else:
        document = _known_now(about, language, audience)
        data = {audience: {language: document}}
        snapshot = Snapshot.objects.filter(**about.fields, sha256=hash_of(data)).first()
    code = code_of(snapshot, document) if snapshot else ""
    return text_of(document, code=code, is_draft=is_draft)


def text_of_rendition(rendition: Rendition) -> str:
    """The same data as the PDF, as plain text."""
    snapshot = rendition.snapshot
    document = snapshot.document(rendition.audience, rendition.language)
    return text_of(document, code=code_of(snapshot, document), is_draft=rendition.is_draft)


def _known_now(about: About, language: str, audience: str) -> dict[str, Any]:
    as_of = kind_of(about).as_of(about)
    return compose(about, language=language, audience=audience, as_of=as_of)


def _record_taken(about: About, language: str, kind: str, by: User) -> None:
    AccessEvent.record(
        AccessEvent.Kind.DOWNLOAD,
        user=by,
        thing=about.page,
        document=about.kind,
        language=language,
        format=kind,
    )


def code_of(snapshot: Snapshot, document: dict[str, Any]) -> str:
    """What is printed to verify it by: sealed minutes have a code of their own, whichever of
    their files one holds; what does not stand has none."""
    if not snapshot.is_final:
        return ""
    return document.get("code") or snapshot.code
