"""What the worker does with a document that it has claimed."""

import errno
import logging
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import BinaryIO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import DatabaseError

from kernel.files import sha256_of
from kernel.jobs import Job, LostLease
from reports.annexes import rendered_document
from reports.kinds import kind_of
from reports.models import Rendition, new_file_name
from reports.pdf import Rendered, RenderFailed, Tell
from reports.services.at_once import code_of, text_of_rendition
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
        with _rendered(
            rendition, lambda stage, page: rendition.tell(stage, lease=lease, progress=page)
        ) as pdf:
            rendition.tell("storing", lease=lease, progress=pdf.pages)
            _publish(rendition, pdf.content, pdf.pages, text_size=_text_size(rendition))
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


def _rendered(rendition: Rendition, tell: Tell) -> AbstractContextManager[Rendered]:
    document = rendition.snapshot.document(rendition.audience, rendition.language)
    code = code_of(rendition.snapshot, document)
    return rendered_document(document, tell, code=code, is_draft=rendition.is_draft)


def _text_size(rendition: Rendition) -> int | None:
    """What the list says beside the light version."""
    if not kind_of(rendition.snapshot.about).has_text:
        return None
    return len(text_of_rendition(rendition).encode())


def _publish(
    rendition: Rendition, content: BinaryIO, pages: int, *, text_size: int | None = None
) -> None:
    """Store the file, then tell the row; a file that the row does not take is deleted."""
    name = new_file_name()
    file = File(content)
    size, sha256 = file.size, sha256_of(file)
    try:
        name = default_storage.save(name, file)
        rendition.finish(file=name, pages=pages, size=size, sha256=sha256, text_size=text_size)
    except BaseException:
        default_storage.delete(name)
        raise


def _fail(rendition: Rendition, reason: str) -> None:
    try:
        rendition.fail(reason)
    except LostLease:
        logger.info("Rendition %s failed, and was not ours any more", rendition.pk)
