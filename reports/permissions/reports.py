"""Who may see, write, sign off and move a report.

Only the team reads the internal review; the donor's comments are read by the donor and the team,
the committee's by its members and the team.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from committees.models import Seat
from committees.permissions.meetings import items_seen
from committees.permissions.resolutions import visible_resolutions
from committees.permissions.roles import may_see_names, projects_by_roles, seats_held
from kernel.keys import Keys
from projects.models import Project
from projects.permissions.amendments import visible_amendments
from projects.permissions.roles import EDITORS, TEAM, Role, edited_projects, may_edit, roles_of
from reports.models import FiledDocument, Report, ReportFile, ReportQuerySet, ReportRemark
from reports.models.filed import FiledDocumentQuerySet

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
    return Report.objects.filter(report_seen(roles), project__in=projects)


def report_seen(roles: frozenset[Role]) -> Q:
    """Match the reports that people with these roles may see."""
    return Q() if roles & TEAM else Q(status__in=statuses_seen(roles))


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


# Who may read, make and answer remarks on a report


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


# --- Who reads which documents of a project, and who files them ---

READS_CONFIDENTIAL = EDITORS | {Role.AUDITOR, Role.DIRECTION}


def filed_seen(roles: frozenset[Role]) -> Q:
    """Match the documents that people with these roles read."""
    if roles & READS_CONFIDENTIAL:
        return Q()
    if roles & TEAM:
        return Q(is_confidential=False)
    seen = Q(pk__in=[])
    for role, named in (
        (Role.MEMBER, "for_committee"),
        (Role.DONOR, "for_donor"),
        (Role.PARTNER, "for_partners"),
    ):
        if role in roles:
            seen |= Q(**{named: True})
    return seen & Q(withdrawn_on=None)


def visible_filed(user: User, project: Project) -> FiledDocumentQuerySet:
    return FiledDocument.objects.filter(filed_seen(roles_of(user, project)), project=project)


def may_file(user: User, project: Project) -> bool:
    return may_edit(user, project)


def places_offered(user: User, project: Project) -> dict[str, QuerySet[Any]]:
    """Return the things to which a document may belong, by field, of those that the person sees."""
    items = items_seen(user, project).select_related("meeting")
    return {
        "agenda_item": items.order_by("-meeting__starts_at", "pk"),
        "resolution": visible_resolutions(user, project),
        "amendment": visible_amendments(user, project),
        "report": visible_reports(user, project).with_related(),
    }


def filed_for_edition(rows: FiledDocumentQuerySet, *, is_full: bool) -> FiledDocumentQuerySet:
    """Keep what the full edition of an archive holds, or that for the donor."""
    return rows if is_full else rows.filter(filed_seen(frozenset({Role.DONOR})))
