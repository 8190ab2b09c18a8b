"""The financial tables of a project, labelled: for the page and for the report.

The figures are those of `projects.money.budget_figures`; here they get their names, their comments, and whether
one is asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from kernel.charts import Chart, bars, grouped_bars
from projects.models import Budget, BudgetCategory, BudgetComment, Period, Project
from projects.money.budget_figures import (
    BudgetFigures,
    figures_by,
    figures_by_period,
    total_figures,
)
from projects.money.ledger import (
    budget_periods,
    budget_year_bounds,
    planned_amounts,
    reporting_point,
    spent_amounts,
)

NO_FIGURES = BudgetFigures(None, None, None, None, None, None, None, None)


@dataclass(frozen=True)
class BudgetTableRow:
    """A row of a table: what it is of, its figures, and of a category its comment."""

    label: str
    figures: BudgetFigures
    thing: object = None
    deviates: bool = False
    comment: BudgetComment | None = None


@dataclass(frozen=True)
class BudgetTables:
    """`shown`: the period told, None for all of them until today."""

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
    """By category, result and period, with the sum of all, in six queries.

    `shown`: a period of `budget_periods`. A comment is of a category and a period, so it is asked
    for only where a period is shown. `known_on`: as it stood on that day, without what was revised
    or spent later (one query more); else today, with all that the books hold.
    """
    today = known_on or project.today
    periods = budget_periods(project)
    booked = project.expenditures.all()
    if known_on:
        booked = booked.filter(spent_on__lte=known_on)
    planned, spent = planned_amounts(project, known_on=known_on), spent_amounts(booked, periods)
    position = reporting_point(project, periods, shown, today=today)
    comments = {}
    if shown:
        told = BudgetComment.objects.filter(period=shown, category__project=project)
        comments = {comment.category_id: comment for comment in told}
    by_category = figures_by(lambda one: one.category, planned, spent, position)
    categories = [
        _category_row(category, by_category.get(category.pk, NO_FIGURES), shown, budget, comments)
        for category in project.budget_categories.all()
    ]
    by_result = figures_by(lambda one: one.result, planned, spent, position)
    results = [
        BudgetTableRow(str(one), by_result[one.pk], one)
        for one in project.results.all()
        if one.pk in by_result
    ]
    if None in by_result:
        results.append(BudgetTableRow(_("Not assigned to a result"), by_result[None]))
    in_years = {
        row.key: row for row in figures_by_period(planned, spent, budget_year_bounds(periods))
    }
    years = [BudgetTableRow(str(period), in_years[period.pk], period) for period in periods]
    whole = total_figures(planned, spent, position)
    return BudgetTables(periods, shown, whole, categories, results, years)


def current_figures(project: Project, periods: Iterable[Period]) -> BudgetFigures:
    """The sum of all until today, with its periods at hand, in two queries."""
    years = budget_periods(project, periods)
    position = reporting_point(project, years, None, today=project.today)
    return total_figures(
        planned_amounts(project), spent_amounts(project.expenditures.all(), years), position
    )


def current_figures_chart(figures: BudgetFigures, currency: str) -> Chart:
    """What was approved, what is spent, and what will be spent in the end."""
    amounts = {
        _("Approved budget"): figures.revised,
        _("Spent so far"): figures.cumulative,
        _("Forecast"): figures.forecast,
    }
    return bars(
        _("Budget and spending"),
        list(amounts),
        [_without_cents(amount) for amount in amounts.values()],
        unit=currency,
        key="money",
    )


def _category_row(
    category: BudgetCategory,
    figures: BudgetFigures,
    shown: Period | None,
    budget: Budget,
    comments: dict[int, BudgetComment],
) -> BudgetTableRow:
    deviates = shown is not None and figures.deviates(budget.threshold_share)
    return BudgetTableRow(str(category), figures, category, deviates, comments.get(category.pk))


@dataclass(frozen=True)
class SpendingBars:
    """What a chart of budget and spending shows, also where a document keeps it as data."""

    title: str
    labels: list[str]
    series: dict[str, list[Decimal | None]]


def spending_chart(tables: BudgetTables, currency: str, *, wide: bool = False) -> Chart:
    """Bars of budget and spending by category; of the period shown, or of the whole project."""
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
    """Without the categories that nothing was planned for nor spent in."""
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
    """A picture tells no cents: the table below it does."""
    return None if amount is None else amount.quantize(Decimal(1), ROUND_HALF_UP)
