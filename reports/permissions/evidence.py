"""Which things a person may cite in a report, and which citations they may see."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.db.models import QuerySet

from accounts.models import User
from committees.models import Action, ActionPlan
from committees.permissions.meetings import meetings_seen
from committees.permissions.plans import plans_seen
from committees.permissions.resolutions import resolutions_left, resolutions_seen
from committees.permissions.roles import audiences_of
from kernel.text import columns_of
from projects.models import Activity, Amendment, Indicator, Project, Result, Risk
from projects.permissions.amendments import amendments_seen
from projects.permissions.risks import risks_seen
from projects.permissions.roles import EDITORS, Role, roles_of
from reports.models import Citation


class EvidenceRights(NamedTuple):
    """A project, and what decides which things of it a person may read (see `resolutions_seen`)."""

    project: int
    roles: frozenset[Role]
    audiences: frozenset[str]
    left: list[int]
    left_unless_adopted: list[int]

    @classmethod
    def of(cls, user: User, project: Project) -> "EvidenceRights":
        roles = roles_of(user, project)
        left = resolutions_left(user, [project], roles)
        return cls(project.pk, roles, audiences_of(user, project), *left)


def _actions(rights: EvidenceRights) -> QuerySet[Action]:
    """The actions of visible plans; the coordination also sees those taken out of a plan."""
    actions = Action.objects.filter(project=rights.project)
    if rights.roles & EDITORS:
        return actions
    return actions.filter(terms__plan__in=_plans(rights)).distinct()


def _plans(rights: EvidenceRights) -> QuerySet[ActionPlan]:
    return ActionPlan.objects.filter(plans_seen(rights.roles), project=rights.project)


def _amendments(rights: EvidenceRights) -> QuerySet[Amendment]:
    return Amendment.objects.filter(amendments_seen(rights.roles), project=rights.project)


# Whoever sees the project sees its results, indicators and activities.
SEEN: dict[str, Callable[[EvidenceRights], QuerySet[Any]]] = {
    "result": lambda rights: Result.objects.filter(project=rights.project),
    "indicator": lambda rights: Indicator.objects.filter(result__project=rights.project),
    "activity": lambda rights: Activity.objects.filter(project=rights.project),
    "action": _actions,
    "plan": _plans,
    "amendment": _amendments,
    "risk": lambda rights: Risk.objects.filter(risks_seen(rights.roles), project=rights.project),
    "resolution": lambda rights: resolutions_seen([rights.project], *rights[1:]),
    "meeting": lambda rights: meetings_seen([rights.project], rights.roles),
}


def visible_evidence(user: User, project: Project) -> dict[str, QuerySet[Any]]:
    """Return the things of a project that the person may read and so cite, by `Citation.THINGS`."""
    rights = EvidenceRights.of(user, project)
    return {name: seen(rights) for name, seen in SEEN.items()}


# What the address of a thing and the name by which it is cited are made of.
NAMED_BY = {
    "result": ("project", "code"),
    "indicator": ("result", "code", "result__project", "result__code"),
    "activity": ("project", "code", *columns_of("title")),
    "action": ("project", "reference"),
    "plan": ("project", "period", "version", "period__number"),
    "amendment": ("project", "number"),
    "risk": ("project", "number"),
    "resolution": ("committee", "kind", "number"),
    "meeting": ("committee", "number"),
}
OF = {"indicator": ["result"], "plan": ["period"]}


def _readable(name: str, rights: EvidenceRights) -> QuerySet[Any]:
    """The things of a kind that the person may read."""
    rows = SEEN[name](rights)
    return rows.order_by().select_related(*OF.get(name, [None])).only(*NAMED_BY[name])


def cited_evidence(
    user: User, project: Project, citations: Iterable[Citation]
) -> dict[tuple[str, int], Any]:
    """Return the cited things that the person may read by kind and key, as far as a link to them
    needs it."""
    cited: dict[str, set[int]] = defaultdict(set)
    for one in citations:
        cited[one.name].add(one.thing_pk)
    if not cited:
        return {}
    rights = EvidenceRights.of(user, project)
    return {
        (name, thing.pk): with_project(thing, name, project)
        for name, keys in cited.items()
        for thing in _readable(name, rights).filter(pk__in=keys)
    }


def evidence_of_project(user: User, project: Project, names: Iterable[str]) -> list[Any]:
    """Return everything of these kinds that the person may read in a project, as far as a link to
    it needs it."""
    kinds = sorted(set(names) & set(SEEN))
    if not kinds:
        return []
    rights = EvidenceRights.of(user, project)
    return [
        with_project(thing, name, project) for name in kinds for thing in _readable(name, rights)
    ]


def with_project(thing: Any, name: str, project: Project) -> Any:
    """Return the thing of this kind with the project, which its label and address need."""
    if name == "indicator":
        thing.result.project = project
    elif hasattr(thing, "project_id"):
        thing.project = project
    return thing


def citations_seen(user: User, project: Project, citations: Iterable[Citation]) -> list[Citation]:
    """Return the citations of things that the person may read."""
    citations = list(citations)
    seen = cited_evidence(user, project, citations)
    return [one for one in citations if (one.name, one.thing_pk) in seen]
