"""Reads budget, spending and contributions from the database, for `budget_figures` and for IATI.

The database sums expenditure per category, result, period, currency and rate, so that ten thousand
vouchers are a few dozen rows here; amounts are multiplied by their rate only then.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, IntegerField, QuerySet, Sum, Value, When

from partners.models import Institution
from projects.models import (
    Budget,
    BudgetLine,
    BudgetRevision,
    Contribution,
    Expenditure,
    Period,
    Project,
)
from projects.models.expenditure import lacks_scan
from projects.money.budget_figures import (
    PeriodBounds,
    PlannedAmount,
    ReportingPoint,
    SpentAmount,
    cents,
    split_by_year,
)
from projects.reading import periods_of


def budget_periods(project: Project, periods: Iterable[Period] | None = None) -> list[Period]:
    """Returns the project's years; for a project that has none, its donor's fiscal years.

    `periods`: those of the project in their order, if the caller has read them already.
    """
    by_kind: dict[str, list[Period]] = defaultdict(list)
    for period in periods_of(project) if periods is None else periods:
        by_kind[period.kind].append(period)
    return by_kind[Period.Kind.PROJECT_YEAR] or by_kind[Period.Kind.FISCAL_YEAR]


def period_bounds(periods: list[Period]) -> list[PeriodBounds]:
    """Return key, first and last day of each period, in the same order."""
    return [PeriodBounds(period.pk, period.start, period.end) for period in periods]


def planned_amounts(project: Project, *, known_on: date | None = None) -> list[PlannedAmount]:
    """Returns the lines of the project's budget.

    `known_on`: leaves out what was revised after that day.
    """
    before = _before_revisions(project, known_on) if known_on else {}
    fields = ("pk", "category", "result", "period", "original", "revised")
    lines = BudgetLine.objects.filter(project=project).order_by().values_list(*fields)
    return [
        PlannedAmount(category, result, period, original, before.get(pk, revised))
        for pk, category, result, period, original, revised in lines
    ]


def _before_revisions(project: Project, day: date) -> dict[int, Decimal]:
    """Returns the amounts on that day of the lines that were revised after it.

    The first of these revisions has the amount before it, and as the last one read it wins.
    """
    later = BudgetRevision.objects.filter(line__project=project, on__gt=day)
    return dict(later.order_by("-on", "-pk").values_list("line", "before"))


def spent_amounts(expenditures: QuerySet[Expenditure], periods: list[Period]) -> list[SpentAmount]:
    """Returns the expenditure summed by category, result, period, currency and rate; without what
    waits for approval or was sent back."""
    return _amounts(_sums(expenditures, period_bounds(periods)))


def spent_so_far(
    project: Project, periods: list[Period], *, known_on: date | None = None
) -> list[SpentAmount]:
    """Returns `spent_amounts` of all expenditure of the project, or of that until a day."""
    expenditures = project.expenditures.all()
    if known_on:
        expenditures = expenditures.filter(spent_on__lte=known_on)
    return spent_amounts(expenditures, periods)


def _sums(
    expenditures: QuerySet[Expenditure], years: Iterable[PeriodBounds]
) -> QuerySet[Any, tuple[Any, ...]]:
    of_day = [
        When(spent_on__gte=year.start, spent_on__lte=year.end, then=Value(year.key))
        for year in years
    ]
    year = Case(*of_day, default=Value(None), output_field=IntegerField())
    fields = ("category", "result", "year", "currency", "rate")
    counted = expenditures.filter(status__in=Expenditure.COUNTED).order_by()
    return counted.annotate(year=year).values_list(*fields).annotate(Sum("amount"))


def _amounts(sums: Iterable[tuple[Any, ...]]) -> list[SpentAmount]:
    return [
        SpentAmount(category, result, year, amount, rate)
        for category, result, year, _currency, rate, amount in sums
    ]


def reporting_point(
    project: Project, periods: list[Period], shown: Period | None, *, today: date
) -> ReportingPoint:
    """Returns the point up to which spending counts: the end of the period shown, or today."""
    until = min(today, shown.end) if shown else today
    length = (project.current_end - project.starts_on).days + 1
    passed = min(max((until - project.starts_on).days + 1, 0), length)
    elapsed = Decimal(passed) / Decimal(length)
    return ReportingPoint.of(
        period_bounds(periods), shown and shown.pk, today=today, elapsed=elapsed
    )


@dataclass(frozen=True)
class BooksTotal:
    """Sums of vouchers in the project's currency, each rounded once, to cents: those that count, and
    those that wait for approval; and how many wait, were sent back or have no scan."""

    counted: Decimal = Decimal(0)
    waiting: Decimal = Decimal(0)
    number_waiting: int = 0
    number_returned: int = 0
    without_scan: int = 0


def books_total(expenditures: QuerySet[Expenditure]) -> BooksTotal:
    sums = expenditures.order_by().values_list("status", "currency", "rate")
    without = Count("pk", filter=lacks_scan())
    rows = sums.annotate(Sum("amount"), number=Count("pk"), without=without)
    status = Expenditure.Status
    counted = waiting = Decimal(0)
    numbers: dict[str, int] = defaultdict(int)
    without_scan = 0
    for state, _currency, rate, amount, number, without in rows:
        numbers[state] += number
        without_scan += without
        if state in Expenditure.COUNTED:
            counted += amount * rate
        elif state == status.WAITING:
            waiting += amount * rate
    return BooksTotal(
        cents(counted),
        cents(waiting),
        numbers[status.WAITING],
        numbers[status.RETURNED],
        without_scan,
    )


# --- For IATI ---


@dataclass(frozen=True)
class PublishedBudget:
    """A budget of at most a year, in the project's currency, as first approved or as revised."""

    start: date
    end: date
    amount: Decimal
    is_revised: bool = False


