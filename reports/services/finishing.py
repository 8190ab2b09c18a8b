"""How work of the background ends: in the file and the row that names it, or in a reason."""

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, BinaryIO

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.utils import timezone

from kernel.files import sha256_of
from kernel.frozen import UnknownFormat
from kernel.jobs import Job, JobQuerySet, LostLease
from reports.pdf import RenderFailed

logger = logging.getLogger(__name__)

# A file that is being stored right now, before its row names it, is younger.
STORING = timedelta(hours=1)


@contextmanager
def ending_in_the_row(job: Job) -> Iterator[None]:
    """Whatever goes wrong ends in the row, as a reason that a coordinator understands. Who lost
    the lease (another worker has it, somebody cancelled) leaves nothing behind."""
    try:
        yield
    except LostLease:
        logger.info("%s was given to another worker or cancelled", _called(job))
    except DatabaseError:
        raise  # nothing can be written into the row: the lease runs out and the sweep enqueues it
    except RenderFailed as failure:
        _fail(job, failure.reason)
    except UnknownFormat:
        _fail(job, Job.Failure.UNKNOWN_FORMAT)
    except OSError as error:
        logger.exception("%s failed", _called(job))
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        _fail(job, Job.Failure.DISK_FULL if full else Job.Failure.BROKEN)
    except Exception:
        logger.exception("%s failed", _called(job))
        _fail(job, Job.Failure.BROKEN)


def _fail(job: Job, reason: str) -> None:
    try:
        job.fail(reason)
    except LostLease:
        logger.info("%s failed, and was not ours any more", _called(job))


def _called(job: Job) -> str:
    return f"{job._meta.object_name} {job.pk}"


def publish(job: Job, content: BinaryIO, *, name: str, **facts: Any) -> None:
    """Store the file, then tell the row, with its size, its hash and `facts`; a file that the row
    does not take is deleted. Raises `LostLease`."""
    file = File(content)
    size, sha256 = file.size, sha256_of(file)
    try:
        name = default_storage.save(name, file)
        job.finish(file=name, size=size, sha256=sha256, **facts)
    except BaseException:
        default_storage.delete(name)
        raise


def delete_unnamed(folder: str, jobs: JobQuerySet) -> list[str]:
    """Delete the files of a folder that no row of `jobs` names (each of their files lies there):
    their row went, or their worker died before it could tell. Tells which."""
    if not default_storage.exists(folder):
        return []
    before = timezone.now() - STORING
    named = set(jobs.exclude(file="").values_list("file", flat=True))
    _folders, files = default_storage.listdir(folder)
    deleted = []
    for name in (f"{folder}/{file}" for file in files):
        if name not in named and default_storage.get_modified_time(name) < before:
            default_storage.delete(name)
            deleted.append(name)
    return deleted
