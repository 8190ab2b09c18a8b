"""What a donor's own Excel form may name: the figures of a period, by category and by result.

A name is a figure and a line: `spent.total`, `spent.PERS` for a category, `spent.1110` for a result.
Where both have the same code, only `spent.category.1` and `spent.result.1` say which is meant.
Lists go down from the cell that names them: `categories.name`, `categories.spent`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from kernel.filled_workbooks import Values
from kernel.formats import day, number
from kernel.organisation import organisation
from kernel.workbooks import CellValue
from projects.models import Budget, BudgetCategory, Contribution, Period, Project, Result
from projects.money.budget_figures import BudgetFigures, cents
from projects.money.budget_tables import BudgetTableRow, BudgetTables, budget_tables
from projects.money.ledger import books_total, budget_periods
from projects.money.services.advances import open_balances

SHARE = Decimal("0.0001")

# The figures of each line, by the names that a form uses.
FIGURES = (
    "original",
    "approved",
    "budget",
    "spent",
    "variance",
    "share",
    "cumulative",
    "remaining",
    "forecast",
    "next",
)
COLUMNS = frozenset({"code", "name", *FIGURES})
KINDS = {"results": "result", "categories": "category"}


@dataclass(frozen=True)
class FormField:
    """A name that a form may use, and what it stands for."""

    name: str
    label: str


def figure_labels() -> dict[str, str]:
    return {
        "original": _("Budget as first approved"),
        "approved": _("Approved budget"),
        "budget": _("Budget of the period"),
        "spent": _("Spent in the period"),
        "variance": _("Variance"),
        "share": _("Variance as a share of the budget"),
        "cumulative": _("Spent since the beginning"),
        "remaining": _("Remaining"),
        "forecast": _("Forecast at the end"),
        "next": _("Budget of the next period"),
    }


def single_labels() -> dict[str, str]:
    return {
        "organisation": _("Name of the organisation"),
        "project.title": _("Title of the project"),
        "project.code": _("Code of the project"),
        "project.donor_number": _("Number that the donor gave"),
        "project.currency": _("Currency of the project"),
        "project.start": _("Start of the project"),
        "project.end": _("End of the project"),
        "period.name": _("Period"),
        "period.start": _("First day of the period"),
        "period.end": _("Last day of the period"),
        "following.name": _("Next period"),
        "following.start": _("First day of the next period"),
        "following.end": _("Last day of the next period"),
        "today": _("Today"),
        "received.total": _("Contributions received since the beginning"),
        "received.period": _("Contributions received in the period"),
        "on_hand": _("Received, less spent since the beginning"),
        "requested": _("Budget of the next period, less what is on hand"),
        "waiting.total": _("Vouchers until the end of the period that wait, included in no figure"),
    }


def fields_of(project: Project) -> list[FormField]:
    """Return the names for the list of fields, without those of each category and result."""
    figures = figure_labels()
    singles = [FormField(name, label) for name, label in single_labels().items()]
    totals = [FormField(f"{name}.total", label) for name, label in figures.items()]
    advances = FormField(
        f"advances.{project.currency}", _("Open balance of advances in this currency, today")
    )
    return [*singles, advances, *totals]


def form_values(project: Project, period: Period | None) -> Values:
    """Return everything that a form may name, for a period; without one, for all until today."""
    tables = budget_tables(project, Budget.of(project), shown=period)
    coming = _following(budget_periods(project), period)
    ahead = budget_tables(project, Budget.of(project), shown=coming) if coming else None
    single: dict[str, CellValue] = _facts(project, period, coming)
    single |= _figures_of("total", tables.total, ahead.total.budget if ahead else None)
    later = _budgets_ahead(ahead)
    lists: dict[str, list[Mapping[str, CellValue]]] = {
        "results": [_row(line, later) for line in tables.results],
        "categories": [_row(line, later) for line in tables.categories],
    }
    for name, figures in _named_lines(lists):
        single |= {f"{each}.{name}": figures[each] for each in FIGURES}
    single |= _funds(project, period, tables, single)
    columns = {"categories": COLUMNS, "results": COLUMNS}
    return Values(single, lists, columns, write=written)


def _named_lines(
    lists: Mapping[str, Iterable[Mapping[str, CellValue]]],
) -> list[tuple[str, Mapping[str, CellValue]]]:
    """Return the lines by what a form calls them: by the code, and by kind and code. A name that two
    lines have is none, since a form would show the figure of either."""
    named = [
        (name, figures)
        for kind, lines in lists.items()
        for figures in lines
        if (code := str(figures["code"] or "").casefold())
        for name in (code, f"{KINDS[kind]}.{code}")
    ]
    times = Counter(name for name, _figures in named)
    return [(name, figures) for name, figures in named if times[name] == 1 and name != "total"]


def lines_called(name: str, values: Values) -> list[str]:
    """Return the names that say which line is meant, for one that several lines have."""
    figure, _dot, code = name.partition(".")
    said = (f"{figure}.{kind}.{code}" for kind in sorted(KINDS.values()))
    return [each for each in said if each in values.single]


def _following(periods: list[Period], shown: Period | None) -> Period | None:
    last = shown.end if shown else None
    return next((one for one in periods if last and one.start > last), None)


def _facts(project: Project, period: Period | None, coming: Period | None) -> dict[str, CellValue]:
    facts: dict[str, CellValue] = {
        "organisation": organisation().name,
        "project.title": project.title,
        "project.code": project.code,
        "project.donor_number": project.donor_number,
        "project.currency": project.currency,
        "project.start": project.starts_on,
        "project.end": project.current_end,
        "today": project.today,
    }
    for name, one in (("period", period), ("following", coming)):
        facts[f"{name}.name"] = str(one) if one else None
        facts[f"{name}.start"] = one.start if one else None
        facts[f"{name}.end"] = one.end if one else None
    if period is None:
        facts["period.name"] = _("Since the beginning")
        facts["period.start"], facts["period.end"] = project.starts_on, project.today
    return facts


def _figures_of(line: str, figures: BudgetFigures, ahead: Decimal | None) -> dict[str, CellValue]:
    return {f"{name}.{line}": value for name, value in _amounts(figures, ahead).items()}


def _amounts(figures: BudgetFigures, ahead: Decimal | None) -> dict[str, CellValue]:
    share = figures.variance_share
    return {
        "original": cents(figures.original),
        "approved": cents(figures.revised),
        "budget": cents(figures.budget),
        "spent": cents(figures.actual),
        "variance": cents(figures.variance),
        "share": None if share is None else share.quantize(SHARE, ROUND_HALF_UP),
        "cumulative": cents(figures.cumulative),
        "remaining": cents(figures.remaining),
        "forecast": cents(figures.forecast),
        "next": cents(ahead),
    }


def _budgets_ahead(ahead: BudgetTables | None) -> dict[object, Decimal | None]:
    lines: Iterable[BudgetTableRow] = [*ahead.categories, *ahead.results] if ahead else []
    return {line.thing: line.figures.budget for line in lines}


def _row(line: BudgetTableRow, ahead: Mapping[object, Decimal | None]) -> dict[str, CellValue]:
    code = line.thing.code if isinstance(line.thing, BudgetCategory | Result) else ""
    return {
        "code": code,
        "name": line.label,
        **_amounts(line.figures, ahead.get(line.thing)),
    }


def _funds(
    project: Project,
    period: Period | None,
    tables: BudgetTables,
    single: Mapping[str, CellValue],
) -> dict[str, CellValue]:
    """Return what was received, what is on hand and what waits at the end of the period, and what is
    requested. Balances of advances are those of today, which their label says."""
    received = Decimal(0)
    in_period = Decimal(0)
    until = period.end if period else project.today
    for each in Contribution.objects.filter(participation__project=project):
        value = each.value_received
        if value is None or each.received_on is None or each.received_on > until:
            continue
        received += value
        in_period += value if period is None or each.received_on >= period.start else 0
    spent = tables.total.cumulative or Decimal(0)
    on_hand = cents(received - spent)
    coming = single["next.total"]
    balances = open_balances(project)
    balances.setdefault(project.currency, Decimal(0))
    return {
        "received.total": cents(received),
        "received.period": cents(in_period),
        "on_hand": on_hand,
        "requested": max(coming - on_hand, Decimal(0)) if isinstance(coming, Decimal) else None,
        "waiting.total": books_total(project.expenditures.filter(spent_on__lte=until)).waiting,
        **{f"advances.{one.casefold()}": amount for one, amount in balances.items()},
    }


def written(value: CellValue) -> str:
    """Return a value within a text, in the language of the form."""
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Decimal):
        return number(value, 2)
    return "" if value is None else str(value)
