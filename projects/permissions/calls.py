"""Decides who sees calls for proposals: the team, the panel of the call, and the donor after the
award.

Nobody reads a proposal before the deadline, so that nobody can favour one. Whoever declared a
conflict of interest never reads that proposal, whatever other role they have.
"""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from accounts.models import User
from projects.models import (
    Assessment,
    CallForProposals,
    Grant,
    GrantReport,
    PanelMember,
    Participation,
    Project,
    Proposal,
)
from projects.models.grant import GrantQuerySet
from projects.models.proposal import ProposalQuerySet
from projects.permissions.roles import (
    TEAM,
    Role,
    learn_roles,
    may_edit,
    of_own_institutions,
    own_institutions,
    roles_of,
    works_for,
)


def visible_calls(user: User) -> QuerySet[CallForProposals]:
    calls = CallForProposals.objects.select_related("project")
    if not user.is_authenticated:
        return calls.none()
    if user.is_staff:
        return calls
    inside = Project.objects.filter(Project.objects.inside_of(user)).values("pk")
    represented = Participation.objects.represented_by(user)
    funded = represented.filter(role__in=Participation.DONOR_ROLES).values("project")
    panels = PanelMember.objects.current().filter(user=user).values("call")
    return calls.filter(
        Q(project__in=inside)
        | Q(project__in=funded, status=CallForProposals.Status.AWARDED)
        | Q(pk__in=panels) & ~Q(status=CallForProposals.Status.DRAFT)
    )


def may_see_calls(user: User, project: Project) -> bool:
    """Whether the page of the project's calls shows anything to this person."""
    return bool(roles_of(user, project) & (TEAM | {Role.DONOR}))


def roles_in_call(user: User, call: CallForProposals) -> frozenset[Role]:
    """Return all roles of a person in a call, including a seat on its panel."""
    roles = roles_of(user, call.project)
    return roles | {Role.PANEL} if seat_on_panel(user, call) else roles


def seat_on_panel(user: User, call: CallForProposals) -> PanelMember | None:
    """Return the person's own seat on the panel of a call; it is read once per request."""
    kept = user.__dict__.setdefault("_panel_seats", {})
    if call.pk not in kept:
        kept[call.pk] = call.panel.current().filter(user=user).first()
    seat: PanelMember | None = kept[call.pk]
    return seat


def visible_proposals(user: User, call: CallForProposals) -> ProposalQuerySet:
    """Return the proposals in the person's lists; `may_read_proposal` decides about their
    content."""
    roles = roles_in_call(user, call)
    proposals = call.proposals.select_related("call__project")
    if not call.deadline_passed:
        return proposals.none()
    conflicts = Assessment.objects.filter(member__user=user, has_conflict=True)
    proposals = proposals.exclude(pk__in=conflicts.values("proposal"))
    if roles & TEAM:
        return proposals if may_edit(user, call.project) else proposals.received()
    if Role.PANEL in roles:
        return proposals.received()
    if Role.DONOR in roles and call.status == CallForProposals.Status.AWARDED:
        return proposals.filter(status=Proposal.Status.AWARDED)
    return proposals.none()


def may_read_proposal(user: User, proposal: Proposal) -> bool:
    """Whether the person reads a proposal that they see. Members of the panel first have to declare
    that they have no conflict of interest."""
    seat = seat_on_panel(user, proposal.call)
    if seat:
        return seat.assessments.filter(proposal=proposal, has_conflict=False).exists()
    return works_for(user, proposal.call.project)


def may_see_contact(user: User, proposal: Proposal) -> bool:
    """The coordination and the panel know the contact person of a proposal."""
    return bool(may_see_phone(user, proposal) or seat_on_panel(user, proposal.call))


def may_see_phone(user: User, proposal: Proposal) -> bool:
    return may_edit(user, proposal.call.project)


def may_score(user: User, proposal: Proposal) -> bool:
    open_for_scores = (Proposal.Status.SUBMITTED, Proposal.Status.SHORTLISTED)
    seat = seat_on_panel(user, proposal.call)
    if not (seat and proposal.call.is_being_evaluated and proposal.status in open_for_scores):
        return False
    own = seat.assessments.filter(proposal=proposal).first()
    return bool(own and not own.has_conflict and not own.is_submitted)


def proposals_with_scores_seen(user: User, call: CallForProposals) -> ProposalQuerySet:
    """Return the proposals whose scores by others the person may see. Members of the panel see them
    only once their own are submitted, so that nobody is influenced."""
    seen = visible_proposals(user, call)
    seat = seat_on_panel(user, call)
    if seat:
        return seen.filter(pk__in=seat.assessments.counted().values("proposal"))
    return seen if works_for(user, call.project) else seen.none()


# --- Decides who sees grants: the team those of its project, a grantee its own ---

JUDGES = frozenset({Role.COORDINATOR, Role.MONITORING})
PAYERS = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR, Role.FINANCE})


def visible_grants(user: User, project: Project) -> GrantQuerySet:
    return grants_visible_in(user, [project])


def grants_visible_in(user: User, projects: Collection[Project]) -> GrantQuerySet:
    """Return the visible grants of many projects at once."""
    learn_roles(user, projects)
    inside = [project.pk for project in projects if works_for(user, project)]
    beside = [project for project in projects if Role.PARTNER in roles_of(user, project)]
    seen = Q(project__in=inside)
    if beside:
        seen |= of_own_institutions(user, beside)
    return Grant.objects.filter(seen)


def is_grantee(user: User, grant: Grant) -> bool:
    return grant.institution_id in own_institutions(user, grant.project)


def may_pay(user: User, grant: Grant) -> bool:
    return bool(roles_of(user, grant.project) & PAYERS)


def may_submit_report(user: User, report: GrantReport) -> bool:
    """The grantee submits, or the coordination does for one that answered by letter or
    telephone."""
    grant = report.grant
    return report.is_open and (is_grantee(user, grant) or may_edit(user, grant.project))


def may_judge_report(user: User, report: GrantReport) -> bool:
    """Accepting needs a role in the project, and nobody accepts their own submission."""
    if report.status != GrantReport.Status.SUBMITTED or report.submitted_by_id == user.pk:
        return False
    return bool(roles_of(user, report.grant.project) & JUDGES)


def may_note_support(user: User, grant: Grant) -> bool:
    return bool(roles_of(user, grant.project) & (JUDGES | {Role.ADMINISTRATOR}))
