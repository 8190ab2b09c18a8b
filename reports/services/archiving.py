"""Packs the documents of a project that a person may see, and the data behind them, into one
archive.

Only one workbook at a time is held in memory: files are copied through a temporary file on disk.
The same content makes the same bytes.
"""

import hashlib
import io
import logging
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import BinaryIO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.mail import send_to_person
from accounts.models import AccessEvent, User
from accounts.unnamed_files import set_aside_unnamed
from kernel.jobs import Job, enqueue
from kernel.languages import working_in
from kernel.sheets import csv_sheet
from kernel.workbooks import CellValue
from partners.naming import read_by
from projects.models import IatiPublication, Project
from projects.permissions.naming import NamesForPerson
from projects.retention import held_projects
from reports.kinds import file_name
from reports.letters import archive_letter
from reports.library import lines_of, other_documents
from reports.models import ARCHIVES, Archive, Rendition
from reports.models.archive import new_archive_name
from reports.permissions.archives import rights_in, usable_archives
from reports.permissions.reports import every_visible_report
from reports.services.at_once import verification_code
from reports.services.data_book import data_book
from reports.services.finishing import failures_recorded, publish

logger = logging.getLogger(__name__)

MAKE = "reports.tasks.make_archive"
LONG = timedelta(seconds=10)  # whoever waited longer gets a message
CHUNK = 1 << 18


# Requests


@transaction.atomic
def request_archive(project: Project, *, by: User, language: str) -> Archive:
    """Request the archive as of now.

    A request joins an archive that is being made. One that is ready is deleted, since the person
    wants what is new.
    """
    mine = Archive.objects.filter(project=project, user=by, language=language)
    mine.ready().delete()
    archive, created = Archive.objects.get_or_create(project=project, user=by, language=language)
    if created or archive.retry() or archive.state == Job.State.QUEUED:
        enqueue(MAKE, archive.pk)
    return archive


def retry_archive(archive: Archive) -> bool:
    if not archive.retry():
        return False
    enqueue(MAKE, archive.pk)
    return True


def record_archive_download(archive: Archive, *, by: User) -> None:
    AccessEvent.record(
        AccessEvent.Kind.DOWNLOAD,
        user=by,
        thing=archive.project,
        document="archive",
        language=archive.language,
        files=archive.files,
    )


# Writing


def write_archive(archive: Archive) -> None:
    """Write an archive that this worker has claimed, and publish it under the claim's token."""
    with failures_recorded(archive):
        if not usable_archives(archive.user).filter(pk=archive.pk).exists():
            archive.cancel()  # the person does not see the project any more
            return
        with (
            tempfile.TemporaryFile() as file,
            translation.override(archive.language),
            read_by(NamesForPerson(archive.user, archive.project)),
            working_in(archive.project),
        ):
            rights = sorted(rights_in(archive.user, archive.project))
            renditions, files = _write(archive, file)
            archive.report_progress("storing", lease=_lease())
            publish(
                archive,
                file,
                name=new_archive_name(),
                rights=rights,
                renditions=renditions,
                files=files,
            )
        _notify_requester(archive)


def _notify_requester(archive: Archive) -> None:
    if archive.finished_at is None or archive.finished_at - archive.requested_at < LONG:
        return
    send_to_person(
        archive.user,
        partial(archive_letter, archive),
        key=f"archive:{archive.pk}:{archive.sha256}",
        about=archive,
    )


def _lease() -> timedelta:
    return timedelta(seconds=settings.LEASE_SECONDS)


# Content


@dataclass(frozen=True)
class ArchivedFile:
    """One file of the archive; `code` is the verification code of a final document."""

    name: str
    title: str
    open: Callable[[], "BinaryIO | File[bytes]"]
    version: int | None = None
    language: str = ""
    audience: str = ""
    day: date | None = None
    pages: int | None = None
    code: str = ""
    rendition: int | None = None


def _write(archive: Archive, file: BinaryIO) -> tuple[list[int], int]:
    """Write all files and their index; return the keys of the renditions and the number of
    files."""
    packed = _with_unique_names(_files_of(archive))
    index = []
    with zipfile.ZipFile(file, "w") as target:
        for number, entry in enumerate(packed, start=1):
            archive.report_progress("files", lease=_lease(), progress=number, of=len(packed))
            index.append(_put(target, entry))
        content = csv_sheet(_index_head(), index)
        target.writestr(_zip_entry(slugify(_("Index")) + ".csv"), content, zipfile.ZIP_DEFLATED)
    renditions = sorted(entry.rendition for entry in packed if entry.rendition)
    return renditions, len(target.namelist())


