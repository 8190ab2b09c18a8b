"""Writes the Excel workbooks that people fill in and give back (`kernel.workbooks`).

It imports openpyxl, so it is imported where a workbook is written: other requests need no such
memory.
"""

import io
import re
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from kernel.sheets import READABLE_ON_A4, column_widths
from kernel.workbooks import HEAD_COLOUR, HEADER, SPARE_ROWS, WorkbookColumn, WorkbookSheet, put

WIDTH_OF_TEXT = 110  # of a sheet that holds instructions alone
NUMBER_FORMATS = {"money": "#,##0.00", "number": "General"}
_HEAD = PatternFill("solid", fgColor=HEAD_COLOUR)
_READ_ONLY = PatternFill("solid", fgColor="FFF3F4F6")
_WRONG = PatternFill("solid", fgColor="FFFFD9D6")
_WRAP = Alignment(wrap_text=True, vertical="top")


def write_workbook(*sheets: WorkbookSheet) -> bytes:
    """Return the bytes of the workbook; marked cells are coloured and have a comment."""
    book = Workbook()
    lists = book.worksheets[0]
    lists.title, lists.sheet_state = "lists", "hidden"
    pages = [book.create_sheet(_title(sheet)) for sheet in sheets]
    for page, sheet in zip(pages, sheets, strict=True):
        _write_sheet(page, lists, sheet)
    book.move_sheet(lists, len(sheets))
    book.active = 0
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _title(sheet: WorkbookSheet) -> str:
    return re.sub(r"[\\/*?:\[\]']", " ", sheet.name)[:31]


def _write_sheet(page: Worksheet, lists: Worksheet, sheet: WorkbookSheet) -> None:
    put(page, 1, 1, f"{sheet.marker}:{sheet.key}")
    for number, column in enumerate(sheet.columns, start=2):
        put(page, 1, number, column.name)
    put(page, 2, 2, sheet.title).font = Font(bold=True, size=14)
    for number, line in enumerate(sheet.instructions, start=3):
        cell = put(page, number, 2, line)
        if not sheet.columns:
            cell.alignment = _WRAP
    head = 3 + len(sheet.instructions)
    _write_head(page, head, sheet.columns)
    _write_rows(page, head, sheet)
    _offer_choices(page, lists, head, len(sheet.rows) + sheet.spare_rows, sheet.columns)

    page.row_dimensions[1].hidden = True
    page.column_dimensions["A"].hidden = True
    if sheet.columns:
        page.freeze_panes = page.cell(head + 1, 4).coordinate
        page.print_title_rows = f"{head}:{head}"
        # Also the empty rows below: Excel does not widen a filter by what people add.
        last = get_column_letter(len(sheet.columns) + 1)
        page.auto_filter.ref = f"B{head}:{last}{head + len(sheet.rows) + sheet.spare_rows}"
    else:
        page.column_dimensions["B"].width = WIDTH_OF_TEXT
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _write_head(page: Worksheet, head: int, columns: list[WorkbookColumn]) -> None:
    put(page, head, 1, HEADER)
    wished = [column.width for column in columns]
    widths = column_widths({place: width - 2 for place, width in enumerate(wished, 1)}, wished)
    for number, (column, width) in enumerate(zip(columns, widths, strict=True), start=2):
        cell = put(page, head, number, column.label)
        cell.font, cell.fill, cell.alignment = Font(bold=True), _HEAD, _WRAP
        page.column_dimensions[get_column_letter(number)].width = width
    if sum(widths) > READABLE_ON_A4:
        page.page_setup.paperSize = page.PAPERSIZE_A3


def _write_rows(page: Worksheet, head: int, sheet: WorkbookSheet) -> None:
    for offset, row in enumerate(sheet.rows, start=1):
        put(page, head + offset, 1, row.key)
        for number, column in enumerate(sheet.columns, start=2):
            cell = put(page, head + offset, number, row.cells.get(column.name))
            cell.alignment = _WRAP
            if column.kind == "date":
                cell.number_format = "yyyy-mm-dd"
            if column.kind in NUMBER_FORMATS:
                cell.number_format = NUMBER_FORMATS[column.kind]
            if column.is_read_only:
                cell.fill = _READ_ONLY
            if sentence := row.marks.get(column.name):
                _mark(cell, sentence)
        if sentence := row.marks.get(""):
            _mark(page.cell(head + offset, 2), sentence)


def _mark(cell: Any, sentence: str) -> None:
    cell.fill = _WRONG
    before = f"{cell.comment.text}\n" if cell.comment else ""
    cell.comment = Comment(before + sentence, "Portal", width=320, height=120)


def _offer_choices(
    page: Worksheet, lists: Worksheet, head: int, rows: int, columns: list[WorkbookColumn]
) -> None:
    first, last = head + 1, head + rows
    for number, column in enumerate(columns, start=2):
        cells = f"{get_column_letter(number)}{first}:{get_column_letter(number)}{last}"
        if column.kind == "date":
            rule = DataValidation("date", operator="greaterThan", formula1="36526")
        elif column.choices:
            rule = DataValidation("list", formula1=_listed(lists, column.choices))
        elif column.choices_of:
            rule = DataValidation("list", formula1=_cells_of(page, *column.choices_of))
        else:
            continue
        # Excel only hints: its own refusals cannot say what to do, ours can when the file comes back.
        rule.allow_blank, rule.showErrorMessage = True, False
        rule.add(cells)
        page.add_data_validation(rule)


def _listed(lists: Worksheet, choices: tuple[str, ...]) -> str:
    """Write the choices into the next free column of the hidden sheet, and return their place."""
    number = lists.max_column + 1
    for line, choice in enumerate(choices, start=1):
        put(lists, line, number, choice)
    letter = get_column_letter(number)
    return f"lists!${letter}$1:${letter}${len(choices)}"


def _cells_of(page: Worksheet, sheet: str, column: str) -> str:
    """Return the place of what is written in a column of another sheet, from its head on."""
    assert page.parent is not None  # it was made in its workbook
    other = next(
        one for one in page.parent.worksheets if str(one["A1"].value).endswith(f":{sheet}")
    )
    names = [cell.value for cell in other[1]]
    head = next(row for row in range(1, 100) if other.cell(row, 1).value == HEADER)
    letter = get_column_letter(names.index(column) + 1)
    return f"'{other.title}'!${letter}${head + 1}:${letter}${head + SPARE_ROWS}"
