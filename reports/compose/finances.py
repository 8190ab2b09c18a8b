"""The chapter on finances: what was approved, planned and spent, and what is expected.

The figures are those of the budget page (`projects.money.budget_tables`) as of the day of the
document: nothing spent, received or revised later. Only team and donor see them
(`projects.permissions.money`); for others there is no chapter. Captions name the currency, and
cells have amounts without its code, so that numbers are aligned.
"""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from committees.permissions.amounts import SEES_MONEY
from kernel.formats import day, day_range, money, percent
from projects.models import Budget, BudgetCategory, Contribution, Period, Result
from projects.money.budget_figures import BudgetFigures, cents
from projects.money.budget_tables import BudgetTableRow, BudgetTables, budget_tables, spending_bars
from projects.money.ledger import budget_periods
from reports.compose.blocks import (
    Cell,
    cell,
    column,
    facts,
    field,
    figure,
    heading,
    pair,
    paragraph,
    table,
    table_of,
)
from reports.compose.contributions import contributions, exchange_rates
from reports.compose.measured import AmountStyle, in_currency, signed_share
from reports.compose.reading import ReportReading, in_language, local_text
from reports.document_types import Block


def finances(reading: ReportReading) -> list[Block]:
    """Return budget, spending, variance with its reasons, remainder and forecast, by category,
    result and period; then contributions and exchange rates.

    Returns nothing if the readers do not see money, or if there is none. Amounts are in the
    project's currency, rounded once to cents. Each table ends with the sum of all amounts, which is
    computed from the books rather than from rounded rows.
    """
    if reading.audience not in SEES_MONEY:
        return []
    budget, tables = _budget_of(reading), tables_of(reading)
    of_institutions = contributions(reading)
    if tables.is_empty and not of_institutions:
        return []
    style = AmountStyle.of(reading.project.currency, tables)
    spending = [] if tables.is_empty else _spending(reading, budget, tables, style)
    return [*_frame(reading, budget, tables), *spending, *of_institutions, *exchange_rates(reading)]


def _budget_of(reading: ReportReading) -> Budget:
    return reading.once("budget", lambda: Budget.of(reading.project))


def tables_of(reading: ReportReading) -> BudgetTables:
    """Return the figures of the budget, for readers who see money."""
    budget = _budget_of(reading)
    shown = reading.once("period of the budget", lambda: period_of(reading))
    return reading.once(
        f"budget tables, {reading.language}",
        lambda: budget_tables(reading.project, budget, shown=shown, known_on=reading.as_of),
    )


def period_of(reading: ReportReading) -> Period | None:
    """Return the period of the budget that the report shows: its own, or the one in which it
    ends."""
    period, periods = reading.report.period, budget_periods(reading.project)
    own = [one for one in periods if one.pk == period.pk]
    around = [one for one in periods if one.covers(period.end)]
    return next(iter([*own, *around]), None)


# Totals


def _frame(reading: ReportReading, budget: Budget, tables: BudgetTables) -> list[Block]:
    currency, sums, shown = reading.project.currency, tables.total, tables.shown
    sentences = [_("All amounts are in %(currency)s.") % {"currency": currency}]
    if reading.knows(budget.approved_on):
        sentences.append(
            _("The budget was approved on %(day)s.") % {"day": day(budget.approved_on)}
        )
    if shown:
        days = day_range(shown.start, shown.end)
        sentences.append(
            _("Period covered: %(period)s (%(days)s).") % {"period": shown, "days": days}
        )
    if shown and shown.end >= reading.as_of:
        sentences.append(_("The books are shown as of %(day)s.") % {"day": day(reading.as_of)})
    was = sums.original if sums.original != sums.revised else None
    rows = [
        (_("Approved budget"), sums.revised),
        (_("As first approved"), was),
        (_("Spent since the beginning"), sums.cumulative),
        (_("Remaining"), sums.remaining),
        (_("Forecast at the end"), sums.forecast),
    ]
    amounts = [(name, money(cents(each), currency)) for name, each in rows if each is not None]
    notes = [_illustrative()] if _has_illustrative(reading) else []
    return [
        paragraph(" ".join(sentences)),
        *([facts(amounts)] if amounts else []),
        *(paragraph(note, "small") for note in notes),
    ]


def _illustrative() -> str:
    return _("Some of these amounts are illustrative: they were made up to show the portal.")


def _has_illustrative(reading: ReportReading) -> bool:
    project = reading.project
    received = Contribution.objects.filter(participation__project=project)
    books = (project.budget_lines.all(), project.expenditures.all(), received)
    return reading.once(
        "illustrative amounts",
        lambda: any(rows.filter(illustrative=True).exists() for rows in books),
    )


def _spending(
    reading: ReportReading, budget: Budget, tables: BudgetTables, style: AmountStyle
) -> list[Block]:
    categories = [(_category(line), line) for line in tables.categories]
    results = [(_result(line), line) for line in tables.results]
    head = _("Category")
    blocks: list[Block] = [
        heading(_("By category"), 2),
        _period_table(head, categories, tables, style, key="period_by_category"),
        _chart(tables, style),
        _whole_table(head, categories, tables, style, key="whole_by_category"),
        *_comments(budget, tables, reading),
    ]
    # If no spending is on a result in particular, the sums are shown above already.
    if any(line.thing for line in tables.results):
        head = _("Result")
        blocks += [
            heading(_("By result"), 2),
            _period_table(head, results, tables, style, key="period_by_result"),
            _whole_table(head, results, tables, style, key="whole_by_result"),
        ]
    return [*blocks, *_years(tables, style, reading), paragraph(_computed(), "small")]


