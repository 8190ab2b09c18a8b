"""The logic model of a project as a tree: results, and where their indicators stand."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from projects.framework.figures import Standing, standing
from projects.models import DataPoint, Indicator, Period, Project, Result
from projects.presets import RESULT_KEYS


@dataclass(frozen=True)
class IndicatorStanding:
    """An indicator, where it stands by its approved values, and how many wait for approval."""

    indicator: Indicator
    standing: Standing
    waiting: int


@dataclass(frozen=True)
class Node:
    result: Result
    indicators: list[IndicatorStanding]
    children: list["Node"] = field(default_factory=list)

    def walk(self) -> Iterator["Node"]:
        """This one and all below it, from the top down."""
        yield self
        for child in self.children:
            yield from child.walk()


def logic_model(
    project: Project,
    points: Iterable[DataPoint],
    *,
    through: Period | None = None,
    whole: bool = False,
) -> list[Node]:
    """The results without a parent, each with its indicators and its children, in their order.

    `points`: the values that the reader may see, their periods fetched; only approved ones count.
    `whole`: whether the reader may know small counts of persons.
    """
    values = defaultdict(list)
    for point in points:
        values[point.indicator_id].append(point)
    nodes = {}
    for result in sorted(project.results.all(), key=place_of):
        result.project = project
        nodes[result.pk] = Node(result, [])
    indicators = Indicator.objects.filter(result__project=project).order_by("code", "pk")
    for indicator in indicators:
        node = nodes[indicator.result_id]
        indicator.result = node.result
        node.indicators.append(stand(indicator, values[indicator.pk], through=through, whole=whole))
    roots: list[Node] = []
    for node in nodes.values():
        parent = nodes.get(node.result.parent_id or 0)
        (parent.children if parent else roots).append(node)
    return roots


def place_of(result: Result) -> tuple[int, int, str]:
    """Among results of one parent: by level, as they were moved, and else by code."""
    return RESULT_KEYS.index(result.level), result.position, result.code


def stand(
    indicator: Indicator,
    points: Iterable[DataPoint],
    *,
    through: Period | None = None,
    whole: bool = False,
) -> IndicatorStanding:
    points = list(points)
    totals = [point for point in points if point.is_total]
    approved = [point for point in points if point.status == DataPoint.Status.APPROVED]
    return IndicatorStanding(
        indicator=indicator,
        standing=standing(indicator, approved, through=through, whole=whole),
        waiting=sum(1 for point in totals if point.status != DataPoint.Status.APPROVED),
    )
