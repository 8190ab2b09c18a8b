"""Documents that are made at once, in the request: Word files and plain texts."""

from collections.abc import Mapping
from typing import Any

from accounts.models import AccessEvent, User
from reports.document_types import ComposedDocument
from reports.kinds import kind_of
from reports.models import About, Rendition, Snapshot, hash_of
from reports.plain_text import text_of
from reports.services.requesting import data_of, frozen_of
from reports.word import docx_of


def word_file(about: About, *, language: str, audience: str, by: User) -> bytes:
    """The document as a Word file, of what is known now; who took it is logged."""
    content = word_now(about, language=language, audience=audience)
    record_taken(about, language, "docx", by)
    return content


def word_now(about: About, *, language: str, audience: str) -> bytes:
    document = told_by(about, language=language, audience=audience)
    return docx_of(document, is_draft=kind_of(about).is_draft(about))


def text_file(about: About, *, language: str, audience: str, by: User) -> bytes:
    """The document as plain text, of what is known now or of what stands; who took it is logged."""
    content = text_now(about, language=language, audience=audience).encode()
    record_taken(about, language, "txt", by)
    return content


def text_now(about: About, *, language: str, audience: str) -> str:
    """With the code where a document that stands was kept with this very data."""
    document = told_by(about, language=language, audience=audience)
    snapshot = frozen_of(about) or _with_this(about, {audience: {language: document}})
    code = code_of(snapshot, document) if snapshot else ""
    return text_of(document, code=code, is_draft=kind_of(about).is_draft(about))


def _with_this(about: About, data: Mapping[str, object]) -> Snapshot | None:
    return Snapshot.objects.filter(**about.fields, sha256=hash_of(data)).first()


def told_by(about: About, *, language: str, audience: str) -> ComposedDocument:
    """What the document says: as it was frozen, or else as it is known now."""
    if frozen := frozen_of(about):
        return frozen.document(audience, language)
    return data_of(about, language=language, audience=audience)[audience][language]


def text_of_rendition(rendition: Rendition) -> str:
    """The same data as the PDF, as plain text."""
    snapshot = rendition.snapshot
    document = snapshot.document(rendition.audience, rendition.language)
    return text_of(document, code=code_of(snapshot, document), is_draft=rendition.is_draft)


def record_taken(about: About, language: str, kind: str, by: User, **details: Any) -> None:
    AccessEvent.record(
        AccessEvent.Kind.DOWNLOAD,
        user=by,
        thing=about.page,
        document=about.kind,
        language=language,
        format=kind,
        **details,
    )


def code_of(snapshot: Snapshot, document: ComposedDocument) -> str:
    """What is printed to verify it by: sealed minutes have a code of their own, whichever of
    their files one holds; what does not stand has none."""
    if not snapshot.is_final:
        return ""
    if "code" in document and (own := document["code"]):
        return own
    return snapshot.code
