"""Arranges the activities of a month on a calendar, by their actual or planned days."""

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
class CalendarEntry:
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
class CalendarDay:
    on: date
    in_month: bool
    is_today: bool
    entries: list[CalendarEntry]


@dataclass(frozen=True)
class CalendarMonth:
    """A month on a calendar. `weeks` begin on the first weekday of the reader's language; `long`
    are entries of more than a week, which are shown above the days; `entries` are all, in order of
    time."""

    first: date
    weekdays: list[str]
    weeks: list[list[CalendarDay]]
    entries: list[CalendarEntry]
    long: list[CalendarEntry] = field(default_factory=list)

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
    """Format the month: octobre 2019 · octubre de 2019 · October 2019."""
    return format_skeleton("yMMMM", first, locale=locale())


def month_of(day: date) -> date:
    return day.replace(day=1)


def next_month(first: date) -> date:
    return month_of(first.replace(day=28) + timedelta(days=4))


def calendar_month(activities: Iterable[Activity], first: date, *, today: date) -> CalendarMonth:
    """Build the month that begins with `first`. Activities without days, cancelled or postponed
    ones are left out."""
    last = next_month(first) - timedelta(days=1)
    entries = [
        CalendarEntry(activity, *activity.span)
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
        CalendarDay(
            on=day,
            in_month=first <= day <= last,
            is_today=day == today,
            entries=[one for one in short if one.start <= day <= one.end]
            if first <= day <= last
            else [],
        )
        for day in days
    ]
    return CalendarMonth(
        first=first,
        weekdays=[format_date(day, "EEEE", locale=locale()) for day in days[:7]],
        weeks=[filled[n : n + 7] for n in range(0, len(filled), 7)],
        entries=entries,
        long=[entry for entry in entries if entry.is_long],
    )


def _week_begins(day: date) -> date:
    return day - timedelta(days=(day.weekday() - locale().first_week_day) % 7)


def month_to_open(activities: Iterable[Activity], today: date) -> date:
    """Choose the month to show first: this one if it has activities, or else the next one that has,
    or else the last one; this one if there is none at all."""
    spans = [one.span for one in activities if one.is_going and one.span]
    this, following = month_of(today), next_month(month_of(today))
    if any(start < following and end >= this for start, end in spans):
        return this
    ahead = [start for start, _end in spans if start >= following]
    return month_of(min(ahead) if ahead else max((end for _start, end in spans), default=today))
