"""Finds the actions that are overdue or due soon, and the people to remind of them.

The reminders go to the people who represent the responsible institution today: its contacts with an
account, if the institution takes part in the project or they hold a seat; and for the institution
accountable for the project, its coordinators. People who left get nothing.
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
from partners.models import Contact
from projects.models import Assignment, Participation

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
        (due.overdue if one.ends_on < today else due.coming).append(one)
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

    Runs seven queries, however many people there are. `people` restricts the result to these keys.
    """
    groups: dict[tuple[int, int], list[ActionTerms]] = defaultdict(list)
    for terms in open_terms(timezone.localdate() + within):
        groups[terms.plan.project_id, terms.responsible_id].append(terms)
    notified = people_notified(groups.keys(), people=people)
    found: dict[int, list[ActionTerms]] = defaultdict(list)
    for pair, users in notified.items():
        for user in users:
            found[user].extend(groups[pair])
    return dict(found)


def people_notified(
    pairs: Iterable[tuple[int, int]], *, people: Collection[int] | None = None
) -> dict[tuple[int, int], set[int]]:
    """Return whom to remind: for each pair of project and institution (keys), the keys of the
    users who represent the institution there today."""
    pairs = set(pairs)
    projects, institutions = {one for one, _i in pairs}, {one for _p, one in pairs}
    taking_part, accountable = set(), set()
    rows = Participation.objects.filter(project__in=projects, institution__in=institutions)
    for project, institution, role in rows.values_list("project", "institution", "role"):
        taking_part.add((project, institution))
        if role == Participation.Role.ACCOUNTABLE:
            accountable.add((project, institution))

    users = User.objects.filter(is_active=True).exclude(email=None).exclude(email="")
    if people is not None:
        users = users.filter(pk__in=people)
    contacts, seated, coordinators = _people(users, projects, institutions)
    notified = {}
    for project, institution in pairs:
        reached = contacts[institution]
        if (project, institution) not in taking_part:
            reached = reached & seated[project]
        if (project, institution) in accountable:
            reached = reached | coordinators[project]
        notified[project, institution] = set(reached)
    return notified


def _people(
    users: models.QuerySet[User], projects: set[int], institutions: set[int]
) -> tuple[dict[int, set[int]], dict[int, set[int]], dict[int, set[int]]]:
    """Sort these users: contacts by institution, holders of seats by project, and coordinators
    by project."""
    contacts, seated, coordinators = defaultdict(set), defaultdict(set), defaultdict(set)
    current = Contact.objects.current().filter(institution__in=institutions, user__in=users)
    for institution, user in current.values_list("institution", "user"):
        contacts[institution].add(user)
    terms = SeatTerm.objects.current().filter(
        seat__committee__project__in=projects, contact__user__in=users, contact__ended_on=None
    )
    for project, user in terms.values_list("seat__committee__project", "contact__user"):
        seated[project].add(user)
    assigned = Assignment.objects.current().filter(
        project__in=projects, role=Assignment.Role.COORDINATOR, user__in=users
    )
    for project, user in assigned.values_list("project", "user"):
        coordinators[project].add(user)
    return contacts, seated, coordinators
