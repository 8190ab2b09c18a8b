"""Who sees and does what with a report."""

from collections.abc import Iterable

from accounts.models import User
from committees.models import Seat
from committees.permissions.roles import projects_by_roles, seats_held
from projects.models import Project
from projects.permissions.roles import TEAM, Role, may_edit, roles_of
from reports.models import Report, ReportQuerySet

WRITERS = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR, Role.MONITORING, Role.FINANCE})
# Signing off is an approval: being an administrator alone does not give it.
SIGNERS = frozenset({Role.COORDINATOR, Role.MONITORING})


# What one sees


def visible_reports(user: User, project: Project) -> ReportQuerySet:
    return reports_seen([project], roles_of(user, project))


def every_visible_report(user: User, projects: Iterable[Project] | None = None) -> ReportQuerySet:
    """`visible_reports` of all projects at once, or of those that are at hand."""
    found = Report.objects.none()
    for (roles, _audiences), group in projects_by_roles(user, projects).items():
        found |= reports_seen(group, roles)
    return found


def reports_seen(projects: list[Project], roles: frozenset[Role]) -> ReportQuerySet:
    """The team sees all, members what was presented, the donor what was submitted, partners
    what was published."""
    reports = Report.objects.filter(project__in=projects)
    if roles & TEAM:
        return reports
    if Role.DONOR in roles and Role.MEMBER not in roles:
        return reports.filter(status__in=Report.SHOWN_TO_DONOR)
    if Role.MEMBER in roles:
        return reports.filter(status__in=Report.SHOWN_TO_MEMBERS)
    return reports.published() if Role.PARTNER in roles else reports.none()


# What one does


def may_create_report(user: User, project: Project) -> bool:
    return may_edit(user, project)


def may_see_presets(user: User) -> bool:
    """Those who begin reports, and those who say what reports are made of."""
    return user.is_staff or Project.objects.coordinated_by(user).exists()


def may_edit_presets(user: User) -> bool:
    """They are for every project: administrators alone."""
    return user.is_staff


def may_write(user: User, report: Report) -> bool:
    return not report.is_frozen and bool(roles_of(user, report.project) & WRITERS)


def may_sign_off(user: User, report: Report) -> bool:
    return bool(roles_of(user, report.project) & SIGNERS)


def may_take(user: User, report: Report, verb: str) -> bool:
    """The coordinator moves a report on; the donor's answer comes from the donor, or from
    the coordination with the donor's letter."""
    roles = roles_of(user, report.project)
    if verb == "sign_off":
        return may_sign_off(user, report)
    if verb in {"accept", "comment"}:
        return bool(roles & {Role.DONOR, Role.COORDINATOR})
    return may_edit(user, report.project)


def sees_versions(user: User, report: Report) -> bool:
    """What a section said before is for those who work on it."""
    return bool(roles_of(user, report.project) & TEAM)


def may_record_outcome(user: User, report: Report) -> bool:
    """The coordination, or whoever holds the chair of the committee."""
    if report.status not in Report.SHOWN_TO_MEMBERS:
        return False
    if report.status == Report.Status.PUBLISHED and report.committee_outcome:
        return False
    return may_edit(user, report.project) or any(
        term.seat.office == Seat.Office.CHAIR for term in seats_held(user, report.project)
    )
