"""What an indicator amounts to between two days: a year of its quarters, or all until its end.

Pure functions, beside `projects.framework.figures`, which tells of one period alone. A period belongs to
the days in which it ends. What is missing stays missing, and what is told of counts of persons
follows the same rules (`projects.framework.disclosure`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from projects.framework.disclosure import Told
from projects.framework.figures import Figure, cumulative
from projects.models import DataPoint, Indicator
from projects.models.value import Cell

Rule = Indicator.Cumulative
Kind = DataPoint.Kind


@dataclass(frozen=True)
class Within:
    """`target` and `actual` of the days, by the cumulative rule of the indicator; per cent from 0
    to 100. `last`: the last actual value, for its words. `is_withheld`: there is an actual value
    that the reader is not told."""

    target: Decimal | None = None
    actual: Decimal | None = None
    last: DataPoint | None = None
    is_withheld: bool = False


def within(
    indicator: Indicator, points: Iterable[DataPoint], told: Told, *, start: date, end: date
) -> Within:
    """The totals of the periods that end from `start` to `end`.

    `points`: the values that count (approved, their periods fetched). `told`: what of them may be
    told, of `telling.told_of` for the same points. A sum is told where the cumulative values
    before and after it are, from which it could be computed anyway.
    """
    totals = [point for point in points if point.is_total]
    inside = _ending(totals, Kind.ACTUAL, start, end)
    before = _ending(totals, Kind.ACTUAL, date.min, start, before=True)
    is_withheld = _is_withheld(indicator, inside, before, told)
    last = inside[-1] if inside else None
    hides_last = last is not None and last.numerator is not None and not told.tells(last)
    return Within(
        target=_sum(indicator, _ending(totals, Kind.TARGET, start, end)),
        actual=None if is_withheld else _sum(indicator, inside),
        last=None if hides_last else last,
        is_withheld=is_withheld,
    )


def cells_within(
    indicator: Indicator, points: Iterable[DataPoint], told: Told, *, start: date, end: date
) -> dict[Cell, Within]:
    """The same for each cell of the breakdown that has a value; either all actual values of the
    days are told, or none. Points need their categories fetched (`with_cells`)."""
    by_cell: dict[Cell, list[DataPoint]] = {}
    for point in points:
        if not point.is_total and point.period_id and start <= point.period.end <= end:
            by_cell.setdefault(point.cell, []).append(point)
    cells = [point for found in by_cell.values() for point in found]
    hides = any(not told.tells(point) for point in cells if point.kind == Kind.ACTUAL)
    return {
        cell: Within(
            target=_sum(indicator, _ending(found, Kind.TARGET, start, end)),
            actual=None if hides else _sum(indicator, _ending(found, Kind.ACTUAL, start, end)),
            is_withheld=hides,
        )
        for cell, found in by_cell.items()
    }


def _ending(
    points: Iterable[DataPoint], kind: str, start: date, end: date, *, before: bool = False
) -> list[DataPoint]:
    """Those of periods that end in these days, the earliest first; `before`: without the last day."""
    found = [
        point
        for point in points
        if point.kind == kind
        and start <= point.period.end
        and (point.period.end < end if before else point.period.end <= end)
    ]
    return sorted(found, key=lambda point: point.period.end)


def _is_withheld(
    indicator: Indicator, inside: Sequence[DataPoint], before: Sequence[DataPoint], told: Told
) -> bool:
    measured = [point for point in inside if point.numerator is not None]
    if not measured:
        return False
    if indicator.cumulative == Rule.LATEST:
        return not told.tells(measured[-1])
    if indicator.cumulative == Rule.HIGHEST:
        return not all(told.tells(point) for point in measured)
    earlier = [point for point in before if point.numerator is not None]
    return not all(told.tells_through(each) for each in (measured[-1], *earlier[-1:]))


def _sum(indicator: Indicator, points: Iterable[DataPoint]) -> Decimal | None:
    figures = [Figure(point.period.end, point.numerator, point.denominator) for point in points]
    percentage = indicator.measure == Indicator.Measure.PERCENTAGE
    return cumulative(figures, indicator.cumulative, percentage=percentage)
