"""Computes the figures of indicators: cumulative value, variance from the target and rating.

Pure functions, for the pages and for the report alike. A missing value is None, never zero, and
whatever would be computed from it is None as well. Percentages are numbers from 0 to 100, and their
variance is in percentage points. The rules come from the performance measurement framework
(docs/rules/results.md, "Figures").
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.framework.disclosure import Disclosure, disclosure_of
from projects.models import DataPoint, Indicator, Period

# The shares of the target from which it counts as met or close, unless the project sets others.
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
    """The value of one period, a number or a proportion. `on` is the last day of the period."""

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

    Both have the sign of the subtraction: 6 against a target of 10 gives −4 and −0.4. Whether
    that is good depends on the indicator's direction: see `is_favourable`. `share` is None where
    the target is zero.
    """

    absolute: Decimal
    share: Decimal | None
    is_favourable: bool


def cumulative(figures: Iterable[Figure], rule: str, *, percentage: bool = False) -> Decimal | None:
    """Return the cumulative value of several periods; None if none of them has a value.

    `rule` is an `Indicator.Cumulative`. LATEST: the value of the latest period that has one.
    HIGHEST: the highest value. SUM: numbers are added, proportions are pooled: 12 of 40 and 30 of
    60 are 42 of 100. A bare percentage cannot be added to anything: then the latest value counts.
    `percentage`: the figures are percentages, even those without a denominator.
    """
    measured = sorted((f for f in figures if f.numerator is not None), key=lambda f: f.on)
    if not measured:
        return None
    if rule == Rule.HIGHEST:
        return max(figure.value for figure in measured if figure.value is not None)
    has_proportions = any(figure.denominator is not None for figure in measured)
    has_bare_numbers = any(figure.denominator is None for figure in measured)
    if rule == Rule.LATEST or (has_bare_numbers and (percentage or has_proportions)):
        return measured[-1].value
    total = _sum(figure.numerator for figure in measured)
    if not has_proportions:
        return total
    return total * 100 / _sum(figure.denominator for figure in measured)


def _sum(numbers: Iterable[Decimal | None]) -> Decimal:
    return sum((number for number in numbers if number is not None), Decimal(0))


