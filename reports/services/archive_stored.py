"""Which files that people gave belong into an edition of the archive: all for the organisation, and
for the donor what it may read anyway."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.models import User
from committees.permissions.meetings import visible_documents
from kernel.files import StoredFile
from partners.models import AgreementFile
from projects.models import (
    AmendmentFile,
    DutyFile,
    Evidence,
    Participation,
    Project,
    VoucherScan,
)
from projects.permissions.amendments import may_see_amounts, visible_amendments
from projects.permissions.duties import visible_duties
from reports.models import Archive, FiledDocument, ReportFile
from reports.permissions.archives import has_several_donors
from reports.permissions.filing import filed_for_edition


@dataclass(frozen=True)
class StoredEntry:
    """A stored file with its name in the archive; chapter and title are said in several languages."""

    file: StoredFile
    chapter: Callable[[], object]
    name: str
    title: Callable[[], object]
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
                lambda: _("Documents"),
                " ".join(filter(None, (day, number, document.title))),
                lambda document=document: f"{document.get_kind_display()} · {document}",  # type: ignore[misc]
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
            lambda: _("Agreements"),
            f"{agreement.reference} {file.original_name.rpartition('.')[0]}",
            lambda agreement=agreement: agreement,  # type: ignore[misc]
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
            lambda: _("Amendments"),
            f"{amendment.number} {file.category}",
            lambda file=file: f"{file.amendment} · {file.get_category_display()}",  # type: ignore[misc]
            localdate(file.uploaded_at),
        )


def _papers(user: User, project: Project) -> Iterator[StoredEntry]:
    papers = visible_documents(user, project).with_related().order_by("pk")
    for paper in papers:
        place = paper.meeting or paper.committee
        yield StoredEntry(
            paper,
            lambda: _("Committee papers"),
            f"{paper.meeting.day.isoformat() if paper.meeting else ''} {paper.title}",
            lambda paper=paper, place=place: f"{place} · {paper.title}",  # type: ignore[misc]
            localdate(paper.uploaded_at),
            paper.language,
        )


def _duties(user: User, project: Project) -> Iterator[StoredEntry]:
    files = DutyFile.objects.filter(done__duty__in=visible_duties(user, [project]))
    for file in files.select_related("done__duty", "done__period").order_by("done__on", "pk"):
        done = file.done
        yield StoredEntry(
            file,
            lambda: _("Handed in to the donor"),
            f"{done.on.isoformat()} {done.duty}",
            lambda done=done: done,  # type: ignore[misc]
            done.on,
        )


def _evidence(project: Project, is_full: bool) -> Iterator[StoredEntry]:
    rows = Evidence.objects.filter(activity__project=project).exclude(file="")
    if not is_full:
        rows = rows.shared()
    for row in rows.select_related("activity").order_by("activity__code", "pk"):
        yield StoredEntry(
            row,
            lambda: _("Evidence"),
            f"{row.activity.code} {row.title}",
            lambda row=row: f"{row.activity.code} · {row.title}",  # type: ignore[misc]
            localdate(row.uploaded_at),
            row.language,
        )


def _answers(project: Project) -> Iterator[StoredEntry]:
    files = ReportFile.objects.filter(report__project=project)
    related = files.select_related("report__preset", "report__period", "report__project")
    for file in related.order_by("pk"):
        yield StoredEntry(
            file,
            lambda: _("Donor's answers to reports"),
            f"{localdate(file.uploaded_at).isoformat()} {file.category}",
            lambda file=file: f"{file.report} · {file}",  # type: ignore[misc]
            localdate(file.uploaded_at),
        )


def _scans(project: Project) -> Iterator[StoredEntry]:
    scans = VoucherScan.objects.filter(expenditure__project=project)
    for scan in scans.select_related("expenditure").order_by("expenditure__pk", "pk"):
        yield StoredEntry(
            scan,
            lambda: _("Vouchers"),
            f"{scan.expenditure_id} {scan.original_name.rpartition('.')[0]}",
            lambda scan=scan: scan.expenditure,  # type: ignore[misc]
            localdate(scan.uploaded_at),
        )
