"""The files of an archive: final documents, what people filed, and the data as other programs read
them."""

import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone, translation
from django.utils.text import format_lazy, slugify
from django.utils.timezone import localdate
from django.utils.translation import gettext as _, gettext_lazy

from accounts.models import User
from committees.permissions.meetings import visible_documents
from kernel.files import EXTENSIONS, StoredFile
from kernel.sheets import SheetOfRows, csv_sheet
from partners.models import AgreementFile
from projects.exchange.services.importing import compose_file
from projects.models import (
    AmendmentFile,
    DutyFile,
    Evidence,
    IatiPublication,
    Participation,
    Project,
    VoucherScan,
)
from projects.permissions.amendments import may_see_amounts, visible_amendments
from projects.permissions.duties import visible_duties
from projects.permissions.institutions import without_names
from reports.kinds import file_name
from reports.library import EDITION_ORDER, ORDER, lines_of, other_documents
from reports.models import Archive, FiledDocument, Rendition, ReportFile
from reports.permissions.archives import has_several_donors, reader_of
from reports.permissions.reports import every_visible_report, filed_for_edition
from reports.services.data_book import book_of, data_pages, record_pages
from reports.services.producing import verification_code


@dataclass(frozen=True)
class StoredEntry:
    """A stored file with its name in the archive. Chapter and title are said in several languages:
    they are lazy texts, or things that name themselves."""

    file: StoredFile
    chapter: object
    name: str
    title: object
    day: date | None = None
    language: str = ""
    version: int | None = None


def stored_files(user: User, project: Project, edition: str) -> Iterator[StoredEntry]:
    is_full = edition == Archive.Edition.FULL
    yield from _filed(project, is_full)
    yield from _agreements(project, is_full)
    yield from _amendments(user, project)
    yield from _papers(user, project)
    yield from _duties(user, project)
    yield from _evidence(project, is_full)
    if is_full:
        yield from _answers(project)
        yield from _scans(project)


def _filed(project: Project, is_full: bool) -> Iterator[StoredEntry]:
    rows = FiledDocument.objects.present().filter(project=project)
    for document in filed_for_edition(rows, is_full=is_full).with_related().order_by("on", "pk"):
        if version := document.current:
            day = document.on.isoformat()
            number = document.reference.removeprefix(f"{project.code}-")
            yield StoredEntry(
                version,
                gettext_lazy("Documents"),
                " ".join(filter(None, (day, number, document.title))),
                format_lazy("{} · {}", FiledDocument.Kind(document.kind).label, document),
                document.on,
                document.language,
                version.number,
            )


def _agreements(project: Project, is_full: bool) -> Iterator[StoredEntry]:
    """The donor gets its own. Of several, none gets that of another."""
    rows = project.participations.exclude(agreement=None)
    if not is_full:
        if has_several_donors(project):
            return
        rows = rows.filter(role__in=Participation.DONOR_ROLES)
    files = AgreementFile.objects.filter(agreement__in=rows.values("agreement"))
    for file in files.select_related("agreement").order_by("pk"):
        agreement = file.agreement
        yield StoredEntry(
            file,
            gettext_lazy("Agreements"),
            f"{agreement.reference} {file.original_name.rpartition('.')[0]}",
            agreement,
            agreement.signed_on,
        )


def _amendments(user: User, project: Project) -> Iterator[StoredEntry]:
    if not may_see_amounts(user, project):
        return
    rows = visible_amendments(user, project)
    files = AmendmentFile.objects.filter(amendment__in=rows).select_related("amendment")
    for file in files.order_by("amendment__number", "pk"):
        amendment = file.amendment
        yield StoredEntry(
            file,
            gettext_lazy("Amendments"),
            f"{amendment.number} {file.category}",
            format_lazy("{} · {}", amendment, file),
            localdate(file.uploaded_at),
        )


def _papers(user: User, project: Project) -> Iterator[StoredEntry]:
    papers = visible_documents(user, project).with_related().order_by("pk")
    for paper in papers:
        yield StoredEntry(
            paper,
            gettext_lazy("Committee papers"),
            f"{paper.meeting.day.isoformat() if paper.meeting else ''} {paper.title}",
            format_lazy("{} · {}", paper.meeting or paper.committee, paper.title),
            localdate(paper.uploaded_at),
            paper.language,
        )


