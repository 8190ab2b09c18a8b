"""What the page of a report shows of it, read in few columns."""

from functools import cached_property

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from accounts.models import User
from committees.models import Audience
from committees.permissions.roles import audiences_of
from kernel.lifecycle import StatusChange
from kernel.prepared import prepared
from projects.permissions.roles import Role, roles_of
from reports.models import (
    DocumentKind,
    Rendition,
    Report,
    ReportFile,
    ReportQuerySet,
    ReportRemark,
    Section,
)
from reports.permissions.documents import meetings_left, renditions_seen
from reports.permissions.remarks import files_seen, origins_seen
from reports.permissions.reports import reports_seen


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


def versions_of(user: User, report: Report) -> list[Report]:
    """Return the versions of the report that the person sees, the latest first."""
    project = report.project
    versions = _versions(report.period_id, report.preset_id, project.pk, roles_of(user, project))
    for row in versions:
        row.project, row.period, row.preset = project, report.period, report.preset
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


def report_documents(user: User, report: Report) -> list[Rendition]:
    """Return the documents of the report that the person sees, the latest first."""
    project, roles = report.project, roles_of(user, report.project)
    left = meetings_left(user, [project], roles)
    audiences = audiences_of(user, project)
    documents = _documents(report.pk, project.pk, user.pk, roles, audiences, left)
    for row in documents:
        row.snapshot.report, row.snapshot.project = report, project
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


def read_sections(report: Report) -> None:
    """Read the sections of the report without their texts, and what they cite, for
    `sections.all()` of the report and `citations.all()` of each section."""
    sections = Section.objects.select_related("updated_by").only(
        *("report", "kind", "result", "language", "words", "codes", "version", "updated_at"),
        *("updated_by", "updated_by__full_name", "updated_by__email"),
    )
    prefetch_related_objects([report], Prefetch("sections", sections), "sections__citations")


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


def donor_has_files(report: Report) -> bool:
    """Return whether the donor has the signed text as files: none is still being made, and there is
    one at least."""
    if report.snapshot_id is None:
        return False
    files = Rendition.objects.filter(
        snapshot=report.snapshot_id, is_draft=False, audience=Audience.DONOR
    )
    states = set(files.current().order_by().values_list("state", flat=True))
    in_hand = {Rendition.State.QUEUED, Rendition.State.WORKING}
    return Rendition.State.READY in states and not states & in_hand


class ReportRows:
    """What the page of a report and the page on which it is read show beside the text. Each is read
    when it is first needed."""

    def __init__(self, user: User, report: Report) -> None:
        self.user, self.report = user, report
        self._origins = origins_seen(user, report)

    @cached_property
    def versions(self) -> list[Report]:
        return versions_of(self.user, self.report)

    @cached_property
    def documents(self) -> list[Rendition]:
        return report_documents(self.user, self.report)

    @cached_property
    def remarks(self) -> list[ReportRemark]:
        return _remarks(self.report.pk, self._origins)

    @cached_property
    def files(self) -> list[ReportFile]:
        return _files(self.report.pk, self._origins)

    def files_of(self, remark: ReportRemark) -> list[ReportFile]:
        return [file for file in self.files if file.remark_id == remark.pk]

    @cached_property
    def changes(self) -> list[StatusChange]:
        return _changes(self.report.pk)
