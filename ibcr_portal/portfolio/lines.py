"""What the portfolio says of each project, sorted, the totals of all that are chosen, and its workbook."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _, pgettext

from ibcr_portal.portfolio.forms import PortfolioFilterForm
from ibcr_portal.portfolio.reading import CommonIndicator, ProjectFigures, projects_of
from kernel.formats import join_list
from kernel.names import plain
from kernel.sheets import SheetOfRows, excel_book
from kernel.workbooks import CellValue
from projects.framework.figures import Rating

ZERO = Decimal(0)

# The columns by which the list is sorted. Budgets are compared within their currency alone.
ORDERS: Mapping[str, Callable[[ProjectFigures], Any]] = {
    "project": lambda one: str(one.project),
    "elapsed": lambda one: one.project.percent_elapsed,
    "budget": lambda one: (one.project.currency, one.budget) if one.budget is not None else None,
    "spent": lambda one: one.share_spent,
    "results": lambda one: one.on_track / one.rated if one.rated else None,
    "late": lambda one: one.late,
    # By how long the next one is late.
    "report": lambda one: _long_ago(one.report_late_since),
    "next": lambda one: one.next[0] if one.next else None,
    "risks": lambda one: (one.risks["grave"], one.risks["open"]) if one.risks else None,
    "waiting": lambda one: one.waiting,
}


def _long_ago(day: date | None) -> int | None:
    return date.max.toordinal() - day.toordinal() if day else None


def late_first(figures: Iterable[ProjectFigures]) -> list[ProjectFigures]:
    """Return the projects with most that is late first, then by title."""
    return sorted(figures, key=lambda one: (-one.late, plain(str(one.project)), one.project.pk))


@dataclass
class CurrencyTotal:
    """The money of the projects of one currency that have any, as far as the reader sees it.

    What was spent is compared with the budget only of projects that have one.
    """

    currency: str
    projects: int = 0
    budget: Decimal = ZERO
    spent: Decimal = ZERO
    with_budget: int = 0
    spent_of_budget: Decimal = ZERO

    @property
    def share_spent(self) -> Decimal | None:
        return self.spent_of_budget / self.budget if self.budget else None

    @property
    def left(self) -> Decimal | None:
        return self.budget - self.spent_of_budget if self.with_budget else None

    def add(self, one: ProjectFigures) -> None:
        spent = one.spent or ZERO
        self.projects += 1
        self.spent += spent
        if one.budget:
            self.with_budget += 1
            self.budget += one.budget
            self.spent_of_budget += spent


@dataclass
class PortfolioTotals:
    projects: int = 0
    currencies: list[CurrencyTotal] = field(default_factory=list)
    ratings: Counter[str] = field(default_factory=Counter)
    late: int = 0
    late_projects: int = 0
    grave_risks: int | None = None
    waiting: int | None = None

    @property
    def rated(self) -> int:
        return sum(self.ratings.values())

    @property
    def on_track(self) -> int:
        return self.ratings["met"] + self.ratings["close"]

    @property
    def by_rating(self) -> list[tuple[models.TextChoices, int]]:
        return [(rating, self.ratings[rating.value]) for rating in Rating if self.ratings[rating]]


def totals_of(figures: Iterable[ProjectFigures]) -> PortfolioTotals:
    """Add up what can be added: money by its currency alone. What the reader sees in no project is
    None."""
    totals = PortfolioTotals()
    money: dict[str, CurrencyTotal] = {}
    for one in figures:
        totals.projects += 1
        totals.ratings.update(one.ratings)
        totals.late += one.late
        totals.late_projects += bool(one.late)
        if one.risks is not None:
            totals.grave_risks = (totals.grave_risks or 0) + one.risks["grave"]
        if one.waiting is not None:
            totals.waiting = (totals.waiting or 0) + one.waiting
        if one.sees_money and (one.budget is not None or one.spent is not None):
            code = one.project.currency
            money.setdefault(code, CurrencyTotal(code)).add(one)
    totals.currencies = [money[code] for code in sorted(money)]
    return totals


# --- As a sheet ---
#
# The portfolio as a workbook: the projects, the totals by currency, the indicators that they
# share, and what the reader chose.

Row = list[CellValue]


def portfolio_book(
    figures: Iterable[ProjectFigures],
    totals: PortfolioTotals,
    common: Iterable[CommonIndicator],
    form: PortfolioFilterForm,
    today: date,
) -> bytes:
    pages = [
        SheetOfRows(_("Projects"), _head(), map(_row, figures), (14, 40, 14, 30)),
        SheetOfRows(_("Totals"), _totals_head(), _totals_rows(totals), (30,)),
        SheetOfRows(_("Common indicators"), _common_head(), _common_rows(common), (34, 60, 14)),
        SheetOfRows(_("What is in it"), [_("What"), _("Content")], _about(form, today), (40, 80)),
    ]
    return excel_book(pages, made_at=timezone.now())


def _head() -> list[str]:
    return [
        *(_("Code"), _("Project"), _("Country"), _("Donor"), _("Status")),
        *(_("Start"), _("End"), _("Time elapsed (%)"), _("Currency"), _("Budget")),
        *(_("Spent"), _("Spent (%)"), _("Indicators on track"), _("Indicators rated")),
        *(pgettext("of what is due", "Late"), _("Report to the donor"), _("Next date"), _("What")),
        *(_("Risks open"), _("Of these high or very high"), _("To approve"), _("Last report")),
        _("Status of the report"),
    ]


def _row(one: ProjectFigures) -> Row:
    project, last, risks = one.project, one.last_report, one.risks or {}
    return [
        *(project.code, str(project), one.country.name),
        join_list(donor.short_name for donor in one.donors),
        *(str(project.get_status_display()), project.starts_on, project.current_end),
        *(project.percent_elapsed, project.currency, one.budget, one.spent),
        *(_percent(one.share_spent), one.on_track if one.rated else None, one.rated or None),
        *(one.late, one.report_late or None),
        *((one.next[0], str(one.next[1].label)) if one.next else (None, None)),
        *(risks.get("open"), risks.get("grave"), one.waiting),
        *((last.title, last.label) if last else (None, None)),
    ]


def _percent(share: Decimal | None) -> Decimal | None:
    return None if share is None else round(share * 100, 1)


def _totals_head() -> list[str]:
    left = pgettext("of a budget", "Left")
    counted = _("Projects with a budget")
    return [_("Currency"), _("Projects"), _("Budget"), _("Spent"), counted, _("Spent (%)"), left]


def _totals_rows(totals: PortfolioTotals) -> Iterator[Row]:
    for one in totals.currencies:
        share = _percent(one.share_spent)
        yield [one.currency, one.projects, one.budget, one.spent, one.with_budget, share, one.left]


def _common_head() -> list[str]:
    return [
        *(_("Standard indicator"), _("Indicator"), _("Projects"), _("With a value")),
        *(_("Sum"), _("Sum of the targets"), _("Lowest"), _("Highest"), _("Remark")),
    ]


def _common_rows(rows: Iterable[CommonIndicator]) -> Iterator[Row]:
    for row in rows:
        lowest, highest = row.range or (None, None)
        yield [
            *(row.reference, row.name, projects_of(row), len(row.measured)),
            *(row.total, row.target, lowest, highest, row.why_not_added or None),
        ]


def _about(form: PortfolioFilterForm, today: date) -> Iterator[Row]:
    yield [_("As of"), today]
    for label, value in form.words:
        yield [_("Filter: %(name)s") % {"name": label}, value]
    yield [
        _("Who reads it"),
        _("It holds what the person who downloaded it may see: pass it on with care."),
    ]
    yield [_("Money"), _("In each project's own currency. Currencies are never added up.")]
    yield [
        _("Indicators on track"),
        _("Indicators that meet their target or come close to it, of those that are rated."),
    ]