def _duties(user: User, project: Project) -> Iterator[StoredEntry]:
    files = DutyFile.objects.filter(done__duty__in=visible_duties(user, [project]))
    for file in files.select_related("done__duty", "done__period").order_by("done__on", "pk"):
        done = file.done
        yield StoredEntry(
            file,
            gettext_lazy("Handed in to the donor"),
            f"{done.on.isoformat()} {done.duty}",
            done,
            done.on,
        )


def _evidence(project: Project, is_full: bool) -> Iterator[StoredEntry]:
    rows = Evidence.objects.filter(activity__project=project).exclude(file="")
    if not is_full:
        rows = rows.shared()
    for row in rows.select_related("activity").order_by("activity__code", "pk"):
        yield StoredEntry(
            row,
            gettext_lazy("Evidence"),
            f"{row.activity.code} {row.title}",
            format_lazy("{} · {row.title}", row.activity.code, row=row),
            localdate(row.uploaded_at),
            row.language,
        )


def _answers(project: Project) -> Iterator[StoredEntry]:
    files = ReportFile.objects.filter(report__project=project)
    related = files.select_related("report__preset", "report__period", "report__project")
    for file in related.order_by("pk"):
        yield StoredEntry(
            file,
            gettext_lazy("Donor's answers to reports"),
            f"{localdate(file.uploaded_at).isoformat()} {file.category}",
            format_lazy("{} · {}", file.report, file),
            localdate(file.uploaded_at),
        )


def _scans(project: Project) -> Iterator[StoredEntry]:
    scans = VoucherScan.objects.filter(expenditure__project=project)
    for scan in scans.select_related("expenditure").order_by("expenditure__pk", "pk"):
        yield StoredEntry(
            scan,
            gettext_lazy("Vouchers"),
            f"{scan.expenditure_id} {scan.original_name.rpartition('.')[0]}",
            scan.expenditure,
            localdate(scan.uploaded_at),
        )


# The final documents, and the files in their folders

Titles = dict[str, str]  # by the languages of the index


@dataclass(frozen=True)
class ArchivedFile:
    """One file of the archive; `code` is the verification code of a final document."""

    name: str
    titles: Titles
    open: Callable[[], "BinaryIO | File[bytes]"]
    # By what the pages of the index group it.
    chapters: Titles
    version: int | None = None
    language: str = ""
    audience: str = ""
    day: date | None = None
    pages: int | None = None
    code: str = ""
    rendition: int | None = None


def with_unique_names(entries: Iterable[ArchivedFile]) -> list[ArchivedFile]:
    """Number the files that would have the same name in the archive."""
    found: dict[str, ArchivedFile] = {}
    for entry in entries:
        name, number = entry.name, 2
        while name in found:
            stem, _dot, extension = entry.name.rpartition(".")
            name, number = f"{stem}-{number}.{extension}", number + 1
        found[name] = replace(entry, name=name)
    return list(found.values())


def said(languages: Iterable[str], words: object) -> Titles:
    """Return words in each of the languages of the index: a lazy text, or a thing that names itself."""
    found = {}
    for language in languages:
        with translation.override(language):
            found[language] = without_names(str(words))
    return found


def files_of(archive: Archive, languages: list[str]) -> Iterator[ArchivedFile]:
    user, project = reader_of(archive), archive.project
    order = EDITION_ORDER if archive.edition == Archive.Edition.FULL else ORDER
    reports = every_visible_report(user, [project])
    for line in lines_of(user, [project], reports, order):
        folder, version = slugify(_("Reports")), line.report.version
        titles = said(languages, line.report)
        for row in line.files:
            stem = f"{_stem(row, version)}-{row.language}"
            chapters = said(languages, gettext_lazy("Reports"))
            yield _of_rendition(row, f"{folder}/{stem}", titles, chapters, version)
    for kind, documents in other_documents(user, project, order):
        chapters = said(languages, kind.label)
        for document in documents:
            number: int | None = getattr(document.about.thing, "version", None)
            title = format_lazy("{} · {document.title}", kind.label, document=document)
            titles = said(languages, title)
            for row in document.files:
                name = f"{slugify(kind.label)}/{_stem(row, number)}-{row.language}"
                yield _of_rendition(row, name, titles, chapters, number)
    if archive.edition != Archive.Edition.OWN:
        for stored in stored_files(user, project, archive.edition):
            yield _of_stored(stored, languages)
    yield from DataFolder(archive, languages).files()


