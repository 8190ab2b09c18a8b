"""Obligations by month: under headings in a list, and on the days of a calendar page."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from babel.dates import format_date
from django.utils.translation import gettext as _

from ibcr_portal.obligations.due import Due, DueState
from kernel.formats import locale


@dataclass(frozen=True)
class ObligationDay:
    on: date
    in_month: bool
    is_today: bool
    due: list[Due] = field(default_factory=list)


@dataclass(frozen=True)
class ObligationMonth:
    """A month as a page of a calendar. `weeks` run from Monday to Sunday; `before` and `after` are
    months such as “2026-11”."""

    first: date
    weeks: list[list[ObligationDay]]
    undated: list[Due]

    @property
    def name(self) -> str:
        return month_name(self.first)

    @property
    def before(self) -> str:
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def after(self) -> str:
        return f"{self.first + timedelta(days=31):%Y-%m}"

    @property
    def days(self) -> list[ObligationDay]:
        """The days of the month that have obligations, for a narrow page."""
        return [day for week in self.weeks for day in week if day.due and day.in_month]

    @property
    def day_names(self) -> list[str]:
        return [format_date(day.on, "EEE", locale=locale()) for day in self.weeks[0]]


def month_name(day: date) -> str:
    return format_date(day, "LLLL yyyy", locale=locale())


def heading(due: Due) -> str:
    """Return the heading of an obligation in the list: late ones come first, then month by month."""
    if due.state == DueState.LATE:
        return _("Late")
    return month_name(due.on) if due.on else _("Without a day")


def month_of(text: str, today: date) -> date:
    """Return the first day of a month such as “2026-11”, or of today's month if the text is none."""
    try:
        year, month = text.split("-")
        first = date(int(year), int(month), 1)
    except ValueError:
        return today.replace(day=1)
    return first if 1970 <= first.year <= 2200 else today.replace(day=1)


def days_of(first: date) -> tuple[date, date]:
    """Return the first and last day on the page of a month."""
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return weeks[0][0], weeks[-1][-1]


def month_with(found: Iterable[Due], first: date, today: date) -> ObligationMonth:
    by_day: dict[date, list[Due]] = {}
    undated = []
    for due in found:
        if due.on is None:
            undated.append(due)
        else:
            by_day.setdefault(due.on, []).append(due)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return ObligationMonth(
        first,
        [
            [
                ObligationDay(on, on.month == first.month, on == today, by_day.get(on, []))
                for on in week
            ]
            for week in weeks
        ],
        undated,
    )
