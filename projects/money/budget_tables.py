"""The financial tables of a project, for its budget page and for the report.

`projects.money.budget_figures` computes the figures; this module adds their labels and the comments on
variances.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from kernel.charts import Chart, grouped_bars
from projects.models import Budget, BudgetComment, Period, Project, Result
from projects.money.budget_figures import (
    BudgetFigures,
    figures_by,
    figures_by_period,
    total_figures,
)
from projects.money.ledger import (
    budget_periods,
    period_bounds,
    planned_amounts,
    reporting_point,
    spent_so_far,
)

NO_FIGURES = BudgetFigures(None, None, None, None, None, None, None, None)


@dataclass(frozen=True)
class BudgetTableRow:
    """A row of a table: its label and figures, and for a category the comment on its variance.

    `thing`: the category, result or period. `deviates`: whether the variance needs a comment.
    """

    label: str
    figures: BudgetFigures
    thing: object = None
    deviates: bool = False
    comment: BudgetComment | None = None


@dataclass(frozen=True)
class BudgetTables:
    """The tables by category, by result and by year.

    `shown`: the period of the figures; None for all periods up to today.
    """

    periods: list[Period]
    shown: Period | None
    total: BudgetFigures
    categories: list[BudgetTableRow] = field(default_factory=list)
    results: list[BudgetTableRow] = field(default_factory=list)
    years: list[BudgetTableRow] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return self.total.revised is None and not self.total.cumulative

    @property
    def unexplained(self) -> list[BudgetTableRow]:
        return [line for line in self.categories if line.deviates and line.comment is None]


def budget_tables(
    project: Project,
    budget: Budget,
    *,
    shown: Period | None = None,
    known_on: date | None = None,
) -> BudgetTables:
    """Returns the tables by category, result and period, with their total.

    `shown`: a period of `budget_periods`. Comments belong to a category and a period, so variances
    need one only where a period is shown. `known_on`: the tables as of that day, without later
    revisions and expenditure; without it, those of today with all that the books hold.
    """
    periods = budget_periods(project)
    planned = planned_amounts(project, known_on=known_on)
    spent = spent_so_far(project, periods, known_on=known_on)
    point = reporting_point(project, periods, shown, today=known_on or project.today)
    by_category = figures_by(lambda one: one.category, planned, spent, point)
    by_result = figures_by(lambda one: one.result, planned, spent, point)
    in_years = {row.key: row for row in figures_by_period(planned, spent, period_bounds(periods))}
    return BudgetTables(
        periods,
        shown,
        total_figures(planned, spent, point),
        _category_rows(project, by_category, budget, shown),
        _result_rows(project.results.all(), by_result),
        [BudgetTableRow(str(period), in_years[period.pk], period) for period in periods],
    )


def unexplained_categories(project: Project, shown: Period) -> list[BudgetTableRow]:
    """Returns the categories that deviate from their budget of a period of `budget_periods`, and do
    not say why."""
    periods = budget_periods(project)
    point = reporting_point(project, periods, shown, today=project.today)
    planned, spent = planned_amounts(project), spent_so_far(project, periods)
    figures = figures_by(lambda one: one.category, planned, spent, point)
    rows = _category_rows(project, figures, Budget.of(project), shown)
    return [row for row in rows if row.deviates and row.comment is None]


def _category_rows(
    project: Project, figures: dict[Hashable, BudgetFigures], budget: Budget, shown: Period | None
) -> list[BudgetTableRow]:
    explained = BudgetComment.objects.filter(period=shown, category__project=project)
    comments = {row.category_id: row for row in explained} if shown else {}
    rows = []
    for category in project.budget_categories.all():
        own = figures.get(category.pk, NO_FIGURES)
        deviates = shown is not None and own.deviates(budget.threshold_share)
        comment = comments.get(category.pk)
        rows.append(BudgetTableRow(str(category), own, category, deviates, comment))
    return rows


def _result_rows(
    results: Iterable[Result], figures: dict[Hashable, BudgetFigures]
) -> list[BudgetTableRow]:
    rows = [BudgetTableRow(str(one), figures[one.pk], one) for one in results if one.pk in figures]
    if None in figures:
        rows.append(BudgetTableRow(_("Not assigned to a result"), figures[None]))
    return rows


def current_figures(project: Project, periods: list[Period] | None = None) -> BudgetFigures:
    """Returns the total figures of today. `periods`: see `budget_periods`."""
    periods = budget_periods(project, periods)
    point = reporting_point(project, periods, None, today=project.today)
    return total_figures(planned_amounts(project), spent_so_far(project, periods), point)


@dataclass(frozen=True)
class SpendingBars:
    """The data of the chart of budget and spending, which a report keeps in its document."""

    title: str
    labels: list[str]
    series: dict[str, list[Decimal | None]]


def spending_chart(tables: BudgetTables, currency: str, *, wide: bool = False) -> Chart:
    """Draws budget and spending by category, for the period shown or the whole project."""
    shown = spending_bars(tables)
    return grouped_bars(
        shown.title,
        shown.labels,
        shown.series,
        units=currency,
        heading=_("Category"),
        key="spending",
        wide=wide,
    )


def spending_bars(tables: BudgetTables) -> SpendingBars:
    """Returns the data of the chart, without categories that have neither budget nor spending."""
    lines = [
        line
        for line in tables.categories
        if line.figures.revised is not None or line.figures.actual
    ]
    if tables.shown:
        title = _("Budget and spending by category: %(period)s") % {"period": tables.shown}
        pairs = [(line.figures.budget, line.figures.actual) for line in lines]
    else:
        title = _("Budget and spending by category")
        pairs = [(line.figures.revised, line.figures.cumulative) for line in lines]
    series = {
        _("Budget"): [_without_cents(budget) for budget, _spent in pairs],
        _("Spent"): [_without_cents(spent) for _budget, spent in pairs],
    }
    return SpendingBars(title, [line.label for line in lines], series)


def _without_cents(amount: Decimal | None) -> Decimal | None:
    """Rounds an amount for a chart; the table below it has the cents."""
    return None if amount is None else amount.quantize(Decimal(1), ROUND_HALF_UP)
