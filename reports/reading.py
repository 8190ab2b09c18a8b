"""What the page of a report shows of it, read in few columns by statements that are compiled once."""

from collections import defaultdict

from django.db.models import QuerySet

from accounts.models import User
from committees.permissions.roles import audiences_of
from kernel.prepared import keep_related, prepared
from projects.permissions.roles import Role, roles_of
from reports.models import Citation, Rendition, Report, ReportQuerySet, Section
from reports.permissions.documents import meetings_left, renditions_seen
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


def visible_versions(user: User, report: Report) -> list[Report]:
    """Return the versions of the report that the person sees, the latest first."""
    project = report.project
    rows = _versions(report.period_id, report.preset_id, project.pk, roles_of(user, project))
    for row in rows:
        row.project, row.period, row.preset = project, report.period, report.preset
    return rows


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


def visible_documents(user: User, report: Report) -> list[Rendition]:
    """Return the documents of the report that the person sees, the latest first."""
    project, roles = report.project, roles_of(user, report.project)
    left = meetings_left(user, [project], roles)
    rows = _documents(report.pk, project.pk, user.pk, roles, audiences_of(user, project), left)
    for row in rows:
        row.snapshot.report, row.snapshot.project = report, project
    return rows


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
    rows = rows.filter(snapshot__report=report).select_related("snapshot").order_by("-pk")
    return rows.only(
        *("snapshot", "state", "language", "audience", "is_draft", "requested_at"),
        *("stage", "progress", "pages", "size", "text_size", "superseded_at"),
        *("snapshot__kind", "snapshot__is_final", "snapshot__report", "snapshot__project"),
        *("snapshot__attendance", "snapshot__seat", "snapshot__addressee", "snapshot__base"),
    )


def read_sections(report: Report) -> None:
    """Read the sections of the report and what they cite, for `sections.all()` of the report and
    `citations.all()` of each section."""
    citations: dict[int, list[Citation]] = defaultdict(list)
    for citation in _citations(report.pk):
        citations[citation.section_id].append(citation)
    sections = _sections(report.pk)
    for section in sections:
        section.report = report
        keep_related(section, "citations", citations[section.pk], Citation)
    keep_related(report, "sections", sections, Section)


@prepared
def _sections(report: int) -> QuerySet[Section]:
    rows = Section.objects.filter(report=report).select_related("updated_by")
    return rows.only(
        *("report", "kind", "language", "text", "words", "version", "updated_at"),
        *("updated_by", "updated_by__full_name", "updated_by__email"),
    )


@prepared
def _citations(report: int) -> QuerySet[Citation]:
    rows = Citation.objects.filter(section__report=report)
    return rows.order_by("section", "position")
