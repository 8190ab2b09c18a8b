"""The published reports of each project, for donors, members and partners to download."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from ibcr_portal.home.line import SHOWN
from ibcr_portal.reader import Reader
from projects.models import Project
from projects.permissions.roles import Role
from reports.library import ReportLine, lines_of
from reports.models import Report
from reports.permissions.reports import every_visible_report

REPORTS_SHOWN = 3  # of a project; all others are on its own page


@dataclass(frozen=True)
class ProjectReports:
    """The reports of one project. `is_donors` is true if the person reads for the project's donor,
    whose answer a submitted report waits for."""

    project: Project
    lines: list[ReportLine]
    is_donors: bool

    @property
    def url(self) -> str:
        return reverse("projects:reports", args=[self.project.code])

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """Sort projects with a report that waits for an answer first, then those with a new
        report, then by their start, newest first."""
        waits = self.is_donors and any(line.waits for line in self.lines)
        is_new = any(line.is_new for line in self.lines)
        return not waits, not is_new, -self.project.starts_on.toordinal()


def reports_by_project(reader: Reader) -> list[ProjectReports]:
    """Funded projects with what was submitted and published, others with what was published; of
    each year the latest version, what waits for an answer first."""
    if not reader.is_guest:
        return []
    funded = {project.pk for project in reader.where(Role.DONOR)}
    shown = Q(project__in=funded, status__in=Report.SHOWN_TO_DONOR)
    shown |= Q(status=Report.Status.PUBLISHED)
    reports = every_visible_report(reader.user, reader.projects).filter(shown)
    by_project: dict[int, dict[int, ReportLine]] = {}
    for line in lines_of(reader.user, reader.projects, reports):  # the latest version comes first
        years = by_project.setdefault(line.report.project_id, {})
        years.setdefault(line.report.period_id, line)
    projects_reports = []
    for project in reader.projects:
        years, is_donors = by_project.get(project.pk, {}), project.pk in funded
        if years or is_donors:
            lines = sorted(years.values(), key=lambda line: not (is_donors and line.waits))
            projects_reports.append(ProjectReports(project, lines[:REPORTS_SHOWN], is_donors))
    return sorted(projects_reports, key=lambda entry: entry.rank)[:SHOWN]
