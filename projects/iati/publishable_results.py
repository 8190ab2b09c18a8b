"""The results that may leave: approved values only, small counts of persons never.

Called by `publishable`, which decides the rest.
"""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings

from projects.framework.disclosure import Disclosure, disclosure_of
from projects.iati import sources
from projects.iati.document import (
    Baseline,
    Measured,
    MeasuredIndicator,
    MeasuredPeriod,
    Outcome,
)
from projects.iati.export import written
from projects.iati.forbidden_names import Unspeakable
from projects.iati.held_back import HeldBack, Why
from projects.iati.sources import in_languages
from projects.models import DataPoint, Indicator, Project, Result

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
    """Every result that has an indicator, by code, with what was approved. Three queries."""
    indicators = list(Indicator.objects.filter(result__project=project).order_by("code", "pk"))
    points = list(
        DataPoint.objects.filter(indicator__in=indicators)
        .select_related("period", "category__dimension", "second_category__dimension")
        .order_by(
            "period__start",
            "period__end",
            "category__position",
            "category__pk",
            "second_category__position",
            "second_category__pk",
            "pk",
        )
    )
    approved = [each for each in points if each.status == DataPoint.Status.APPROVED]
    if waiting := sum(1 for p in points if p.is_total and p.status != DataPoint.Status.APPROVED):
        held.back(Why.NOT_APPROVED, waiting)
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
    """What is told of each indicator is what pages tell to those who may not know small counts."""

    def __init__(
        self,
        project: Project,
        points: list[DataPoint],
        held: HeldBack,
        unspeakable: Unspeakable,
    ) -> None:
        self.project, self.held, self.unspeakable = project, held, unspeakable
        self.points = defaultdict(list)
        for point in points:
            self.points[point.indicator_id].append(point)

    def indicator(self, indicator: Indicator) -> MeasuredIndicator:
        points = self.points[indicator.pk]
        told = disclosure_of(indicator, points, small_counts=False)
        values: dict[tuple[int | None, str], list[DataPoint]] = defaultdict(list)
        for point in points:
            values[point.period_id, point.kind].append(point)
        periods = {each.period_id: each.period for each in points if each.period_id}

        def measured(period: int | None, kind: str) -> list[Measured]:
            return self._measured(indicator, values[period, kind], told)

        return MeasuredIndicator(
            title=in_languages(indicator, "name"),
            measure=MEASURES[indicator.measure],
            code=indicator.code,
            ascending=indicator.ascending,
            adds_up=indicator.cumulative == Indicator.Cumulative.SUM
            and indicator.measure == Indicator.Measure.UNIT,
            baselines=[
                Baseline(self.project.starts_on.year, each)
                for each in measured(None, DataPoint.Kind.BASELINE)
            ],
            periods=[
                said
                for key, period in periods.items()
                if (
                    said := MeasuredPeriod(
                        period.start,
                        period.end,
                        measured(key, DataPoint.Kind.TARGET),
                        measured(key, DataPoint.Kind.ACTUAL),
                    )
                ).targets
                or said.actuals
            ],
        )

    def _measured(
        self, indicator: Indicator, points: list[DataPoint], told: Disclosure
    ) -> list[Measured]:
        """The whole, then its cells; nothing where there is no value, which is never zero."""
        wholes = [each for each in points if each.is_total]
        if indicator.measure == Indicator.Measure.QUALITATIVE:
            return [said for each in wholes for said in self._words(each)]
        whole = [said for each in wholes for said in self._number(each, told)]
        return whole + breakdown(sources.cells_of(points), told, self.held)

    def _words(self, point: DataPoint) -> list[Measured]:
        comment = point.comment.strip()
        if not comment or not (self.unspeakable.may_leave(comment) or self.held.back(Why.PERSONAL)):
            return []
        return [Measured(comment={settings.IATI_LANGUAGE: comment})]

    def _number(self, point: DataPoint, told: Disclosure) -> list[Measured]:
        if point.comment.strip():
            self.held.back(Why.COMMENT)
        if point.value is None or not (told.discloses(point) or self.held.back(Why.SMALL_VALUE)):
            return []
        return [number_of(point)]


def breakdown(cells: list[sources.Cell], told: Disclosure, held: HeldBack) -> list[Measured]:
    """A breakdown leaves whole or not at all: what is left out could be computed from the rest."""
    if not all(told.discloses(each.point) for each in cells):
        held.back(Why.SMALL)
        return []
    names = [[name for name, _cell in each.dimensions] for each in cells]
    if any("" in each or len({*each}) < len(each) for each in names):
        held.back(Why.NO_DIMENSION)
        return []
    return [number_of(each.point, *each.dimensions) for each in cells]


def number_of(point: DataPoint, *dimensions: tuple[str, str]) -> Measured:
    """A value that may be told; of a part of a whole also both of them, as “12 / 40”."""
    said = Measured(rounded(point.value), dimensions=list(dimensions))
    if point.denominator is not None:
        parts = f"{written(point.numerator)} / {written(point.denominator)}"
        said.comment = {settings.IATI_LANGUAGE: parts}
    return said


def rounded(value: Decimal) -> Decimal:
    """To two decimals, as values are kept; without idle zeros, so that it reads back equal."""
    value = value.quantize(HUNDREDTH, ROUND_HALF_UP)
    return value.to_integral() if value == value.to_integral() else value.normalize()
