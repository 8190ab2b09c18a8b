"""What the values of an indicator amount to: cumulative, against the target, rated.

Pure functions, for the pages and for the report alike. A value that is missing stays missing:
it is None, never zero, and whatever would be computed from it is None as well. Percentages are
numbers from 0 to 100, and their variance is in percentage points. The rules come from the
performance measurement framework (docs/rules/results.md, "Figures").
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.framework.disclosure import Told, told_of
from projects.models import DataPoint, Indicator, Period

# From these shares of the target on it is met, or close; a project may set others.
MET_FROM = Decimal(1)
CLOSE_FROM = Decimal("0.8")

Rule = Indicator.Cumulative


class Rating(models.TextChoices):
    MET = "met", _("Target met")
    CLOSE = "close", _("Close to the target")
    BEHIND = "behind", _("Behind the target")
    NOT_MEASURED = "not_measured", _("Not yet measured")
    NO_TARGET = "no_target", _("No target")


@dataclass(frozen=True)
class Figure:
    """One value of one period: a number, or a part of a whole. `on` is the period's end."""

    on: date
    numerator: Decimal | None
    denominator: Decimal | None = None

    @property
    def value(self) -> Decimal | None:
        if self.numerator is None or self.denominator is None:
            return self.numerator
        return self.numerator * 100 / self.denominator


@dataclass(frozen=True)
class Variance:
    """`absolute` is actual − target; `share` is that divided by the size of the target.

    Both are signed as arithmetic has it: 6 where at most 10 were wanted is −4 and −0.4. What
    the sign means depends on the indicator's direction and stands in `is_favourable`.
    `share` is None where the target is zero.
    """

    absolute: Decimal
    share: Decimal | None
    is_favourable: bool


def cumulative(figures: Iterable[Figure], rule: str, *, percentage: bool = False) -> Decimal | None:
    """What the periods amount to together; None if none of them has a value.

    `latest`: the value of the latest period that has one. `highest`: the highest value.
    `sum`: numbers add up. Parts of a whole are pooled: 12 of 40 and 30 of 60 are 42 of 100.
    A percentage that came without its parts cannot be added to anything: the latest counts.
    """
    told = sorted((f for f in figures if f.numerator is not None), key=lambda f: f.on)
    if not told:
        return None
    if rule == Rule.HIGHEST:
        return max(figure.value for figure in told)
    parts = [figure for figure in told if figure.denominator is not None]
    mixed = len(parts) < len(told) and (percentage or parts)
    if rule == Rule.LATEST or mixed:
        return told[-1].value
    total = sum((figure.numerator for figure in told), Decimal(0))
    if not parts:
        return total
    return total * 100 / sum((figure.denominator for figure in parts), Decimal(0))


def variance(
    actual: Decimal | None, target: Decimal | None, *, ascending: bool = True
) -> Variance | None:
    """How far the actual value lies from its target; None where one of them is missing.

    `ascending`: whether more is better, by which a deviation is favourable or not.
    """
    if actual is None or target is None:
        return None
    difference = actual - target
    return Variance(
        absolute=difference,
        share=difference / abs(target) if target else None,
        is_favourable=difference >= 0 if ascending else difference <= 0,
    )


def rating(
    actual: Decimal | None,
    target: Decimal | None,
    *,
    ascending: bool = True,
    baseline: Decimal | None = None,
    met_from: Decimal = MET_FROM,
    close_from: Decimal = CLOSE_FROM,
) -> Rating:
    """Met, close to the target or behind it; said as such where a value is missing.

    Met: the actual value is the target, or beyond it in the indicator's direction, or the share
    of the way that was gone (`share_of_way`) is at least `met_from`. Close: it is at least
    `close_from`. Else behind.
    """
    if target is None:
        return Rating.NO_TARGET
    if actual is None:
        return Rating.NOT_MEASURED
    if variance(actual, target, ascending=ascending).is_favourable:
        return Rating.MET
    share = share_of_way(actual, target, ascending=ascending, baseline=baseline)
    if share is None or share < close_from:
        return Rating.BEHIND
    return Rating.MET if share >= met_from else Rating.CLOSE


