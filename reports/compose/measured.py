"""Values of indicators as a document tells them: known on its day, for its readers, in writing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from kernel.formats import MISSING, number, percent
from projects.framework.disclosure import Told, told_of
from projects.framework.figures import Standing, standing
from projects.framework.spans import Within, within
from projects.framework.suppression import FEWEST_TOLD
from projects.models import DataPoint, Indicator, Period
from reports.compose.reading import ReportReading

Measure = Indicator.Measure


def known_points(reading: ReportReading) -> dict[int, list[DataPoint]]:
    """The values that were approved on the day of the document, by the key of their indicator."""
    return reading.points


@dataclass(frozen=True)
class Measured:
    """An indicator (its result and project at hand), with what its readers are told of it."""

    reading: ReportReading
    indicator: Indicator
    points: list[DataPoint] = field(default_factory=list)

    @cached_property
    def told(self) -> Told:
        return told_of(self.indicator, self.points, whole=self.reading.tells_small_counts)

    @cached_property
    def standing(self) -> Standing:
        """Cumulative, at the end of the period reported on."""
        return standing(
            self.indicator,
            self.points,
            through=self.reading.report.period,
            whole=self.reading.tells_small_counts,
        )

    def of(self, period: Period) -> Within:
        """What it amounts to in a period, whatever the kind of its own periods."""
        return self.between(period.start, period.end)

    def between(self, start: date, end: date) -> Within:
        return within(self.indicator, self.points, self.told, start=start, end=end)


def indicators_of(reading: ReportReading) -> list[Indicator]:
    """Of the project, by code, with what a document tells of each."""
    return reading.once("indicators", lambda: _read_indicators(reading))


def _read_indicators(reading: ReportReading) -> list[Indicator]:
    found = Indicator.objects.filter(result__project=reading.project).select_related(
        "result", "responsible", "dimension", "second_dimension"
    )
    found = found.prefetch_related(
        "responsible__names", "dimension__categories", "second_dimension__categories"
    ).order_by("code", "pk")
    for indicator in found:
        indicator.result.project = reading.project
    return list(found)


def measured_of(reading: ReportReading) -> dict[int, Measured]:
    """Every indicator of the project by its key."""
    indicators = indicators_of(reading)
    values = known_points(reading)
    return {one.pk: Measured(reading, one, values[one.pk]) for one in indicators}


def share_of_end(indicator: Indicator, now: Standing) -> str:
    """Cumulative ÷ target of the whole project, of a number that grows; of a percentage it would be
    a percentage of percentages."""
    counts = indicator.measure == Measure.UNIT and indicator.ascending
    if not counts or now.actual is None or not now.end_target or now.end_target < 0:
        return ""
    return percent(now.actual / now.end_target)


def actual_told(indicator: Indicator, own: Within, *, digits: int) -> str:
    if own.is_withheld:
        return not_told()
    return words_of(indicator, own.last) or written(indicator, own.actual, digits=digits)


def not_told() -> str:
    """What stands in place of a count of few persons, or of what it could be computed from."""
    return str(_("not told (fewer than %(few)s persons)") % {"few": FEWEST_TOLD})


def words_of(indicator: Indicator, point: DataPoint | None) -> str:
    return point.comment if point and is_qualitative(indicator) else ""


def is_qualitative(indicator: Indicator) -> bool:
    return indicator.measure == Measure.QUALITATIVE


def written(indicator: Indicator, value: Decimal | None, *, digits: int | None = None) -> str:
    """digits: as many decimals in each row of a column, so that they can be compared at a glance;
    without it at most two."""
    if value is None or is_qualitative(indicator):
        return MISSING
    if indicator.measure == Measure.PERCENTAGE:
        return percent(round(value) / Decimal(100))
    return number(round(value, 2)) if digits is None else number(value, digits)


def digits_of(values: Iterable[Decimal | None]) -> int:
    """How many decimals, at most two, the values need together."""
    told = [round(value, 2).normalize() for value in values if value is not None]
    return max([-int(value.as_tuple().exponent) for value in told] + [0])
