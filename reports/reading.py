"""What the page of a report shows of it, read in few columns by statements that are compiled once."""

from collections import defaultdict
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from committees.models import Audience
from committees.permissions.roles import audiences_of
from kernel.lifecycle import StatusChange
from kernel.prepared import NO_KEY, Question, keep_related, prepared
from kernel.together import ask_together
from projects.permissions.roles import Role, roles_of
from reports.compose.gaps import GapReading
from reports.downloads import LatestDownloads
from reports.models import (
    Citation,
    DocumentKind,
    PresetSection,
    Rendition,
    Report,
    ReportFile,
    ReportQuerySet,
    ReportRemark,
    Section,
    WordTemplate,
)
from reports.permissions.documents import may_see_downloads, meetings_left, renditions_seen
from reports.permissions.evidence import EvidenceToAsk
from reports.permissions.remarks import files_seen, origins_seen
from reports.permissions.reports import may_write, reports_seen


@prepared
def _report(pk: int) -> QuerySet[Report]:
    whole = Report.objects.filter(pk=pk).select_related("project", "period", "preset", "snapshot")
    return whole.defer("snapshot__data")  # of hundreds of kilobytes


def report_of(pk: int) -> Report | None:
    """Return the report with its project, period, kind and snapshot, but for the frozen data."""
    for report in _report(pk):
        report.period.project = report.project
        if report.snapshot:
            report.snapshot.report, report.snapshot.project = report, report.project
        return report
    return None


def versions_to_ask(user: User, report: Report) -> Question[Report]:
    """Return the question for the versions of the report that the person sees, the latest first."""
    project = report.project
    return _versions.question(
        report.period_id, report.preset_id, project.pk, roles_of(user, project)
    )


def with_report(versions: list[Report], report: Report) -> list[Report]:
    """Give versions of a report what they share with it."""
    for row in versions:
        row.project, row.period, row.preset = report.project, report.period, report.preset
    return versions


def version_before(versions: list[Report], report: Report) -> Report | None:
    """Return the latest of these versions that the report can be compared with."""
    earlier = (one for one in versions if one.version < report.version and one.snapshot_id)
    return next(earlier, None)


@prepared
def _versions(period: int, preset: int, project: int, roles: frozenset[Role]) -> ReportQuerySet:
    rows = reports_seen([project], roles).filter(period=period, preset=preset)
    return rows.order_by("-version").only(
        "project", "period", "preset", "version", "status", "snapshot"
    )


def documents_to_ask(user: User, report: Report) -> Question[Rendition]:
    """Return the question for the documents of the report that the person sees, the latest first."""
    project, roles = report.project, roles_of(user, report.project)
    left = meetings_left(user, [project], roles)
    audiences = audiences_of(user, project)
    return _documents.question(report.pk, project.pk, user.pk, roles, audiences, left)


def of_report(documents: list[Rendition], report: Report) -> list[Rendition]:
    for row in documents:
        row.snapshot.report, row.snapshot.project = report, report.project
    return documents


@prepared
def _documents(
    report: int,
    project: int,
    person: int,
    roles: frozenset[Role],
    audiences: frozenset[str],
    left: list[int],
) -> QuerySet[Rendition]:
    rows = renditions_seen(person, [project], roles, audiences, left).current()
    rows = rows.filter(snapshot__report=report, snapshot__kind=DocumentKind.ANNUAL_REPORT)
    rows = rows.select_related("snapshot").order_by("-pk")
    return rows.only(
        *("snapshot", "state", "failure", "language", "audience", "is_draft", "requested_at"),
        *("stage", "progress", "pages", "size", "text_size", "superseded_at", "finished_at"),
        *("snapshot__kind", "snapshot__is_final", "snapshot__report", "snapshot__project"),
        *("snapshot__attendance", "snapshot__seat", "snapshot__addressee", "snapshot__base"),
    )


def keep_sections(report: Report, sections: list[Section], citations: list[Citation]) -> None:
    """Keep the sections of the report and what they cite, for `sections.all()` of the report and
    `citations.all()` of each section."""
    cited: dict[int, list[Citation]] = defaultdict(list)
    for citation in citations:
        cited[citation.section_id].append(citation)
    for section in sections:
        section.report = report
        keep_related(section, "citations", cited[section.pk], Citation)
    keep_related(report, "sections", sections, Section)


@prepared
def _sections(report: int) -> QuerySet[Section]:
    rows = Section.objects.filter(report=report).select_related("updated_by")
    return rows.only(
        *("report", "kind", "result", "language", "words", "codes", "version", "updated_at"),
        *("updated_by", "updated_by__full_name", "updated_by__email"),
    )


@prepared
def _citations(report: int) -> QuerySet[Citation]:
    rows = Citation.objects.filter(section__report=report)
    return rows.order_by("section", "position")