def share_of_way(
    actual: Decimal, target: Decimal, *, ascending: bool = True, baseline: Decimal | None = None
) -> Decimal | None:
    """The share of the way to a target not yet reached that was gone: below 1, maybe below 0.

    From the baseline where there is one that lies on the other side of the target: from 40 to 60,
    50 is half of the way. Else from nothing: 50 of 60; where less is better, 60 for 50. None
    where a target of zero or below gives no scale.
    """
    if baseline is not None and (baseline < target if ascending else baseline > target):
        return (actual - baseline) / (target - baseline)
    if target <= 0:
        return None
    return actual / target if ascending else target / actual


# --- Of an indicator ------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """Where an indicator stands at the end of a period.

    `target` and `actual` are cumulative up to and with `period`; `end_target` is that of all
    periods. The points are those whose comments say in words what a number cannot. `is_withheld`:
    there is an actual value that the reader is not told, since it counts few persons; variance,
    rating and comment are then not told either. `baseline_is_withheld`: likewise.
    """

    period: Period | None
    baseline: Decimal | None
    target: Decimal | None
    actual: Decimal | None
    end_target: Decimal | None
    variance: Variance | None
    rating: Rating | None
    baseline_point: DataPoint | None
    target_point: DataPoint | None
    actual_point: DataPoint | None
    is_withheld: bool = False
    baseline_is_withheld: bool = False


@dataclass(frozen=True)
class PeriodFigures:
    """One period of an indicator: its own target and actual, and where it stood at its end.

    `cells`: the actual values by cell, empty where they are withheld or there are none.
    `is_withheld`: the period's own value is not told, `cells_are_withheld`: its breakdown is not.
    """

    period: Period
    target_point: DataPoint | None
    actual_point: DataPoint | None
    standing: Standing
    cells: list[DataPoint] = field(default_factory=list)
    is_withheld: bool = False
    cells_are_withheld: bool = False

    @property
    def target(self) -> Decimal | None:
        return self.target_point and self.target_point.value

    @property
    def actual(self) -> Decimal | None:
        return self.actual_point and self.actual_point.value

    @property
    def is_measured(self) -> bool:
        """Whether there is an actual value, told or not."""
        return self.is_withheld or self.actual is not None


def standing(
    indicator: Indicator,
    points: Iterable[DataPoint],
    *,
    through: Period | None = None,
    whole: bool = False,
) -> Standing:
    """Where the indicator stands at the end of the period `through`; later values do not count.

    `points`: the values to count (the caller leaves out what is not approved), their periods
    fetched. Without `through`: the latest period measured; if none is, the latest one past
    that has a target, or else the first to come. `whole`: for a reader who may know small counts
    of persons (`permissions.tells_small_counts`). Nothing is asked of the database where the
    indicator's project is at hand.
    """
    points = list(points)
    return _standing(indicator, points, through, told_of(indicator, points, whole=whole))


def _standing(
    indicator: Indicator, points: list[DataPoint], through: Period | None, told: Told
) -> Standing:
    baseline = next((p for p in points if p.kind == DataPoint.Kind.BASELINE and p.is_total), None)
    targets = _in_order(points, DataPoint.Kind.TARGET)
    actuals = _in_order(points, DataPoint.Kind.ACTUAL)
    period = through or _present_period(targets, actuals)
    until = period.end if period else date.min
    past_targets = [p for p in targets if p.period.end <= until]
    past_actuals = [p for p in actuals if p.period.end <= until]
    measured = [p for p in past_actuals if p.numerator is not None]
    target = _cumulative(past_targets, indicator)
    actual = _cumulative(past_actuals, indicator)
    is_withheld = bool(measured) and not told.tells_through(measured[-1])
    if is_withheld:
        actual = None
    hides_start = baseline is not None and not told.tells(baseline)
    start = baseline.value if baseline and not hides_start else None
    return Standing(
        period=period,
        baseline=start,
        target=target,
        actual=actual,
        end_target=_cumulative(targets, indicator),
        variance=variance(actual, target, ascending=indicator.ascending),
        rating=None
        if is_withheld or (hides_start and _counts_from_baseline(indicator))
        else _rating(indicator, actual, target, start),
        baseline_point=None if hides_start else baseline,
        target_point=past_targets[-1] if past_targets else None,
        actual_point=_told_last(past_actuals, told),
        is_withheld=is_withheld,
        baseline_is_withheld=hides_start,
    )


def by_period(
    indicator: Indicator, points: Iterable[DataPoint], *, whole: bool = False
) -> list[PeriodFigures]:
    """A row for each period that has a target or an actual, the earliest first.

    `whole` as in `standing`. Values by cell need their categories fetched (`with_cells`).
    """
    points = list(points)
    told = told_of(indicator, points, whole=whole)
    periods = {p.period_id: p.period for p in points if p.period_id}
    return [
        _of_period(indicator, points, period, told)
        for period in sorted(periods.values(), key=lambda period: period.end)
    ]


def of_period(
    indicator: Indicator, points: Iterable[DataPoint], period: Period, *, whole: bool = False
) -> PeriodFigures:
    """The row of one period; `by_period` for that one alone."""
    points = list(points)
    return _of_period(indicator, points, period, told_of(indicator, points, whole=whole))


def _of_period(
    indicator: Indicator, points: list[DataPoint], period: Period, told: Told
) -> PeriodFigures:
    own = [p for p in points if p.period_id == period.pk]
    target = next((p for p in own if p.kind == DataPoint.Kind.TARGET and p.is_total), None)
    actual = next((p for p in own if p.kind == DataPoint.Kind.ACTUAL and p.is_total), None)
    cells = [p for p in own if p.kind == DataPoint.Kind.ACTUAL and not p.is_total]
    is_withheld = bool(actual and actual.numerator is not None and not told.tells(actual))
    hides_cells = any(not told.tells(cell) for cell in cells)
    return PeriodFigures(
        period=period,
        target_point=target,
        actual_point=None if is_withheld else actual,
        standing=_standing(indicator, points, period, told),
        cells=[] if hides_cells else sorted(cells, key=_place),
        is_withheld=is_withheld,
        cells_are_withheld=hides_cells,
    )


def _place(cell: DataPoint) -> tuple[int, ...]:
    categories = [each for each in (cell.category, cell.second_category) if each]
    return tuple(number for each in categories for number in (each.position, each.pk))


def _in_order(points: Iterable[DataPoint], kind: str) -> list[DataPoint]:
    chosen = [point for point in points if point.kind == kind and point.is_total]
    return sorted(chosen, key=lambda point: point.period.end)


def _told_last(actuals: Sequence[DataPoint], told: Told) -> DataPoint | None:
    """The latest value, for its words; they may say what its number must not."""
    last = actuals[-1] if actuals else None
    hidden = last and last.numerator is not None and not told.tells(last)
    return None if hidden else last


def _present_period(targets: Sequence[DataPoint], actuals: Sequence[DataPoint]) -> Period | None:
    if actuals:
        return actuals[-1].period
    past = [point for point in targets if point.period.end <= timezone.localdate()]
    nearest = past[-1:] or targets[:1]
    return nearest[0].period if nearest else None


def _cumulative(points: Iterable[DataPoint], indicator: Indicator) -> Decimal | None:
    figures = (Figure(p.period.end, p.numerator, p.denominator) for p in points)
    percentage = indicator.measure == Indicator.Measure.PERCENTAGE
    return cumulative(figures, indicator.cumulative, percentage=percentage)


def _counts_from_baseline(indicator: Indicator) -> bool:
    """A sum is counted from nothing, whatever there was before."""
    return not (indicator.cumulative == Rule.SUM and indicator.measure == Indicator.Measure.UNIT)


def _rating(
    indicator: Indicator, actual: Decimal | None, target: Decimal | None, baseline: Decimal | None
) -> Rating | None:
    """By the thresholds of the project; words are not rated."""
    if indicator.measure == Indicator.Measure.QUALITATIVE:
        return None
    project = indicator.result.project
    return rating(
        actual,
        target,
        ascending=indicator.ascending,
        baseline=baseline if _counts_from_baseline(indicator) else None,
        met_from=project.met_from,
        close_from=project.close_from,
    )
