"""Makes documents: Word files and plain texts in the request, PDFs in a worker that has claimed them. A
PDF is sealed if it is final: a stored file with its row, or a failure with its reason.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import partial
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction

from accounts.models import AccessEvent, User
from kernel.files import sha256_of
from kernel.frozen import UnknownFormat
from kernel.jobs import Job, LostLease
from kernel.storage import FULL, StorageFull, StorageUnavailable
from reports.annexes import rendered_document
from reports.document_types import ComposedDocument
from reports.kinds import KINDS, kind_of
from reports.models import About, DocumentKind, Rendition, Snapshot, hash_of, new_file_name
from reports.pdf import RenderedPdf
from reports.plain_text import text_of
from reports.render_process import OnProgress, RenderFailed
from reports.sealing.documents import key_for, sealed
from reports.services.requesting import compose_data, data_of, signed_snapshot
from reports.verifying import code_of, note_issued

# At once


def file_now(about: About, ending: str, *, language: str, audience: str) -> bytes:
    """Return the document as a Word file (docx), or as plain text (txt)."""
    if ending == "txt":
        return text_now(about, language=language, audience=audience).encode()
    from reports.word import docx_of  # noqa: PLC0415  (it imports docx)

    document = current_document(about, language=language, audience=audience)
    return docx_of(document, is_draft=kind_of(about).is_draft(about))


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


# Producing

logger = logging.getLogger(__name__)

# After so long the machine may have memory again.
SECOND_TRY = timedelta(minutes=1)
STORAGE_PAUSE = timedelta(seconds=20)  # until a storage that is away is asked again


@contextmanager
def failures_recorded(job: Job) -> Iterator[None]:
    """Record whatever goes wrong in the row, as a reason that a coordinator understands.

    A worker that lost its lease (another one has the job, or somebody cancelled it) records
    nothing.
    """
    try:
        yield
    except LostLease:
        logger.info("%s was given to another worker or cancelled", _name_of(job))
    except DatabaseError:
        raise  # nothing can be written into the row: the lease runs out and the sweep enqueues it
    except RenderFailed as failure:
        if failure.reason == Job.Failure.KILLED:
            _killed(job)
        else:
            _fail(job, failure.reason)
    except UnknownFormat:
        _fail(job, Job.Failure.UNKNOWN_FORMAT)
    except StorageFull:
        _fail(job, Job.Failure.DISK_FULL)
    except StorageUnavailable:
        _wait(job)
    except OSError as error:
        logger.exception("%s failed", _name_of(job))
        full = error.errno in FULL
        _fail(job, Job.Failure.DISK_FULL if full else Job.Failure.BROKEN)
    except Exception:
        logger.exception("%s failed", _name_of(job))
        _fail(job, Job.Failure.BROKEN)


def _killed(job: Job) -> None:
    """Try once more what the machine ended: it may have lacked memory because of something else."""
    if job.failure == Job.Failure.KILLED:
        _fail(job, Job.Failure.NO_MEMORY)
        return
    logger.warning("%s was ended by the machine and is tried once more", _name_of(job))
    try:
        job.try_later(SECOND_TRY, failure=Job.Failure.KILLED)
    except LostLease:
        logger.info("%s was ended, and was not ours any more", _name_of(job))


def _fail(job: Job, reason: str) -> None:
    try:
        job.fail(reason)
    except LostLease:
        logger.info("%s failed, and was not ours any more", _name_of(job))


def _wait(job: Job) -> None:
    """Try again once the storage may be back. However long that takes, no worker died of it."""
    try:
        job.try_later(STORAGE_PAUSE, attempt=job.attempt - 1)
    except LostLease:
        logger.info("%s waited for the storage, and was not ours any more", _name_of(job))


def _name_of(job: Job) -> str:
    return f"{job._meta.object_name} {job.pk}"


def publish(
    job: Job,
    content: BinaryIO,
    *,
    name: str,
    also: Callable[[str], None] = lambda _sha256: None,
    **facts: Any,
) -> None:
    """Store the file, then finish the job with its size, its hash and `facts`. What `also` writes,
    for the hash, is written with that or not at all.

    The file is deleted again if the job is no longer this worker's. Raises LostLease.
    """
    file = File(content)
    size, sha256 = file.size, sha256_of(file)
    try:
        name = default_storage.save(name, file)
        with transaction.atomic():
            job.finish(file=name, size=size, sha256=sha256, **facts)
            also(sha256)
    except BaseException:
        default_storage.delete(name)
        raise


# Rendering


def produce(rendition: Rendition) -> None:
    """Render a document that this worker has claimed, and publish it under the claim's token."""
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    with failures_recorded(rendition):
        rendition.report_progress("data", lease=lease)
        if not compose_data(rendition):
            return
        key = key_for(rendition.snapshot, is_draft=rendition.is_draft)
        with _rendered(
            rendition,
            lambda stage, page: rendition.report_progress(stage, lease=lease, progress=page),
        ) as pdf:
            if key:
                rendition.report_progress("sealing", lease=lease, progress=pdf.pages)
            with sealed(pdf.content, key, language=rendition.language) as (content, certificate):
                rendition.report_progress("storing", lease=lease, progress=pdf.pages)
                publish(
                    rendition,
                    content,
                    name=new_file_name(),
                    also=partial(note_issued, rendition.snapshot),
                    pages=pdf.pages,
                    text_size=_text_size(rendition),
                    seal=certificate,
                )


def _rendered(rendition: Rendition, on_progress: OnProgress) -> AbstractContextManager[RenderedPdf]:
    document = rendition.snapshot.document(rendition.audience, rendition.language)
    code = verification_code(rendition.snapshot, document)
    return rendered_document(document, on_progress, code=code, is_draft=rendition.is_draft)


def _text_size(rendition: Rendition) -> int | None:
    """Return the size of the plain text in bytes, which lists show beside its link."""
    if not kind_of(rendition.snapshot.about).has_text:
        return None
    return len(text_of_rendition(rendition).encode())
