"""A list as an Excel workbook: one sheet, a head, rows.

Every text is written as text, whatever it begins with: “=…” in somebody's note is no formula.
"""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from kernel.file_contents import MIME_TYPES

LONGEST = 32_000  # an Excel cell holds little more
_HEAD = PatternFill("solid", fgColor="FFE7ECF3")
_WRAP = Alignment(wrap_text=True, vertical="top")

Value = str | int | date | Decimal | None


def sheet_of(title: str, headers: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """The bytes of a workbook of one sheet whose first row is its head."""
    book = Workbook()
    page = book.active
    page.title = "".join(mark for mark in title if mark not in "[]:*?/\\'")[:31] or "Sheet"
    for number, row in enumerate([list(headers), *rows], start=1):
        for column, value in enumerate(row, start=1):
            cell = page.cell(number, column)
            cell.alignment = _WRAP
            if isinstance(value, str):
                cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST]
                cell.data_type = "s"
            else:
                cell.value = value
    for column in range(1, len(headers) + 1):
        head = page.cell(1, column)
        head.font, head.fill = Font(bold=True), _HEAD
        page.column_dimensions[get_column_letter(column)].width = 24
    page.freeze_panes = "A2"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sent(content: bytes, name: str) -> HttpResponse:
    """A workbook as a download. `name` is neutral: files lie about on shared computers."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.xlsx"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=MIME_TYPES["xlsx"], headers=headers)
