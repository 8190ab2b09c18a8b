"""Adds up budget and spending by category, result and period, with variance and forecast.

Pure functions over plain rows, which the pages, the report and the IATI export share. All sums are
exact and in the project's currency: an amount is multiplied by its rate, amounts are added, and
`cents` rounds once, for display. So the sums by category, by result and in all agree in whatever
order they are added, and an adjustment at its original's rate leaves no remainder.

Missing values stay missing: without a budget there is no variance, and as long as nothing at all
was entered for a period its actual amount is None, not zero. Once something was entered, a
category without a row spent nothing. The columns are those of an annual financial report
(docs/rules/money.md).
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import overload

from kernel import formats

CENT = Decimal("0.01")
ZERO = Decimal(0)

Key = Hashable


@overload
def cents(amount: Decimal) -> Decimal: ...
@overload
def cents(amount: None) -> None: ...
def cents(amount: Decimal | None) -> Decimal | None:
    """Returns the amount rounded to cents, half away from zero; None for None.

    Accountants and spreadsheets round so, and whoever checks a figure by hand gets the same.
    (Rounding half to even would differ from both.)
    """
    return None if amount is None else amount.quantize(CENT, ROUND_HALF_UP)


def amount(value: Decimal | None, currency: str) -> str:
    """Format an exact sum, rounded to cents, with its currency: 31 700 CAD."""
    return formats.money(cents(value), currency)


def in_cents(value: Decimal | None) -> str:
    """Format an exact sum, rounded to cents, for a column with the currency in its head: 31
    700,00."""
    return formats.number(cents(value), 2)


@dataclass(frozen=True)
class PeriodBounds:
    """The key, first and last day of a period of the budget."""

    key: Key
    start: date
    end: date


@dataclass(frozen=True)
class PlannedAmount:
    """A line of the budget. `revised` is None as long as nobody changed the original amount."""

    category: Key
    result: Key
    year: Key
    original: Decimal
    revised: Decimal | None = None

    @property
    def amount(self) -> Decimal:
        return self.original if self.revised is None else self.revised


@dataclass(frozen=True)
class SpentAmount:
    """An amount in its own currency, with its rate into the project's.

    `year`: the key of the period in which it was spent; None for a day outside all periods.
    """

    category: Key
    result: Key
    year: Key
    amount: Decimal
    rate: Decimal = Decimal(1)

    @property
    def value(self) -> Decimal:
        return self.amount * self.rate


@dataclass(frozen=True)
class ReportingPoint:
    """The point in time up to which spending is counted, and the periods that follow it.

    `year`: the period shown, None for all of them together. `reached`: the periods begun by
    then, including the one shown; `to_come`: the later ones. `running`: the period under way, if
    it is the one shown or the last one begun; else None. `elapsed`: the share of the project's
    time that has passed, 0 to 1.
    """

    year: Key | None
    reached: frozenset[Key]
    to_come: frozenset[Key]
    running: Key | None
    elapsed: Decimal

    @classmethod
    def of(
        cls, years: Sequence[PeriodBounds], shown: Key | None, *, today: date, elapsed: Decimal
    ) -> "ReportingPoint":
        """Builds the point for the period with the key `shown`; without one, for today."""
        chosen = next((year for year in years if year.key == shown), None)
        until = chosen.start if chosen else today
        reached = frozenset(year.key for year in years if year.start <= until)
        last = chosen or next((y for y in reversed(years) if y.key in reached), None)
        return cls(
            year=chosen.key if chosen else None,
            reached=reached,
            to_come=frozenset(year.key for year in years) - reached,
            running=last.key if last and last.start <= today <= last.end else None,
            elapsed=elapsed,
        )


@dataclass(frozen=True)
class BudgetFigures:
    """The exact amounts of one category, result or period, or of all together (`key` is None).

    original, revised: approved for the whole project, as first approved and as revised since.
    budget, actual: of the period shown (of all periods begun, where none is chosen).
    cumulative: spent from the beginning through the period shown.
    """

    key: Key
    original: Decimal | None
    revised: Decimal | None
    budget: Decimal | None
    actual: Decimal | None
    cumulative: Decimal | None
    forecast: Decimal | None
    straight_line: Decimal | None

    @property
    def variance(self) -> Decimal | None:
        """Actual less budget of the period; above zero, more was spent than planned."""
        if self.actual is None or self.budget is None:
            return None
        return self.actual - self.budget

    @property
    def variance_share(self) -> Decimal | None:
        """The variance as a share of the budget; None where that is missing or zero."""
        return self.variance / self.budget if self.variance is not None and self.budget else None

    @property
    def remaining(self) -> Decimal | None:
        """The approved budget less what was spent; below zero where it is overspent."""
        if self.revised is None or self.cumulative is None:
            return None
        return self.revised - self.cumulative

    @property
    def share_spent(self) -> Decimal | None:
        return self.cumulative / self.revised if self.revised and self.cumulative else None

    def deviates(self, threshold: Decimal) -> bool:
        """Returns whether the variance needs a comment.

        It does beyond the threshold (a share of the budget), and where something was spent that
        nobody had planned.
        """
        if self.actual and not self.budget:
            return True
        return self.variance_share is not None and abs(self.variance_share) > threshold


def figures_by(
    key: Callable[[PlannedAmount | SpentAmount], Key],
    planned: Iterable[PlannedAmount],
    spent: Iterable[SpentAmount],
    point: ReportingPoint,
) -> dict[Key, BudgetFigures]:
    """Returns the figures for each value of `key` that has a budget or spending."""
    spent = list(spent)
    recorded = _SpendingRecorded.of(spent, point)
    plans: dict[Key, list[PlannedAmount]] = {}
    paid: dict[Key, list[SpentAmount]] = {}
    for line in planned:
        plans.setdefault(key(line), []).append(line)
    for payment in spent:
        paid.setdefault(key(payment), []).append(payment)
    return {
        each: _figures(each, plans.get(each, []), paid.get(each, []), point, recorded)
        for each in plans | paid
    }


def total_figures(
    planned: Iterable[PlannedAmount], spent: Iterable[SpentAmount], point: ReportingPoint
) -> BudgetFigures:
    """Returns the figures of all rows together, added from the rows and not from rounded sums."""
    spent = list(spent)
    return _figures(None, list(planned), spent, point, _SpendingRecorded.of(spent, point))


def figures_by_period(
    planned: Iterable[PlannedAmount], spent: Iterable[SpentAmount], years: Sequence[PeriodBounds]
) -> list[BudgetFigures]:
    """Returns the figures of each period, in their order, with what was spent up to its end.

    A period's row has no forecast, which is made for the project as a whole.
    """
    planned, spent = list(planned), list(spent)
    rows: list[BudgetFigures] = []
    begun: set[Key] = set()
    for year in years:
        begun.add(year.key)
        lines = [line for line in planned if line.year == year.key]
        paid = [payment for payment in spent if payment.year == year.key]
        through = [payment for payment in spent if payment.year in begun]
        rows.append(
            BudgetFigures(
                key=year.key,
                original=_sum(line.original for line in lines),
                revised=_sum(line.amount for line in lines),
                budget=_sum(line.amount for line in lines),
                actual=_sum(payment.value for payment in paid),
                cumulative=_sum(payment.value for payment in through),
                forecast=None,
                straight_line=None,
            )
        )
    return rows


@dataclass(frozen=True)
class _SpendingRecorded:
    """Whether any spending was entered: for the period shown, and from the beginning on."""

    period: bool
    beginning: bool

    @classmethod
    def of(cls, spent: Iterable[SpentAmount], point: ReportingPoint) -> "_SpendingRecorded":
        begun = [one for one in spent if _is_until(one, point)]
        shown = any(point.year in (None, one.year) for one in begun)
        return cls(shown, bool(begun))


def _is_until(payment: SpentAmount, point: ReportingPoint) -> bool:
    """Returns whether the payment was made by then.

    A payment outside all periods counts for all periods together and for no single one.
    """
    return payment.year in point.reached or (payment.year is None and point.year is None)


def _figures(
    key: Key,
    planned: list[PlannedAmount],
    spent: list[SpentAmount],
    point: ReportingPoint,
    recorded: _SpendingRecorded,
) -> BudgetFigures:
    shown = point.reached if point.year is None else {point.year}
    begun = [payment for payment in spent if _is_until(payment, point)]
    of_period = [one for one in begun if point.year is None or one.year == point.year]
    cumulative = sum((one.value for one in begun), ZERO) if recorded.beginning else None
    return BudgetFigures(
        key=key,
        original=_sum(line.original for line in planned),
        revised=_sum(line.amount for line in planned),
        budget=_sum(line.amount for line in planned if line.year in shown),
        actual=sum((one.value for one in of_period), ZERO) if recorded.period else None,
        cumulative=cumulative,
        forecast=_forecast(planned, begun, point) if recorded.beginning else None,
        straight_line=_straight_line(cumulative, point.elapsed),
    )


def _forecast(
    planned: list[PlannedAmount], begun: list[SpentAmount], point: ReportingPoint
) -> Decimal | None:
    """Returns the expected spending at the project's end; None without any budget.

    To what was spent so far it adds the budgets of the periods to come and what is left of the
    period under way (never below zero, since overspending is not saved again). What a past period
    left over is not expected to be spent: that would need a revision.
    """
    if not planned:
        return None
    ahead = sum((line.amount for line in planned if line.year in point.to_come), ZERO)
    if point.running is not None:
        plan = sum((line.amount for line in planned if line.year == point.running), ZERO)
        paid = sum((one.value for one in begun if one.year == point.running), ZERO)
        ahead += max(plan - paid, ZERO)
    return sum((one.value for one in begun), ZERO) + ahead


def _straight_line(cumulative: Decimal | None, elapsed: Decimal) -> Decimal | None:
    """Extrapolates, for comparison: each remaining day costs as much as each day so far."""
    return cumulative / elapsed if cumulative is not None and elapsed > 0 else None


def _sum(amounts: Iterable[Decimal]) -> Decimal | None:
    """Returns the sum, or None where there is nothing to add: a missing amount is not zero."""
    amounts = list(amounts)
    return sum(amounts, ZERO) if amounts else None


# --- Budgets for IATI ---


@dataclass(frozen=True)
class BudgetPart:
    """The part of a budget that falls on at most a year."""

    start: date
    end: date
    amount: Decimal


def split_by_year(start: date, end: date, amount: Decimal) -> list[BudgetPart]:
    """Divides the amount of a period into parts of at most a year, in proportion to their days.

    IATI accepts no budget of more than a year. The parts are in cents; the last one takes up what
    rounding left over, so that they add up to the whole.
    """
    parts, first = [], start
    while first <= end:
        last = min(_a_year_from(first) - timedelta(days=1), end)
        parts.append((first, last))
        first = last + timedelta(days=1)
    days = (end - start).days + 1
    shares = [cents(amount * ((last - first).days + 1) / days) for first, last in parts[:-1]]
    shares.append(amount - sum(shares, ZERO))
    return [BudgetPart(*days, share) for days, share in zip(parts, shares, strict=True)]


def split_by_calendar(start: date, end: date, amount: Decimal) -> list[BudgetPart]:
    """Divides the amount of a period among its calendar years, in proportion to their days.

    A single day at the beginning or the end goes with the year beside it, since a period has to end
    after it starts. The parts are in cents and add up to the whole.
    """
    firsts = [start, *(date(year, 1, 1) for year in range(start.year + 1, end.year + 1))]
    if len(firsts) > 2 and firsts[1] - start == timedelta(days=1):
        del firsts[1]
    if len(firsts) > 1 and firsts[-1] == end:
        del firsts[-1]
    lasts = [*(first - timedelta(days=1) for first in firsts[1:]), end]
    days = (end - start).days + 1
    bounds = list(zip(firsts, lasts, strict=True))
    shares = [cents(amount * ((last - first).days + 1) / days) for first, last in bounds[:-1]]
    shares.append(amount - sum(shares, ZERO))
    return [BudgetPart(*days, share) for days, share in zip(bounds, shares, strict=True)]


def _a_year_from(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # the 29th of February
        return date(day.year + 1, 3, 1)
