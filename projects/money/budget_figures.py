"""What budget and spending amount to: by category, result and period, remaining, forecast.

Pure functions of plain rows, for the pages, the report and the exchange alike. All sums are in
the project's currency and exact: an amount is multiplied by its rate, amounts are added, and only
what is told is rounded, once, by `cents`. So sums by category, by result and in all agree in
whatever order they are added, and an adjustment at its original's rate leaves nothing behind.

What is missing stays missing: without a budget there is no variance, and as long as nothing at
all was entered for a period its actual amount is None, not nought. Where something was entered,
a category without a row spent nothing. The columns are those of an annual financial report
(docs/rules/money.md).
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal(0)

Key = Hashable


def cents(amount: Decimal | None) -> Decimal | None:
    """Rounded to cents, half away from zero: as accountants and spreadsheets do, so that who
    checks a figure by hand finds the same. (Half to even would differ from both.)"""
    return None if amount is None else amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class BudgetPeriod:
    """A period of the budget, first to last day."""

    key: Key
    start: date
    end: date


@dataclass(frozen=True)
class PlannedAmount:
    """A line of the budget. `revised` is None as long as the original amount stands."""

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
    """An amount in its currency with its rate. `year` is None for a day outside all periods."""

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
    """Until when money is told, and what lies ahead.

    `year`: the period shown, None for all of them together. `reached`: the periods begun by
    then, with the one shown; `to_come`: the later ones. `running`: the period under way, if it
    is the one shown or the last one begun; else None. `elapsed`: share of the project's time
    that passed, 0 to 1.
    """

    year: Key | None
    reached: frozenset[Key]
    to_come: frozenset[Key]
    running: Key | None
    elapsed: Decimal

    @classmethod
    def of(
        cls, years: Sequence[BudgetPeriod], shown: Key | None, *, today: date, elapsed: Decimal
    ) -> "ReportingPoint":
        """Of the period `shown`; without one, of today."""
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
    """The figures of one category, result or period, or of all (`key` is None); exact amounts.

    original, revised: approved for the whole project, as first approved and as it stands.
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
        """actual − budget of the period: above nought, more was spent than planned."""
        if self.actual is None or self.budget is None:
            return None
        return self.actual - self.budget

    @property
    def variance_share(self) -> Decimal | None:
        """The variance as a share of the budget; None where that is missing or zero."""
        return self.variance / self.budget if self.variance is not None and self.budget else None

    @property
    def remaining(self) -> Decimal | None:
        """What is left of the approved budget; below nought where it is overspent."""
        if self.revised is None or self.cumulative is None:
            return None
        return self.revised - self.cumulative

    @property
    def share_spent(self) -> Decimal | None:
        return self.cumulative / self.revised if self.revised and self.cumulative else None

    def deviates(self, threshold: Decimal) -> bool:
        """Whether a comment is asked for: further from the budget than the threshold (a share),
        or spent where nothing was planned."""
        if self.actual and not self.budget:
            return True
        return self.variance_share is not None and abs(self.variance_share) > threshold


def figures_by(
    key: Callable[[PlannedAmount | SpentAmount], Key],
    planned: Iterable[PlannedAmount],
    spent: Iterable[SpentAmount],
    position: ReportingPoint,
) -> dict[Key, BudgetFigures]:
    """A row for each value of `key` that has a plan or spending."""
    planned, spent = list(planned), list(spent)
    known = _SpendingRecorded.of(spent, position)
    plans: dict[Key, list[PlannedAmount]] = {}
    paid: dict[Key, list[SpentAmount]] = {}
    for line in planned:
        plans.setdefault(key(line), []).append(line)
    for payment in spent:
        paid.setdefault(key(payment), []).append(payment)
    return {
        each: _figures(each, plans.get(each, []), paid.get(each, []), position, known)
        for each in [*plans, *(one for one in paid if one not in plans)]
    }


def total_figures(
    planned: Iterable[PlannedAmount], spent: Iterable[SpentAmount], position: ReportingPoint
) -> BudgetFigures:
    """The same for all together: from the rows themselves, not from rounded sums."""
    spent = list(spent)
    return _figures(None, list(planned), spent, position, _SpendingRecorded.of(spent, position))


