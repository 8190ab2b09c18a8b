"""Finds the actions that are overdue or due soon, and the people to remind of them.

The reminders go to the people who represent the responsible institution in the project today or
hold a seat for it, and for the institution accountable for the project also to its coordinators.
People who left get nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import models
from django.utils import timezone

from accounts.models import User
from committees.models import Action, ActionPlan, ActionTerms, SeatTerm
from committees.models.action import ActionTermsQuerySet
from committees.plans.services.comparison import reference_order
from projects.models import Assignment, Participation, Representation

COMING = timedelta(days=30)


@dataclass
class DueActions:
    """Unfinished actions of one institution, person or plan: overdue ones and those due soon."""

    overdue: list[ActionTerms] = field(default_factory=list)
    coming: list[ActionTerms] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.overdue or self.coming)

    @property
    def all(self) -> list[ActionTerms]:
        return [*self.overdue, *self.coming]


def open_terms(until: date) -> ActionTermsQuerySet:
    """Return the unfinished actions of plans in execution that end on or before that day."""
    return ActionTerms.objects.filter(
        plan__status=ActionPlan.Status.IN_EXECUTION,
        plan__project__closed_on=None,
        action__status__in=Action.UNFINISHED,
        ends_on__lte=until,
    ).with_related()


def due_of(terms: Iterable[ActionTerms]) -> DueActions:
    """Separate overdue actions from coming ones, each in the order of their last days.

    An action that is in two plans counts once, with the later end.
    """
    newest: dict[int, ActionTerms] = {}
    for one in terms:
        known = newest.get(one.action_id)
        if known is None or one.ends_on > known.ends_on:
            newest[one.action_id] = one
    due, today = DueActions(), timezone.localdate()
    for one in sorted(
        newest.values(),
        key=lambda one: (one.ends_on, one.plan.project_id, reference_order(one.action.reference)),
    ):
        (due.overdue if one.last_day < today else due.coming).append(one)
    return due


def due_by_institution(plan: ActionPlan) -> dict[int, DueActions]:
    """Return the due actions of one plan by the key of the responsible institution."""
    groups = defaultdict(list)
    for terms in open_terms(timezone.localdate() + COMING).filter(plan=plan):
        groups[terms.responsible_id].append(terms)
    return {pk: due_of(terms) for pk, terms in groups.items()}


def due_by_person(
    *, within: timedelta = COMING, people: Collection[int] | None = None
) -> dict[int, list[ActionTerms]]:
    """Return the due actions to remind each person of, by the person's key.

    Runs seven queries, however many people there are. `people` restricts the result to these keys;
    then an eighth query finds their places first, and no action of others is read.
    """
    groups: dict[tuple[int, int], list[ActionTerms]] = defaultdict(list)
    terms_due = open_terms(timezone.localdate() + within).filter(plan__project__training=False)
    if people is not None:
        terms_due = terms_due.filter(_of_places(people))
    for terms in terms_due:
        groups[terms.plan.project_id, terms.responsible_id].append(terms)
    notified = people_notified(groups.keys(), people=people)
    found: dict[int, list[ActionTerms]] = defaultdict(list)
    for pair, users in notified.items():
        for user in users:
            found[user].extend(groups[pair])
    return dict(found)


def _of_places(people: Collection[int]) -> models.Q:
    """Match the actions of the institutions for which these people may speak."""
    represented = Representation.objects.in_force().filter(contact__user__in=people)
    seated = SeatTerm.objects.giving_a_place().filter(contact__user__in=people)
    coordinated = Assignment.objects.current().filter(
        role=Assignment.Role.COORDINATOR, user__in=people
    )
    accountable = Participation.objects.filter(
        role=Participation.Role.ACCOUNTABLE, project__in=coordinated.values("project")
    )
    places = represented.order_by().values_list(
        "participation__project", "participation__institution"
    )
    others = (
        seated.order_by().values_list("seat__committee__project", "contact__institution"),
        accountable.order_by().values_list("project", "institution"),
    )
    by_institution = defaultdict(list)
    for project, institution in places.union(*others):
        by_institution[institution].append(project)
    found = models.Q(pk__in=[])
    for institution, projects in by_institution.items():
        found |= models.Q(responsible=institution, plan__project__in=projects)
    return found


def people_notified(
    pairs: Iterable[tuple[int, int]], *, people: Collection[int] | None = None
) -> dict[tuple[int, int], set[int]]:
    """Return whom to remind: for each pair of project and institution (keys), the keys of the
    users who represent the institution there today or hold a seat for it."""
    pairs = set(pairs)
    projects, institutions = {one for one, _i in pairs}, {one for _p, one in pairs}
    rows = Participation.objects.filter(
        project__in=projects,
        institution__in=institutions,
        role=Participation.Role.ACCOUNTABLE,
    )
    accountable = set(rows.values_list("project", "institution"))

    users = User.objects.filter(is_active=True).exclude(email=None).exclude(email="")
    if people is not None:
        users = users.filter(pk__in=people)
    speaking, coordinators = _people(users, projects, institutions)
    notified = {}
    for project, institution in pairs:
        reached = speaking[project, institution]
        if (project, institution) in accountable:
            reached = reached | coordinators[project]
        notified[project, institution] = set(reached)
    return notified


def _people(
    users: models.QuerySet[User], projects: set[int], institutions: set[int]
) -> tuple[dict[tuple[int, int], set[int]], dict[int, set[int]]]:
    """Sort these users: those who speak for an institution by project and institution, and
    coordinators by project."""
    speaking, coordinators = defaultdict(set), defaultdict(set)
    represented = Representation.objects.in_force().filter(
        participation__project__in=projects,
        participation__institution__in=institutions,
        contact__user__in=users,
    )
    seated = SeatTerm.objects.giving_a_place().filter(
        seat__committee__project__in=projects,
        contact__institution__in=institutions,
        contact__user__in=users,
    )
    for project, institution, user in (
        *represented.values_list(
            "participation__project", "participation__institution", "contact__user"
        ),
        *seated.values_list("seat__committee__project", "contact__institution", "contact__user"),
    ):
        speaking[project, institution].add(user)
    assigned = Assignment.objects.current().filter(
        project__in=projects, role=Assignment.Role.COORDINATOR, user__in=users
    )
    for project, user in assigned.values_list("project", "user"):
        coordinators[project].add(user)
    return speaking, coordinators
