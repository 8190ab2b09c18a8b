"""All of a project in one file for one person: what they may see of its documents, and the data.

Nothing is held in memory but one workbook: files are copied through a temporary file on disk. The
same content makes the same bytes.
"""

import hashlib
import io
import logging
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _, gettext_lazy

from accounts.links import absolute_url
from accounts.mail import send_to_person
from accounts.models import AccessEvent, User
from kernel.jobs import Job, enqueue
from kernel.sheets import csv_sheet
from projects.models import IatiPublication, Project
from reports.kinds import kind_of
from reports.library import lines_of, other_documents
from reports.models import ARCHIVES, Archive, Rendition
from reports.models.archive import new_archive_name
from reports.permissions.archives import rights_in, usable_archives
from reports.permissions.reports import every_visible_report
from reports.services.at_once import code_of
from reports.services.data_book import data_book
from reports.services.finishing import delete_unnamed, ending_in_the_row, publish

logger = logging.getLogger(__name__)

MAKE = "reports.tasks.make_archive"
LONG = timedelta(seconds=10)  # who waited longer has a message
PIECE = 1 << 18


# Asked for


@transaction.atomic
def request_archive(project: Project, *, by: User, language: str) -> Archive:
    """Ask for the archive as of now. While one is on its way the request joins it; one that is
    there already gives way, since the person asks for what is new."""
    mine = Archive.objects.filter(project=project, user=by, language=language)
    mine.ready().delete()  # the sweep takes its file
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


# Made


def write_archive(archive: Archive) -> None:
    """Write an archive that this worker has claimed, and publish it under the claim's token."""
    with ending_in_the_row(archive):
        if not usable_archives(archive.user).filter(pk=archive.pk).exists():
            archive.cancel()  # they see the project no more
            return
        with tempfile.TemporaryFile() as file, translation.override(archive.language):
            facts = {"rights": sorted(rights_in(archive.user, archive.project))}
            facts["renditions"], facts["files"] = _write(archive, file)
            archive.tell("storing", lease=_lease())
            publish(archive, file, name=new_archive_name(), **facts)
        _tell_who_waited(archive)


def _tell_who_waited(archive: Archive) -> None:
    if archive.finished_at - archive.requested_at < LONG:
        return
    url = absolute_url(reverse("projects:reports", args=[archive.project.code]))
    send_to_person(
        archive.user,
        "reports/email/archive",
        {"url": url, "days": Archive.DAYS_KEPT},
        subject=gettext_lazy("Your files are ready"),
        key=f"archive:{archive.pk}:{archive.sha256}",
    )


def _lease() -> timedelta:
    return timedelta(seconds=settings.LEASE_SECONDS)


# What is in it


@dataclass(frozen=True)
class Piece:
    """One file of the archive; `code` verifies a document that stands."""

    name: str
    title: str
    open: Callable[[], BinaryIO]
    version: int | None = None
    language: str = ""
    audience: str = ""
    day: date | None = None
    pages: int | None = None
    code: str = ""
    rendition: int | None = None


def _write(archive: Archive, file: BinaryIO) -> tuple[list[int], int]:
    """All pieces, and the index of them. The keys of the renditions, and how many files it holds."""
    pieces = _named_once(_pieces(archive))
    index = []
    with zipfile.ZipFile(file, "w") as target:
        for number, piece in enumerate(pieces, start=1):
            archive.tell("files", lease=_lease(), progress=number, of=len(pieces))
            index.append(_put(target, piece))
        content = csv_sheet(_index_head(), index)
        target.writestr(_entry(slugify(_("Index")) + ".csv"), content, zipfile.ZIP_DEFLATED)
    renditions = sorted(piece.rendition for piece in pieces if piece.rendition)
    return renditions, len(target.namelist())


