"""Which of the things that an item or a resolution is about a person may see."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.db.models import QuerySet

from accounts.models import User
from committees.models import ActionPlan, Subject
from committees.permissions.minutes import minutes_seen
from committees.permissions.plans import actions_seen, plans_seen
from committees.permissions.resolutions import resolutions_left, resolutions_seen
from committees.permissions.roles import audiences_of
from kernel.prepared import prepared
from projects.models import Amendment, Project, Risk
from projects.permissions.amendments import amendments_seen
from projects.permissions.risks import risks_seen
from projects.permissions.roles import TEAM, Role, roles_of


class SeenBy(NamedTuple):
    """What decides which things of a project somebody sees."""

    project: int
    roles: frozenset[Role]
    audiences: frozenset[str]
    left: list[int]
    left_unless_adopted: list[int]


SEEN: dict[str, Callable[[SeenBy], QuerySet[Any]]] = {
    "plan": lambda by: ActionPlan.objects.filter(plans_seen(by.roles), project=by.project),
    "action": lambda by: actions_seen(by.project, by.roles),
    "amendment": lambda by: Amendment.objects.filter(amendments_seen(by.roles), project=by.project),
    "minutes": lambda by: minutes_seen(by.project, by.roles),
    "earlier": lambda by: resolutions_seen([by.project], *by[1:]),
    "risk": lambda by: Risk.objects.filter(risks_seen(by.roles), project=by.project),
}


def visible_subjects(user: User, project: Project, subjects: Iterable[Subject]) -> list[Subject]:
    """Return those of these links, whose things were read, that lead to things which the person may
    see.

    Everybody who sees the project sees its results, indicators and activities.
    """
    subjects, roles = list(subjects), roles_of(user, project)
    by_kind: dict[str, set[int]] = defaultdict(set)
    for one in subjects:
        if one.name in SEEN:
            by_kind[one.name].add(getattr(one, f"{one.name}_id"))
    seen: dict[str, set[int]] = {}
    if by_kind:
        left = resolutions_left(user, [project], roles)
        by = SeenBy(project.pk, roles, audiences_of(user, project), *left)
        for name, keys in by_kind.items():
            seen[name] = {pk for (pk,) in _seen(name, sorted(keys), *by)}
    return [one for one in subjects if _is_seen(one, roles, seen)]


@prepared
def _seen(name: str, keys: list[int], *by: Any) -> QuerySet[Any, tuple[int]]:
    return SEEN[name](SeenBy(*by)).filter(pk__in=keys).order_by().values_list("pk")


def _is_seen(subject: Subject, roles: frozenset[Role], seen: dict[str, set[int]]) -> bool:
    if subject.call:  # the donor sees what was awarded
        awarded = Role.DONOR in roles and subject.call.status == "awarded"
        return awarded or bool(roles & TEAM)
    name = subject.name
    return name not in seen or getattr(subject, f"{name}_id") in seen[name]
