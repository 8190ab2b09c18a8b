"""Who sees and does what with a report and its documents."""

from django.db.models import QuerySet

from accounts.models import User
from committees.permissions import audiences_of, projects_by_roles, roles_in
from projects.models import Project
from projects.permissions import TEAM, Role, may_edit, roles_of
from reports.models import Rendition, Report

WRITERS = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR, Role.MONITORING, Role.FINANCE})
# Signing off is an approval: being an administrator alone does not give it.
SIGNERS = frozenset({Role.COORDINATOR, Role.MONITORING})


# What one sees


def visible_reports(user: User, project: Project) -> QuerySet[Report]:
    return _reports([project], roles_in(user, project))


def every_visible_report(user: User) -> QuerySet[Report]:
    """`visible_reports` of all projects at once."""
    found = Report.objects.none()
    for (roles, _audiences), projects in projects_by_roles(user).items():
        found |= _reports(projects, roles)
    return found


def _reports(projects: list[Project], roles: frozenset[Role]) -> QuerySet[Report]:
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


def visible_renditions(user: User, report: Report) -> QuerySet[Rendition]:
    """The team sees the documents of its audiences; others those made of the signed text."""
    renditions = Rendition.objects.filter(
        snapshot__report=report, audience__in=audiences_of(user, report.project)
    )
    if roles_in(user, report.project) & TEAM:
        return renditions
    return renditions.ready().filter(is_draft=False, snapshot=report.snapshot_id)


def every_visible_rendition(user: User) -> QuerySet[Rendition]:
    found = Rendition.objects.none()
    for (roles, audiences), projects in projects_by_roles(user).items():
        reports = _reports(projects, roles)
        renditions = Rendition.objects.filter(snapshot__report__in=reports, audience__in=audiences)
        if not roles & TEAM:
            renditions = renditions.ready().filter(
                is_draft=False, snapshot__in=reports.values("snapshot")
            )
        found |= renditions
    return found


# What one does


def may_create_report(user: User, project: Project) -> bool:
    return may_edit(user, project)


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


def may_request_rendition(user: User, report: Report) -> bool:
    return bool(roles_of(user, report.project) & TEAM)


def may_manage_rendition(user: User, rendition: Rendition) -> bool:
    """Who asked for it, and the coordination, may cancel it and try again."""
    project = rendition.snapshot.report.project
    return rendition.requested_by_id == user.pk or may_edit(user, project)


def may_see_downloads(user: User, report: Report) -> bool:
    return may_edit(user, report.project) or Role.AUDITOR in roles_of(user, report.project)
