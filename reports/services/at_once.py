"""Makes Word files and plain texts of documents, which takes no worker: they are made in the
request."""

from collections.abc import Mapping
from typing import Any

from accounts.models import AccessEvent, User
from reports.certificates import code_of
from reports.document_types import ComposedDocument
from reports.kinds import KINDS, kind_of
from reports.models import About, DocumentKind, Rendition, Snapshot, hash_of
from reports.plain_text import text_of
from reports.services.requesting import data_of, signed_snapshot


def word_file(about: About, *, language: str, audience: str, by: User) -> bytes:
    """Return the document as a Word file, and log the download."""
    content = word_now(about, language=language, audience=audience)
    log_download(about, language, "docx", by)
    return content


def word_now(about: About, *, language: str, audience: str) -> bytes:
    from reports.word import docx_of  # noqa: PLC0415  (it imports docx)

    document = current_document(about, language=language, audience=audience)
    return docx_of(document, is_draft=kind_of(about).is_draft(about))


def text_file(about: About, *, language: str, audience: str, by: User) -> bytes:
    """Return the document as plain text, and log the download."""
    content = text_now(about, language=language, audience=audience).encode()
    log_download(about, language, "txt", by)
    return content


def text_now(about: About, *, language: str, audience: str) -> str:
    """Return the document as plain text, with its verification code if equal data is stored as
    final."""
    document = current_document(about, language=language, audience=audience)
    snapshot = signed_snapshot(about) or _stored(about, {audience: {language: document}})
    code = verification_code(snapshot, document) if snapshot else ""
    return text_of(document, code=code, is_draft=kind_of(about).is_draft(about))


def _stored(about: About, data: Mapping[str, object]) -> Snapshot | None:
    return Snapshot.objects.filter(**about.fields, sha256=hash_of(data)).first()


def current_document(about: About, *, language: str, audience: str) -> ComposedDocument:
    """Return the document as it was frozen, or else as it is composed of what is known now."""
    if frozen := signed_snapshot(about):
        return frozen.document(audience, language)
    return data_of(about, language=language, audience=audience)[audience][language]


def text_of_rendition(rendition: Rendition) -> str:
    """Return the plain text of the data that a PDF was rendered from."""
    snapshot = rendition.snapshot
    document = snapshot.document(rendition.audience, rendition.language)
    return text_of(
        document, code=verification_code(snapshot, document), is_draft=rendition.is_draft
    )


def log_download(about: About, language: str, kind: str, by: User, **details: Any) -> None:
    AccessEvent.record(
        AccessEvent.Kind.DOWNLOAD,
        user=by,
        thing=about.page,
        document=about.kind,
        language=language,
        format=kind,
        **details,
    )


def verification_code(snapshot: Snapshot, document: ComposedDocument) -> str:
    """Return the verification code that is printed on the document; empty if it is neither final
    nor given out.

    Sealed minutes have a code of their own, which is the same on all of their files.
    """
    if KINDS[DocumentKind(snapshot.kind)].is_given_out:
        return code_of(snapshot)
    if not snapshot.is_final:
        return ""
    if "code" in document and (own := document["code"]):
        return own
    return snapshot.code
