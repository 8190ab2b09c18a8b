"""Who sees and does what in a committee: the only place that knows the table of
docs/architecture.md, "Who may see what". Each rule that narrows rows stands in a queryset
function here, since it needs the roles of the project."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from committees.models import (
    Action,
    ActionPlan,
    AgendaItem,
    Audience,
    Ballot,
    Committee,
    Document,
    InterestDeclaration,
    Invitation,
    Meeting,
    Minutes,
    MinutesRemark,
    NoteFile,
    ProposedChange,
    Remark,
    Resolution,
    Seat,
    SeatTerm,
    Subject,
    WrittenConsultation,
)
from committees.models.action import ActionQuerySet
from committees.models.answer import AnswerQuerySet, PositionQuerySet, RemarkQuerySet
from committees.models.minutes import MinutesQuerySet
from committees.models.plan import ActionPlanQuerySet
from committees.models.proposal import ProposedChangeQuerySet
from partners.models import Contact, Institution
from projects.models import Amendment, Project
from projects.permissions import (
    TEAM,
    Role,
    learn_roles,
    may_edit,
    roles_of,
    visible_amendments,
)

# Audiences to which one belongs by one's seat.
OF_SEATS = (Audience.VOTING, Audience.COMMITTEE)


def roles_in(user: User, project: Project) -> frozenset[Role]:
    """All roles of a person in a project, the seat in its committee included."""
    roles = roles_of(user, project)
    return roles | {Role.MEMBER} if seats_held(user, project) else roles


def seats_held(user: User, project: Project) -> list[SeatTerm]:
    """The seats that the person holds or stands in for today; read once per request."""
    if not user.is_authenticated:
        return []
    learn_seats(user, [project])
    return user.__dict__["_seats_held"][project.pk]


def learn_seats(user: User, projects: Iterable[Project]) -> None:
    """Read the seats in many projects at once, before a list asks for each of them."""
    kept = user.__dict__.setdefault("_seats_held", {})
    unknown = {project.pk for project in projects} - kept.keys()
    if not (unknown and user.is_authenticated):
        return
    kept.update({pk: [] for pk in unknown})
    terms = SeatTerm.objects.current().filter(
        contact__user=user, contact__ended_on=None, seat__committee__project__in=unknown
    )
    for term in terms.select_related("seat__committee"):
        kept[term.seat.committee.project_id].append(term)


def projects_by_roles(
    user: User,
) -> dict[tuple[frozenset[Role], frozenset[str]], list[Project]]:
    """The projects that a person sees, put together where roles and audiences are the same:
    so a list over several projects asks as many queries for one as for a hundred."""
    projects = list(Project.objects.visible_to(user))
    learn_roles(user, projects)
    learn_seats(user, projects)
    groups = defaultdict(list)
    for project in projects:
        groups[roles_in(user, project), audiences_of(user, project)].append(project)
    return groups


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
    return _meetings([project], roles_in(user, project))


def every_visible_meeting(user: User):
    """`visible_meetings` of all projects at once."""
    found = Meeting.objects.none()
    for (roles, _audiences), projects in projects_by_roles(user).items():
        found |= _meetings(projects, roles)
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
    return _without_recused(items, roles_in(user, project), is_left)


def items_left(user: User) -> QuerySet[AgendaItem]:
    """The items from which every seat that the person holds or stands in for is recused."""
    held = SeatTerm.objects.current().filter(
        contact__user=user, contact__ended_on=None, seat__committee=OuterRef("meeting__committee")
    )
    recusal = InterestDeclaration.objects.filter(
        recused=True, seat=OuterRef("seat"), items=OuterRef(OuterRef("pk"))
    )
    return AgendaItem.objects.filter(
        Exists(held.filter(Exists(recusal))), ~Exists(held.exclude(Exists(recusal)))
    )


def _without_recused(rows: QuerySet, roles: frozenset[Role], is_left: Q) -> QuerySet:
    """A recused seat leaves an item's audience; what the person sees as one of the team stays."""
    return rows if roles & TEAM or Role.MEMBER not in roles else rows.exclude(is_left)


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


def every_visible_resolution(user: User):
    """`visible_resolutions` of all projects at once."""
    found = Resolution.objects.none()
    for (roles, audiences), projects in projects_by_roles(user).items():
        found |= _resolutions(user, projects, roles, audiences)
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
        return _without_recused(resolutions.for_audiences(audiences), roles, is_left)
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

    def is_seen(subject: Subject) -> bool:
        if subject.plan_id:
            return subject.plan_id in plans
        if subject.action_id:
            return subject.action_id in actions
        if subject.minutes_id:
            return subject.minutes_id in minutes
        if subject.earlier_id:
            return subject.earlier_id in resolutions
        return subject.amendment_id is None or subject.amendment_id in amendments

    return {subject.pk for subject in subjects if is_seen(subject)}


def visible_plans(user: User, project: Project) -> ActionPlanQuerySet:
    return plans_visible_in(user, [project])


