"""Decides which values of an indicator are shown to a reader who may not see small counts of
persons.

Pure functions over approved values with their periods fetched; `projects.framework.figures` calls
them. The rules for counts are in `projects.framework.suppression`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from projects.framework.suppression import (
    Counts,
    breakdown_may_be_disclosed,
    disclosable_groups,
    may_be_disclosed,
    sum_may_be_disclosed,
)
from projects.models import DataPoint, Indicator

Rule = Indicator.Cumulative
Measure = Indicator.Measure
Kind = DataPoint.Kind

# Primary keys of periods; None is that of a baseline, which has no period.
PeriodKeys = frozenset[int | None]


@dataclass(frozen=True)
class Disclosure:
    """The values of one indicator that a reader may see, by their periods.

    `single`: the actual value of the period itself. `cumulative`: the cumulative value at its end.
    `breakdown`: the cells of its actual value. `everything` overrides all of them.
    """

    everything: bool = False
    baseline: bool = True
    single: PeriodKeys = field(default_factory=frozenset)
    cumulative: PeriodKeys = field(default_factory=frozenset)
    breakdown: PeriodKeys = field(default_factory=frozenset)

    def discloses(self, point: DataPoint) -> bool:
        """Whether the value itself is shown. A target always is: nobody was counted for it."""
        if self.everything or point.kind == Kind.TARGET:
            return True
        if not point.is_total:
            return point.period_id in self.breakdown
        return self.baseline if point.kind == Kind.BASELINE else point.period_id in self.single

    def discloses_cumulative(self, point: DataPoint) -> bool:
        """Whether the cumulative value up to this one is shown."""
        return self.everything or point.period_id in self.cumulative


def disclosure_of(
    indicator: Indicator, points: Iterable[DataPoint], *, small_counts: bool
) -> Disclosure:
    """Decide which of the indicator's values `points` are shown.

    `small_counts`: the reader may see small counts (`permissions.values.may_see_small_counts`).
    """
    if small_counts or not indicator.counts_persons or indicator.measure == Measure.QUALITATIVE:
        return Disclosure(everything=True)
    points = list(points)
    totals = [p for p in points if p.is_total and p.numerator is not None]
    actuals = sorted((p for p in totals if p.kind == Kind.ACTUAL), key=lambda p: p.period_end)
    baseline = next((p for p in totals if p.kind == Kind.BASELINE), None)
    single, cumulative = _disclosed_periods(indicator, actuals)
    shown = [p for p in actuals if p.period_id in single]
    shows_baseline = baseline is None or _is_disclosable(indicator, baseline)
    if baseline and shows_baseline:
        shown.append(baseline)
    return Disclosure(
        baseline=shows_baseline,
        single=single,
        cumulative=cumulative,
        breakdown=frozenset(
            p.period_id for p in shown if _breakdown_is_disclosable(indicator, p, points)
        ),
    )


def counts_of(indicator: Indicator, point: DataPoint) -> Counts | None:
    """The counts of persons in a value; None where it has none: it is missing, or a bare
    percentage."""
    if point.numerator is None:
        return None
    if indicator.measure == Measure.UNIT:
        return (point.numerator,)
    if point.denominator is None:
        return None
    if indicator.may_exceed_whole:
        return (point.numerator, point.denominator)
    return (point.numerator, point.denominator - point.numerator)


def _is_disclosable(indicator: Indicator, point: DataPoint) -> bool:
    counts = counts_of(indicator, point)
    return counts is None or may_be_disclosed(counts)


def _disclosed_periods(
    indicator: Indicator, actuals: Sequence[DataPoint]
) -> tuple[PeriodKeys, PeriodKeys]:
    """Return the periods whose own value is shown, and those whose cumulative value is shown."""
    safe = frozenset(p.period_id for p in actuals if _is_disclosable(indicator, p))
    if indicator.cumulative == Rule.LATEST:
        return safe, safe
    if indicator.cumulative == Rule.HIGHEST:
        return safe, frozenset(
            p.period_id
            for number, p in enumerate(actuals, 1)
            if _is_disclosable(indicator, max(actuals[:number], key=_measured_value))
        )
    return _disclosed_in_sum(indicator, actuals, safe)


def _disclosed_in_sum(
    indicator: Indicator, actuals: Sequence[DataPoint], safe: PeriodKeys
) -> tuple[PeriodKeys, PeriodKeys]:
    series = [counts for p in actuals if (counts := counts_of(indicator, p)) is not None]
    if len(series) < len(actuals):
        # A bare percentage cannot be added to the others: all are shown, or none.
        return (safe, safe) if len(safe) == len(actuals) else (frozenset(), frozenset())
    groups = disclosable_groups(series)
    shown = [group for group in groups if sum_may_be_disclosed(series, group)]
    return (
        frozenset(actuals[group[0]].period_id for group in shown if len(group) == 1),
        frozenset(actuals[group[-1]].period_id for group in shown),
    )


def _measured_value(point: DataPoint) -> Decimal:
    assert point.value is not None  # `disclosure_of` keeps values with a numerator alone
    return point.value


def _breakdown_is_disclosable(
    indicator: Indicator, total: DataPoint, points: Iterable[DataPoint]
) -> bool:
    cells = [
        counts_of(indicator, p)
        for p in points
        if not p.is_total
        and (p.kind, p.period_id) == (total.kind, total.period_id)
        and p.numerator is not None
    ]
    counts = [each for each in cells if each is not None]
    if not counts:
        return True
    # Beside bare percentages the cells do not add up to the total.
    adds_up = len(counts) == len(cells)
    return breakdown_may_be_disclosed(counts, counts_of(indicator, total) if adds_up else None)
