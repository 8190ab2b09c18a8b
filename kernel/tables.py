"""Tables that other programs export, as CSV or as a workbook, read with distrust."""

import codecs
import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

from kernel.refusal import Refusal
from kernel.workbooks import CellValue, cannot_be_read, lines_of, open_pages, refuse_what_is_hostile
from kernel.xml_text import xml_text

MAX_COLUMNS = 60
MAX_CELL = 5_000
MAX_XML = 80_000_000
DELIMITERS = ";\t,|"


@dataclass(frozen=True)
class TableLine:
    """A row of the file, with its number there."""

    number: int
    cells: list[CellValue]


def read_table(file: BinaryIO, kind: str, *, max_rows: int) -> list[TableLine]:
    """Return the rows that are not empty, of a file that passed `kernel.files.check_upload` as
    `kind`.

    Raises Refusal.
    """
    too_long = _(
        "This table has more than %(limit)s rows: split it and upload the parts one after another."
    ) % {"limit": max_rows}
    return _workbook(file, max_rows, too_long) if kind == "xlsx" else _csv(file, max_rows)


def _workbook(file: BinaryIO, max_rows: int, too_long: str) -> list[TableLine]:
    refuse_what_is_hostile(
        file, max_xml=MAX_XML, too_large=_("This workbook is too large: split it.")
    )
    try:
        # The first sheet that holds anything: programs put empty ones before their data.
        for page in open_pages(file):
            rows = lines_of(page, max_rows=max_rows, max_columns=MAX_COLUMNS, too_long=too_long)
            if lines := [TableLine(number, _used(cells)) for number, cells in rows]:
                return lines
    except Refusal:
        raise
    except Exception:  # a broken workbook makes openpyxl raise whatever it stumbles over
        raise cannot_be_read() from None
    return []


def _used(cells: list[CellValue]) -> list[CellValue]:
    """Remove the empty cells at the end of a row."""
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def _csv(file: BinaryIO, max_rows: int) -> list[TableLine]:
    file.seek(0)
    try:
        text = decoded(file.read()).replace("\r\r\n", "\r\n")
    except UnicodeDecodeError:
        raise Refusal(_("This file is not plain text; save it again as text in UTF-8.")) from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    lines: list[TableLine] = []
    try:
        for cells in reader:
            if len(lines) > max_rows or len(cells) > MAX_COLUMNS:
                raise Refusal(
                    _("This table has more than %(rows)s rows or %(columns)s columns: split it.")
                    % {"rows": max_rows, "columns": MAX_COLUMNS}
                )
            values: list[CellValue] = [xml_text(cell).strip()[:MAX_CELL] or None for cell in cells]
            if any(values):
                lines.append(TableLine(reader.line_num, values))
    except csv.Error:
        raise Refusal(_("This file is not a table; export it again as CSV or XLSX.")) from None
    return lines


def _delimiter(text: str) -> str:
    """Return the sign that splits most lines into the same number of cells, and into most cells."""
    lines = [line for line in text.splitlines()[:30] if line.strip()]

    def agreement(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines]
        often = max(set(counts) - {0}, key=counts.count, default=0)
        return (counts.count(often) if often else 0, often)

    return max(DELIMITERS, key=agreement)


def plain(text: str) -> str:
    """Return lower-case words without accents or signs, for comparing."""
    bare = unicodedata.normalize("NFKD", text)
    letters = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[^\W_]+", letters.casefold()))


def decoded(data: bytes) -> str:
    """Decode by the byte order mark. Without one, zero bytes show UTF-16, and anything that is no
    UTF-8 is taken for the older Western encoding. Raises UnicodeDecodeError."""
    marks = {
        codecs.BOM_UTF8: "utf-8",
        codecs.BOM_UTF16_LE: "utf-16-le",
        codecs.BOM_UTF16_BE: "utf-16-be",
    }
    for mark, encoding in marks.items():
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding)
    head = data[:2000]
    if head[1::2].count(0) > len(head) // 4:
        return _strictly(data, "utf-16-le")
    if head[::2].count(0) > len(head) // 4:
        return _strictly(data, "utf-16-be")
    try:
        return _strictly(data, "utf-8")
    except UnicodeDecodeError:
        return _strictly(data, "cp1252")


def _strictly(data: bytes, encoding: str) -> str:
    return data.decode(encoding).removeprefix("\ufeff")
