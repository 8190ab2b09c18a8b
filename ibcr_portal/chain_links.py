"""The whole evidence chain of one record: what it goes back to, and what followed from it.

The kinds of records have an order: what there is (results, indicators, activities, risks), where it was
discussed, what was decided, what was planned, what an amendment changed, where it is reported. From a
record, links are followed backwards as far as they go, and forwards as far as they go. Changing the
direction on the way would lead to everything. Only records that the person may see count, also as links between
others: a decision must not reveal what a reserved item is about.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from accounts.models import User
from committees.models import Action, ActionPlan, ActionTerms, Resolution, Subject
from committees.permissions.meetings import items_seen
from kernel.prepared import prepared
from projects.models import Activity, Project
from reports.permissions.evidence import SEEN, evidence_of_project

# The kinds of records in the order of the chain. Those on one step are linked with each other as well.
STEPS = {
    "result": 0,
    "indicator": 1,
    "activity": 1,
    "risk": 1,
    "meeting": 2,
    "item": 3,
    "resolution": 4,
    "plan": 5,
    "action": 6,
    "amendment": 7,
}
KINDS = tuple(STEPS)
SUBJECTS = ("result", "indicator", "activity", "risk", "plan", "action", "amendment")


class ChainNode(NamedTuple):
    """A record: its kind, and its key."""

    kind: str
    key: int


class ChainLinks:
    """The links between the records of a project that a person may see."""

    def __init__(self, user: User, project: Project) -> None:
        self._project = project.pk
        self._items = list(items_seen(user, project).order_by().values_list("pk", "meeting"))
        found = evidence_of_project(user, project, SEEN)
        self.things = {ChainNode(_kind(one), one.pk): one for one in found}
        self._seen = {*self.things, *(ChainNode("item", pk) for pk, _ in self._items)}
        self._after: dict[ChainNode, set[ChainNode]] = defaultdict(set)
        self._before: dict[ChainNode, set[ChainNode]] = defaultdict(set)
        for one, other in self._edges():
            self._link(one, other)

    def sees(self, node: ChainNode) -> bool:
        return node in self._seen

    def keys_of(self, kind: str) -> list[int]:
        """Return the keys of the records of a kind that the person sees."""
        return sorted(node.key for node in self._seen if node.kind == kind)

    def around(self, start: ChainNode) -> set[ChainNode]:
        """Return the record with all that it goes back to and all that followed from it."""
        return self._reached(start, self._before) | self._reached(start, self._after)

    def _reached(self, start: ChainNode, links: dict[ChainNode, set[ChainNode]]) -> set[ChainNode]:
        found, waiting = {start}, [start]
        while waiting:
            one = waiting.pop()
            new = links[one] - found
            if one.kind == "plan" and one != start and links is self._after:
                continue  # a decision leads to its plan, and not to everything in it
            found |= new
            waiting += new
        return found

    def _link(self, one: ChainNode, other: ChainNode) -> None:
        """Link two records in the order of the chain, whichever of them names the other."""
        if one not in self._seen or other not in self._seen or one == other:
            return
        first, last = sorted((one, other), key=lambda node: STEPS[node.kind])
        self._after[first].add(last)
        self._before[last].add(first)

    def _edges(self) -> Iterator[tuple[ChainNode, ChainNode]]:
        key, actions = self._project, _actions(self._project)
        indicators = [one for node, one in self.things.items() if node.kind == "indicator"]
        yield from self._of_subjects(actions)
        for ways in (
            (_resolutions(key), "resolution", ("meeting", "item")),
            (self._items, "item", ("meeting",)),
            ([(one.pk, one.result_id) for one in indicators], "indicator", ("result",)),
            (_activities(key), "activity", ("result",)),
            (actions, "action", ("resolution",)),
            (_plans(key), "plan", ("resolution",)),
        ):
            yield from _edges_of(*ways)
        for action, plan, result, activity in _terms(key):
            if (
                ChainNode("plan", plan) in self._seen
            ):  # what a version says is known with that version
                others = (("plan", plan), ("result", result), ("activity", activity))
                yield from (
                    (ChainNode("action", action), ChainNode(*one)) for one in others if one[1]
                )
        for action, plan, indicator in _measured(key):
            if ChainNode("plan", plan) in self._seen:
                yield ChainNode("action", action), ChainNode("indicator", indicator)

    def _of_subjects(
        self, actions: Iterable[tuple[Any, ...]]
    ) -> Iterator[tuple[ChainNode, ChainNode]]:
        """What items and resolutions are about. An amendment of a resolution is also what its actions
        prepare or follow from."""
        amended: dict[int, set[int]] = defaultdict(set)
        for item, resolution, *things in _subjects(self._project):
            about = next(
                (ChainNode(*one) for one in zip(SUBJECTS, things, strict=True) if one[1]), None
            )
            if about is None:
                continue
            if item:
                yield ChainNode("item", item), about
            if resolution:
                yield ChainNode("resolution", resolution), about
                if about.kind == "amendment":
                    amended[resolution].add(about.key)
        for action, origin in actions:
            if ChainNode("resolution", origin or 0) in self._seen:
                yield from (
                    (ChainNode("action", action), ChainNode("amendment", one))
                    for one in amended[origin]
                )


def _edges_of(
    rows: Iterable[tuple[Any, ...]], kind: str, others: tuple[str, ...]
) -> Iterator[tuple[ChainNode, ChainNode]]:
    for key, *keys in rows:
        for other, other_key in zip(others, keys, strict=False):
            if other_key:
                yield ChainNode(kind, key), ChainNode(other, other_key)


def _kind(thing: Any) -> str:
    name = str(thing._meta.model_name)
    return "plan" if name == "actionplan" else name


@prepared
def _subjects(project: int) -> QuerySet[Subject, tuple[Any, ...]]:
    of_project = Q(agenda_item__meeting__committee__project=project)
    of_project |= Q(resolution__committee__project=project)
    rows = Subject.objects.filter(of_project).order_by()
    return rows.values_list("agenda_item", "resolution", *SUBJECTS)


@prepared
def _resolutions(project: int) -> QuerySet[Resolution, tuple[Any, ...]]:
    rows = Resolution.objects.filter(committee__project=project).order_by()
    return rows.values_list("pk", "meeting", "agenda_item")


@prepared
def _activities(project: int) -> QuerySet[Activity, tuple[Any, ...]]:
    return Activity.objects.filter(project=project).order_by().values_list("pk", "result")


@prepared
def _actions(project: int) -> QuerySet[Action, tuple[Any, ...]]:
    return Action.objects.filter(project=project).order_by().values_list("pk", "origin")


@prepared
def _plans(project: int) -> QuerySet[ActionPlan, tuple[Any, ...]]:
    return ActionPlan.objects.filter(project=project).order_by().values_list("pk", "validated_by")


@prepared
def _terms(project: int) -> QuerySet[ActionTerms, tuple[Any, ...]]:
    rows = ActionTerms.objects.filter(action__project=project).order_by()
    return rows.values_list("action", "plan", "result", "activity")


@prepared
def _measured(project: int) -> QuerySet[Any, tuple[Any, ...]]:
    rows = ActionTerms.indicators.through.objects.filter(actionterms__action__project=project)
    return rows.order_by().values_list("actionterms__action", "actionterms__plan", "indicator")
