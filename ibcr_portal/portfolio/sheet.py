"""The portfolio as a workbook: the projects, the totals by currency, the indicators that they share,
and what the reader chose."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _, pgettext

from ibcr_portal.portfolio.common import CommonIndicator, projects_of
from ibcr_portal.portfolio.forms import PortfolioFilterForm
from ibcr_portal.portfolio.lines import PortfolioTotals
from ibcr_portal.portfolio.reading import ProjectFigures
from kernel.formats import join_list
from kernel.sheets import SheetOfRows, excel_book
from kernel.workbooks import CellValue

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
