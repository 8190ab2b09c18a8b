"""Activities on the sheet of a month: which day has what, as it was or as it is planned."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from babel.dates import format_date, format_skeleton

from kernel.formats import locale
from projects.models import Activity

# What lasts longer would fill the sheet: it stands above it instead.
LONGEST = 7
FIRST_MONTH, LAST_MONTH = date(1900, 1, 1), date(2099, 12, 1)


@dataclass(frozen=True)
class Entry:
    activity: Activity
    start: date
    end: date

    @property
    def is_planned(self) -> bool:
        return not self.activity.took_place

    @property
    def is_long(self) -> bool:
        return (self.end - self.start).days >= LONGEST


@dataclass(frozen=True)
class Day:
    on: date
    in_month: bool
    is_today: bool
    entries: list[Entry]


@dataclass(frozen=True)
class Month:
    """`weeks` begin as the reader's language begins them; `long` are entries of more than a
    week, which stand in no day; `entries` are all, in their order."""

    first: date
    weekdays: list[str]
    weeks: list[list[Day]]
    entries: list[Entry]
    long: list[Entry] = field(default_factory=list)

    @property
    def name(self) -> str:
        return month_name(self.first)

    @property
    def before(self) -> date | None:
        return None if self.first <= FIRST_MONTH else month_of(self.first - timedelta(days=1))

    @property
    def after(self) -> date | None:
        return None if self.first >= LAST_MONTH else next_month(self.first)


def month_name(first: date) -> str:
    """octobre 2019 · octubre de 2019 · October 2019."""
    return format_skeleton("yMMMM", first, locale=locale())


def month_of(day: date) -> date:
    return day.replace(day=1)


def next_month(first: date) -> date:
    return month_of(first.replace(day=28) + timedelta(days=4))


def sheet(activities: Iterable[Activity], first: date, *, today: date) -> Month:
    """The month that begins with `first`. What was cancelled or has no days, or waits for new
    ones because it was postponed, stands in no calendar."""
    last = next_month(first) - timedelta(days=1)
    entries = [
        Entry(activity, *activity.span)
        for activity in activities
        if activity.is_going
        and activity.span
        and activity.span[0] <= last
        and activity.span[1] >= first
    ]
    entries.sort(key=lambda entry: (entry.start, entry.end, entry.activity.pk))
    short = [entry for entry in entries if not entry.is_long]
    begin = _week_begins(first)
    days = [begin + timedelta(days=n) for n in range((_week_begins(last) - begin).days + 7)]
    filled = [
        Day(
            on=day,
            in_month=first <= day <= last,
            is_today=day == today,
            entries=[one for one in short if one.start <= day <= one.end]
            if first <= day <= last
            else [],
        )
        for day in days
    ]
    return Month(
        first=first,
        weekdays=[format_date(day, "EEEE", locale=locale()) for day in days[:7]],
        weeks=[filled[n : n + 7] for n in range(0, len(filled), 7)],
        entries=entries,
        long=[entry for entry in entries if entry.is_long],
    )


def _week_begins(day: date) -> date:
    return day - timedelta(days=(day.weekday() - locale().first_week_day) % 7)


def month_to_open(activities: Iterable[Activity], today: date) -> date:
    """The month that is shown unasked: this one if anything is in it, else the next one with
    anything, else the last one; this one where there is nothing at all."""
    spans = [one.span for one in activities if one.is_going and one.span]
    this, following = month_of(today), next_month(month_of(today))
    if any(start < following and end >= this for start, end in spans):
        return this
    ahead = [start for start, _end in spans if start >= following]
    return month_of(min(ahead) if ahead else max((end for _start, end in spans), default=today))
