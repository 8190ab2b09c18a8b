"""Who sees and does what with committees, meetings, agendas, documents and resolutions."""

from collections.abc import Collection, Iterable

from django.db.models import Q

from accounts.models import User
from committees.minutes.permissions import visible_minutes
from committees.models import (
    AgendaItem,
    Audience,
    Committee,
    Document,
    Invitation,
    Meeting,
    Resolution,
    Seat,
    SeatTerm,
    Subject,
)
from committees.permissions import (
    audiences_of,
    items_left,
    may_see_names,
    projects_by_roles,
    roles_in,
    seats_held,
    without_recused,
)
from committees.plans.permissions import visible_actions, visible_plans
from partners.models import Institution
from projects.amendments.permissions import visible_amendments
from projects.models import Amendment, Project
from projects.permissions import TEAM, Role, may_edit, roles_of
from projects.risks.permissions import visible_risks

# Audiences to which one belongs by one's seat.
OF_SEATS = (Audience.VOTING, Audience.COMMITTEE)


def visible_meetings(user: User, project: Project):
    """The team sees all meetings; members see them once they are convened; others none."""
    return _meetings([project], roles_in(user, project))


def every_visible_meeting(user: User, projects: Iterable[Project] | None = None):
    """`visible_meetings` of all projects at once, or of those that are at hand."""
    found = Meeting.objects.none()
    for (roles, _audiences), group in projects_by_roles(user, projects).items():
        found |= _meetings(group, roles)
    return found


def _meetings(projects: list[Project], roles: frozenset[Role]):
    meetings = Meeting.objects.filter(committee__project__in=projects)
    if roles & TEAM:
        return meetings
    return meetings.shown_to_members() if Role.MEMBER in roles else meetings.none()


def visible_items(user: User, meeting: Meeting):
    return _items(user, meeting.committee.project).filter(meeting=meeting)


def items_seen(user: User, project: Project):
    """`visible_items` of all meetings that the person sees."""
    return _items(user, project).filter(meeting__in=visible_meetings(user, project))


def _items(user: User, project: Project):
    items = AgendaItem.objects.filter(
        meeting__committee__project=project, audience__in=audiences_of(user, project)
    )
    items = items if may_edit(user, project) else items.on_agenda()
    is_left = Q(audience__in=OF_SEATS, pk__in=items_left(user))
    return without_recused(items, roles_in(user, project), is_left)


def visible_item_proposals(user: User, project: Project):
    """What members proposed: the team sees all, a member those of the seats they hold."""
    proposals = AgendaItem.objects.proposals().filter(meeting__committee__project=project)
    if roles_of(user, project) & TEAM:
        return proposals
    return proposals.filter(proposed_seat__in=[term.seat_id for term in seats_held(user, project)])


def visible_documents(user: User, project: Project):
    """Documents of one's audiences, where the meeting and the item are seen too."""
    if not roles_in(user, project):
        return Document.objects.none()
    documents = Document.objects.filter(
        committee__project=project, audience__in=audiences_of(user, project)
    )
    return documents.filter(
        Q(meeting=None) | Q(meeting__in=visible_meetings(user, project)),
        Q(agenda_item=None) | Q(agenda_item__in=_items(user, project)),
    )


def visible_resolutions(user: User, project: Project):
    """Members and the team see the register, partners and the donor what was adopted.

    What was resolved on a reserved item stays with the item's audience.
    """
    return _resolutions(user, [project], roles_in(user, project), audiences_of(user, project))


def every_visible_resolution(user: User, projects: Iterable[Project] | None = None):
    """`visible_resolutions` of all projects at once, or of those that are at hand."""
    found = Resolution.objects.none()
    for (roles, audiences), group in projects_by_roles(user, projects).items():
        found |= _resolutions(user, group, roles, audiences)
    return found


def _resolutions(
    user: User, projects: list[Project], roles: frozenset[Role], audiences: frozenset[str]
):
    resolutions = Resolution.objects.filter(committee__project__in=projects)
    if not roles:
        return resolutions.none()
    if roles & TEAM or Role.MEMBER in roles:
        # What was adopted on an item that is not reserved is in the register, for its readers.
        is_left = Q(agenda_item__in=items_left(user)) & (
            Q(agenda_item__audience=Audience.VOTING)
            | Q(status__in=Resolution.NOT_ADOPTED, agenda_item__audience=Audience.COMMITTEE)
        )
        return without_recused(resolutions.for_audiences(audiences), roles, is_left)
    return resolutions.adopted().for_audiences(audiences | {Audience.COMMITTEE})


