"""What the values of an indicator amount to: cumulative, against the target, rated.

Pure functions, for the pages and for the report alike. A value that is missing stays missing:
it is None, never zero, and whatever would be computed from it is None as well. Percentages are
numbers from 0 to 100, and their variance is in percentage points. The rules come from the
performance measurement framework (docs/architecture.md, "Figures").
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.models import DataPoint, Indicator, Period

# From this share of the target on, an indicator is close to it.
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
    close_from: Decimal = CLOSE_FROM,
) -> Rating:
    """Met, close to the target or behind it; said as such where a value is missing.

    Met: the actual value is the target, or beyond it in the indicator's direction. Close: the
    share of the way that was gone (`share_of_way`) is at least `close_from`. Else behind.
    """
    if target is None:
        return Rating.NO_TARGET
    if actual is None:
        return Rating.NOT_MEASURED
    if variance(actual, target, ascending=ascending).is_favourable:
        return Rating.MET
    share = share_of_way(actual, target, ascending=ascending, baseline=baseline)
    return Rating.CLOSE if share is not None and share >= close_from else Rating.BEHIND


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
    periods. The points are those whose comments say in words what a number cannot.
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


@dataclass(frozen=True)
class PeriodFigures:
    """One period of an indicator: its own target and actual, and where it stood at its end."""

    period: Period
    target_point: DataPoint | None
    actual_point: DataPoint | None
    standing: Standing

    @property
    def target(self) -> Decimal | None:
        return self.target_point and self.target_point.value

    @property
    def actual(self) -> Decimal | None:
        return self.actual_point and self.actual_point.value


def standing(
    indicator: Indicator, points: Iterable[DataPoint], *, through: Period | None = None
) -> Standing:
    """Where the indicator stands at the end of the period `through`; later values do not count.

    `points`: the values to count (the caller leaves out what is not approved), their periods
    fetched. Without `through`: the latest period measured; if none is, the latest one past
    that has a target, or else the first to come. Nothing is asked of the database.
    """
    points = list(points)
    baseline = next((p for p in points if p.kind == DataPoint.Kind.BASELINE), None)
    targets = _in_order(points, DataPoint.Kind.TARGET)
    actuals = _in_order(points, DataPoint.Kind.ACTUAL)
    period = through or _present_period(targets, actuals)
    until = period.end if period else date.min
    past_targets = [p for p in targets if p.period.end <= until]
    past_actuals = [p for p in actuals if p.period.end <= until]
    target = _cumulative(past_targets, indicator)
    actual = _cumulative(past_actuals, indicator)
    start = baseline.value if baseline else None
    return Standing(
        period=period,
        baseline=start,
        target=target,
        actual=actual,
        end_target=_cumulative(targets, indicator),
        variance=variance(actual, target, ascending=indicator.ascending),
        rating=_rating(indicator, actual, target, start),
        baseline_point=baseline,
        target_point=past_targets[-1] if past_targets else None,
        actual_point=past_actuals[-1] if past_actuals else None,
    )


def by_period(indicator: Indicator, points: Iterable[DataPoint]) -> list[PeriodFigures]:
    """A row for each period that has a target or an actual, the earliest first."""
    points = list(points)
    targets = {p.period_id: p for p in _in_order(points, DataPoint.Kind.TARGET)}
    actuals = {p.period_id: p for p in _in_order(points, DataPoint.Kind.ACTUAL)}
    periods = {p.period_id: p.period for p in points if p.period_id}
    return [
        PeriodFigures(
            period=period,
            target_point=targets.get(period.pk),
            actual_point=actuals.get(period.pk),
            standing=standing(indicator, points, through=period),
        )
        for period in sorted(periods.values(), key=lambda period: period.end)
    ]


def _in_order(points: Iterable[DataPoint], kind: str) -> list[DataPoint]:
    chosen = [point for point in points if point.kind == kind]
    return sorted(chosen, key=lambda point: point.period.end)


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


def _rating(
    indicator: Indicator, actual: Decimal | None, target: Decimal | None, baseline: Decimal | None
) -> Rating | None:
    """A sum is counted from nothing, whatever there was before; words are not rated."""
    if indicator.measure == Indicator.Measure.QUALITATIVE:
        return None
    if indicator.cumulative == Rule.SUM and indicator.measure == Indicator.Measure.UNIT:
        baseline = None
    return rating(actual, target, ascending=indicator.ascending, baseline=baseline)
