"""Computes the figures of indicators between two days: a year of its quarters, or all until its
end.

Pure functions, beside `projects.framework.figures`, which is about single periods. A period counts
if it ends within the days. A missing value stays None, and the same rules decide which counts of
persons are shown (`projects.framework.disclosure`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from projects.framework.disclosure import Disclosure
from projects.framework.figures import cumulative_of
from projects.models import DataPoint, Indicator
from projects.models.value import Cell

Rule = Indicator.Cumulative
Kind = DataPoint.Kind


@dataclass(frozen=True)
class SpanFigures:
    """`target` and `actual` of the days, by the cumulative rule of the indicator; percentages from
    0 to 100. `last`: the latest actual value, for its comment. `is_withheld`: there is an actual
    value, but it is withheld from the reader."""

    target: Decimal | None = None
    actual: Decimal | None = None
    last: DataPoint | None = None
    is_withheld: bool = False


def span_figures(
    indicator: Indicator,
    points: Iterable[DataPoint],
    disclosure: Disclosure,
    *,
    start: date,
    end: date,
) -> SpanFigures:
    """Compute the totals of the periods that end from `start` to `end`, both included.

    `points`: the values that count (approved, their periods fetched). `disclosure`: of the same
    points (`disclosure_of`). A sum is shown if the cumulative values before and after it are, since
    it could be computed from them anyway.
    """
    totals = [point for point in points if point.is_total]
    actuals = _ending(totals, Kind.ACTUAL, start, end)
    earlier = [point for point in totals if point.kind == Kind.ACTUAL and point.period_end < start]
    is_withheld = _is_withheld(indicator, actuals, earlier, disclosure)
    last = actuals[-1] if actuals else None
    if last and last.numerator is not None and not disclosure.discloses(last):
        last = None
    return SpanFigures(
        target=cumulative_of(indicator, _ending(totals, Kind.TARGET, start, end)),
        actual=None if is_withheld else cumulative_of(indicator, actuals),
        last=last,
        is_withheld=is_withheld,
    )


def span_figures_by_cell(
    indicator: Indicator,
    points: Iterable[DataPoint],
    disclosure: Disclosure,
    *,
    start: date,
    end: date,
) -> dict[Cell, SpanFigures]:
    """Compute the same for each cell of the breakdown that has a value in these days.

    Either the actual values of all cells are shown, or of none. Points need their categories
    fetched (`with_cells`).
    """
    by_cell: dict[Cell, list[DataPoint]] = {}
    for point in points:
        if not point.is_total and point.period and start <= point.period.end <= end:
            by_cell.setdefault(point.cell, []).append(point)
    cells = [point for own in by_cell.values() for point in own]
    is_withheld = any(
        not disclosure.discloses(point) for point in cells if point.kind == Kind.ACTUAL
    )
    return {
        cell: SpanFigures(
            target=cumulative_of(indicator, _ending(own, Kind.TARGET, start, end)),
            actual=None
            if is_withheld
            else cumulative_of(indicator, _ending(own, Kind.ACTUAL, start, end)),
            is_withheld=is_withheld,
        )
        for cell, own in by_cell.items()
    }


def _ending(points: Iterable[DataPoint], kind: str, start: date, end: date) -> list[DataPoint]:
    """Return the values of periods that end in these days, in order of time."""
    found = [p for p in points if p.kind == kind and start <= p.period_end <= end]
    return sorted(found, key=lambda point: point.period_end)


def _is_withheld(
    indicator: Indicator,
    actuals: Sequence[DataPoint],
    earlier: Iterable[DataPoint],
    disclosure: Disclosure,
) -> bool:
    measured = [point for point in actuals if point.numerator is not None]
    if not measured:
        return False
    if indicator.cumulative == Rule.LATEST:
        return not disclosure.discloses(measured[-1])
    if indicator.cumulative == Rule.HIGHEST:
        return not all(disclosure.discloses(point) for point in measured)
    before = [point for point in earlier if point.numerator is not None]
    latest = max(before, key=lambda point: point.period_end, default=None)
    ends = [measured[-1], latest] if latest else [measured[-1]]
    return not all(disclosure.discloses_cumulative(point) for point in ends)
