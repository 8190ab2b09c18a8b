"""Permissions on action plans, their actions, and the answers of institutions."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar

from django.db.models import Q, QuerySet

from accounts.models import User
from committees.models import (
    Action,
    ActionPlan,
    ActionTerms,
    Audience,
    NoteFile,
    Position,
    ProposedChange,
    Remark,
)
from committees.models.action import ActionQuerySet
from committees.models.answer import Answer, AnswerQuerySet, RemarkQuerySet
from committees.models.plan import ActionPlanQuerySet
from committees.models.review import ProposedChangeQuerySet
from kernel.keys import Keys
from partners.models import Institution
from partners.reading import named_institutions
from projects.models import Project
from projects.permissions.roles import (
    EDITORS,
    TEAM,
    Role,
    may_edit,
    roles_by_key,
    roles_of,
    speaks_for,
)

Answers = TypeVar("Answers", bound=AnswerQuerySet[Any])


def visible_plans(user: User, project: Project) -> ActionPlanQuerySet:
    return plans_visible_in(user, [project])


def plans_visible_in(user: User, projects: Iterable[Project | int]) -> ActionPlanQuerySet:
    """Return the visible plans: for members and partners from the review on, for the donor once
    presented."""
    alike: dict[frozenset[Role], list[int]] = defaultdict(list)
    for project, roles in roles_by_key(user, projects).items():
        alike[roles].append(project)
    seen = Q(pk__in=[])
    for roles, keys in alike.items():
        seen |= Q(project__in=Keys(keys)) & plans_seen(roles)
    return ActionPlan.objects.filter(seen)


def plans_seen(roles: frozenset[Role], way: str = "") -> Q:
    """Match the plans that people with these roles may see, or what leads to them (`plan__`)."""
    return Q() if roles & TEAM else Q(**{f"{way}status__in": _statuses_seen(roles)})


def sees_plan(user: User, plan: ActionPlan) -> bool:
    """Whether a plan that was read is among those of `visible_plans`."""
    roles = roles_of(user, plan.project)
    return bool(roles & TEAM) or plan.status in _statuses_seen(roles)


def _statuses_seen(roles: frozenset[Role]) -> list[str]:
    """Return the states in which people outside the team see a plan."""
    taking_part = set(ActionPlan.Status) - {ActionPlan.Status.DRAFT}
    seen = taking_part if roles & {Role.MEMBER, Role.PARTNER} else set()
    return sorted(seen | ActionPlan.SHOWN_TO_DONOR if Role.DONOR in roles else seen)


def visible_actions(user: User, project: Project) -> ActionQuerySet:
    """Return the actions of visible plans; the coordination also sees those taken out of a plan."""
    return actions_seen(project.pk, roles_of(user, project))


def actions_seen(project: int, roles: frozenset[Role]) -> ActionQuerySet:
    actions = Action.objects.filter(project=project)
    if roles & EDITORS:
        return actions
    plans = ActionPlan.objects.filter(plans_seen(roles), project=project)
    return actions.filter(terms__plan__in=plans).distinct()


def visible_positions(
    user: User, plan: ActionPlan, positions: Iterable[Position]
) -> list[Position]:
    """Return all of a plan's positions for the coordination and the committee, for a partner those
    of its institutions.

    Whether their texts are readable is decided by `reads_answer`.
    """
    own = speaks_for(user, plan.project)
    sees_all = sees_all_positions(user, plan)
    return [one for one in positions if sees_all or one.institution_id in own]


def sees_all_positions(user: User, plan: ActionPlan) -> bool:
    return bool(roles_of(user, plan.project) & (TEAM | {Role.MEMBER}))


def visible_remarks(user: User, plan: ActionPlan) -> RemarkQuerySet:
    return readable_answers(user, plan, plan.remarks.with_related().with_replies())


def visible_proposals(user: User, plan: ActionPlan) -> ProposedChangeQuerySet:
    """Return the proposed changes that the person may read: each author chose the readers, as for
    remarks."""
    return readable_answers(user, plan, plan.proposals.with_related())


def readable_answers(user: User, plan: ActionPlan, answers: Answers) -> Answers:
    """Return the answers whose text the person may read.

    Each author chose the coordination or the committee as readers; people always read the answers
    of their own institution.
    """
    return answers_seen(answers, *answers_read(user, plan))


class AnswersRead(NamedTuple):
    """Which answers somebody reads: all, or those for these readers and those of their own
    institutions."""

    all: bool
    audiences: frozenset[str]
    own: list[int]


def answers_read(user: User, plan: ActionPlan) -> AnswersRead:
    own = sorted(speaks_for(user, plan.project))
    return answers_for_roles(roles_of(user, plan.project), own)


def answers_for_roles(roles: frozenset[Role], own: list[int]) -> AnswersRead:
    return AnswersRead(bool(roles & TEAM), frozenset(_audiences_read(roles)), own)


def answers_seen(
    answers: Answers, all_of_them: bool, audiences: frozenset[str], own: list[int]
) -> Answers:
    return answers.filter(answers_read_by(all_of_them, audiences, own))


def answers_read_by(all_of_them: bool, audiences: frozenset[str], own: list[int]) -> Q:
    return Q() if all_of_them else Q(institution__in=own) | Q(audience__in=audiences)


def reads_answer(user: User, plan: ActionPlan, answer: Answer) -> bool:
    """Whether an answer that was read is among the `readable_answers`."""
    roles = roles_of(user, plan.project)
    own = answer.institution_id in speaks_for(user, plan.project)
    return own or bool(roles & TEAM) or answer.audience in _audiences_read(roles)


def _audiences_read(roles: frozenset[Role]) -> list[str]:
    """Return the readers that authors outside the team may have chosen so that these roles read."""
    return [Audience.COMMITTEE] if Role.MEMBER in roles else []


def may_edit_plan(user: User, plan: ActionPlan) -> bool:
    return may_edit(user, plan.project)


def may_create_plan(user: User, project: Project) -> bool:
    """Whether a plan may be begun; not in a project that is closed or cancelled."""
    return may_edit(user, project) and not project.is_over


def may_note_progress(user: User, action: Action) -> bool:
    """The coordination, and the institution that is responsible in the plan in execution."""
    return may_edit(user, action.project) or notes_for(user, action) is not None


def notes_for(user: User, action: Action) -> Institution | None:
    """Return the institution for which the person notes the progress of the action, if there is
    one."""
    if not roles_of(user, action.project) & {Role.MEMBER, Role.PARTNER, Role.DONOR}:
        return None
    terms = ActionTerms.objects.filter(action=action, plan__status=ActionPlan.Status.IN_EXECUTION)
    responsible = terms.order_by().values_list("responsible", flat=True)
    own = speaks_for(user, action.project).intersection(responsible)
    found = named_institutions(own) if own else {}
    return min(found.values(), key=lambda one: (one.kind, one.pk), default=None)


def visible_note_files(user: User, action: Action) -> QuerySet[NoteFile]:
    """Return the evidence for the team and for the institution that gave it, since it may show
    people."""
    files = NoteFile.objects.filter(note__action=action)
    if roles_of(user, action.project) & TEAM:
        return files
    return files.filter(note__institution__in=speaks_for(user, action.project))


def may_review(user: User, plan: ActionPlan) -> bool:
    """People of an institution that is asked may comment, propose changes and take its position
    while the review is open for it."""
    return bool(institutions_open(user, plan))


def institutions_open(user: User, plan: ActionPlan) -> list[Institution]:
    """Return those of `institutions_asked` whose deadline has not passed."""
    return [one for one in institutions_asked(user, plan) if plan.review_is_open_for(one)]


def institutions_asked(user: User, plan: ActionPlan) -> list[Institution]:
    """The institutions for which the person answers; of several, they choose."""
    if not answers_for_institutions(user, plan):
        return []
    found = named_institutions(plan.reviewer_keys & speaks_for(user, plan.project))
    return sorted(found.values(), key=lambda one: (one.kind, one.pk))


def answers_for_institutions(user: User, plan: ActionPlan) -> bool:
    """Whether the person answers for those institutions asked for which they speak."""
    return bool(roles_of(user, plan.project) & {Role.MEMBER, Role.PARTNER})


def may_enter_answers(user: User, plan: ActionPlan) -> bool:
    """The coordination may enter answers that came by telephone, letter or messenger."""
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
    """Whoever may accept for the donor answers; the coordination records an answer by letter."""
    roles = roles_of(user, plan.project)
    return bool(roles & {Role.ACCEPTS_FOR_DONOR, Role.COORDINATOR})
