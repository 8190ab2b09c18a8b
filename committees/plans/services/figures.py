"""Figures of a plan: its actions grouped by institution, result or quarter, and its burn-up chart."""

import calendar
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django.utils.translation import gettext as _

from committees.models import Action, ActionPlan, ActionTerms, ProgressNote
from committees.permissions.amounts import NO_AMOUNT, AmountsRead
from committees.plans.services.comparison import reference_order
from kernel.formats import day_range
from kernel.lifecycle import StatusChange
from projects.models import Period

WAYS = ("result", "institution", "quarter")
QUARTER_MONTHS = 3


@dataclass
class PlanPart:
    """Some actions of a plan, under one heading."""

    title: str
    terms: list[ActionTerms]
    # None if no action states one, or if the reader may not know.
    budget: Decimal | None = None

    @property
    def counted(self) -> list[ActionTerms]:
        return [one for one in self.terms if one.action.status != Action.Status.CANCELLED]

    @property
    def done(self) -> int:
        return sum(one.action.share_done == 100 for one in self.counted)

    @property
    def late(self) -> int:
        return sum(bool(one.days_late) for one in self.counted)

    @property
    def percent(self) -> int:
        """The mean of the shares done, in per cent, each action counting alike; 0 without actions."""
        shares = [one.action.share_done for one in self.counted]
        return round(sum(shares) / len(shares)) if shares else 0

    def note_budget(self, amounts: AmountsRead, by: str) -> None:
        """Sum up the budgets, as far as their reader may know: totals are by result."""
        if by == "result" or amounts.reads(*self.counted):
            self.budget = amounts.total(self.counted)


def parts_of(
    plan: ActionPlan,
    terms: Iterable[ActionTerms],
    by: str,
    *,
    amounts: AmountsRead = NO_AMOUNT,
) -> list[PlanPart]:
    """Group the actions by "result", "institution" (the responsible one) or "quarter" (of their
    last day)."""
    key: Callable[[ActionTerms], tuple[tuple, str]] = {
        "result": _by_result,
        "institution": _by_institution,
        "quarter": lambda one: _by_quarter(plan.period, one),
    }[by]
    groups: dict[tuple[tuple, str], list[ActionTerms]] = {}
    for one in terms:
        groups.setdefault(key(one), []).append(one)
    order = sorted(groups, key=lambda group: group[0])
    parts = [PlanPart(title, _in_order(groups[place, title])) for place, title in order]
    for part in parts:
        part.note_budget(amounts, by)
    return parts


def _in_order(terms: list[ActionTerms]) -> list[ActionTerms]:
    return sorted(
        terms, key=lambda one: (one.starts_on, one.ends_on, reference_order(one.action.reference))
    )


def _by_result(terms: ActionTerms) -> tuple[tuple, str]:
    if terms.result is None:
        return (1, "", 0), _("Not tied to a result")
    return (0, terms.result.code, terms.result_id), str(terms.result)


def _by_institution(terms: ActionTerms) -> tuple[tuple, str]:
    name = str(terms.responsible)
    return (name.casefold(), terms.responsible_id), name


def _by_quarter(period: Period, terms: ActionTerms) -> tuple[tuple, str]:
    """Count quarters from the first day of the plan's year. Actions that end outside of the year
    form a group before it and one after it."""
    if terms.ends_on < period.start:
        return (0, period.start), _("Before the year of the plan")
    if terms.ends_on > period.end:
        return (2, period.end), _("After the year of the plan")
    start, number = period.start, 1
    while (following := _later(start)) <= terms.ends_on:
        start, number = following, number + 1
    end = min(following - timedelta(days=1), period.end)
    days = day_range(start, end)
    return (1, start), _("Quarter %(number)s (%(days)s)") % {"number": number, "days": days}


def _later(start: date) -> date:
    """Return the same day three months later, or the last day of a month that is shorter."""
    year, month = divmod(start.year * 12 + start.month - 1 + QUARTER_MONTHS, 12)
    length = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, length))


# Over time


@dataclass
class PlanBurnUp:
    """The number of actions that should be done by each day, and of those done.

    An action that is half done counts one half. After today, `done` is None.
    """

    days: list[date]
    planned: list[Decimal]
    done: list[Decimal | None]


def plan_burn_up(plan: ActionPlan, terms: Iterable[ActionTerms]) -> PlanBurnUp:
    """Compute the burn-up of the plan's actions at the end of each month and today.

    The share done on a past day comes from the progress notes; an action without notes counts as
    done from the day on which it was finished. Today's value is the present share of each action.
    Runs two queries.
    """
    terms = [one for one in terms if one.action.status != Action.Status.CANCELLED]
    if not terms:
        return PlanBurnUp([], [], [])
    today = timezone.localdate()
    first = min([plan.period.start, *(one.starts_on for one in terms)])
    last = max([plan.period.end, *(one.ends_on for one in terms)])
    days = sorted({*_month_ends(first, last), *([today] if first <= today <= last else [])})
    noted = _shares_noted([one.action for one in terms])
    planned = [Decimal(sum(one.ends_on <= day for one in terms)) for day in days]
    done: list[Decimal | None] = []
    for day in days:
        if day > today:
            done.append(None)
        elif day == today:
            done.append(Decimal(sum(one.action.share_done for one in terms)) / 100)
        else:
            shares = (_share_on(noted.get(one.action_id, []), day) for one in terms)
            done.append(Decimal(sum(shares)) / 100)
    return PlanBurnUp(days, planned, done)


def _month_ends(first: date, last: date) -> list[date]:
    ends, day = [first], first
    while day < last:
        day = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        ends.append(min(day, last))
        day += timedelta(days=1)
    return ends


def _shares_noted(actions: list[Action]) -> dict[int, list[tuple[date, int]]]:
    """Return the days of each action on which a share was noted, in their order."""
    noted: dict[int, list[tuple[date, int]]] = {}
    keys = [action.pk for action in actions]
    notes = ProgressNote.objects.filter(action__in=keys).order_by("noted_on", "pk")
    for action, day, share in notes.values_list("action", "noted_on", "share_done"):
        noted.setdefault(action, []).append((day, share))
    finished = StatusChange.objects.filter(
        content_type=ContentType.objects.get_for_model(Action),
        object_id__in=[pk for pk in keys if pk not in noted],
        verb="finish",
    ).order_by("happened_on", "pk")
    for action, day in finished.values_list("object_id", "happened_on"):
        noted.setdefault(action, []).append((day, 100))
    return noted


def _share_on(noted: list[tuple[date, int]], day: date) -> int:
    return next((share for when, share in reversed(noted) if when <= day), 0)
