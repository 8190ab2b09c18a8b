"""Documents of every kind: asked for, retried, taken away as a file."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import AccessEvent, User
from kernel.jobs import Job, ring
from reports.kinds import compose, kind_of
from reports.models import About, Rendition, Report, Snapshot
from reports.pdf import RENDERER
from reports.word import docx_of

LANGUAGES = tuple(language for language, _name in settings.LANGUAGES)
RENDER = "reports.tasks.render_rendition"


def request_renditions(
    about: About, languages: Iterable[str], *, audience: str, by: User | None
) -> list[Rendition]:
    """`request_rendition` in several languages."""
    return [
        request_rendition(about, language=language, audience=audience, by=by)
        for language in languages
    ]


@transaction.atomic
def request_rendition(about: About, *, language: str, audience: str, by: User | None) -> Rendition:
    """Ask for a document: of what stands, or of what is known today.

    An equal request joins the document that is there or on its way; one that failed starts
    again. The worker is rung on commit.
    """
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


def retry_rendition(rendition: Rendition) -> bool:
    if not rendition.retry():
        return False
    ring(RENDER, rendition.pk)
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