def _put(target: zipfile.ZipFile, piece: Piece) -> list[Any]:
    """Its line in the index. A file that the storage has lost is told there, and stops nothing."""
    try:
        source = piece.open()
    except FileNotFoundError:
        logger.error("The file of %s is missing", piece.name)
        return _line(piece, None, _("This file is missing; tell the coordination."))
    size, digest = 0, hashlib.sha256()
    with source, target.open(_entry(piece.name), "w", force_zip64=True) as entry:
        while chunk := source.read(PIECE):
            entry.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return _line(piece, size, digest.hexdigest())


def _entry(name: str) -> zipfile.ZipInfo:
    """Stored as it is (PDF and Excel are packed already), of no day, readable by its owner."""
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


def _line(piece: Piece, size: int | None, sha256: str) -> list[Any]:
    return [
        piece.name,
        piece.title,
        piece.version,
        piece.language,
        piece.audience,
        piece.day,
        piece.pages,
        size,
        sha256,
        piece.code,
    ]


def _named_once(pieces: Iterator[Piece]) -> list[Piece]:
    """Names that no two files share, whatever they are about."""
    found: dict[str, Piece] = {}
    for piece in pieces:
        name, number = piece.name, 2
        while name in found:
            stem, _dot, extension = piece.name.rpartition(".")
            name, number = f"{stem}-{number}.{extension}", number + 1
        found[name] = Piece(**{**piece.__dict__, "name": name})
    return list(found.values())


def _pieces(archive: Archive) -> Iterator[Piece]:
    user, project = archive.user, archive.project
    reports = every_visible_report(user, [project])
    for line in lines_of(user, [project], reports):
        folder, version = slugify(_("Reports")), line.report.version
        for row in line.files:
            stem = f"{_number(row)}-v{version}-{row.language}"
            yield _of_rendition(row, f"{folder}/{stem}", str(line.report), version)
    for label, documents in other_documents(user, project):
        for standing in documents:
            version = getattr(standing.about.thing, "version", None)
            for row in standing.files:
                stem = f"{_number(row)}-v{version}" if version else _number(row)
                name = f"{slugify(label)}/{stem}-{row.language}"
                yield _of_rendition(row, name, f"{label} · {standing.title}", version)
    yield from _data(archive)


def _number(row: Rendition) -> str:
    """Neutral, as the file is called when it is taken alone."""
    about = row.snapshot.about
    return slugify(f"{kind_of(about).file_name} {kind_of(about).number(about)}")


def _of_rendition(row: Rendition, name: str, title: str, version: int | None) -> Piece:
    # As it is stored: the code is at the same place in every format, and a file that was made is
    # handed out even where this version could not make it anew.
    stored = row.snapshot.data[row.audience][row.language]
    return Piece(
        name=f"{name}.{row.kind}",
        title=title,
        open=lambda: default_storage.open(row.file.name),
        version=version,
        language=row.language,
        audience=str(row.get_audience_display()),
        day=timezone.localdate(row.finished_at) if row.finished_at else None,
        pages=row.pages,
        code=code_of(row.snapshot, stored),
        rendition=row.pk,
    )


def _data(archive: Archive) -> Iterator[Piece]:
    folder, day = slugify(_("Data")), timezone.localdate(archive.requested_at)
    book = data_book(archive.user, archive.project, at=archive.requested_at)
    yield Piece(
        name=f"{folder}/{slugify(_('Data'))}.xlsx",
        title=_("Data behind the reports"),
        open=lambda: io.BytesIO(book),
        language=archive.language,
        day=day,
    )
    public = IatiPublication.objects.filter(project=archive.project).current().first()
    if public:
        yield Piece(
            name=f"{folder}/iati.xml",
            title=_("IATI file"),
            open=lambda: default_storage.open(public.file.name),
            day=timezone.localdate(public.published_at),
        )


# Again and again


def enqueue_archives() -> None:
    for pk in Archive.objects.due().values_list("pk", flat=True)[:200]:
        enqueue(MAKE, pk)


def sweep_archives() -> None:
    """Delete archives after some days, and files that no row names."""
    Archive.objects.passing().delete()
    delete_unnamed(ARCHIVES, Archive.objects.all())
