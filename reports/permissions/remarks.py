"""Who may read, make and answer remarks on a report.

Only the team reads the internal review; the donor's comments are read by the donor and the team,
the committee's by its members and the team.
"""

from django.db.models import Q, QuerySet

from accounts.models import User
from committees.permissions.roles import may_see_names
from projects.permissions.roles import TEAM, Role, may_edit, roles_of
from reports.models import Report, ReportFile, ReportRemark
from reports.permissions.reports import WRITERS

Origin = ReportRemark.Origin

# Auditors and the direction read remarks but make none.
REVIEWERS = TEAM - {Role.AUDITOR, Role.DIRECTION}
# The roles that answer in the name of the project.
ANSWERING = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR, Role.MONITORING})


def origins_seen(user: User, report: Report) -> frozenset[str]:
    """Return the origins of the remarks that the person may read, on a report that they see."""
    return origins_for(roles_of(user, report.project))


def origins_for(roles: frozenset[Role]) -> frozenset[str]:
    if roles & TEAM:
        return frozenset(Origin.values)
    seen = set()
    if Role.DONOR in roles:
        seen.add(Origin.DONOR)
    if Role.MEMBER in roles:
        seen.add(Origin.COMMITTEE)
    return frozenset(seen)


def visible_remarks(user: User, report: Report) -> QuerySet[ReportRemark]:
    return report.remarks.filter(origin__in=origins_seen(user, report)).with_related()


def visible_files(user: User, report: Report) -> QuerySet[ReportFile]:
    """Return the files of visible remarks, and for the donor and the team the letter of
    acceptance."""
    return files_seen(origins_seen(user, report)).filter(report=report)


def files_seen(origins: frozenset[str]) -> QuerySet[ReportFile]:
    found = Q(remark__origin__in=sorted(origins))
    if Origin.DONOR in origins:
        found |= Q(category=ReportFile.Category.ACCEPTANCE)
    return ReportFile.objects.filter(found)


def origin_of_own(user: User, report: Report) -> str:
    """Return the origin that a remark of the person would have now; empty if they may make none."""
    roles = roles_of(user, report.project)
    if Role.DONOR in roles and report.status in ReportRemark.TAKEN_IN[Origin.DONOR]:
        return Origin.DONOR
    if roles & REVIEWERS and report.status in ReportRemark.TAKEN_IN[Origin.INTERNAL]:
        return Origin.INTERNAL
    return ""


def origins_entered(user: User, report: Report) -> list[str]:
    """Return the origins for which the person may now enter remarks that did not come online."""
    if not may_edit(user, report.project):
        return []
    others = (Origin.DONOR, Origin.COMMITTEE)
    return [one for one in others if report.status in ReportRemark.TAKEN_IN[one]]


def may_answer(user: User, remark: ReportRemark) -> bool:
    roles = roles_of(user, remark.report.project)
    allowed = WRITERS if remark.origin == Origin.INTERNAL else ANSWERING
    return remark.is_open and bool(roles & allowed)


def may_settle(user: User, remark: ReportRemark) -> bool:
    """Those who answer may settle it, and its author, who knows best whether it is answered."""
    return remark.is_open and (may_answer(user, remark) or _is_theirs(user, remark))


def may_withdraw(user: User, remark: ReportRemark) -> bool:
    """The author may withdraw a remark, the coordination one that it entered."""
    if not remark.is_open:
        return False
    if remark.was_entered:
        return may_edit(user, remark.report.project)
    return remark.by_id == user.pk


def may_see_author(user: User, remark: ReportRemark) -> bool:
    """The coordination sees who made a remark; the team sees it of the internal review."""
    project = remark.report.project
    works = bool(roles_of(user, project) & TEAM)
    return may_see_names(user, project) or (works and remark.origin == Origin.INTERNAL)


def _is_theirs(user: User, remark: ReportRemark) -> bool:
    if remark.origin == Origin.DONOR:
        return Role.DONOR in roles_of(user, remark.report.project)
    return remark.by_id == user.pk and not remark.was_entered
