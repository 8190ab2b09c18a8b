"""Archives of a project: requests, the index with its signature, and the file itself.

The index has pages that any browser shows without the portal and without a network, a list for
spreadsheets, and the sums by which others check that nothing was changed.
"""

import base64
import hashlib
import logging
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.mail import send_to_person
from accounts.models import AccessEvent, User
from accounts.unnamed_files import set_aside_unnamed
from kernel.jobs import Job, enqueue
from kernel.languages import LANGUAGES, working_in
from kernel.organisation import organisation
from kernel.sheets import csv_sheet
from kernel.workbooks import CellValue
from partners.naming import read_by
from projects.models import Project
from projects.permissions.naming import NamesForPerson
from projects.retention import held_projects
from reports.letters import archive_letter
from reports.models import ARCHIVES, Archive
from reports.models.archive import new_archive_name
from reports.permissions.archives import reader_of, rights_in, usable_archives
from reports.sealing.keys import is_on, usable_key
from reports.services.archive_files import ArchivedFile, files_of, with_unique_names
from reports.services.producing import failures_recorded, publish

SUMS = "SHA256SUMS"
PAGES = Path(__file__).parent.parent / "archive_page"


@dataclass(frozen=True)
class Packed:
    """A file that was written into the archive, or that the storage has lost (without a size)."""

    entry: ArchivedFile
    size: int | None
    sha256: str


def index_languages(archive: Archive) -> list[str]:
    """Return the languages of the pages of the index: first that of the archive, then the others in
    which the project works."""
    others = (language for language in archive.project.languages if language != archive.language)
    return [archive.language, *others]


def index_head() -> list[str]:
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


def index_row(packed: Packed) -> list[CellValue]:
    entry = packed.entry
    missing = packed.size is None
    return [
        entry.name,
        next(iter(entry.titles.values())),
        entry.version,
        entry.language,
        entry.audience,
        entry.day,
        entry.pages,
        packed.size,
        _("This file is missing; tell the coordination.") if missing else packed.sha256,
        entry.code,
    ]


def sums_file(written: Iterable[tuple[str, str]]) -> bytes:
    """Return the sums as `sha256sum -c` reads them."""
    return "".join(f"{digest}  {name}\n" for name, digest in written).encode()


def index_page(
    archive: Archive, packed: list[Packed], language: str, languages: list[str], *, is_signed: bool
) -> bytes:
    style, script = (_text(name) for name in ("page.css", "page.js"))
    with translation.override(language):
        chapters = [
            (title, [(one, one.entry.titles[language]) for one in group])
            for title, group in groupby(packed, key=lambda one: one.entry.chapters[language])
        ]
        content = render_to_string(
            "reports/archive/index.html",
            {
                "archive": archive,
                "project": archive.project,
                "organisation": organisation(),
                "language": language,
                "others": [
                    (
                        other,
                        _own_name(other),
                        "index.html" if other == languages[0] else f"index-{other}.html",
                    )
                    for other in languages
                    if other != language
                ],
                "chapters": chapters,
                "count": len(packed),
                "bytes": sum(one.size or 0 for one in packed),
                "is_signed": is_signed,
                "sums": SUMS,
                "style": style,
                "script": script,
                "style_hash": _hash(style),
                "script_hash": _hash(script),
            },
        )
    return content.encode()


def _own_name(language: str) -> str:
    """Return what a language calls itself."""
    with translation.override(language):
        return str(LANGUAGES[language]).capitalize()


def _text(name: str) -> str:
    return (PAGES / name).read_text().strip()


def _hash(text: str) -> str:
    """Return by what the page's own policy knows its style and script."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


# The signature of the list of sums


SIGNATURE, CERTIFICATE = "SHA256SUMS.p7s", "certificate.pem"


def signature_of(sums: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the detached signature and the certificate, with their names. Raises SealFailed."""
    key = usable_key()
    builder = pkcs7.PKCS7SignatureBuilder().set_data(sums)
    builder = builder.add_signer(key.certificate, key.private, hashes.SHA256())
    for certificate in key.chain:
        builder = builder.add_certificate(certificate)
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    yield SIGNATURE, builder.sign(serialization.Encoding.DER, options)
    pem = [one.public_bytes(serialization.Encoding.PEM) for one in key.certificates]
    yield CERTIFICATE, b"".join(pem)


# Packs the documents of a project that a person may see, and the data behind them, into one
# archive


logger = logging.getLogger(__name__)

MAKE = "reports.tasks.make_archive"
LONG = timedelta(seconds=10)  # whoever waited longer gets a message
CHUNK = 1 << 18


