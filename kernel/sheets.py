"""Lists that people export for a spreadsheet, as CSV or Excel: a head and rows on each sheet.

Every text is written as text, so that nothing anybody typed becomes a formula.
"""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.http import HttpResponse

from kernel.file_contents import MIME_TYPES
from kernel.workbooks import HEAD_COLOUR, CellValue, clean, is_formula, put

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

WIDTH = 22
_TEXTS = {
    "csv": "text/csv",
    "json": "application/json",
    "txt": "text/plain",
    "xml": "application/xml",
}

Rows = Iterable[Sequence[CellValue]]


def sheet(
    kind: str, title: str, head: Sequence[str], rows: Rows, widths: Sequence[int] = ()
) -> bytes:
    """Return the list as a file of `kind`, "xlsx" or "csv"."""
    return csv_sheet(head, rows) if kind == "csv" else excel_sheet(title, head, rows, widths)


def excel_sheet(title: str, head: Sequence[str], rows: Rows, widths: Sequence[int] = ()) -> bytes:
    """Return a workbook of one sheet. `widths` are those of the first columns, in characters."""
    written = io.BytesIO()
    _book([SheetOfRows(title, head, rows, widths)]).save(written)
    return written.getvalue()


@dataclass(frozen=True)
class SheetOfRows:
    """One sheet of a workbook; `widths` as in `excel_sheet`."""

    title: str
    head: Sequence[str]
    rows: Rows
    widths: Sequence[int] = ()


def excel_book(pages: Iterable[SheetOfRows], *, made_at: datetime) -> bytes:
    """Return a workbook with a sheet for each list.

    It says that it was made at `made_at`, so that equal lists give equal bytes whenever they are
    written.
    """
    from openpyxl.writer.excel import ExcelWriter  # noqa: PLC0415  (as in `_book`)

    book = _book(pages)
    moment = made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.properties.created = book.properties.modified = moment
    written = io.BytesIO()
    ExcelWriter(book, zipfile.ZipFile(written, "w", allowZip64=True)).save()
    return _with_days_fixed(written)


def _with_days_fixed(written: io.BytesIO) -> bytes:
    """Return the same package with parts that do not say when they were written."""
    fixed = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(fixed, "w") as target:
        for entry in source.infolist():
            part = zipfile.ZipInfo(entry.filename)  # dated 1980 by default
            target.writestr(part, source.read(entry), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


def _book(pages: Iterable[SheetOfRows]) -> "Workbook":
    from openpyxl import Workbook  # noqa: PLC0415  (6 MB, for few requests)

    book = Workbook()
    book.remove(book.worksheets[0])
    for page in pages:
        _fill(book.create_sheet(), page)
    return book


def _fill(sheet: "Worksheet", page: SheetOfRows) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415  (as in `_book`)
    from openpyxl.utils import get_column_letter  # noqa: PLC0415  (likewise)

    top, fill = Alignment(wrap_text=True, vertical="top"), PatternFill("solid", fgColor=HEAD_COLOUR)
    sheet.title = re.sub(r"[\\/*?:\[\]']", " ", clean(page.title))[:31].strip() or "1"
    for line, row in enumerate((page.head, *page.rows), start=1):
        for place, value in enumerate(row, start=1):
            put(sheet, line, place, value).alignment = top
    for place in range(1, len(page.head) + 1):
        cell = sheet.cell(1, place)
        cell.font, cell.fill = Font(bold=True), fill
        width = page.widths[place - 1] if place <= len(page.widths) else WIDTH
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"


def csv_sheet(head: Sequence[str], rows: Rows) -> bytes:
    """Return UTF-8 with the mark by which Excel knows it, days as 2020-09-03, decimals with a
    point."""
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
    """Answer with a download. Give it a neutral name: files are left on shared computers."""
    mime = MIME_TYPES["xlsx"] if kind == "xlsx" else f"{_TEXTS[kind]}; charset=utf-8"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=mime, headers=headers)