class Books:
    """What is published of a project's money, each part of it read once it is needed."""

    def __init__(self, project: Project) -> None:
        self.project = project

    @cached_property
    def years(self) -> list[Period]:
        return budget_periods(self.project)

    @cached_property
    def planned(self) -> list[PlannedAmount]:
        return planned_amounts(self.project)

    @cached_property
    def budget(self) -> Budget:
        return Budget.of(self.project)

    @cached_property
    def contributions(self) -> list[Contribution]:
        rows = Contribution.objects.filter(participation__project=self.project)
        return list(
            rows.select_related("participation__institution").prefetch_related(
                "participation__institution__names"
            )
        )

    @cached_property
    def passed_on(self) -> set[int]:
        """The categories of what was paid on to partners."""
        categories = self.project.budget_categories.filter(is_passed_on=True)
        return set(categories.values_list("pk", flat=True))


def published_budgets(project: Project, books: Books | None = None) -> list[PublishedBudget]:
    """Returns the original budget of each period, and the revised one where it differs.

    IATI accepts no budget of more than a year, so longer periods are divided.
    """
    books = books or Books(project)
    amounts: dict[Hashable, tuple[Decimal, Decimal]] = {}
    for line in books.planned:
        original, revised = amounts.get(line.year, (Decimal(0), Decimal(0)))
        amounts[line.year] = (original + line.original, revised + line.amount)
    budgets = []
    for period in books.years:
        if period.pk not in amounts:
            continue
        original, revised = amounts[period.pk]
        kinds = [(original, False), (revised, True)] if revised != original else [(original, False)]
        for amount, is_revised in kinds:
            budgets += [
                PublishedBudget(part.start, part.end, part.amount, is_revised)
                for part in split_by_year(period.start, period.end, amount)
            ]
    return budgets


class MoneyFlow(StrEnum):
    INCOMING = "incoming"
    DISBURSEMENT = "disbursement"
    EXPENDITURE = "expenditure"


@dataclass(frozen=True)
class LedgerTransaction:
    """Money received or spent, in cents of the project's currency; names no voucher or person.

    `institution`: the donor of incoming funds. `start`: the first day of the period whose
    expenditure is summed up.
    """

    flow: MoneyFlow
    on: date
    amount: Decimal
    institution: Institution | None = None
    start: date | None = None


def ledger_transactions(books: Books, *, through: date) -> list[LedgerTransaction]:
    """Returns contributions received, then the sums per period of what was paid on to partners
    (in categories marked so) and of what was spent.

    Nothing is dated after `through`, and sums of zero are left out.
    """
    incoming = [
        LedgerTransaction(
            MoneyFlow.INCOMING,
            each.received_on,
            cents(each.value_received),
            each.participation.institution,
        )
        for each in books.contributions
        # Constraint contribution_received_has_its_day: both are there, or neither.
        if each.received_on and each.value_received and each.received_on <= through
    ]
    return [*incoming, *_outgoing(books, through)]


def _outgoing(books: Books, through: date) -> list[LedgerTransaction]:
    periods = [period for period in books.years if period.start <= through]
    expenditures = books.project.expenditures.filter(spent_on__lte=through)
    spent = spent_amounts(expenditures, periods)
    transactions = []
    for period in periods:
        for flow in (MoneyFlow.DISBURSEMENT, MoneyFlow.EXPENDITURE):
            is_on = flow == MoneyFlow.DISBURSEMENT
            values = [
                one.value
                for one in spent
                if one.year == period.pk and (one.category in books.passed_on) == is_on
            ]
            if amount := cents(sum(values, Decimal(0))):
                on = min(period.end, through)
                transactions.append(LedgerTransaction(flow, on, amount, start=period.start))
    return transactions