def _category(line: BudgetTableRow) -> Cell:
    category = line.thing
    return cell(local_text(category, "name") if isinstance(category, BudgetCategory) else "")


def _result(line: BudgetTableRow) -> Cell:
    result = line.thing
    if not isinstance(result, Result):  # spending that is on no result in particular
        return cell(line.label)
    statement = local_text(result, "statement")
    return cell(statement, small=pair(result.level_name, result.code))


def _computed() -> str:
    return _(
        "Each amount is multiplied by its rate, amounts are added, and only the sums are "
        "rounded to cents. Variance: spending less the budget of the period. Remaining: "
        "approved budget less spending since the beginning. Forecast: spending so far, "
        "what is left of the current period, and the budgets of future periods; what was "
        "left over from a past period is not counted."
    )


def _chart(tables: BudgetTables, style: AmountStyle) -> Block:
    shown = spending_bars(tables)
    series = [
        {"name": name, "values": ["" if one is None else str(one) for one in values]}
        for name, values in shown.series.items()
    ]
    data = {
        "labels": shown.labels,
        "series": series,
        "unit": style.currency,
        "heading": _("Category"),
    }
    return figure("grouped", shown.title, data)


def _period_table(
    head: str,
    lines: list[tuple[Cell, BudgetTableRow]],
    tables: BudgetTables,
    style: AmountStyle,
    *,
    key: str,
) -> Block:
    """Return the table of the money that was planned for the period and spent in it."""
    period = str(tables.shown) if tables.shown else _("Since the beginning")
    return _money_table(
        in_currency(period, style.currency),
        {
            "name": head,
            "budget": _("Budget"),
            "spent": _("Spent"),
            "variance": _("Variance"),
            "variance_share": _("Relative variance"),
        },
        lines,
        tables,
        lambda row: [
            style.amount(row.budget),
            style.amount(row.actual),
            style.signed(row.variance),
            signed_share(row.variance_share),
        ],
        key=key,
    )


def _whole_table(
    head: str,
    lines: list[tuple[Cell, BudgetTableRow]],
    tables: BudgetTables,
    style: AmountStyle,
    *,
    key: str,
) -> Block:
    """Return the table of the money of the whole project, with the forecast to its end."""
    return _money_table(
        in_currency(_("Whole project"), style.currency),
        {
            "name": head,
            "approved": _("Approved budget"),
            "spent": _("Spent since the beginning"),
            "remaining": _("Remaining"),
            "forecast": _("Forecast"),
        },
        lines,
        tables,
        lambda row: [
            style.amount(each)
            for each in (row.revised, row.cumulative, row.remaining, row.forecast)
        ],
        key=key,
    )


def _money_table(
    caption: str,
    heads: dict[str, str],
    lines: list[tuple[Cell, BudgetTableRow]],
    tables: BudgetTables,
    figures: Callable[[BudgetFigures], list[str]],
    *,
    key: str,
) -> Block:
    columns = [
        column(label, 0 if name == "name" else 16, num=name != "name", key=name)
        for name, label in heads.items()
    ]
    rows: list[list[Cell]] = [[name, *figures(line.figures)] for name, line in lines]
    total = [_("Total"), *figures(tables.total)]
    return table(caption, columns, rows, total=total, key=key)


def _comments(budget: Budget, tables: BudgetTables, reading: ReportReading) -> list[Block]:
    """Return the reasons of categories that deviate beyond the threshold, and which of them lack
    one.

    In a period that is not over only the reasons that were given already are shown.
    """
    if not tables.shown:
        return []
    is_over = reading.knows(tables.shown.end)
    threshold = percent(budget.threshold_share)
    shown = [one for one in tables.categories if one.comment or (one.deviates and is_over)]
    if not shown and not is_over:
        return []
    if not shown:
        sentence = _("No category deviates by more than %(threshold)s from its budget.")
        return [paragraph(sentence % {"threshold": threshold})]
    fields = [
        field(_("Category"), _category, 32),
        field(_("Relative variance"), _deviation, 16, num=True),
        field(_("Explanation"), _explanation),
    ]
    caption = _("Deviations of more than %(threshold)s from the budget of the period")
    return [table_of(shown, fields, caption % {"threshold": threshold})]


def _deviation(line: BudgetTableRow) -> str:
    if line.figures.actual and not line.figures.budget:
        return _("no budget")
    return signed_share(line.figures.variance_share)


def _explanation(line: BudgetTableRow) -> Cell:
    if line.comment:
        return cell(in_language(line.comment.text, line.comment.language))
    return cell(_("No explanation yet"), tone="warn")


def _years(tables: BudgetTables, style: AmountStyle, reading: ReportReading) -> list[Block]:
    if len(tables.years) < 2:
        return []

    def variance(line: Any) -> str:
        """One that is not over deviates from its budget only at its end."""
        return style.signed(line.figures.variance if reading.knows(line.thing.end) else None)

    def cumulative(line: Any) -> str:
        """One that has not begun has no spending, which is not the same as zero."""
        row = line.figures
        return style.amount(row.cumulative if row.actual is not None else None)

    fields = [
        field(_("Period"), _period),
        field(_("Budget"), lambda line: style.amount(line.figures.budget), 16, num=True),
        field(_("Spent"), lambda line: style.amount(line.figures.actual), 16, num=True),
        field(_("Variance"), variance, 16, num=True),
        field(_("Spent since the beginning"), cumulative, 16, num=True),
    ]
    rows = [line for line in tables.years if isinstance(line.thing, Period)]
    return [table_of(rows, fields, in_currency(_("By period"), style.currency), style="whole")]


def _period(line: Any) -> Cell:
    return cell(line.label, small=day_range(line.thing.start, line.thing.end))
