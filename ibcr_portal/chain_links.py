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

from django.db.models import Model, Q, QuerySet

from accounts.models import User
from committees.models import Action, ActionPlan, ActionTerms, Resolution, Subject
from committees.permissions.meetings import items_seen
from ibcr_portal.kinds import KINDS
from projects.models import Activity, Indicator, Project
from reports.permissions.evidence import visible_evidence

# The kinds of records in the order of the chain. Those on one step are linked with each other as well.
LINKED = {kind.called: kind for kind in KINDS if kind.step}
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
        self._seen = {ChainNode("item", pk) for pk, _meeting in self._items}
        for name, rows in visible_evidence(user, project).items():
            keys = rows.order_by().values_list("pk", flat=True)
            self._seen |= {ChainNode(name, pk) for pk in keys}
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
        first, last = sorted((one, other), key=lambda node: LINKED[node.kind].step)
        self._after[first].add(last)
        self._before[last].add(first)

    def _edges(self) -> Iterator[tuple[ChainNode, ChainNode]]:
        project = self._project
        actions = list(_of(Action, "origin", project=project))
        yield from self._of_subjects(actions)
        resolutions = _of(Resolution, "meeting", "agenda_item", committee__project=project)
        ways: tuple[tuple[Iterable[tuple[Any, ...]], str, tuple[str, ...]], ...] = (
            (resolutions, "resolution", ("meeting", "item")),
            (self._items, "item", ("meeting",)),
            (_of(Indicator, "result", result__project=project), "indicator", ("result",)),
            (_of(Activity, "result", project=project), "activity", ("result",)),
            (actions, "action", ("resolution",)),
            (_of(ActionPlan, "validated_by", project=project), "plan", ("resolution",)),
        )
        for rows, kind, others in ways:
            yield from _edges_of(rows, kind, others)
        yield from self._of_terms()

    def _of_terms(self) -> Iterator[tuple[ChainNode, ChainNode]]:
        """What a version of the plan says of an action is known with that version."""
        of_project: dict[str, Any] = {"action__project": self._project}
        for _terms, plan, *row in _of(
            ActionTerms, "plan", "action", "result", "activity", **of_project
        ):
            if ChainNode("plan", plan) in self._seen:
                yield ChainNode("action", row[0]), ChainNode("plan", plan)
                yield from _edges_of([tuple(row)], "action", ("result", "activity"))
        of_project["indicators__isnull"] = False
        measured = _of(ActionTerms, "plan", "action", "indicators", **of_project)
        for _terms, plan, action, indicator in measured:
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


def _of(model: type[Model], *columns: str, **where: Any) -> QuerySet[Any, tuple[Any, ...]]:
    """Return the keys of the rows, and those of what they refer to."""
    return model._default_manager.filter(**where).order_by().values_list("pk", *columns)


def _subjects(project: int) -> QuerySet[Subject, tuple[Any, ...]]:
    of_project = Q(agenda_item__meeting__committee__project=project)
    of_project |= Q(resolution__committee__project=project)
    rows = Subject.objects.filter(of_project).order_by()
    return rows.values_list("agenda_item", "resolution", *SUBJECTS)
