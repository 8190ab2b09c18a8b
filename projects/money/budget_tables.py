"""The financial tables of a project, labelled: for the page and for the report.

The figures are those of `projects.money.rates`; here they get their names, their comments, and whether
one is asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from kernel.charts import Chart, bars, grouped_bars
from projects.models import Budget, BudgetCategory, BudgetComment, Period, Project
from projects.money.ledger import budget_periods, planned_of, position_of, spent_of, years_of
from projects.money.rates import Row, by_year, rows_by, total

EMPTY = Row(None, None, None, None, None, None, None, None)


@dataclass(frozen=True)
class Line:
    """A row of a table: what it is of, its figures, and of a category its comment."""

    label: str
    row: Row
    thing: object = None
    deviates: bool = False
    comment: BudgetComment | None = None


@dataclass(frozen=True)
class Tables:
    """`shown`: the period told, None for all of them until today."""

    periods: list[Period]
    shown: Period | None
    total: Row
    categories: list[Line] = field(default_factory=list)
    results: list[Line] = field(default_factory=list)
    years: list[Line] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return self.total.revised is None and not self.total.cumulative

    @property
    def unexplained(self) -> list[Line]:
        return [line for line in self.categories if line.deviates and line.comment is None]


def tables_of(
    project: Project,
    budget: Budget,
    *,
    shown: Period | None = None,
    known_on: date | None = None,
) -> Tables:
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
    planned, spent = planned_of(project, known_on=known_on), spent_of(booked, periods)
    position = position_of(project, periods, shown, today=today)
    comments = {}
    if shown:
        told = BudgetComment.objects.filter(period=shown, category__project=project)
        comments = {comment.category_id: comment for comment in told}
    by_category = rows_by(lambda one: one.category, planned, spent, position)
    categories = [
        _category(category, by_category.get(category.pk, EMPTY), shown, budget, comments)
        for category in project.budget_categories.all()
    ]
    by_result = rows_by(lambda one: one.result, planned, spent, position)
    results = [
        Line(str(one), by_result[one.pk], one)
        for one in project.results.all()
        if one.pk in by_result
    ]
    if None in by_result:
        results.append(Line(_("Not assigned to a result"), by_result[None]))
    in_years = {row.key: row for row in by_year(planned, spent, years_of(periods))}
    years = [Line(str(period), in_years[period.pk], period) for period in periods]
    whole = total(planned, spent, position)
    return Tables(periods, shown, whole, categories, results, years)


def standing_of(project: Project, periods: Iterable[Period]) -> Row:
    """The sum of all until today, with its periods at hand, in two queries."""
    years = budget_periods(project, periods)
    position = position_of(project, years, None, today=project.today)
    return total(planned_of(project), spent_of(project.expenditures.all(), years), position)


def standing_chart(row: Row, currency: str) -> Chart:
    """What was approved, what is spent, and what will be spent in the end."""
    figures = {
        _("Approved budget"): row.revised,
        _("Spent so far"): row.cumulative,
        _("Forecast"): row.forecast,
    }
    return bars(
        _("Budget and spending"),
        list(figures),
        [_whole(amount) for amount in figures.values()],
        unit=currency,
        key="money",
    )


def _category(
    category: BudgetCategory,
    row: Row,
    shown: Period | None,
    budget: Budget,
    comments: dict[int, BudgetComment],
) -> Line:
    deviates = shown is not None and row.deviates(budget.threshold_share)
    return Line(str(category), row, category, deviates, comments.get(category.pk))


@dataclass(frozen=True)
class Bars:
    """What a chart of budget and spending shows, also where a document keeps it as data."""

    title: str
    labels: list[str]
    series: dict[str, list[Decimal | None]]


def spending_chart(tables: Tables, currency: str, *, wide: bool = False) -> Chart:
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


def spending_bars(tables: Tables) -> Bars:
    """Without the categories that nothing was planned for nor spent in."""
    lines = [line for line in tables.categories if line.row.revised is not None or line.row.actual]
    if tables.shown:
        title = _("Budget and spending by category: %(period)s") % {"period": tables.shown}
        pairs = [(line.row.budget, line.row.actual) for line in lines]
    else:
        title = _("Budget and spending by category")
        pairs = [(line.row.revised, line.row.cumulative) for line in lines]
    series = {
        _("Budget"): [_whole(budget) for budget, _spent in pairs],
        _("Spent"): [_whole(spent) for _budget, spent in pairs],
    }
    return Bars(title, [line.label for line in lines], series)


def _whole(amount: Decimal | None) -> Decimal | None:
    """A picture tells no cents: the table below it does."""
    return None if amount is None else amount.quantize(Decimal(1), ROUND_HALF_UP)
