"""What of an indicator's values is told to whom may not know small counts of persons.

Pure functions over approved values whose periods were fetched; `projects.framework.figures` asks them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from projects.framework.suppression import (
    Counts,
    blocks,
    breakdown_may_be_told,
    is_closed,
    may_be_told,
)
from projects.models import DataPoint, Indicator

Rule = Indicator.Cumulative
Measure = Indicator.Measure
Kind = DataPoint.Kind


@dataclass(frozen=True)
class Told:
    """By the keys of periods; `None` among the breakdowns is that of the baseline.

    alone: the period's own actual value. through: the cumulative value at its end. by_cell: its
    breakdown. `everything` stands for all of them.
    """

    everything: bool = False
    baseline: bool = True
    alone: frozenset[int] = field(default_factory=frozenset)
    through: frozenset[int] = field(default_factory=frozenset)
    by_cell: frozenset[int | None] = field(default_factory=frozenset)

    def tells(self, point: DataPoint) -> bool:
        """Whether the value itself is told: a plan always is, what was counted by the rules."""
        if self.everything or point.kind == Kind.TARGET:
            return True
        if not point.is_total:
            return point.period_id in self.by_cell
        return self.baseline if point.kind == Kind.BASELINE else point.period_id in self.alone

    def tells_through(self, point: DataPoint | None) -> bool:
        return self.everything or point is None or point.period_id in self.through


def told_of(indicator: Indicator, points: Iterable[DataPoint], *, whole: bool) -> Told:
    """What may be told of the indicator by these values. `whole`: to one who may know all."""
    if whole or not indicator.counts_persons or indicator.measure == Measure.QUALITATIVE:
        return Told(everything=True)
    points = list(points)
    totals = [p for p in points if p.is_total and p.numerator is not None]
    actuals = sorted((p for p in totals if p.kind == Kind.ACTUAL), key=lambda p: p.period.end)
    baseline = next((p for p in totals if p.kind == Kind.BASELINE), None)
    alone, through = _series(indicator, actuals)
    shown = [p for p in actuals if p.period_id in alone]
    baseline_is_told = baseline is None or _is_safe(indicator, baseline)
    if baseline and baseline_is_told:
        shown.append(baseline)
    return Told(
        baseline=baseline_is_told,
        alone=frozenset(alone),
        through=frozenset(through),
        by_cell=frozenset(p.period_id for p in shown if _cells_are_told(indicator, p, points)),
    )


def counts_of(indicator: Indicator, point: DataPoint) -> Counts | None:
    """The counts of persons in a value; None where it has none (a bare per cent)."""
    if indicator.measure == Measure.UNIT:
        return (point.numerator,)
    if point.denominator is None:
        return None
    if indicator.may_exceed_whole:
        return (point.numerator, point.denominator)
    return (point.numerator, point.denominator - point.numerator)


def _is_safe(indicator: Indicator, point: DataPoint) -> bool:
    counts = counts_of(indicator, point)
    return counts is None or may_be_told(counts)


def _series(indicator: Indicator, actuals: Sequence[DataPoint]) -> tuple[set[int], set[int]]:
    """The periods told alone, and those up to whose end the cumulative value is told."""
    safe = {p.period_id for p in actuals if _is_safe(indicator, p)}
    if indicator.cumulative == Rule.LATEST:
        return safe, safe
    if indicator.cumulative == Rule.HIGHEST:
        return safe, {
            p.period_id
            for p, top in zip(actuals, _highest(actuals), strict=True)
            if _is_safe(indicator, top)
        }
    counts = [counts_of(indicator, p) for p in actuals]
    if None in counts:  # a bare per cent among them is not added to anything: all or nothing
        return (safe, safe) if len(safe) == len(actuals) else (set(), set())
    alone, through = set(), set()
    for block in blocks(counts):
        if is_closed(counts, block):
            through.add(actuals[block[-1]].period_id)
            if len(block) == 1:
                alone.add(actuals[block[0]].period_id)
    return alone, through


def _highest(actuals: Sequence[DataPoint]) -> Iterable[DataPoint]:
    """For each period the value that is the highest up to it."""
    top = None
    for point in actuals:
        top = point if top is None or point.value > top.value else top
        yield top


def _cells_are_told(indicator: Indicator, total: DataPoint, points: Iterable[DataPoint]) -> bool:
    cells = [
        counts_of(indicator, p)
        for p in points
        if not p.is_total
        and (p.kind, p.period_id) == (total.kind, total.period_id)
        and p.numerator is not None
    ]
    if None in cells:
        told = [counts for counts in cells if counts]
        return len(told) == 0 or breakdown_may_be_told(told, None)
    return not cells or breakdown_may_be_told(cells, counts_of(indicator, total))
