"""The logic model of a project as a tree of results with their indicators."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import QuerySet

from kernel.text import columns_of
from projects.framework.figures import Standing, standing
from projects.models import DataPoint, Indicator, Period, Project, Result
from projects.permissions.roles import Role
from projects.permissions.values import values_seen
from projects.presets import RESULT_KEYS


@dataclass(frozen=True)
class IndicatorStanding:
    """An indicator with its standing by approved values. `waiting`: how many values are not
    approved."""

    indicator: Indicator
    standing: Standing
    waiting: int


@dataclass(frozen=True)
class Node:
    result: Result
    indicators: list[IndicatorStanding]
    children: list["Node"] = field(default_factory=list)

    def walk(self) -> Iterator["Node"]:
        """Iterate over this node and all below it, from the top down."""
        yield self
        for child in self.children:
            yield from child.walk()


# What the figures of an indicator are computed from, and what names it.
RESULT_PLACE = ("project", "parent", "level", "position", "code")
INDICATOR_FIGURES = (
    *("result", "code", "measure", "ascending", "cumulative"),
    *("counts_persons", "may_exceed_whole", *columns_of("name")),
)
POINT_FIGURES = (
    *("indicator", "kind", "period", "category", "second_category"),
    *("numerator", "denominator", "status"),
)


class FrameworkParts(NamedTuple):
    """The results of a project, and its indicators by their codes."""

    results: list[Result]
    indicators: list[Indicator]


def whole_framework(project: Project) -> FrameworkParts:
    """Return the results and indicators of the project with all their texts."""
    return FrameworkParts(list(project.results.all()), list(_indicators(project)))


def framework_of_figures(project: Project) -> FrameworkParts:
    """Return the same in the columns that figures and their order need."""
    results = project.results.only(*RESULT_PLACE)
    return FrameworkParts(list(results), list(_indicators(project).only(*INDICATOR_FIGURES)))


def _indicators(project: Project) -> QuerySet[Indicator]:
    return Indicator.objects.filter(result__project=project).order_by("code", "pk")


def figure_rows(project: int, roles: frozenset[Role], own: list[int]) -> list[DataPoint]:
    """Return the totals of `visible_values` without their texts: no standing depends on the cells
    of a breakdown."""
    points = DataPoint.objects.totals().filter(indicator__result__project=project)
    return list(points.filter(values_seen(roles, own)).order_by("pk").only(*POINT_FIGURES))


def in_periods(points: list[DataPoint], periods: Iterable[Period]) -> list[DataPoint]:
    """Give values their periods, which were read already."""
    known = {period.pk: period for period in periods}
    for point in points:
        if point.period_id:
            point.period = known[point.period_id]
    return points


def logic_model(
    project: Project,
    points: Iterable[DataPoint],
    *,
    through: Period | None = None,
    small_counts: bool = False,
    parts: "FrameworkParts | None" = None,
) -> list[Node]:
    """Return the results without a parent, each with its indicators and its children, in order.

    `points`: the values that the reader may see, with their periods fetched; only approved ones
    count. `small_counts`: the reader may see small counts of persons. `parts`: the results and
    indicators, if the caller has read them.
    """
    values = defaultdict(list)
    for point in points:
        values[point.indicator_id].append(point)
    nodes = {}
    results, indicators = parts or whole_framework(project)
    for result in sorted(results, key=result_order):
        result.project = project
        nodes[result.pk] = Node(result, [])
    for indicator in indicators:
        node = nodes[indicator.result_id]
        indicator.result = node.result
        node.indicators.append(
            indicator_standing(
                indicator, values[indicator.pk], through=through, small_counts=small_counts
            )
        )
    roots: list[Node] = []
    for node in nodes.values():
        parent = nodes.get(node.result.parent_id or 0)
        (parent.children if parent else roots).append(node)
    return roots


def result_order(result: Result) -> tuple[int, int, str]:
    """Sort key of results with one parent: by level, then as people moved them, then by code."""
    return RESULT_KEYS.index(result.level), result.position, result.code


def indicator_standing(
    indicator: Indicator,
    points: Iterable[DataPoint],
    *,
    through: Period | None = None,
    small_counts: bool = False,
) -> IndicatorStanding:
    """Return how far the indicator is by its approved values up to `through` (all of them), and
    how many totals wait for approval. `small_counts`: whether the reader sees counts below
    five."""
    points = list(points)
    totals = [point for point in points if point.is_total]
    approved = [point for point in points if point.status == DataPoint.Status.APPROVED]
    return IndicatorStanding(
        indicator=indicator,
        standing=standing(indicator, approved, through=through, small_counts=small_counts),
        waiting=sum(1 for point in totals if point.status != DataPoint.Status.APPROVED),
    )
