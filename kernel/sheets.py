"""Lists that people export for a spreadsheet, as CSV or Excel: a head and rows on each sheet.

Sheets are filtered by their head, which stays in view, and are printed one page wide. Every text is written as text, so that nothing anybody typed becomes a formula.
"""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.http import HttpResponse

from kernel.file_contents import MIME_TYPES
from kernel.workbooks import HEAD_COLOUR, CellValue, is_formula, put
from kernel.xml_text import xml_text

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

WIDTH = 22
NARROWEST, NARROWEST_TEXT = 8, 14
# The letters beside each other that are still read easily, at about 7 points, on a page that lies.
READABLE_ON_A4, READABLE_ON_A3 = 205, 295
_TEXTS = {
    "csv": "text/csv",
    "json": "application/json",
    "txt": "text/plain",
    "xml": "application/xml",
    "xlf": "application/xliff+xml",
    "po": "text/x-gettext-translation",
}

Rows = Iterable[Sequence[CellValue]]


def sheet(
    kind: str, title: str, head: Sequence[str], rows: Rows, widths: Sequence[int] = ()
) -> bytes:
    """Return the list as a file of `kind`, "xlsx" or "csv"."""
    return csv_sheet(head, rows) if kind == "csv" else excel_sheet(title, head, rows, widths)


def excel_sheet(title: str, head: Sequence[str], rows: Rows, widths: Sequence[int] = ()) -> bytes:
    """Return a workbook of one sheet. `widths` are the widest of the first columns, in characters."""
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
    return with_days_fixed(written)


def with_days_fixed(written: io.BytesIO) -> bytes:
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
    sheet.title = re.sub(r"[\\/*?:\[\]']", " ", xml_text(page.title))[:31].strip() or "1"
    needed: dict[int, int] = {}
    lines = 1
    for lines, row in enumerate((page.head, *page.rows), start=1):
        for place, value in enumerate(row, start=1):
            put(sheet, lines, place, value).alignment = top
            needed[place] = max(needed.get(place, 0), _length(value, is_head=lines == 1))
    for place in range(1, len(page.head) + 1):
        cell = sheet.cell(1, place)
        cell.font, cell.fill = Font(bold=True), fill
    widths = column_widths(needed, page.widths)
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"
    if page.head:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(page.head))}{lines}"
    _set_up_print(sheet, sum(widths))


def _length(value: CellValue, *, is_head: bool) -> int:
    """Return the letters that a cell needs side by side: of a head those of its longest word and
    of the arrow of its filter, since it breaks between words."""
    if isinstance(value, str):
        pieces = value.split() if is_head else value.splitlines()
        return max((len(piece) for piece in pieces), default=0) + 3 * is_head
    return len("2020-09-03") if isinstance(value, date) else len(str(value or ""))


def column_widths(needed: Mapping[int, int], wished: Sequence[int]) -> list[int]:
    """Return the width of each column: what its longest line needs and at most what is wished.

    Where a page would be too small to read, the widest columns give way and their text wraps.
    `needed`: the letters of each column, which are counted from 1.
    """
    widths = [
        min(
            max(letters + 2, NARROWEST),
            max(wished[place - 1] if place <= len(wished) else WIDTH, NARROWEST),
        )
        for place, letters in sorted(needed.items())
    ]
    widest = max(widths, default=0)
    while sum(widths) > READABLE_ON_A3 and widest > NARROWEST_TEXT:
        widest -= 1
        widths = [min(width, widest) for width in widths]
    return widths


def _set_up_print(sheet: "Worksheet", width: int) -> None:
    """Print one page wide, lying, with the head on each page; on A3 what would be too small on the
    printer's own paper, which is A4 or Letter."""
    from openpyxl.worksheet.page import PageMargins  # noqa: PLC0415  (as in `_book`)
    from openpyxl.worksheet.properties import PageSetupProperties  # noqa: PLC0415  (likewise)

    sheet.page_setup.orientation = "landscape"
    if width > READABLE_ON_A4:
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A3
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.print_title_rows = "1:1"
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    # Codes of the program that prints: the name of the sheet, the page and the number of pages.
    assert sheet.oddFooter is not None  # each sheet begins with an empty one
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = "&A", "&P / &N"


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
    return f"'{xml_text(value)}" if is_formula(value) else xml_text(value)


def as_download(content: bytes | str, name: str, kind: str = "xlsx") -> HttpResponse:
    """Answer with a download. Give it a neutral name: files are left on shared computers."""
    mime = MIME_TYPES["xlsx"] if kind == "xlsx" else f"{_TEXTS[kind]}; charset=utf-8"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=mime, headers=headers)