def _stem(row: Rendition, version: int | None) -> str:
    """Return the neutral name that the file has when it is downloaded alone, with its version."""
    name = slugify(file_name(row.snapshot.about))
    return f"{name}-v{version}" if version else name


def _of_rendition(
    row: Rendition, name: str, titles: Titles, chapters: Titles, version: int | None
) -> ArchivedFile:
    # The data as it is stored, whatever its format: the code is at the same place in every format,
    # and a file is packed even if this version of the portal could not render it anew.
    stored = row.snapshot.data[row.audience][row.language]
    return ArchivedFile(
        name=f"{name}.{row.kind}",
        titles=titles,
        open=lambda: default_storage.open(str(row.file.name)),
        chapters=chapters,
        version=version,
        language=row.language,
        audience=str(row.get_audience_display()),
        day=timezone.localdate(row.finished_at) if row.finished_at else None,
        pages=row.pages,
        code=verification_code(row.snapshot, stored),
        rendition=row.pk,
    )


def _of_stored(entry: StoredEntry, languages: list[str]) -> ArchivedFile:
    stored: StoredFile = entry.file
    stem = slugify(without_names(entry.name))[:80].strip("-") or str(stored.pk)
    return ArchivedFile(
        name=f"{slugify(str(entry.chapter))}/{stem}.{EXTENSIONS[stored.kind][0]}",
        titles=said(languages, entry.title),
        open=lambda: stored.file.storage.open(str(stored.file.name)),
        chapters=said(languages, entry.chapter),
        version=entry.version,
        language=entry.language,
        day=entry.day,
    )


# Data


class DataFolder:
    """The data of the project as far as the reader may see them."""

    def __init__(self, archive: Archive, languages: list[str]) -> None:
        self.archive, self.languages = archive, languages
        self.reader, self.project = reader_of(archive), archive.project
        self.is_edition = archive.edition != Archive.Edition.OWN

    def files(self) -> Iterator[ArchivedFile]:
        pages = data_pages(self.reader, self.project, at=self.archive.requested_at)
        titles = said(self.languages, gettext_lazy("Data behind the reports"))
        stem, language = slugify(_("Data")), self.archive.language
        book = book_of(pages, at=self.archive.requested_at)
        yield self._entry(f"{stem}.xlsx", titles, book, language)
        if self.is_edition:
            pages = [*pages, *record_pages(self.reader, self.project)]
            for page in pages:
                content = csv_sheet(page.head, page.rows)
                words = dict.fromkeys(self.languages, page.title)
                yield self._entry(f"{slugify(page.title)}.csv", words, content, language)
            yield self._entry(f"{stem}.json", titles, as_json(pages), language)
        yield from self._iati()

    def _entry(self, name: str, titles: Titles, content: bytes, language: str = "") -> ArchivedFile:
        return ArchivedFile(
            name=f"{slugify(_('Data'))}/{name}",
            titles=titles,
            open=lambda: io.BytesIO(content),
            chapters=said(self.languages, gettext_lazy("Data")),
            language=language,
            day=timezone.localdate(self.archive.requested_at),
        )

    def _iati(self) -> Iterator[ArchivedFile]:
        """Yield the file that is public; else, in an edition, what it would be."""
        public = IatiPublication.objects.filter(project=self.project).current().first()
        if public:
            titles = said(self.languages, gettext_lazy("IATI file"))
            published = timezone.localdate(public.published_at)
            stored = self._entry("iati.xml", titles, b"")
            yield replace(
                stored,
                open=lambda: default_storage.open(str(public.file.name)),
                day=published,
            )
        elif self.is_edition:
            try:
                content = compose_file(self.project)
            except ValidationError:
                return  # something is missing that its publication needs
            titles = said(self.languages, gettext_lazy("IATI file, not published"))
            yield self._entry("iati.xml", titles, content)


def as_json(pages: Iterable[SheetOfRows]) -> bytes:
    content = {
        page.title: {"columns": list(page.head), "rows": [list(row) for row in page.rows]}
        for page in pages
    }
    return json.dumps(content, ensure_ascii=False, indent=1, default=_plain).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else str(value)