def subjects_seen(user: User, project: Project, subjects: Iterable[Subject]) -> set[int]:
    """Which of these links lead to something that the person may see (their keys). Results,
    indicators and activities are seen by all who see the project."""
    plans = set(visible_plans(user, project).values_list("pk", flat=True))
    actions = set(visible_actions(user, project).values_list("pk", flat=True))
    amendments = set(
        visible_amendments(user, project, roles_in(user, project)).values_list("pk", flat=True)
    )

    minutes = set(visible_minutes(user, project).values_list("pk", flat=True))
    resolutions = set(visible_resolutions(user, project).values_list("pk", flat=True))
    subjects = list(subjects)
    risks = set()
    if any(subject.risk_id for subject in subjects):
        seen = visible_risks(user, project, roles_in(user, project))
        risks = set(seen.values_list("pk", flat=True))
    roles = roles_of(user, project)

    def is_seen(subject: Subject) -> bool:
        if subject.plan_id:
            return subject.plan_id in plans
        if subject.action_id:
            return subject.action_id in actions
        if subject.minutes_id:
            return subject.minutes_id in minutes
        if subject.earlier_id:
            return subject.earlier_id in resolutions
        if subject.risk_id:
            return subject.risk_id in risks
        if subject.call_id:  # the donor sees what was awarded
            awarded = Role.DONOR in roles and subject.call.status == "awarded"
            return awarded or bool(roles & TEAM)
        return subject.amendment_id is None or subject.amendment_id in amendments

    return {subject.pk for subject in subjects if is_seen(subject)}


def may_see_handover(user: User, committee: Committee, institution: Institution) -> bool:
    """What a seat takes over is for the coordination, and for whoever holds or stands in for a
    seat of the institution; without a seat there is nothing to take over."""
    seats = Seat.objects.of_institution(institution).filter(committee=committee)
    if not may_see_names(user, committee.project):
        seats = seats.filter(pk__in=[term.seat_id for term in seats_held(user, committee.project)])
    return seats.exists()


def may_create_committee(user: User, project: Project) -> bool:
    return may_edit(user, project)


def may_edit_committee(user: User, committee: Committee) -> bool:
    return may_edit(user, committee.project)


def may_edit_meeting(user: User, meeting: Meeting) -> bool:
    return may_edit(user, meeting.committee.project)


def may_edit_documents(user: User, committee: Committee) -> bool:
    return may_edit(user, committee.project)


def may_see_item_proposals(user: User, committee: Committee) -> bool:
    return bool(roles_in(user, committee.project) & (TEAM | {Role.MEMBER}))


def may_propose_item(user: User, committee: Committee) -> bool:
    """Whoever holds a seat or stands in for its holder."""
    return bool(seats_held(user, committee.project))


def may_edit_item(user: User, item: AgendaItem) -> bool:
    return may_edit_meeting(user, item.meeting)


def may_edit_resolution(user: User, resolution: Resolution) -> bool:
    return may_edit(user, resolution.committee.project)


def may_put_into_effect(user: User, amendment: Amendment) -> bool:
    return may_edit(user, amendment.project)


def may_answer_recommendation(user: User, resolution: Resolution) -> bool:
    """The addressee answers; the coordination enters what came otherwise."""
    project = resolution.committee.project
    if may_edit(user, project):
        return True
    spoken_for = Institution.objects.spoken_for_by(user)
    return bool(resolution.addressee_id) and spoken_for.filter(pk=resolution.addressee_id).exists()


def audiences_invited(invitation: Invitation, voters: Collection[int]) -> frozenset[str]:
    """What of the agenda goes to somebody invited: a seat reads as the committee on the day of
    the meeting (`voters_on`), a guest as what they are in the project anyway."""
    user = invitation.contact.user
    if invitation.capacity == Invitation.Capacity.GUEST:
        project = invitation.meeting.committee.project
        return audiences_of(user, project) if user else frozenset({Audience.PUBLIC})
    seated = {Audience.COMMITTEE, Audience.PUBLIC}
    return frozenset(seated | {Audience.VOTING} if user and user.pk in voters else seated)


def voters_on(meeting: Meeting) -> set[int]:
    """Who holds a voting seat, or stands in for its holder, on the day of the meeting."""
    terms = SeatTerm.objects.on(meeting.day).filter(
        seat__in=meeting.committee.seats.on(meeting.day),
        seat__is_voting=True,
        contact__ended_on=None,
        contact__user__isnull=False,
    )
    return set(terms.values_list("contact__user", flat=True))


def may_see_invitations(user: User, meeting: Meeting) -> bool:
    """Who comes and who was told, by name: for the coordination and those who check it."""
    return may_see_names(user, meeting.committee.project)


def own_invitation(user: User, meeting: Meeting) -> Invitation | None:
    """The person's own, to answer."""
    own = meeting.invitations.of_person(user).with_related()
    return own.first() if user.is_authenticated else None