@prepared
def _preset_sections(preset: int) -> QuerySet[PresetSection]:
    return PresetSection.objects.filter(preset=preset)


@prepared
def _templates(preset: int) -> QuerySet[WordTemplate]:
    return WordTemplate.objects.filter(preset=preset).only("preset", "name", "language")


def remarks_to_ask(report: int, origins: frozenset[str]) -> Question[ReportRemark]:
    return _remarks.question(report, origins)


def files_to_ask(report: int, origins: frozenset[str]) -> Question[ReportFile]:
    return _files.question(report, origins)


def changes_of(report: int) -> Question[StatusChange]:
    return _changes.question(report)


def preset_sections_of(preset: int) -> Question[PresetSection]:
    return _preset_sections.question(preset)


@prepared
def _remarks(report: int, origins: frozenset[str]) -> QuerySet[ReportRemark]:
    rows = ReportRemark.objects.filter(report=report, origin__in=sorted(origins))
    people = (f"{name}__full_name" for name in ("by", "answered_by"))
    own = (field.name for field in ReportRemark._meta.concrete_fields)
    return rows.select_related("by", "answered_by").only(*own, *people)


@prepared
def _files(report: int, origins: frozenset[str]) -> QuerySet[ReportFile]:
    return (
        files_seen(origins)
        .filter(report=report)
        .only("report", "remark", "category", "kind", "size")
    )


@prepared
def _changes(report: int) -> QuerySet[StatusChange]:
    changes = Report(pk=report).status_changes
    return changes.only(
        *("content_type", "verb", "to_status", "happened_on", "recorded_at", "why"),
        *("by__full_name", "content_type__app_label", "content_type__model"),
    )


@prepared
def _files_of_donor(snapshot: int) -> QuerySet[Rendition, tuple[str]]:
    files = Rendition.objects.filter(snapshot=snapshot, is_draft=False, audience=Audience.DONOR)
    return files.current().order_by().values_list("state")


class DonorFiles:
    """Whether the donor has the signed text as files: none is still being made, and there is one at
    least."""

    def __init__(self, report: Report) -> None:
        self.question = _files_of_donor.question(report.snapshot_id or NO_KEY)

    @property
    def are_there(self) -> bool:
        states = {state for (state,) in self.question.rows}
        in_hand = {Rendition.State.QUEUED, Rendition.State.WORKING}
        return Rendition.State.READY in states and not states & in_hand


class CommonReportRows:
    """What the page of a report and the page on which it is read both ask for: versions, documents,
    remarks, files and changes."""

    def __init__(self, user: User, report: Report) -> None:
        self.report = report
        self._versions = versions_to_ask(user, report)
        self._documents = documents_to_ask(user, report)
        origins = origins_seen(user, report)
        self.remarks = remarks_to_ask(report.pk, origins)
        self.files = files_to_ask(report.pk, origins)
        self.changes = changes_of(report.pk)
        self.donor_files = DonorFiles(report)
        self._preset_sections = preset_sections_of(report.preset_id)

    def ask(self, *others: Question[Any]) -> None:
        """Ask for all of it together with what else the page asks for."""
        ask_together(
            *(self._versions, self._documents, self.remarks, self.files, self.changes),
            *(self._preset_sections, self.donor_files.question),
            *others,
        )
        self.report.preset.rows = self._preset_sections.rows

    @cached_property
    def versions(self) -> list[Report]:
        """The versions of the report that the person sees, the latest first."""
        return with_report(self._versions.rows, self.report)

    @cached_property
    def documents(self) -> list[Rendition]:
        return of_report(self._documents.rows, self.report)

    def files_of(self, remark: ReportRemark) -> list[ReportFile]:
        return [file for file in self.files.rows if file.remark_id == remark.pk]


class ReportRows(CommonReportRows):
    """What the page of a report shows of it, and of the project that it is on: asked in two
    rounds, since what it cites and its books are known only after the first."""

    def __init__(self, user: User, report: Report) -> None:
        super().__init__(user, report)
        self.templates = _templates.question(report.preset_id)
        self.gaps = GapReading(report) if may_write(user, report) else None
        sees_downloads = may_see_downloads(user, report.project)
        self.downloads = LatestDownloads(report) if sees_downloads else None
        sections, citations = _sections.question(report.pk), _citations.question(report.pk)
        self.ask(
            *(self.templates, sections, citations),
            *(self.gaps.first if self.gaps else []),
            *(self.downloads.questions if self.downloads else []),
        )
        keep_sections(report, sections.rows, citations.rows)
        self.evidence = EvidenceToAsk(user, report.project, citations.rows)
        ask_together(*self.evidence.questions, *(self.gaps.second if self.gaps else []))
