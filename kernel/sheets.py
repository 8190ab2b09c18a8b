"""Lists that are taken away for a spreadsheet, as CSV or Excel: one sheet, a head, rows.

Every text stays a text: whatever somebody typed, no cell becomes a formula.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from kernel.file_contents import MIME_TYPES
from kernel.workbooks import HEAD, CellValue, clean, is_formula, put

WIDTH = 22
_TEXTS = {"csv": "text/csv", "xml": "application/xml"}
_TOP = Alignment(wrap_text=True, vertical="top")

Rows = Iterable[Sequence[CellValue]]


def sheet(
    kind: str, title: str, head: Sequence[str], rows: Rows, widths: Sequence[int] = ()
) -> bytes:
    """The list as a file of `kind`, "xlsx" or "csv"."""
    return csv_sheet(head, rows) if kind == "csv" else excel_sheet(title, head, rows, widths)


def excel_sheet(title: str, head: Sequence[str], rows: Rows, widths: Sequence[int] = ()) -> bytes:
    """`widths` of the first columns, in signs; the others have a middling one."""
    book = Workbook()
    page = book.active
    page.title = re.sub(r"[\\/*?:\[\]']", " ", clean(title))[:31].strip() or "1"
    for line, row in enumerate((head, *rows), start=1):
        for place, value in enumerate(row, start=1):
            put(page, line, place, value).alignment = _TOP
    for place in range(1, len(head) + 1):
        cell = page.cell(1, place)
        cell.font, cell.fill = Font(bold=True), HEAD
        width = widths[place - 1] if place <= len(widths) else WIDTH
        page.column_dimensions[get_column_letter(place)].width = width
    page.freeze_panes = "A2"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def csv_sheet(head: Sequence[str], rows: Rows) -> bytes:
    """UTF-8 with the mark by which Excel knows it, days as 2020-09-03, numbers with a point."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerows([_plain(value) for value in row] for row in (head, *rows))
    return codecs.BOM_UTF8 + written.getvalue().encode()


def _plain(value: CellValue) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        return "" if value is None else str(value)
    return f"'{clean(value)}" if is_formula(value) else clean(value)


def as_download(content: bytes | str, name: str, kind: str = "xlsx") -> HttpResponse:
    """`name` is neutral: files lie about on shared computers."""
    mime = MIME_TYPES["xlsx"] if kind == "xlsx" else f"{_TEXTS[kind]}; charset=utf-8"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=mime, headers=headers)
