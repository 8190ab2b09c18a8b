"""What the database holds of a project's money, as the plain rows that `projects.money.budget_figures` adds up.

Expenditure is summed per category, result, period, currency and rate where it lies, so that ten
thousand vouchers are a few dozen rows here; amounts are multiplied by their rate only then.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.db.models import Case, IntegerField as Whole, QuerySet, Sum, Value, When

from partners.models import Institution
from projects.models import (
    BudgetLine,
    BudgetRevision,
    Contribution,
    Expenditure,
    Period,
    Project,
)
from projects.money.budget_figures import (
    BudgetPart,
    BudgetPeriod,
    PlannedAmount,
    ReportingPoint,
    SpentAmount,
    cents,
    split_by_year,
)


def budget_periods(project: Project, periods: Iterable[Period] | None = None) -> list[Period]:
    """The project's years; of a project that has none, its donor's fiscal years.

    `periods`: those of the project in their order, where they are at hand.
    """
    kinds = (Period.Kind.PROJECT_YEAR, Period.Kind.FISCAL_YEAR)
    if periods is None:
        periods = project.periods.filter(kind__in=kinds).order_by("start")
    periods = [period for period in periods if period.kind in kinds]
    years = [period for period in periods if period.kind == Period.Kind.PROJECT_YEAR]
    return years or periods


def budget_year_bounds(periods: list[Period]) -> list[BudgetPeriod]:
    return [BudgetPeriod(period.pk, period.start, period.end) for period in periods]


def planned_amounts(project: Project, *, known_on: date | None = None) -> list[PlannedAmount]:
    """known_on: without what was revised after that day."""
    lines = BudgetLine.objects.filter(project=project).order_by()
    fields = ("pk", "category", "result", "period", "original", "revised")
    before = _before_revisions(project, known_on) if known_on else {}
    return [
        PlannedAmount(*values, before.get(pk, revised))
        for pk, *values, revised in lines.values_list(*fields)
    ]


def _before_revisions(project: Project, day: date) -> dict[int, Decimal]:
    """What each line revised after that day said on it: before the first of these revisions."""
    later = BudgetRevision.objects.filter(line__project=project, on__gt=day)
    return dict(later.order_by("-on", "-pk").values_list("line", "before"))


def spent_amounts(expenditures: QuerySet[Expenditure], periods: list[Period]) -> list[SpentAmount]:
    """Sums of what was spent, in its currency, by all that figures are told by."""
    of_day = [
        When(spent_on__gte=period.start, spent_on__lte=period.end, then=Value(period.pk))
        for period in periods
    ]
    year = Case(*of_day, default=Value(None), output_field=Whole())
    fields = ("category", "result", "year", "currency", "rate")
    sums = expenditures.order_by().annotate(year=year).values_list(*fields).annotate(Sum("amount"))
    return [
        SpentAmount(category, result, year, amount, rate)
        for category, result, year, _currency, rate, amount in sums
    ]


def reporting_point(
    project: Project, periods: list[Period], shown: Period | None, *, today: date
) -> ReportingPoint:
    """Where the project's money stands: in the period shown, or today."""
    until = min(today, shown.end) if shown else today
    length = (project.current_end - project.starts_on).days + 1
    passed = min(max((until - project.starts_on).days + 1, 0), length)
    elapsed = Decimal(passed) / Decimal(length)
    return ReportingPoint.of(
        budget_year_bounds(periods), shown and shown.pk, today=today, elapsed=elapsed
    )


def expenditure_total(expenditures: QuerySet[Expenditure]) -> Decimal:
    """The sum in the project's currency, rounded once, to cents."""
    sums = expenditures.order_by().values_list("currency", "rate").annotate(Sum("amount"))
    return cents(sum((amount * rate for _currency, rate, amount in sums), Decimal(0)))


# For what is published


@dataclass(frozen=True)
class PublishedBudget:
    """A budget of at most a year. `is_revised`: it differs from what was first approved."""

    share: BudgetPart
    is_revised: bool


def published_budgets(project: Project) -> list[PublishedBudget]:
    """The original budget of each period, and the revised one where it differs; in the project's
    currency, cut to parts of at most a year."""
    amounts: dict[int, tuple[Decimal, Decimal]] = {}
    for line in planned_amounts(project):
        original, revised = amounts.get(line.year, (Decimal(0), Decimal(0)))
        amounts[line.year] = (original + line.original, revised + line.amount)
    found = []
    for period in budget_periods(project):
        if period.pk not in amounts:
            continue
        original, revised = amounts[period.pk]
        kinds = [(original, False), (revised, True)] if revised != original else [(original, False)]
        for amount, is_revised in kinds:
            parts = split_by_year(period.start, period.end, amount)
            found += [PublishedBudget(part, is_revised) for part in parts]
    return found


class MoneyFlow(StrEnum):
    INCOMING = "incoming"
    DISBURSEMENT = "disbursement"
    EXPENDITURE = "expenditure"


@dataclass(frozen=True)
class LedgerTransaction:
    """Money that moved, in cents of the project's currency; no single voucher, no person.

    `institution`: who gave, of incoming funds. `start`: of the period that expenditure sums up.
    """

    flow: MoneyFlow
    on: date
    amount: Decimal
    institution: Institution | None = None
    start: date | None = None


def ledger_transactions(project: Project, *, through: date) -> list[LedgerTransaction]:
    """Contributions received, then per period what was paid on to partners (categories marked so)
    and what was spent; none dated after `through`, none of an amount of nought."""
    received = Contribution.objects.filter(
        participation__project=project, received_on__lte=through
    ).select_related("participation__institution")
    incoming = [
        LedgerTransaction(
            MoneyFlow.INCOMING,
            each.received_on,
            cents(each.value_received),
            each.participation.institution,
        )
        for each in received.prefetch_related("participation__institution__names")
    ]
    return [*incoming, *_outgoing(project, through)]


def _outgoing(project: Project, through: date) -> list[LedgerTransaction]:
    periods = [period for period in budget_periods(project) if period.start <= through]
    spent = spent_amounts(project.expenditures.filter(spent_on__lte=through), periods)
    passed_on = set(
        project.budget_categories.filter(is_passed_on=True).values_list("pk", flat=True)
    )
    found = []
    for period in periods:
        for flow in (MoneyFlow.DISBURSEMENT, MoneyFlow.EXPENDITURE):
            is_on = flow == MoneyFlow.DISBURSEMENT
            values = [
                one.value
                for one in spent
                if one.year == period.pk and (one.category in passed_on) == is_on
            ]
            if amount := cents(sum(values, Decimal(0))):
                on = min(period.end, through)
                found.append(LedgerTransaction(flow, on, amount, start=period.start))
    return found
