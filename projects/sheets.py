"""Lists as files for a spreadsheet, CSV or Excel. Every text stays a text: whatever somebody
typed, no cell becomes a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

Cell = str | int | Decimal | date | None

# With what spreadsheets begin a formula or a command, in both widths, and what hides it.
FORMULA_STARTS = ("=", "+", "-", "@", "|", "%", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LAST_TEXT = 32_000


def csv_sheet(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """With a mark at its start by which Excel knows the letters; days as 2019-10-21."""
    written = io.StringIO()
    writer = csv.writer(written)
    for row in (head, *rows):
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return written.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """With an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.lstrip(" \u00a0\u200b").startswith(FORMULA_STARTS) else text


def excel_sheet(title: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    book = Workbook()
    page = book.active
    page.title = ILLEGAL_CHARACTERS_RE.sub("", title)[:31].translate(
        dict.fromkeys(map(ord, "[]:*?/\\"))
    )
    for number, row in enumerate((head, *rows), start=1):
        for place, value in enumerate(row, start=1):
            cell = page.cell(number, place)
            if isinstance(value, str):
                cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:LAST_TEXT] or None
                if cell.value is not None:
                    cell.data_type = "s"
                    cell.quotePrefix = harmless(cell.value) != cell.value
            else:
                cell.value = value
            if isinstance(value, date):
                cell.number_format = "yyyy-mm-dd"
            if number == 1:
                cell.font = Font(bold=True)
    for place in range(1, len(head) + 1):
        page.column_dimensions[get_column_letter(place)].width = 18
    page.freeze_panes = "A2"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