def figures_by_period(
    planned: Iterable[PlannedAmount], spent: Iterable[SpentAmount], years: Sequence[BudgetPeriod]
) -> list[BudgetFigures]:
    """A row for each period, in their order: its own budget, actual and what was spent till its end.

    Nothing is forecast here: a period's row tells what was, not what will be.
    """
    planned, spent = list(planned), list(spent)
    rows, before = [], frozenset()
    for year in years:
        before |= {year.key}
        lines = [line for line in planned if line.year == year.key]
        paid = [payment for payment in spent if payment.year == year.key]
        through = [payment for payment in spent if payment.year in before]
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
    """Whether anything was entered at all: for the period shown, and from the beginning on."""

    period: bool
    beginning: bool

    @classmethod
    def of(cls, spent: Iterable[SpentAmount], position: ReportingPoint) -> "_SpendingRecorded":
        begun = [one for one in spent if _is_until(one, position)]
        shown = any(position.year in (None, one.year) for one in begun)
        return cls(shown, bool(begun))


def _is_until(payment: SpentAmount, position: ReportingPoint) -> bool:
    """Spent by then. A day outside all periods counts in all together, in no single period."""
    return payment.year in position.reached or (payment.year is None and position.year is None)


def _figures(
    key: Key,
    planned: list[PlannedAmount],
    spent: list[SpentAmount],
    position: ReportingPoint,
    known: _SpendingRecorded,
) -> BudgetFigures:
    shown = position.reached if position.year is None else {position.year}
    begun = [payment for payment in spent if _is_until(payment, position)]
    of_period = [one for one in begun if position.year is None or one.year == position.year]
    cumulative = sum((one.value for one in begun), ZERO) if known.beginning else None
    return BudgetFigures(
        key=key,
        original=_sum(line.original for line in planned),
        revised=_sum(line.amount for line in planned),
        budget=_sum(line.amount for line in planned if line.year in shown),
        actual=sum((one.value for one in of_period), ZERO) if known.period else None,
        cumulative=cumulative,
        forecast=_forecast(planned, begun, position) if known.beginning else None,
        straight_line=_straight_line(cumulative, position.elapsed),
    )


def _forecast(
    planned: list[PlannedAmount], begun: list[SpentAmount], position: ReportingPoint
) -> Decimal | None:
    """What will have been spent in the end: spent to date, and what the plan still holds.

    That is the budget of the periods to come, and of the period under way what is left of its
    budget (never below nought: what was overspent is not saved again). What a past period left
    over is not expected to be spent: it would need a revision. None without any plan.
    """
    if not planned:
        return None
    ahead = sum((line.amount for line in planned if line.year in position.to_come), ZERO)
    if position.running is not None:
        plan = sum((line.amount for line in planned if line.year == position.running), ZERO)
        paid = sum((one.value for one in begun if one.year == position.running), ZERO)
        ahead += max(plan - paid, ZERO)
    return sum((one.value for one in begun), ZERO) + ahead


def _straight_line(cumulative: Decimal | None, elapsed: Decimal) -> Decimal | None:
    """For comparison: as if the rest of the time cost as much a day as the time so far."""
    return cumulative / elapsed if cumulative is not None and elapsed > 0 else None


def _sum(amounts: Iterable[Decimal]) -> Decimal | None:
    """None where there is nothing to add."""
    amounts = list(amounts)
    return sum(amounts, ZERO) if amounts else None


# For the exchange


@dataclass(frozen=True)
class BudgetPart:
    start: date
    end: date
    amount: Decimal


def split_by_year(start: date, end: date, amount: Decimal) -> list[BudgetPart]:
    """An amount of a period in parts of at most a year each, by their days.

    IATI takes no budget of more than a year. In cents; the last part takes what rounding left
    over, so that the parts make the whole.
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


def _a_year_from(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # the 29th of February
        return date(day.year + 1, 3, 1)