def _put(target: zipfile.ZipFile, entry: ArchivedFile) -> list[CellValue]:
    """Write one file into the archive, and return its row in the index.

    A file that the storage has lost is reported there: the archive is made nevertheless.
    """
    try:
        source = entry.open()
    except FileNotFoundError:
        logger.error("The file of %s is missing", entry.name)
        return _index_row(entry, None, _("This file is missing; tell the coordination."))
    size, digest = 0, hashlib.sha256()
    with source, target.open(_zip_entry(entry.name), "w", force_zip64=True) as packed:
        while chunk := source.read(CHUNK):
            packed.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return _index_row(entry, size, digest.hexdigest())


def _zip_entry(name: str) -> zipfile.ZipInfo:
    """Return an entry without a day, so that equal content makes equal bytes.

    It is stored without compression, since PDF and Excel files are compressed already.
    """
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o644 << 16
    return entry


def _index_head() -> list[str]:
    return [
        _("File"),
        _("Document"),
        _("Version"),
        _("Language"),
        _("Audience"),
        _("Day"),
        _("Pages"),
        _("Size in bytes"),
        "SHA-256",
        _("Verification code"),
    ]


def _index_row(entry: ArchivedFile, size: int | None, sha256: str) -> list[CellValue]:
    return [
        entry.name,
        entry.title,
        entry.version,
        entry.language,
        entry.audience,
        entry.day,
        entry.pages,
        size,
        sha256,
        entry.code,
    ]


def _with_unique_names(entries: Iterator[ArchivedFile]) -> list[ArchivedFile]:
    """Number the files that would have the same name in the archive."""
    found: dict[str, ArchivedFile] = {}
    for entry in entries:
        name, number = entry.name, 2
        while name in found:
            stem, _dot, extension = entry.name.rpartition(".")
            name, number = f"{stem}-{number}.{extension}", number + 1
        found[name] = replace(entry, name=name)
    return list(found.values())


def _files_of(archive: Archive) -> Iterator[ArchivedFile]:
    user, project = archive.user, archive.project
    reports = every_visible_report(user, [project])
    for line in lines_of(user, [project], reports):
        folder, version = slugify(_("Reports")), line.report.version
        for row in line.files:
            stem = f"{_stem(row, version)}-{row.language}"
            yield _of_rendition(row, f"{folder}/{stem}", str(line.report), version)
    for label, documents in other_documents(user, project):
        for document in documents:
            number: int | None = getattr(document.about.thing, "version", None)
            for row in document.files:
                name = f"{slugify(label)}/{_stem(row, number)}-{row.language}"
                yield _of_rendition(row, name, f"{label} · {document.title}", number)
    yield from _data(archive)


def _stem(row: Rendition, version: int | None) -> str:
    """Return the neutral name that the file has when it is downloaded alone, with its version."""
    name = slugify(file_name(row.snapshot.about))
    return f"{name}-v{version}" if version else name


def _of_rendition(row: Rendition, name: str, title: str, version: int | None) -> ArchivedFile:
    # The data as it is stored, whatever its format: the code is at the same place in every format,
    # and a file is packed even if this version of the portal could not render it anew.
    stored = row.snapshot.data[row.audience][row.language]
    return ArchivedFile(
        name=f"{name}.{row.kind}",
        title=title,
        open=lambda: default_storage.open(str(row.file.name)),
        version=version,
        language=row.language,
        audience=str(row.get_audience_display()),
        day=timezone.localdate(row.finished_at) if row.finished_at else None,
        pages=row.pages,
        code=verification_code(row.snapshot, stored),
        rendition=row.pk,
    )


def _data(archive: Archive) -> Iterator[ArchivedFile]:
    folder, day = slugify(_("Data")), timezone.localdate(archive.requested_at)
    book = data_book(archive.user, archive.project, at=archive.requested_at)
    yield ArchivedFile(
        name=f"{folder}/{slugify(_('Data'))}.xlsx",
        title=_("Data behind the reports"),
        open=lambda: io.BytesIO(book),
        language=archive.language,
        day=day,
    )
    public = IatiPublication.objects.filter(project=archive.project).current().first()
    if public:
        yield ArchivedFile(
            name=f"{folder}/iati.xml",
            title=_("IATI file"),
            open=lambda: default_storage.open(str(public.file.name)),
            day=timezone.localdate(public.published_at),
        )


# Regular work


def enqueue_archives() -> None:
    """Enqueue archives that wait: messages get lost, and workers die."""
    for pk in Archive.objects.due().values_list("pk", flat=True)[:200]:
        enqueue(MAKE, pk)


def sweep_archives() -> None:
    """Delete archives after some days, and set files aside that no row refers to."""
    Archive.objects.expired().exclude(project__in=held_projects()).delete()
    set_aside_unnamed(ARCHIVES, Archive.objects.all())
