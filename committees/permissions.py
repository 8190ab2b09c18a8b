"""Who sees and does what in a committee: the only place that knows the table of
docs/architecture.md, "Who may see what". Each rule that narrows rows stands in a queryset
function here, since it needs the roles of the project."""

from accounts.models import User
from committees.models import (
    ActionPlan,
    AgendaItem,
    Audience,
    Committee,
    Meeting,
    Remark,
    Resolution,
    SeatTerm,
)
from partners.models import Institution
from projects.models import Project
from projects.permissions import TEAM, Role, may_edit, roles_of


def roles_in(user: User, project: Project) -> frozenset[Role]:
    """All roles of a person in a project, the seat in its committee included."""
    roles = roles_of(user, project)
    return roles | {Role.MEMBER} if seats_held(user, project) else roles


def seats_held(user: User, project: Project) -> list[SeatTerm]:
    """The seats that the person holds or stands in for today; read once per request."""
    if not user.is_authenticated:
        return []
    kept = user.__dict__.setdefault("_seats_held", {})
    if project.pk not in kept:
        terms = SeatTerm.objects.current().filter(
            contact__user=user, contact__ended_on=None, seat__committee__project=project
        )
        kept[project.pk] = list(terms.select_related("seat"))
    return kept[project.pk]


def audiences_of(user: User, project: Project) -> frozenset[str]:
    """The audiences to which a person belongs in a project."""
    roles = roles_in(user, project)
    audiences = {Audience.PUBLIC}
    if roles & {Role.ADMINISTRATOR, Role.COORDINATOR, Role.AUDITOR}:
        return frozenset(Audience.values)
    if roles & TEAM:
        audiences |= {Audience.COMMITTEE, Audience.PARTNERS, Audience.DONOR}
    if Role.MEMBER in roles:
        audiences.add(Audience.COMMITTEE)
        if any(term.seat.is_voting for term in seats_held(user, project)):
            audiences.add(Audience.VOTING)
    if Role.PARTNER in roles:
        audiences.add(Audience.PARTNERS)
    if Role.DONOR in roles:
        audiences.add(Audience.DONOR)
    return frozenset(audiences)


# What one sees


def visible_meetings(user: User, project: Project):
    """The team sees all meetings; members see them once they are convened; others none."""
    meetings = Meeting.objects.filter(committee__project=project)
    roles = roles_in(user, project)
    if roles & TEAM:
        return meetings
    return meetings.shown_to_members() if Role.MEMBER in roles else meetings.none()


def visible_items(user: User, meeting: Meeting):
    items = meeting.items.filter(audience__in=audiences_of(user, meeting.committee.project))
    if may_edit(user, meeting.committee.project):
        return items
    return items.on_agenda()


def visible_resolutions(user: User, project: Project):
    """Members and the team see the register, partners and the donor what was adopted.

    What was resolved on a reserved item stays with the item's audience.
    """
    roles = roles_in(user, project)
    resolutions = Resolution.objects.filter(committee__project=project)
    if not roles:
        return resolutions.none()
    if roles & TEAM or Role.MEMBER in roles:
        return resolutions.filter(agenda_item__audience__in=audiences_of(user, project))
    open_audiences = audiences_of(user, project) | {Audience.COMMITTEE}
    return resolutions.adopted().filter(agenda_item__audience__in=open_audiences)


def visible_plans(user: User, project: Project):
    """Members and partners see a plan from its review on, the donor once it is presented."""
    plans = ActionPlan.objects.filter(project=project)
    roles = roles_in(user, project)
    if roles & TEAM:
        return plans
    if roles & {Role.MEMBER, Role.PARTNER}:
        return plans.exclude(status=ActionPlan.Status.DRAFT)
    if Role.DONOR in roles:
        return plans.filter(status__in=ActionPlan.SHOWN_TO_DONOR)
    return plans.none()


def visible_remarks(user: User, plan: ActionPlan):
    """One's own institution's remarks, those given to the committee if one sits there, and
    for the coordination all."""
    remarks = plan.remarks.select_related("institution", "action").prefetch_related(
        "institution__names"
    )
    roles = roles_in(user, plan.project)
    if roles & TEAM:
        return remarks
    own = Institution.objects.spoken_for_by(user).values("pk")
    if Role.MEMBER in roles:
        return remarks.filter(institution__in=own) | remarks.filter(audience=Audience.COMMITTEE)
    return remarks.filter(institution__in=own)


def may_see_names(user: User, project: Project) -> bool:
    """Names in attendance are for the coordination; members see those who agreed."""
    return may_edit(user, project) or Role.AUDITOR in roles_of(user, project)


# What one does


def may_edit_committee(user: User, committee: Committee) -> bool:
    return may_edit(user, committee.project)


def may_edit_meeting(user: User, meeting: Meeting) -> bool:
    return may_edit(user, meeting.committee.project)


def may_edit_item(user: User, item: AgendaItem) -> bool:
    return may_edit_meeting(user, item.meeting)


def may_answer_recommendation(user: User, resolution: Resolution) -> bool:
    """The addressee answers; the coordination enters what came otherwise."""
    project = resolution.committee.project
    if may_edit(user, project):
        return True
    spoken_for = Institution.objects.spoken_for_by(user)
    return bool(resolution.addressee_id) and spoken_for.filter(pk=resolution.addressee_id).exists()


def may_edit_plan(user: User, plan: ActionPlan) -> bool:
    return may_edit(user, plan.project)


def may_review(user: User, plan: ActionPlan) -> bool:
    """Partners and members remark and take a position while the review is open."""
    roles = roles_in(user, plan.project)
    return plan.review_is_open and bool(roles & {Role.MEMBER, Role.PARTNER})


def may_settle(user: User, remark: Remark) -> bool:
    return may_edit(user, remark.plan.project)


def may_record_donor_answer(user: User, plan: ActionPlan) -> bool:
    """The donor answers; the coordination records an answer that came by letter."""
    roles = roles_of(user, plan.project)
    return bool(roles & {Role.DONOR, Role.COORDINATOR})
