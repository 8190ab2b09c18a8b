"""The chapter on finances: what was approved, planned and spent, and what is expected.

The figures are those of the budget page (`projects.money.budget_tables`) as of the day of the
document: nothing spent, received or revised later. Only team and donor see them
(`projects.permissions.money`); for others there is no chapter. Captions name the currency, and
cells have amounts without its code, so that numbers are aligned.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal

from django.utils.translation import gettext as _

from kernel.formats import MISSING, NO_BREAK, day, day_range, day_short, money, number, percent
from partners.models import Institution
from projects.models import Budget, BudgetCategory, Contribution, Participation, Period, Result
from projects.money.budget_figures import BudgetFigures, cents
from projects.money.budget_tables import BudgetTableRow, BudgetTables, budget_tables, spending_bars
from projects.money.ledger import budget_periods
from reports.block_types import Block, GroupedData, GroupedSeries
from reports.compose.amounts import SEES_MONEY, Style, in_currency, signed_share
from reports.compose.blocks import (
    Cell,
    cell,
    column,
    facts,
    grouped_figure,
    heading,
    pair,
    paragraph,
    table,
)
from reports.compose.reading import ReportReading, in_language, local_text


def finances(reading: ReportReading) -> list[Block]:
    """Return budget, spending, variance with its reasons, remainder and forecast, by category,
    result and period; then contributions and exchange rates.

    Returns nothing if the readers do not see money, or if there is none. Amounts are in the
    project's currency, rounded once to cents. Each table ends with the sum of all amounts, which is
    computed from the books rather than from rounded rows.
    """
    if reading.audience not in SEES_MONEY:
        return []
    budget = Budget.of(reading.project)
    shown = period_of(reading)
    tables = budget_tables(reading.project, budget, shown=shown, known_on=reading.as_of)
    contributions = _contributions(reading)
    if tables.is_empty and not contributions:
        return []
    style = Style.of(reading.project.currency, tables)
    spending = [] if tables.is_empty else _spending(reading, budget, tables, style)
    return [*_frame(reading, budget, tables), *spending, *contributions, *_rates(reading)]


def period_of(reading: ReportReading) -> Period | None:
    """Return the period of the budget that the report shows: its own, or the one in which it ends."""
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
        sentences.append(_("Period told: %(period)s (%(days)s).") % {"period": shown, "days": days})
    if shown and shown.end >= reading.as_of:
        sentences.append(_("The books are told as of %(day)s.") % {"day": day(reading.as_of)})
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
    return _("Some of these amounts are illustrative: they were made to show the portal.")


def _has_illustrative(reading: ReportReading) -> bool:
    project = reading.project
    given = Contribution.objects.filter(participation__project=project)
    books = (project.budget_lines.all(), project.expenditures.all(), given)
    return any(rows.filter(illustrative=True).exists() for rows in books)


def _spending(
    reading: ReportReading, budget: Budget, tables: BudgetTables, style: Style
) -> list[Block]:
    categories = [(_category(line), line) for line in tables.categories]
    results = [(_result(line), line) for line in tables.results]
    of_period, of_all = _two_tables(_("Category"), categories, tables, style, key="category")
    blocks: list[Block] = [
        heading(_("By category"), 2),
        of_period,
        _chart(tables, style),
        of_all,
        *_comments(budget, tables, reading),
    ]
    # If no spending is on a result in particular, the sums are shown above already.
    if any(line.thing for line in tables.results):
        blocks += [heading(_("By result"), 2)]
        blocks += _two_tables(_("Result"), results, tables, style, key="result")
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
        "Each amount is multiplied by its rate, amounts are added, and only the sums are rounded to "
        "cents. Variance: spent less budget of the period. Remaining: approved budget less what was "
        "spent since the beginning. Forecast: spent so far, what is left of the period under way, "
        "and the budgets to come; what a past period left over is not counted."
    )


def _chart(tables: BudgetTables, style: Style) -> Block:
    shown = spending_bars(tables)
    series: list[GroupedSeries] = [
        {"name": name, "values": ["" if one is None else str(one) for one in values]}
        for name, values in shown.series.items()
    ]
    data: GroupedData = {
        "labels": shown.labels,
        "series": series,
        "unit": style.currency,
        "heading": _("Category"),
    }
    return grouped_figure(shown.title, data)


def _two_tables(
    head: str,
    lines: list[tuple[Cell, BudgetTableRow]],
    tables: BudgetTables,
    style: Style,
    *,
    key: str,
) -> list[Block]:
    """Return the table of the period, and the table of the whole project."""
    return [
        _period_table(head, lines, tables, style, key=f"period_by_{key}"),
        _whole_table(head, lines, tables, style, key=f"whole_by_{key}"),
    ]


def _period_table(
    head: str,
    lines: list[tuple[Cell, BudgetTableRow]],
    tables: BudgetTables,
    style: Style,
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
    style: Style,
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
    return table(caption, columns, rows, head=0, total=total, key=key)


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
    rows = [[_category(line), *_deviation(line, reading)] for line in shown]
    columns = [
        column(_("Category"), 32),
        column(_("Relative variance"), 16, num=True),
        column(_("Explanation")),
    ]
    caption = _("Deviations of more than %(threshold)s from the budget of the period")
    return [table(caption % {"threshold": threshold}, columns, rows, head=0)]


def _deviation(line: BudgetTableRow, reading: ReportReading) -> list[Cell]:
    share = signed_share(line.figures.variance_share)
    if line.figures.actual and not line.figures.budget:
        share = _("no budget")
    if line.comment:
        return [share, cell(in_language(line.comment.text, line.comment.language))]
    return [share, cell(_("No explanation yet"), tone="warn")]


def _years(tables: BudgetTables, style: Style, reading: ReportReading) -> list[Block]:
    if len(tables.years) < 2:
        return []
    columns = [
        column(_("Period")),
        *(
            column(name, 16, num=True)
            for name in (_("Budget"), _("Spent"), _("Variance"), _("Spent since the beginning"))
        ),
    ]
    rows: list[list[Cell]] = [
        [
            cell(line.label, small=day_range(line.thing.start, line.thing.end)),
            *_year(line, style, reading.knows(line.thing.end)),
        ]
        for line in tables.years
        if isinstance(line.thing, Period)
    ]
    caption = in_currency(_("By period"), style.currency)
    return [table(caption, columns, rows, head=0, style="whole")]


def _year(line: BudgetTableRow, style: Style, is_over: bool) -> list[str]:
    """Return the row of a period of the budget.

    A period that has not begun has no spending, which is not the same as zero; one that is not over
    deviates from its budget only at its end.
    """
    row = line.figures
    return [
        style.amount(row.budget),
        style.amount(row.actual),
        style.signed(row.variance if is_over else None),
        style.amount(row.cumulative if row.actual is not None else None),
    ]


# Contributions and exchange rates


def _contributions(reading: ReportReading) -> list[Block]:
    """Return what each institution contributes as agreed, in money or in kind, and what arrived by
    the day."""
    project = reading.project
    institutions = Participation.objects.filter(project=project).with_institutions()
    agreed = [each for each in institutions if each.amount is not None]
    given = Contribution.objects.filter(participation__project=project)
    given = given.select_related("participation__institution")
    found = list(given.prefetch_related("participation__institution__names"))
    rows = [
        _instalment(reading, each)
        for each in found
        if each.promised or reading.knows(each.received_on)
    ]
    if not (agreed or rows):
        return []
    return [
        heading(_("Contributions"), 2),
        *([_agreed(reading, agreed)] if agreed else []),
        *([_instalments(reading, rows, found)] if rows else []),
    ]


def _agreed(reading: ReportReading, agreed: list[Participation]) -> Block:
    columns = [
        column(_("Institution")),
        column(_("Role"), 24),
        column(_("Amount"), 24, num=True),
    ]
    currency = reading.project.currency
    rows: list[list[Cell]] = [
        [_name(reading, each.institution), each.get_role_display(), money(each.amount, currency)]
        for each in agreed
    ]
    total = [_("Total"), "", money(sum(each.amount or Decimal(0) for each in agreed), currency)]
    caption = _("What institutions give to the project, in money or in kind")
    return table(caption, columns, rows, head=0, total=total)


def _instalment(reading: ReportReading, each: Contribution) -> list[Cell]:
    came = reading.knows(each.received_on)
    return [
        cell(_name(reading, each.participation.institution), small=each.reference),
        _given(reading, each, each.promised),
        day_short(each.expected_on),
        _given(reading, each, each.received if came else None),
        day_short(each.received_on if came else None),
    ]


def _given(reading: ReportReading, each: Contribution, amount: Decimal | None) -> Cell:
    """Return an amount in the institution's own currency, and its value in the project's."""
    own = reading.project.currency
    if amount is None:
        return cell(MISSING)
    other = "" if each.currency == own else money(cents(amount * each.rate), own)
    return cell(money(amount, each.currency), small=other)


def _instalments(
    reading: ReportReading, rows: list[list[Cell]], found: Iterable[Contribution]
) -> Block:
    currency = reading.project.currency
    columns = [
        column(_("From")),
        column(_("Promised"), 19, num=True),
        column(_("Expected on"), 15),
        column(_("Received"), 19, num=True),
        column(_("Received on"), 15),
    ]
    promised = [each.value_promised for each in found if each.promised]
    came = [each.value_received for each in found if reading.knows(each.received_on)]
    sums = [
        money(cents(sum((one or Decimal(0) for one in each), Decimal(0))), currency)
        for each in (promised, came)
    ]
    total = [_("Total"), sums[0], "", sums[1], ""]
    return table(_("Contributions of the donors"), columns, rows, head=0, total=total)


def _name(reading: ReportReading, institution: Institution) -> str:
    return str(institution.name_on(reading.names_on) or MISSING)


def _rates(reading: ReportReading) -> list[Block]:
    """Return the exchange rates of the days that the report covers."""
    period, own = reading.report.period, reading.project.currency
    last = min(period.end, reading.as_of)
    rates = reading.project.exchange_rates.filter(starts_on__lte=last, ends_on__gte=period.start)
    rows: list[list[Cell]] = [
        [
            f"1{NO_BREAK}{rate.currency} = {_exactly(rate.rate)}{NO_BREAK}{own}",
            day_range(rate.starts_on, rate.ends_on),
            rate.source,
        ]
        for rate in rates
    ]
    if not rows:
        return []
    columns = [column(_("Rate"), 28), column(_("Days"), 34), column(_("Source"))]
    return [heading(_("Exchange rates"), 2), table("", columns, rows, head=0)]


def _exactly(rate: Decimal) -> str:
    """Return the rate with all of its decimals."""
    return number(rate, max(-int(rate.normalize().as_tuple().exponent), 0))
