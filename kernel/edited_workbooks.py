"""Excel workbooks that people fill in and give back: written for them, read with distrust.

This module knows cells, not what they mean. There is one visible sheet. Hidden names in its first
row and a hidden key in the first cell of each row identify columns and rows, so that people may
move them. Every text is written as text, whatever it begins with, and a formula that comes back is
read as text.
"""

import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from kernel.formats import join_list
from kernel.refusal import Refusal
from kernel.workbooks import (
    HEAD,
    CellValue,
    cannot_be_read,
    lines_of,
    open_pages,
    put,
    refuse_what_is_hostile,
)

HEADER = "ibcr-header"
MAX_ROWS = 2_000  # by default
MAX_COLUMNS = 60
MAX_XML = 15_000_000
MAX_XML_PER_ROW = 3_000
SPARE_ROWS = 300  # below the table, with drop-downs, for rows that people add

NUMBER_FORMATS = {"money": "#,##0.00", "number": "General"}
_READ_ONLY = PatternFill("solid", fgColor="FFF3F4F6")
_WRONG = PatternFill("solid", fgColor="FFFFD9D6")
_WRAP = Alignment(wrap_text=True, vertical="top")


@dataclass(frozen=True)
class WorkbookColumn:
    """`kind`: text, date, money, number or choice; a choice has its `choices` in a drop-down.
    `is_read_only`: it helps to read the row, and nothing that is written there comes back."""

    name: str
    label: str
    kind: str = "text"
    width: int = 20
    choices: tuple[str, ...] = ()
    is_read_only: bool = False


@dataclass
class WorkbookRow:
    """`key` is the content of the hidden cell, `number` the row of the sheet that it was read
    from."""

    key: str
    cells: dict[str, CellValue]
    number: int = 0
    # Sentences about what is wrong, by column; "" is about the whole row.
    marks: dict[str, str] = field(default_factory=dict)


@dataclass
class WorkbookSheet:
    """`marker` is a word that says of which kind the sheet is, `key` identifies it."""

    marker: str
    key: str
    title: str
    instructions: list[str]
    columns: list[WorkbookColumn]
    rows: list[WorkbookRow]
    name: str = "Plan"
    spare_rows: int = SPARE_ROWS


# Writing


def write_workbook(sheet: WorkbookSheet) -> bytes:
    """Return the bytes of the workbook; marked cells are coloured and have a comment."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = re.sub(r"[\\/*?:\[\]']", " ", sheet.name)[:31]
    lists = book.create_sheet("lists")
    lists.sheet_state = "hidden"

    put(page, 1, 1, f"{sheet.marker}:{sheet.key}")
    for number, column in enumerate(sheet.columns, start=2):
        put(page, 1, number, column.name)
    put(page, 2, 2, sheet.title).font = Font(bold=True, size=14)
    for number, line in enumerate(sheet.instructions, start=3):
        put(page, number, 2, line)
    head = 3 + len(sheet.instructions)
    _write_head(page, head, sheet.columns)
    _write_rows(page, head, sheet)
    _offer_choices(page, lists, head, len(sheet.rows) + sheet.spare_rows, sheet.columns)

    page.row_dimensions[1].hidden = True
    page.column_dimensions["A"].hidden = True
    page.freeze_panes = page.cell(head + 1, 4).coordinate
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = f"{head}:{head}"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _write_head(page: Worksheet, head: int, columns: list[WorkbookColumn]) -> None:
    put(page, head, 1, HEADER)
    for number, column in enumerate(columns, start=2):
        cell = put(page, head, number, column.label)
        cell.font, cell.fill, cell.alignment = Font(bold=True), HEAD, _WRAP
        page.column_dimensions[get_column_letter(number)].width = column.width


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
    cell.comment = Comment(before + sentence, "IBCR", width=320, height=120)


def _offer_choices(
    page: Worksheet, lists: Worksheet, head: int, rows: int, columns: list[WorkbookColumn]
) -> None:
    first, last = head + 1, head + rows
    for number, column in enumerate(columns, start=2):
        cells = f"{get_column_letter(number)}{first}:{get_column_letter(number)}{last}"
        if column.kind == "date":
            rule = DataValidation("date", operator="greaterThan", formula1="36526")
        elif column.choices:
            letter = get_column_letter(number)
            for line, choice in enumerate(column.choices, start=1):
                put(lists, line, number, choice)
            rule = DataValidation(
                "list", formula1=f"lists!${letter}$1:${letter}${len(column.choices)}"
            )
        else:
            continue
        # Excel only hints: its own refusals cannot say what to do, ours can when the file comes back.
        rule.allow_blank, rule.showErrorMessage = True, False
        rule.add(cells)
        page.add_data_validation(rule)


# Reading


@dataclass
class ParsedSheet:
    key: str
    rows: list[WorkbookRow]


def read_workbook(
    file: BinaryIO, marker: str, columns: Collection[WorkbookColumn], *, max_rows: int = MAX_ROWS
) -> ParsedSheet:
    """Read the rows below the header, by the names of the columns.

    The file has passed `kernel.files.check_upload`. Raises Refusal if the
    portal did not write this workbook, or if it was changed beyond recognition.
    """
    refuse_what_is_hostile(
        file,
        max_xml=max(MAX_XML, max_rows * MAX_XML_PER_ROW),
        too_large=_("This workbook is far too large: copy the rows into a fresh one."),
    )
    try:
        page = next(one for one in open_pages(file) if one.title != "lists")
        return _read(_lines(page, max_rows), marker, columns)
    except Refusal:
        raise
    except Exception:  # a broken workbook makes openpyxl raise whatever it stumbles over
        raise cannot_be_read() from None


def _lines(page: Any, max_rows: int) -> Iterator[tuple[int, list[Any]]]:
    """Yield the rows that are not empty with their numbers. Raises Refusal above the limit."""
    too_long = _(
        "This sheet has more than %(limit)s rows, far more than it was given. Remove the rest."
    ) % {"limit": max_rows}
    return lines_of(page, max_rows=max_rows + 100, max_columns=MAX_COLUMNS, too_long=too_long)


def _read(
    lines: Iterator[tuple[int, list[Any]]], expected: str, columns: Collection[WorkbookColumn]
) -> ParsedSheet:
    number, names = next(lines, (0, []))
    marker = str(names[0]) if names and names[0] is not None else ""
    if number != 1 or not marker.startswith(f"{expected}:"):
        raise Refusal(
            _(
                "The first, hidden row of this workbook is gone or changed: the portal cannot tell "
                "what it is of. Download it again and copy your changes into it."
            )
        )
    places = {str(name): place for place, name in enumerate(names) if place and name is not None}
    missing = [column.label for column in columns if column.name not in places]
    if missing:
        raise Refusal(
            _("Columns are missing: %(names)s. Download the workbook again, and empty no column.")
            % {"names": join_list(missing)}
        )
    rows, is_below = [], False
    for number, values in lines:
        if is_below:
            key = "" if values[0] is None else str(values[0])
            cells = {one.name: _at(values, places[one.name]) for one in columns}
            if key or any(value is not None for value in cells.values()):
                rows.append(WorkbookRow(key, cells, number))
        is_below = is_below or values[0] == HEADER
    if not is_below:
        raise Refusal(_("The header row of this workbook is gone. Download it again."))
    return ParsedSheet(marker.partition(":")[2], rows)


def _at(values: list[Any], place: int) -> CellValue:
    return values[place] if place < len(values) else None
