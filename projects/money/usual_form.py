"""The form that the portal fills where the donor has none: a financial report by category with a
request for funds, as Global Affairs Canada and others ask for it. Unfilled, it is an example of a
form with places.

It imports openpyxl, so it is imported where a form is written.
"""

import io

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from kernel.workbooks import HEAD_COLOUR

MONEY, SHARE, DAY = "#,##0.00;[Red]-#,##0.00", "0.0%", "yyyy-mm-dd"
WIDTHS = (34, 16, 16, 16, 16, 11, 16, 16, 16)
FIRST = 9  # the row of the first category
_HEAD = PatternFill("solid", fgColor=HEAD_COLOUR)
_LINE = Side("thin", color="FF9AA5B1")
_BOLD = Font(bold=True)


def usual_form(categories: int) -> bytes:
    """Return the form with its places, with room for so many categories, in the active language."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = _("Financial report")[:31]
    for column, width in zip("ABCDEFGHI", WIDTHS, strict=True):
        page.column_dimensions[column].width = width
    _head(page)
    last = FIRST + max(categories, 1) - 1
    _table(page, last)
    _request(page, last + 3)
    _signature(page, last + 12)
    _for_paper(page)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _head(page: Worksheet) -> None:
    page["A1"] = _("Financial report and request for funds")
    page["A1"].font = Font(bold=True, size=14)
    page["A2"] = "{{ organisation }}"
    page["A3"] = "{{ project.title }}"
    page["A4"] = _("Project number: %(places)s") % {
        "places": "{{ project.code }} {{ project.donor_number }}"
    }
    page["A5"] = _("Period: %(places)s") % {
        "places": "{{ period.name }} {{ period.start }} – {{ period.end }}"
    }
    page["A6"] = _("All amounts in %(currency)s") % {"currency": "{{ project.currency }}"}


def _table(page: Worksheet, last: int) -> None:
    """Write the lines. What can be computed from other cells is a formula, so that whoever checks
    the form sees how."""
    heads = [
        _("Category"),
        _("Approved budget"),
        _("Budget of the period"),
        _("Spent in the period"),
        _("Variance"),
        _("Variance (%)"),
        _("Spent since the beginning"),
        _("Remaining"),
        _("Forecast at the end"),
    ]
    for column, head in zip("ABCDEFGHI", heads, strict=True):
        cell = page[f"{column}{FIRST - 1}"]
        cell.value, cell.font, cell.fill = head, _BOLD, _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for row in range(FIRST, last + 2):
        is_total = row == last + 1
        for column in "BCDGI":
            page[f"{column}{row}"] = f"=SUM({column}{FIRST}:{column}{last})" if is_total else None
        page[f"E{row}"] = f"=D{row}-C{row}"
        page[f"F{row}"] = f'=IF(C{row}=0,"",E{row}/C{row})'
        page[f"H{row}"] = f"=B{row}-G{row}"
        for column in "ABCDEFGHI":
            cell = page[f"{column}{row}"]
            cell.border = Border(top=_LINE, bottom=_LINE)
            cell.number_format = SHARE if column == "F" else MONEY
            cell.font = Font(bold=is_total)
    page[f"A{last + 1}"] = _("Total")
    for column, name in zip(
        "ABCDGI", ("name", "approved", "budget", "spent", "cumulative", "forecast"), strict=True
    ):
        page[f"{column}{FIRST}"] = f"{{{{ categories.{name} }}}}"


def _request(page: Worksheet, row: int) -> None:
    page[f"A{row}"] = _("Request for funds")
    page[f"A{row}"].font = _BOLD
    lines = [
        (_("Contributions received since the beginning"), "{{ received.total }}"),
        (_("Spent since the beginning"), "{{ cumulative.total }}"),
        (_("On hand"), f"=B{row + 1}-B{row + 2}"),
        (
            _("Budget of the next period (%(period)s)") % {"period": "{{ following.name }}"},
            "{{ next.total }}",
        ),
        (_("Requested"), f"=MAX(B{row + 4}-B{row + 3},0)"),
        (_("Vouchers that wait for approval, not included"), "{{ waiting.total }}"),
    ]
    for number, (label, value) in enumerate(lines, start=row + 1):
        page[f"A{number}"], page[f"B{number}"] = label, value
        page[f"A{number}"].alignment = Alignment(wrap_text=True, vertical="top")
        page[f"B{number}"].number_format = MONEY
        page[f"B{number}"].font = Font(bold=number == row + 5)


def _signature(page: Worksheet, row: int) -> None:
    page[f"A{row}"] = _("Prepared on %(day)s") % {"day": "{{ today }}"}
    page[f"A{row + 2}"] = _("Signature")
    page[f"D{row + 2}"] = _("Name and function")
    for column in "ABD":
        page[f"{column}{row + 2}"].border = Border(top=_LINE)


def _for_paper(page: Worksheet) -> None:
    page.freeze_panes = f"B{FIRST}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 1  # letter
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_margins = PageMargins(left=0.5, right=0.5, top=0.6, bottom=0.6)