def plans_visible_in(user: User, projects: Iterable[Project]) -> ActionPlanQuerySet:
    """Members and partners see a plan from its review on, the donor once it is presented."""
    projects = list(projects)
    learn_roles(user, projects)
    learn_seats(user, projects)
    roles = {project.pk: roles_in(user, project) for project in projects}
    inside = [pk for pk, held in roles.items() if held & TEAM]
    taking_part = [pk for pk, held in roles.items() if held & {Role.MEMBER, Role.PARTNER}]
    funding = [pk for pk, held in roles.items() if Role.DONOR in held]
    return ActionPlan.objects.filter(
        Q(project__in=inside)
        | (Q(project__in=taking_part) & ~Q(status=ActionPlan.Status.DRAFT))
        | Q(project__in=funding, status__in=ActionPlan.SHOWN_TO_DONOR)
    )


def visible_actions(user: User, project: Project) -> ActionQuerySet:
    """Those that stand in a plan one sees; the coordination sees those taken out as well."""
    if may_edit(user, project):
        return project.actions.all()
    return project.actions.filter(terms__plan__in=visible_plans(user, project)).distinct()


def visible_positions(user: User, plan: ActionPlan) -> PositionQuerySet:
    """Where each institution stands is known to the coordination and the committee; a partner
    sees where its own stands. For the words see `readable_answers`."""
    positions = plan.positions.with_related()
    return positions if sees_all_positions(user, plan) else positions.filter(_own(user))


def sees_all_positions(user: User, plan: ActionPlan) -> bool:
    return bool(roles_in(user, plan.project) & (TEAM | {Role.MEMBER}))


def visible_remarks(user: User, plan: ActionPlan) -> RemarkQuerySet:
    return readable_answers(user, plan, plan.remarks.with_related().with_replies())


def visible_proposals(user: User, plan: ActionPlan) -> ProposedChangeQuerySet:
    """Proposed changes are read like remarks: by whom their author chose."""
    return readable_answers(user, plan, plan.proposals.with_related())


def readable_answers(user: User, plan: ActionPlan, answers: AnswerQuerySet) -> AnswerQuerySet:
    """Those whose words one may read: each author chose between coordination and committee,
    and always reads those of their own institution."""
    roles = roles_in(user, plan.project)
    if roles & TEAM:
        return answers
    if Role.MEMBER in roles:
        return answers.filter(_own(user) | Q(audience=Audience.COMMITTEE))
    return answers.filter(_own(user))


def _own(user: User) -> Q:
    return Q(institution__in=Institution.objects.spoken_for_by(user).values("pk"))


def may_see_budget(user: User, project: Project) -> bool:
    """What an action costs is for the team and the donor."""
    return bool(roles_of(user, project) & (TEAM | {Role.DONOR}))


def may_see_history(user: User, project: Project) -> bool:
    """What happened and when, by role; the names are for the coordination."""
    return bool(roles_in(user, project) & (TEAM | {Role.MEMBER}))


def may_see_names(user: User, project: Project) -> bool:
    """Names in attendance are for the coordination; members see those who agreed."""
    return may_edit(user, project) or Role.AUDITOR in roles_of(user, project)


def may_see_name(user: User, project: Project, person: Contact) -> bool:
    """A member reads the names of those who agreed; nobody else but the coordination does."""
    agreed = person.may_be_named and Role.MEMBER in roles_in(user, project)
    return agreed or may_see_names(user, project)


def may_see_handover(user: User, committee: Committee, institution: Institution) -> bool:
    """What a seat takes over is for the coordination, and for whoever holds or stands in for a
    seat of the institution; without a seat there is nothing to take over."""
    seats = Seat.objects.of_institution(institution).filter(committee=committee)
    if not may_see_names(user, committee.project):
        seats = seats.filter(pk__in=[term.seat_id for term in seats_held(user, committee.project)])
    return seats.exists()


# What one does


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


def may_edit_plan(user: User, plan: ActionPlan) -> bool:
    return may_edit(user, plan.project)


def may_create_plan(user: User, project: Project) -> bool:
    """Nothing more is planned for a project that is closed or cancelled."""
    return may_edit(user, project) and not project.is_over


def may_note_progress(user: User, action: Action) -> bool:
    """The coordination, and the institution that is responsible in the plan in execution."""
    return may_edit(user, action.project) or notes_for(user, action) is not None


def notes_for(user: User, action: Action) -> Institution | None:
    """The institution for which the person says how far the action is."""
    if not roles_in(user, action.project) & {Role.MEMBER, Role.PARTNER, Role.DONOR}:
        return None
    responsible = action.terms.filter(plan__status=ActionPlan.Status.IN_EXECUTION).values(
        "responsible"
    )
    found = Institution.objects.spoken_for_by(user).filter(pk__in=responsible)
    return found.with_names().distinct().first()


def visible_note_files(user: User, action: Action):
    """Evidence may show people: it is for the team, and for the institution that gave it."""
    files = NoteFile.objects.filter(note__action=action)
    if roles_in(user, action.project) & TEAM:
        return files
    own = Institution.objects.spoken_for_by(user).values("pk")
    return files.filter(note__institution__in=own)