# Requests


@transaction.atomic
def request_archive(
    project: Project, *, by: User, language: str, edition: str = Archive.Edition.OWN
) -> Archive:
    """Request the archive as of now.

    A request joins an archive that is being made. One that is ready is deleted, since the person
    wants what is new.
    """
    which: dict[str, Any] = {
        "project": project,
        "user": by,
        "language": language,
        "edition": edition,
    }
    Archive.objects.filter(**which).ready().delete()
    archive, created = Archive.objects.get_or_create(**which)
    if created or archive.retry() or archive.state == Job.State.QUEUED:
        enqueue(MAKE, archive.pk)
    return archive


def retry_archive(archive: Archive) -> bool:
    if not archive.retry():
        return False
    enqueue(MAKE, archive.pk)
    return True


def record_archive_download(archive: Archive, *, by: User) -> None:
    is_own = archive.edition == Archive.Edition.OWN
    which: dict[str, Any] = {} if is_own else {"edition": archive.edition}
    AccessEvent.record(
        AccessEvent.Kind.DOWNLOAD,
        user=by,
        thing=archive.project,
        document="archive",
        language=archive.language,
        files=archive.files,
        **which,
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
            read_by(NamesForPerson(reader_of(archive), archive.project)),
            working_in(archive.project),
        ):
            rights = sorted(rights_in(reader_of(archive), archive.project))
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


def _write(archive: Archive, file: BinaryIO) -> tuple[list[int], int]:
    """Write all files and their index; return the keys of the renditions and the number of
    files."""
    languages = index_languages(archive)
    entries = with_unique_names(files_of(archive, languages))
    packed = []
    with zipfile.ZipFile(file, "w") as target:
        for number, entry in enumerate(entries, start=1):
            archive.report_progress("files", lease=_lease(), progress=number, of=len(entries))
            packed.append(_put(target, entry))
        _write_index(archive, target, packed, languages)
    renditions = sorted(entry.rendition for entry in entries if entry.rendition)
    return renditions, len(target.namelist())


def _write_index(
    archive: Archive, target: zipfile.ZipFile, packed: list[Packed], languages: list[str]
) -> None:
    """Write the list for spreadsheets, the pages to read, and the sums of all of them, which are
    signed where the portal seals."""
    table = csv_sheet(index_head(), [index_row(each) for each in packed])
    name = slugify(_("Index")) + ".csv"
    target.writestr(_zip_entry(name), table, zipfile.ZIP_DEFLATED)
    written = [(each.entry.name, each.sha256) for each in packed if each.size is not None]
    written.append((name, hashlib.sha256(table).hexdigest()))
    signed = archive.edition != Archive.Edition.OWN and is_on()
    for language in languages:
        page = index_page(archive, packed, language, languages, is_signed=signed)
        first = language == languages[0]
        name = "index.html" if first else f"index-{language}.html"
        target.writestr(_zip_entry(name), page, zipfile.ZIP_DEFLATED)
        written.append((name, hashlib.sha256(page).hexdigest()))
    sums = sums_file(written)
    target.writestr(_zip_entry(SUMS), sums)
    if signed:
        for name, content in signature_of(sums):
            target.writestr(_zip_entry(name), content)


def _put(target: zipfile.ZipFile, entry: ArchivedFile) -> Packed:
    """Write one file into the archive, and return what the index says of it.

    A file that the storage has lost is reported there: the archive is made nevertheless.
    """
    try:
        source = entry.open()
    except FileNotFoundError:
        logger.error("The file of %s is missing", entry.name)
        return Packed(entry, None, "")
    size, digest = 0, hashlib.sha256()
    with source, target.open(_zip_entry(entry.name), "w", force_zip64=True) as packed:
        while chunk := source.read(CHUNK):
            packed.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return Packed(entry, size, digest.hexdigest())


def _zip_entry(name: str) -> zipfile.ZipInfo:
    """Return an entry without a day, so that equal content makes equal bytes.

    It is stored without compression, since PDF and Excel files are compressed already.
    """
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o644 << 16
    return entry


# Regular work


def enqueue_archives() -> None:
    """Enqueue archives that wait: messages get lost, and workers die."""
    for pk in Archive.objects.due().values_list("pk", flat=True)[:200]:
        enqueue(MAKE, pk)


def sweep_archives() -> None:
    """Delete archives after some days, and set files aside that no row refers to."""
    Archive.objects.expired().exclude(project__in=held_projects()).delete()
    set_aside_unnamed(ARCHIVES, Archive.objects.all())
