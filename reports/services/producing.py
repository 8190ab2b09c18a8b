"""What the worker does with a document that it has claimed."""

import errno
import logging
from datetime import timedelta
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import DatabaseError

from kernel.files import sha256_of
from kernel.jobs import Job, LostLease
from reports.models import Rendition, Snapshot, new_file_name
from reports.pdf import RenderFailed, html_of, rendered
from reports.services.composing import is_composed

logger = logging.getLogger(__name__)


def produce(rendition: Rendition) -> None:
    """Render a document that this worker has claimed, and publish it under the claim's token.

    Whatever goes wrong ends in the row, as a reason that a coordinator understands. Who lost the
    lease (another worker has it, somebody cancelled) leaves nothing behind.
    """
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    try:
        rendition.tell("data", lease=lease)
        if not is_composed(rendition):
            return
        with rendered(
            _html(rendition),
            lambda stage, page: rendition.tell(stage, lease=lease, progress=page),
        ) as pdf:
            rendition.tell("storing", lease=lease, progress=pdf.pages)
            _publish(rendition, pdf.content, pdf.pages)
    except LostLease:
        logger.info("Rendition %s was given to another worker or cancelled", rendition.pk)
    except RenderFailed as failure:
        _fail(rendition, failure.reason)
    except OSError as error:
        logger.exception("Rendition %s failed", rendition.pk)
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        _fail(rendition, Job.Failure.DISK_FULL if full else Job.Failure.BROKEN)
    except DatabaseError:
        raise  # nothing can be written into the row: the lease runs out and the sweep rings
    except Exception:
        logger.exception("Rendition %s failed", rendition.pk)
        _fail(rendition, Job.Failure.BROKEN)


def _html(rendition: Rendition) -> str:
    document = rendition.snapshot.document(rendition.audience, rendition.language)
    return html_of(
        document, code=code_of(rendition.snapshot, document), is_draft=rendition.is_draft
    )


def code_of(snapshot: Snapshot, document: dict[str, Any]) -> str:
    """What is printed to verify it by: sealed minutes have a code of their own, whichever of
    their files one holds; what does not stand has none."""
    if not snapshot.is_final:
        return ""
    return document.get("code") or snapshot.code


def _publish(rendition: Rendition, content: BinaryIO, pages: int) -> None:
    """Store the file, then tell the row; a file that the row does not take is deleted."""
    name = new_file_name()
    file = File(content)
    size, sha256 = file.size, sha256_of(file)
    try:
        name = default_storage.save(name, file)
        rendition.finish(file=name, pages=pages, size=size, sha256=sha256)
    except BaseException:
        default_storage.delete(name)
        raise


def _fail(rendition: Rendition, reason: str) -> None:
    try:
        rendition.fail(reason)
    except LostLease:
        logger.info("Rendition %s failed, and was not ours any more", rendition.pk)