def variance(
    actual: Decimal | None, target: Decimal | None, *, ascending: bool = True
) -> Variance | None:
    """Return how far the actual value is from its target; None where one of them is missing.

    `ascending`: more is better, so a positive variance is favourable.
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
    """Rate an actual value against its target.

    Met: it equals or exceeds the target in the indicator's direction, or the share of the way that
    was covered (`share_of_way`) is at least `met_from`. Close: that share is at least `close_from`.
    Otherwise behind.
    """
    if target is None:
        return Rating.NO_TARGET
    if actual is None:
        return Rating.NOT_MEASURED
    if (actual >= target) if ascending else (actual <= target):
        return Rating.MET
    share = share_of_way(actual, target, ascending=ascending, baseline=baseline)
    if share is None or share < close_from:
        return Rating.BEHIND
    return Rating.MET if share >= met_from else Rating.CLOSE


def share_of_way(
    actual: Decimal, target: Decimal, *, ascending: bool = True, baseline: Decimal | None = None
) -> Decimal | None:
    """Return the share of the way to an unreached target: below 1, and below 0 if it went
    backwards.

    The way starts from the baseline if the target lies beyond it: with a baseline of 40 and a
    target of 60, 50 is half of the way. Otherwise it starts from zero: 50 of 60 is 5/6, and
    likewise 60 for 50 where less is better. None if the target is zero or negative, which gives no
    scale.
    """
    if baseline is not None and (baseline < target if ascending else baseline > target):
        return (actual - baseline) / (target - baseline)
    if target <= 0:
        return None
    return actual / target if ascending else target / actual


# --- Figures of an indicator ---


@dataclass(frozen=True)
class Standing:
    """The figures of an indicator at the end of a period.

    `target` and `actual` are cumulative up to the end of `period`; `end_target` covers all periods.
    The points give access to comments. `is_withheld`: there is an actual value, but it is withheld
    from the reader because it counts few persons; then variance, rating and comment are withheld
    too. `baseline_is_withheld`: the same of the baseline.
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
    """The target and the actual value of one period alone, and the standing at its end.

    `cells`: the actual values by cell, empty where there are none or they are withheld.
    `is_withheld`: the period's own value is withheld. `cells_are_withheld`: its breakdown is.
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
        return self.target_point.value if self.target_point else None

    @property
    def actual(self) -> Decimal | None:
        return self.actual_point.value if self.actual_point else None

    @property
    def is_measured(self) -> bool:
        """Whether there is an actual value, shown or withheld."""
        return self.is_withheld or self.actual is not None


def standing(
    indicator: Indicator,
    points: Iterable[DataPoint],
    *,
    through: Period | None = None,
    small_counts: bool = False,
) -> Standing:
    """Compute where the indicator stands at the end of the period `through`, without later values.

    `points`: the values that count (the caller leaves out unapproved ones), with their periods
    fetched. Without `through`: the latest period with an actual value, or else the latest past one
    with a target, or else the first future one. `small_counts`: the reader may see small counts of
    persons (`permissions.values.may_see_small_counts`). Makes no query if the indicator's project
    is fetched.
    """
    points = list(points)
    disclosure = disclosure_of(indicator, points, small_counts=small_counts)
    return _standing(indicator, points, through, disclosure)


def _standing(
    indicator: Indicator, points: list[DataPoint], through: Period | None, disclosure: Disclosure
) -> Standing:
    targets = _in_order(points, DataPoint.Kind.TARGET)
    actuals = _in_order(points, DataPoint.Kind.ACTUAL)
    period = through or _present_period(targets, actuals)
    until = period.end if period else date.min
    past_targets = [p for p in targets if p.period_end <= until]
    past_actuals = [p for p in actuals if p.period_end <= until]
    measured = [p for p in past_actuals if p.numerator is not None]
    is_withheld = bool(measured) and not disclosure.discloses_cumulative(measured[-1])
    target = cumulative_of(indicator, past_targets)
    actual = None if is_withheld else cumulative_of(indicator, past_actuals)
    baseline = next((p for p in points if p.kind == DataPoint.Kind.BASELINE and p.is_total), None)
    hides_baseline = baseline is not None and not disclosure.discloses(baseline)
    if hides_baseline:
        baseline = None
    # A rating that is computed from a withheld value would disclose it.
    has_rating = not (is_withheld or (hides_baseline and _counts_from_baseline(indicator)))
    start = baseline.value if baseline else None
    return Standing(
        period=period,
        baseline=start,
        target=target,
        actual=actual,
        end_target=cumulative_of(indicator, targets),
        variance=variance(actual, target, ascending=indicator.ascending),
        rating=_rating(indicator, actual, target, start) if has_rating else None,
        baseline_point=baseline,
        target_point=past_targets[-1] if past_targets else None,
        actual_point=_latest_disclosed(past_actuals, disclosure),
        is_withheld=is_withheld,
        baseline_is_withheld=hides_baseline,
    )


def by_period(
    indicator: Indicator, points: Iterable[DataPoint], *, small_counts: bool = False
) -> list[PeriodFigures]:
    """Return the figures of each period that has a target or an actual value, in order of time.

    `small_counts` as in `standing`. Values by cell need their categories fetched (`with_cells`).
    """
    points = list(points)
    disclosure = disclosure_of(indicator, points, small_counts=small_counts)
    periods = {point.period.pk: point.period for point in points if point.period}
    return [
        _of_period(indicator, points, period, disclosure)
        for period in sorted(periods.values(), key=lambda period: period.end)
    ]


def of_period(
    indicator: Indicator,
    points: Iterable[DataPoint],
    period: Period,
    *,
    small_counts: bool = False,
) -> PeriodFigures:
    """Return the figures of one period; like `by_period` for that one alone."""
    points = list(points)
    disclosure = disclosure_of(indicator, points, small_counts=small_counts)
    return _of_period(indicator, points, period, disclosure)


def _of_period(
    indicator: Indicator, points: list[DataPoint], period: Period, disclosure: Disclosure
) -> PeriodFigures:
    own = [p for p in points if p.period_id == period.pk]
    target = next((p for p in own if p.kind == DataPoint.Kind.TARGET and p.is_total), None)
    actual = next((p for p in own if p.kind == DataPoint.Kind.ACTUAL and p.is_total), None)
    cells = [p for p in own if p.kind == DataPoint.Kind.ACTUAL and not p.is_total]
    is_withheld = bool(actual and actual.numerator is not None and not disclosure.discloses(actual))
    hides_cells = any(not disclosure.discloses(cell) for cell in cells)
    return PeriodFigures(
        period=period,
        target_point=target,
        actual_point=None if is_withheld else actual,
        standing=_standing(indicator, points, period, disclosure),
        cells=[] if hides_cells else sorted(cells, key=_cell_order),
        is_withheld=is_withheld,
        cells_are_withheld=hides_cells,
    )


def _cell_order(cell: DataPoint) -> tuple[int, ...]:
    categories = [each for each in (cell.category, cell.second_category) if each]
    return tuple(number for each in categories for number in (each.position, each.pk))


def _in_order(points: Iterable[DataPoint], kind: str) -> list[DataPoint]:
    chosen = [point for point in points if point.kind == kind and point.is_total]
    return sorted(chosen, key=lambda point: point.period_end)


def _latest_disclosed(actuals: Sequence[DataPoint], disclosure: Disclosure) -> DataPoint | None:
    """Return the latest value unless it is withheld: its comment could repeat its number."""
    last = actuals[-1] if actuals else None
    if last and last.numerator is not None and not disclosure.discloses(last):
        return None
    return last


def _present_period(targets: Sequence[DataPoint], actuals: Sequence[DataPoint]) -> Period | None:
    if actuals:
        return actuals[-1].period
    past = [point for point in targets if point.period_end <= timezone.localdate()]
    nearest = past[-1:] or targets[:1]
    return nearest[0].period if nearest else None


def cumulative_of(indicator: Indicator, points: Iterable[DataPoint]) -> Decimal | None:
    """Return the cumulative value of these targets or actual values, by the indicator's rule."""
    figures = (Figure(p.period_end, p.numerator, p.denominator) for p in points)
    percentage = indicator.measure == Indicator.Measure.PERCENTAGE
    return cumulative(figures, indicator.cumulative, percentage=percentage)


def _counts_from_baseline(indicator: Indicator) -> bool:
    """Whether the way to the target starts at the baseline; a sum always starts at zero."""
    return not (indicator.cumulative == Rule.SUM and indicator.measure == Indicator.Measure.UNIT)


def _rating(
    indicator: Indicator, actual: Decimal | None, target: Decimal | None, baseline: Decimal | None
) -> Rating | None:
    """Rate by the thresholds of the project. Qualitative indicators are not rated."""
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