def may_review(user: User, plan: ActionPlan) -> bool:
    """Those whose institution is asked remark, propose changes and take its position while the
    review is open for it."""
    return bool(institutions_open(user, plan))


def institutions_open(user: User, plan: ActionPlan) -> list[Institution]:
    """Those of `institutions_asked` whose time to answer has not ended."""
    return [one for one in institutions_asked(user, plan) if plan.review_is_open_for(one)]


def institutions_asked(user: User, plan: ActionPlan) -> list[Institution]:
    """The institutions for which the person answers; of several, they choose."""
    if not roles_in(user, plan.project) & {Role.MEMBER, Role.PARTNER}:
        return []
    return list(plan.reviewers().spoken_for_by(user).distinct())


def may_enter_answers(user: User, plan: ActionPlan) -> bool:
    """What came by telephone, letter or messenger is entered by the coordination."""
    return may_edit(user, plan.project)


def may_issue_links(user: User, plan: ActionPlan) -> bool:
    return may_edit(user, plan.project)


def may_settle(user: User, answer: Remark | ProposedChange) -> bool:
    return may_edit(user, answer.plan.project)


def may_reply(user: User, remark: Remark) -> bool:
    """The coordination, and the institution that gave the remark while it may answer."""
    if may_settle(user, remark):
        return True
    own = {institution.pk for institution in institutions_open(user, remark.plan)}
    return remark.institution_id in own


def may_record_donor_answer(user: User, plan: ActionPlan) -> bool:
    """The donor answers; the coordination records an answer that came by letter."""
    roles = roles_of(user, plan.project)
    return bool(roles & {Role.DONOR, Role.COORDINATOR})


# Minutes


def visible_minutes(user: User, project: Project) -> MinutesQuerySet:
    """The team sees all, members what was circulated, partners and the donor what was adopted."""
    minutes = Minutes.objects.filter(meeting__committee__project=project)
    roles = roles_in(user, project)
    if roles & TEAM:
        return minutes
    if Role.MEMBER in roles:
        return minutes.filter(status__in=Minutes.CIRCULATED)
    if roles & {Role.PARTNER, Role.DONOR}:
        return minutes.filter(status__in=Minutes.SETTLED)
    return minutes.none()


def audiences_of_minutes(user: User, minutes: Minutes) -> frozenset[str]:
    """Of which items one reads: what was adopted is for all who see it, but for reserved items."""
    audiences = audiences_of(user, minutes.meeting.committee.project)
    return audiences | {Audience.COMMITTEE} if minutes.is_settled else audiences


def may_write_minutes(user: User, minutes: Minutes) -> bool:
    return may_edit(user, minutes.meeting.committee.project)


def seats_to_comment(user: User, minutes: Minutes) -> list[SeatTerm]:
    """Members comment for the seat that they hold or stand in for."""
    return seats_held(user, minutes.meeting.committee.project)


def may_comment_minutes(user: User, minutes: Minutes) -> bool:
    takes = minutes.comments_are_open or minutes.status == Minutes.Status.FINAL_DRAFT
    return takes and bool(seats_to_comment(user, minutes))


def visible_minutes_remarks(user: User, minutes: Minutes) -> QuerySet[MinutesRemark]:
    """Comments are read by the coordination and the members."""
    remarks = minutes.remarks.with_related()
    if roles_in(user, minutes.meeting.committee.project) & (TEAM | {Role.MEMBER}):
        return remarks
    return remarks.none()


# Written procedures


def visible_consultations(user: User, project: Project) -> QuerySet[WrittenConsultation]:
    """The team sees all, members what was sent to the seats. Others see what came of it."""
    consultations = WrittenConsultation.objects.filter(committee__project=project)
    roles = roles_in(user, project)
    if roles & TEAM:
        return consultations
    if Role.MEMBER in roles:
        return consultations.exclude(opened_on=None)
    return consultations.none()


def visible_ballots(user: User, consultation: WrittenConsultation) -> QuerySet[Ballot]:
    """While it is open a member reads the answers of its own seat, afterwards those of all."""
    ballots = consultation.ballots.select_related("seat__institution", "by")
    if roles_in(user, consultation.committee.project) & TEAM or not consultation.takes_answers:
        return ballots
    return ballots.filter(seat__in=[seat.pk for seat in seats_to_answer(user, consultation)])


def seats_to_answer(user: User, consultation: WrittenConsultation) -> list[Seat]:
    """The voting seats for which the person answers: holder or alternate."""
    terms = seats_held(user, consultation.committee.project)
    seats = {term.seat_id: term.seat for term in terms if term.seat.is_voting}
    return [seat for seat in seats.values() if seat.committee_id == consultation.committee_id]


def may_run_consultation(user: User, consultation: WrittenConsultation) -> bool:
    return may_edit(user, consultation.committee.project)


def may_answer_consultation(user: User, consultation: WrittenConsultation) -> bool:
    return consultation.takes_answers and bool(seats_to_answer(user, consultation))


# Invitations


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
