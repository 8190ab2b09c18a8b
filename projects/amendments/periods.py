"""Computes how the periods of a project grow when it is extended; pure arithmetic of days.

Periods of one kind follow each other without gap or overlap. Either the last one grows to the new
end, or further ones of the kind's own length are added behind it. If the old end had cut the last
period short (by half a month or more), it first grows to its own length. A remainder of less than half a
month belongs to the period before it. A donor's fiscal year keeps its length and may end after the
project.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from projects.models import Period

EXTEND, ADD = "extend", "add"

MONTHS_OF = {
    Period.Kind.PROJECT_YEAR: 12,
    Period.Kind.SEMESTER: 6,
    Period.Kind.QUARTER: 3,
    Period.Kind.FISCAL_YEAR: 12,
}
# By default an extension of up to six months prolongs the last project year; a longer one adds one.
LONGEST_BY_WHICH_A_YEAR_GROWS = 6
HALF_A_MONTH = timedelta(days=15)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class PeriodSpan:
    """A period before or after the extension; `pk` is None for one that is added."""

    kind: str
    number: int
    start: date
    end: date
    pk: int | None = None


@dataclass(frozen=True)
class PeriodGrowth:
    """The last period of a kind, and what follows from it: that period, then those added."""

    before: PeriodSpan
    after: tuple[PeriodSpan, ...]

    @property
    def last(self) -> PeriodSpan:
        return self.after[-1]

    @property
    def added(self) -> tuple[PeriodSpan, ...]:
        return self.after[1:]


def months_later(day: date, months: int) -> date:
    """Returns the same day of a later month, or its last day if the month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def default_way(kind: str, old_end: date, new_end: date) -> str:
    """Returns the usual way: a project year grows by up to six months, else periods are added."""
    if kind != Period.Kind.PROJECT_YEAR:
        return ADD
    longest = months_later(old_end + DAY, LONGEST_BY_WHICH_A_YEAR_GROWS) - DAY
    return EXTEND if new_end <= longest else ADD


def possible_ways(kind: str) -> tuple[str, ...]:
    """Returns the ways for a kind of period; a fiscal year has a fixed length and never grows."""
    return (ADD,) if kind == Period.Kind.FISCAL_YEAR else (EXTEND, ADD)


def grow_periods(spans: Sequence[PeriodSpan], new_end: date, way: str) -> PeriodGrowth | None:
    """Returns how the periods of one kind reach the new end; None if they already do.

    `spans`: all periods of the kind, in any order. The added ones have higher numbers than these.
    """
    last = max(spans, key=lambda span: span.end, default=None)
    if last is None or last.end >= new_end:
        return None
    if way == EXTEND:
        return PeriodGrowth(last, (replace(last, end=new_end),))
    return PeriodGrowth(last, tuple(_added(last, max(span.number for span in spans), new_end)))


def _added(last: PeriodSpan, number: int, new_end: date) -> list[PeriodSpan]:
    """Returns the last period at its own length, then further ones up to the new end."""
    is_fiscal = last.kind == Period.Kind.FISCAL_YEAR
    months = MONTHS_OF[Period.Kind(last.kind)]
    end = last.end
    full_end = months_later(last.start, months) - DAY
    if full_end - last.end >= HALF_A_MONTH:  # the old end had cut it short
        end = full_end if is_fiscal else min(full_end, new_end)
    spans = [replace(last, end=end)]
    while spans[-1].end < new_end:
        start = spans[-1].end + DAY
        end = months_later(start, months) - DAY
        if is_fiscal or end <= new_end:
            number += 1
            spans.append(PeriodSpan(last.kind, number, start, end))
        elif new_end - start < HALF_A_MONTH:
            spans[-1] = replace(spans[-1], end=new_end)
        else:
            number += 1
            spans.append(PeriodSpan(last.kind, number, start, new_end))
    return spans
