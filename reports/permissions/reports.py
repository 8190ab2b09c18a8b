"""Who may see, write, sign off and move a report."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from accounts.models import User
from committees.models import Seat
from committees.permissions.roles import projects_by_roles, seats_held
from kernel.keys import Keys
from projects.models import Project
from projects.permissions.roles import TEAM, Role, edited_projects, may_edit, roles_of
from reports.models import Report, ReportQuerySet

WRITERS = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR, Role.MONITORING, Role.FINANCE})
# Signing off is an approval: being an administrator alone does not give it.
SIGNERS = frozenset({Role.COORDINATOR, Role.MONITORING})


# Visibility


def visible_reports(user: User, project: Project) -> ReportQuerySet:
    return reports_seen([project], roles_of(user, project))


def every_visible_report(
    user: User, projects: Iterable[Project | int] | None = None
) -> ReportQuerySet:
    """Return `visible_reports` of all projects at once, or of those that are given."""
    alike: dict[frozenset[Role], list[int]] = defaultdict(list)
    for (roles, _audiences), group in projects_by_roles(user, projects).items():
        alike[roles] += group
    found = Report.objects.none()
    for roles, keys in alike.items():
        found |= reports_seen(Keys(keys), roles)
    return found


def reports_seen(
    projects: Sequence[Project | int] | Keys, roles: frozenset[Role]
) -> ReportQuerySet:
    """Return the reports that people with these roles may see.

    The team sees all of them, members those that were presented, the donor those that were
    submitted, partners those that were published.
    """
    reports = Report.objects.filter(project__in=projects)
    return reports if roles & TEAM else reports.filter(status__in=statuses_seen(roles))


def statuses_seen(roles: frozenset[Role]) -> frozenset[str]:
    """Return the statuses in which people with these roles may see a report."""
    if roles & TEAM:
        return frozenset(Report.Status.values)
    if Role.DONOR in roles and Role.MEMBER not in roles:
        return Report.SHOWN_TO_DONOR
    if Role.MEMBER in roles:
        return Report.SHOWN_TO_MEMBERS
    return frozenset({Report.Status.PUBLISHED} if Role.PARTNER in roles else ())


def may_see_report(user: User, report: Report) -> bool:
    """Whether the person sees the report: `visible_reports` for a single row."""
    return report.status in statuses_seen(roles_of(user, report.project))


# Actions


def may_create_report(user: User, project: Project) -> bool:
    return may_edit(user, project)


def may_see_presets(user: User) -> bool:
    """Those who begin reports may see presets, and administrators, who edit them."""
    return user.is_staff or bool(edited_projects(user))


def may_edit_presets(user: User) -> bool:
    """Only administrators edit presets, since these serve every project."""
    return user.is_staff


def may_write(user: User, report: Report) -> bool:
    return not report.is_frozen and bool(roles_of(user, report.project) & WRITERS)


def may_sign_off(user: User, report: Report) -> bool:
    return bool(roles_of(user, report.project) & SIGNERS)


def may_take(user: User, report: Report, verb: str) -> bool:
    """Whether the person may take the step of a report.

    The coordination takes all steps but two: signing off is an approval, and the donor's answer
    comes from the donor or is recorded by the coordination.
    """
    roles = roles_of(user, report.project)
    if verb == "sign_off":
        return may_sign_off(user, report)
    if verb in {"accept", "comment"}:
        return bool(roles & {Role.ACCEPTS_FOR_DONOR, Role.COORDINATOR})
    return may_edit(user, report.project)


def speaks_for_donor(user: User, report: Report) -> bool:
    """Whether the person answers as the donor, rather than recording what the donor answered."""
    roles = roles_of(user, report.project)
    return Role.DONOR in roles and not roles & TEAM


def may_read_acceptance(user: User, report: Report) -> bool:
    """The team and the donor read the donor's acceptance with its reference and letters."""
    return bool(roles_of(user, report.project) & (TEAM | {Role.DONOR}))


def sees_versions(user: User, report: Report) -> bool:
    """Only the team reads earlier versions of a section."""
    return bool(roles_of(user, report.project) & TEAM)


def may_record_outcome(user: User, report: Report) -> bool:
    """The coordination and whoever holds the chair of the committee may record its outcome."""
    if report.status not in Report.SHOWN_TO_MEMBERS:
        return False
    if report.status == Report.Status.PUBLISHED and report.committee_outcome:
        return False
    return may_edit(user, report.project) or any(
        term.seat.office == Seat.Office.CHAIR for term in seats_held(user, report.project)
    )
