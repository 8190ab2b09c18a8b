"""The published reports of each project, for donors, members and partners to download."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from ibcr_portal.home.due import SHOWN
from ibcr_portal.reader import Reader
from kernel.text import columns_of
from projects.models import Assignment, Project
from projects.pages import reverse_in
from projects.permissions.calls import visible_calls
from projects.permissions.roles import Role
from reports.library import ReportLine, one_of_each, when_shown
from reports.models import Rendition, Report
from reports.permissions.archives import final_files_for
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


def projects_reports(reader: Reader) -> list[ProjectReports]:
    """Return funded projects with what was submitted and published, others with what was published;
    of each year the latest version, what waits for an answer first. Nothing for the team."""
    if not reader.is_guest:
        return []
    funded = set(reader.keys_where(Role.DONOR))
    shown = _shown(reader, funded)
    reports = [report for _project, found in shown for report in found]
    files = _files_by_report(reader.user, reports)
    return [
        ProjectReports(
            project,
            [
                ReportLine(one, files.get(one.pk, []), is_new=_is_new(reader.user, one))
                for one in found
            ],
            project.pk in funded,
        )
        for project, found in shown
    ]


def _shown(reader: Reader, funded: set[int]) -> list[tuple[Project, list[Report]]]:
    """Return the projects that are shown, each with its reports."""
    by_project = _by_project(reader, _reports(reader, sorted(funded)))
    chosen = [
        (project, by_project.get(project.pk, []), project.pk in funded)
        for project in reader.projects
        if project.pk in by_project or project.pk in funded
    ]
    chosen = sorted(chosen, key=lambda each: _rank(reader.user, *each))[:SHOWN]
    return [
        (project, sorted(reports, key=lambda one: not (is_donors and _waits(one)))[:REPORTS_SHOWN])
        for project, reports, is_donors in chosen
    ]


def _by_project(reader: Reader, reports: Iterable[Report]) -> dict[int, list[Report]]:
    """Return the latest version of each year."""
    projects = {project.pk: project for project in reader.projects}
    years: dict[tuple[int, int], Report] = {}
    for report in reports:  # the latest version comes first
        report.project = projects[report.project_id]
        years.setdefault((report.project_id, report.period_id), report)
    found: dict[int, list[Report]] = defaultdict(list)
    for report in years.values():
        found[report.project_id].append(report)
    return found


def _files_by_report(user: User, reports: list[Report]) -> dict[int, list[Rendition]]:
    """Return the files that the person may download, by the key of the report."""
    if not reports:
        return {}
    files = final_files_for(user, reports).select_related("snapshot")
    shown = files.only("audience", "language", "pages", "size", "snapshot__report")
    return one_of_each(shown, lambda row: row.snapshot.report_id)


def _reports(reader: Reader, funded: list[int]) -> QuerySet[Any]:
    shown = Q(project__in=funded, status__in=Report.SHOWN_TO_DONOR)
    shown |= Q(status=Report.Status.PUBLISHED)
    seen = every_visible_report(reader.user, reader.keys)
    reports = seen.filter(shown).annotate(shown_at=when_shown())
    return reports.select_related("preset", "period").only(
        *("project", "version", "status", "published_on", "snapshot"),
        *("period__number", "period__kind", "period__start", "period__end"),
        *("preset__type", *columns_of("preset__title")),
    )


def _waits(report: Report) -> bool:
    return report.status == Report.Status.SUBMITTED


def _is_new(user: User, report: Any) -> bool:
    return report.shown_at is not None and bool(report.shown_at >= user.new_since)


def _rank(
    user: User, project: Project, reports: list[Report], is_donors: bool
) -> tuple[bool, bool, int]:
    """Sort projects with a report that waits for an answer first, then those with a new report,
    then by their start, newest first."""
    waits = is_donors and any(_waits(one) for one in reports)
    is_new = any(_is_new(user, one) for one in reports)
    return not waits, not is_new, -project.starts_on.toordinal()


# --- Roles ---
#
# What people may do here who read more than they act: auditors, readers, and whoever has no role.


@dataclass
class RoleNote:
    """A sentence or two on a role, and the pages where one begins."""

    title: str
    text: str
    links: list[tuple[str, str]] = field(default_factory=list)  # label and address


def role_note(reader: Reader) -> RoleNote | None:
    """Return the note for somebody who took over a project, or who has one of these roles in all of
    their projects."""
    if note := _taken_over(reader):
        return note
    if reader.user.is_staff:
        return None
    roles = frozenset(role for held in reader.roles_by_project.values() for role in held)
    if not roles:
        return _panel(reader) or _outsider()
    if roles == {Role.AUDITOR}:
        return RoleNote(
            _("You are here as an auditor"),
            _(
                "You read everything in your projects, with the names and amounts in it, and change "
                "nothing; samples that you draw are kept. What you download or export is in the access "
                "log, as it is for everybody."
            ),
            [
                *_audits(reader),
                (_("Projects with budget and vouchers"), reverse("projects:list")),
                (_("Reports and data"), reverse("reports:list")),
                (_("Meetings and minutes"), reverse("committees:meetings")),
            ],
        )
    if roles == {Role.READER}:
        return RoleNote(
            _("You are here to read"),
            _(
                "You read the plans, meetings, values and reports of your projects, and change "
                "nothing. If you are to enter something, ask the coordination for another role."
            ),
            [
                (_("Projects"), reverse("projects:list")),
                (_("Action plans"), reverse("committees:plans")),
                (_("Reports and data"), reverse("reports:list")),
            ],
        )
    return None


TAKING_OVER = timedelta(days=30)


def _taken_over(reader: Reader) -> RoleNote | None:
    """Lead those who just began to coordinate or monitor a project, in which others did before."""
    if not reader.keys_where(Role.COORDINATOR, Role.MONITORING):
        return None
    running = Assignment.objects.filter(role__in=(Role.COORDINATOR, Role.MONITORING))
    others = running.filter(
        Q(began_on=None) | Q(began_on__lt=OuterRef("began_on")),
        project=OuterRef("project"),
        role=OuterRef("role"),
    ).exclude(user=reader.user)
    began = running.current().filter(user=reader.user, began_on__gt=reader.today - TAKING_OVER)
    rows = began.filter(Exists(others)).select_related("project").order_by("-began_on", "-pk")
    projects = list(dict.fromkeys(row.project for row in rows))
    if not projects:
        return None
    return RoleNote(
        _("You are taking over"),
        _(
            "One page of each project says what is open, what was decided, who is who, what is due in "
            "60 days, and what those before you wrote down."
        ),
        [(str(each), reverse_in(each, "handover")) for each in projects],
    )


# More projects than that are found in the list of projects, and hardly anybody is on more panels.
MOST_AUDITS = 6
MOST_CALLS = 6


def _audits(reader: Reader) -> list[tuple[str, str]]:
    """Return the audit pages of the projects that somebody audits."""
    audited = [pk for pk, roles in reader.roles_by_project.items() if Role.AUDITOR in roles]
    projects = Project.objects.filter(pk__in=audited).order_by("code")[:MOST_AUDITS]
    return [
        (_("Audit of %(project)s") % {"project": project}, reverse_in(project, "audit"))
        for project in projects
    ]


def _panel(reader: Reader) -> RoleNote | None:
    """Return the note for a member of panels, who has no role in the projects of their calls."""
    calls = list(visible_calls(reader.user)[:MOST_CALLS])
    if not calls:
        return None
    return RoleNote(
        _("You are on the panel of a call"),
        _(
            "After its deadline you read its proposals, say of each whether you have a conflict of "
            "interest, and score it. Of the project itself you read what is for everybody."
        ),
        [(str(call), call.get_absolute_url()) for call in calls],
    )


def _outsider() -> RoleNote:
    return RoleNote(
        _("You have no role in a project yet"),
        _(
            "The coordination of a project gives roles. If you expect one, write to the person who "
            "invited you, and name the address with which you signed in. Until then you read what is "
            "for everybody."
        ),
        [
            (_("Calls for projects"), reverse("calls:open")),
            (_("Check a document"), reverse("reports:verify")),
            (_("My account"), reverse("accounts:profile")),
        ],
    )
