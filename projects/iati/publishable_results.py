"""The results that may leave: approved values only, small counts of persons never.

Called by `publishable`, which decides the rest.
"""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings

from projects.iati import sources
from projects.iati.document import (
    Baseline,
    Measured,
    MeasuredIndicator,
    MeasuredPeriod,
    Outcome,
)
from projects.iati.held_back import HeldBack, Why
from projects.iati.sources import in_languages
from projects.iati.unspeakable import Unspeakable
from projects.models import DataPoint, Indicator, Project, Result
from projects.suppression import may_be_told

KIND_OF_LEVEL = {
    Result.Level.ULTIMATE: "3",
    Result.Level.INTERMEDIATE: "2",
    Result.Level.IMMEDIATE: "2",
    Result.Level.OUTPUT: "1",
}
MEASURES = {
    Indicator.Measure.UNIT: "1",
    Indicator.Measure.PERCENTAGE: "2",
    Indicator.Measure.QUALITATIVE: "5",
}
HUNDREDTH = Decimal("0.01")


def outcomes_of(project: Project, held: HeldBack, unspeakable: Unspeakable) -> list[Outcome]:
    """Every result that has an indicator, by code, with what was approved. Four queries."""
    indicators = list(Indicator.objects.filter(result__project=project).order_by("code", "pk"))
    points = list(
        DataPoint.objects.totals()
        .filter(indicator__in=indicators)
        .select_related("period")
        .order_by("period__start", "period__end", "pk")
    )
    approved = [each for each in points if each.status == DataPoint.Status.APPROVED]
    if len(approved) < len(points):
        held.back(Why.NOT_APPROVED, len(points) - len(approved))
    telling = _Telling(project, approved, held, unspeakable)
    of_result = defaultdict(list)
    for indicator in indicators:
        of_result[indicator.result_id].append(telling.indicator(indicator))
    results = list(project.results.order_by("code", "pk"))
    return [
        Outcome(
            title=in_languages(result, "statement"),
            kind=KIND_OF_LEVEL.get(result.level, "9"),
            code=result.code,
            level=result.level,
            indicators=of_result[result.pk],
        )
        for result in results
        if of_result[result.pk] or held.back(Why.WITHOUT_INDICATOR)
    ]


class _Telling:
    def __init__(
        self,
        project: Project,
        points: list[DataPoint],
        held: HeldBack,
        unspeakable: Unspeakable,
    ) -> None:
        self.project, self.held, self.unspeakable = project, held, unspeakable
        self.cells = sources.cells_of(points)
        self.points = defaultdict(list)
        for point in points:
            self.points[point.indicator_id].append(point)

    def indicator(self, indicator: Indicator) -> MeasuredIndicator:
        points = self.points[indicator.pk]
        baselines = [each for each in points if each.kind == DataPoint.Kind.BASELINE]
        periods: dict[int, list[DataPoint]] = defaultdict(list)
        for point in points:
            if point.period_id:
                periods[point.period_id].append(point)
        return MeasuredIndicator(
            title=in_languages(indicator, "name"),
            measure=MEASURES[indicator.measure],
            code=indicator.code,
            ascending=indicator.ascending,
            adds_up=indicator.cumulative == Indicator.Cumulative.SUM
            and indicator.measure == Indicator.Measure.UNIT,
            baselines=[
                Baseline(self.project.starts_on.year, measured)
                for each in baselines
                for measured in self._measured(indicator, each)
            ],
            periods=[
                period
                for rows in periods.values()
                if (period := self._period(indicator, rows)).targets or period.actuals
            ],
        )

    def _period(self, indicator: Indicator, points: list[DataPoint]) -> MeasuredPeriod:
        told = {
            kind: [
                measured
                for each in points
                if each.kind == kind
                for measured in self._measured(indicator, each)
            ]
            for kind in (DataPoint.Kind.TARGET, DataPoint.Kind.ACTUAL)
        }
        period = points[0].period
        return MeasuredPeriod(period.start, period.end, *told.values())

    def _measured(self, indicator: Indicator, point: DataPoint) -> list[Measured]:
        """The whole, then its cells; nothing where there is no value, which is never zero."""
        comment = point.comment.strip()
        if indicator.measure == Indicator.Measure.QUALITATIVE:
            if not comment or not (
                self.unspeakable.may_leave(comment) or self.held.back(Why.PERSONAL)
            ):
                return []
            return [Measured(comment={settings.IATI_LANGUAGE: comment})]
        if comment:
            self.held.back(Why.COMMENT)
        whole = [] if point.value is None else [Measured(rounded(point.value))]
        return whole + breakdown(self.cells.get(point.pk, []), self.held)


def breakdown(cells: list[sources.Cell], held: HeldBack) -> list[Measured]:
    """A breakdown leaves whole or not at all: what is left out could be computed from the rest."""
    if not may_be_told(each.persons for each in cells if each.persons is not None):
        held.back(Why.SMALL)
        return []
    return [Measured(each.value, dimensions=list(each.dimensions)) for each in cells]


def rounded(value: Decimal) -> Decimal:
    """To two decimals, as values are kept; without idle zeros, so that it reads back equal."""
    value = value.quantize(HUNDREDTH, ROUND_HALF_UP)
    return value.to_integral() if value == value.to_integral() else value.normalize()
