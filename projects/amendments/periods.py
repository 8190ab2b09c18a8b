"""How the periods of a project grow when it is extended: pure arithmetic of days.

Periods of one kind follow each other without gap or overlap. Either the last one grows to the new
end, or further ones of the kind's own length are added behind it; where the last was cut short
by the old end (half a month or more), it first grows to that length. What would remain as a sliver at the end is given
to the period before. A donor's fiscal year keeps its length and may reach past the project.
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
# An extension of up to six months prolongs the last project year, a longer one adds a year.
LONGEST_BY_WHICH_A_YEAR_GROWS = 6
SLIVER = timedelta(days=15)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class PeriodSpan:
    """A period as it is or will be; `pk` is None for one that is added."""

    kind: str
    number: int
    start: date
    end: date
    pk: int | None = None


@dataclass(frozen=True)
class PeriodGrowth:
    """What becomes of the last period of a kind: itself, grown or not, then those added."""

    before: PeriodSpan
    after: tuple[PeriodSpan, ...]

    @property
    def last(self) -> PeriodSpan:
        return self.after[-1]

    @property
    def added(self) -> tuple[PeriodSpan, ...]:
        return self.after[1:]


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last day where the month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def default_way(kind: str, old_end: date, new_end: date) -> str:
    """Grow a project year by up to six months, else add periods of the kind's own length."""
    if kind != Period.Kind.PROJECT_YEAR:
        return ADD
    longest = months_later(old_end + DAY, LONGEST_BY_WHICH_A_YEAR_GROWS) - DAY
    return EXTEND if new_end <= longest else ADD


def possible_ways(kind: str) -> tuple[str, ...]:
    """A fiscal year is what it is: it does not grow."""
    return (ADD,) if kind == Period.Kind.FISCAL_YEAR else (EXTEND, ADD)


def grow_periods(spans: Sequence[PeriodSpan], new_end: date, way: str) -> PeriodGrowth | None:
    """How the last of these periods of one kind reaches the new end; None where it does already.

    `spans`: all periods of the kind, in any order. Their numbers are never given twice.
    """
    last = max(spans, key=lambda span: span.end, default=None)
    if last is None or last.end >= new_end:
        return None
    if way == EXTEND:
        return PeriodGrowth(last, (replace(last, end=new_end),))
    return PeriodGrowth(last, tuple(_added(last, max(span.number for span in spans), new_end)))


def _added(last: PeriodSpan, number: int, new_end: date) -> list[PeriodSpan]:
    """The last period at its own length, then others until the new end is reached."""
    is_fiscal = last.kind == Period.Kind.FISCAL_YEAR
    months = MONTHS_OF[Period.Kind(last.kind)]
    natural = months_later(last.start, months) - DAY
    was_cut = natural - last.end >= SLIVER
    end = last.end if not was_cut else natural if is_fiscal else min(natural, new_end)
    found = [replace(last, end=end)]
    while found[-1].end < new_end:
        start = found[-1].end + DAY
        end = months_later(start, months) - DAY
        if is_fiscal or end <= new_end:
            number += 1
            found.append(PeriodSpan(last.kind, number, start, end))
        elif new_end - start < SLIVER:
            found[-1] = replace(found[-1], end=new_end)
        else:
            number += 1
            found.append(PeriodSpan(last.kind, number, start, new_end))
    return found
