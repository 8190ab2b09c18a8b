"""Excel workbooks, cell by cell: written without formulas, read with distrust.

Every text is written as text, whatever it begins with, and a formula that comes in is read as
text. What a workbook is about is known only to the modules that use this one.
"""

import math
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError
from django.utils.translation import gettext as _

from kernel.formats import join_list
from kernel.refusal import Refusal
from kernel.xml_text import xml_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

LAST_TEXT = 32_000
# Signs that begin a formula or a command, in both widths of letters, and spaces that hide them.
FORMULA_STARTS = ("=", "+", "-", "@", "|", "%", "\t", "\r", "\n", "＝", "＋", "－", "＠")
HIDES = " \u00a0\u200b"
HEAD_COLOUR = "FFE7ECF3"

_XML = (".xml", ".rels")
# Excel writes notes with HTML into drawings, and keeps inserted SVG files as they are.
_PICTURE = re.compile(r"xl/media/[^/]+|xl/drawings/[^/]+\.vml", re.IGNORECASE)
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell [^>]{0,200}?ref=["']([A-Z0-9:]{1,30})["']""")

CellValue = str | int | date | Decimal | None


# Writing


def put(page: "Worksheet", row: int, column: int, value: CellValue) -> Any:
    """Write a cell. A text stays a text whatever it begins with, even when somebody edits it."""
    cell = page.cell(row, column)
    if isinstance(value, str):
        cell.value = xml_text(value)[:LAST_TEXT] or None
        if cell.value is not None:
            cell.data_type = "s"
            cell.quotePrefix = is_formula(value)
    else:
        cell.value = value
        if isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"
    return cell


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would read the text as a formula or a command."""
    return text.lstrip(HIDES).startswith(FORMULA_STARTS)


# Reading


def cannot_be_read() -> Refusal:
    return Refusal(_("This workbook cannot be read: open it in Excel and save it again."))


def open_pages(file: BinaryIO) -> list[Any]:
    """Return the sheets of a workbook that passed `refuse_what_is_hostile`; rows are read
    lazily."""
    from openpyxl import load_workbook  # noqa: PLC0415  (6 MB, for few requests)

    file.seek(0)
    return load_workbook(file, read_only=True, keep_links=False).worksheets


def lines_of(page: Any, *, max_rows: int, max_columns: int, too_long: str) -> Iterator[Any]:
    """Yield the rows that are not empty, each as its number and its values.

    Raises Refusal with the sentence `too_long` above the limit.
    """
    page.reset_dimensions()  # the file's own statement of its size may be false
    for number, cells in enumerate(page.iter_rows(max_col=max_columns), start=1):
        if number > max_rows:
            raise Refusal(too_long)
        values = [value_of(cell) for cell in cells]
        if any(value is not None for value in values):
            yield number, values


def refuse_what_is_hostile(file: BinaryIO, *, max_xml: int, too_large: str) -> None:
    """Check the size of its parts, entities and merged cells before anything is made of them.

    openpyxl uses defusedxml as well where that is installed, but not for all parts.

    The file has passed `kernel.files.check_upload`. Raises Refusal.
    """
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > max_xml:
                raise Refusal(too_large)
            for entry in archive.infolist():
                part = archive.read(entry)
                if entry.filename.lower().endswith(_XML) or _looks_like_xml(part):
                    _refuse_part(entry.filename, part)
    except DefusedXmlException:  # before ValueError, which it is
        raise Refusal(
            _("This workbook was not written by a spreadsheet program: save it again.")
        ) from None
    except (
        zipfile.BadZipFile,
        OSError,
        EOFError,
        ValueError,
        NotImplementedError,
        ParseError,
        LookupError,  # an encoding that Python does not know
    ):
        raise cannot_be_read() from None


class _Look:
    """What a parser builds that only looks."""

    begun = False  # after the place where a document type would be

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.begun = True

    def close(self) -> None:
        pass


def _looks_like_xml(part: bytes) -> bool:
    """Whatever its name: a workbook may refer to a sheet by any."""
    return part[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<")


def _refuse_part(name: str, xml: bytes) -> None:
    """A picture need not be well-formed and may have a document type, but may declare no entity:
    a workbook may refer to a part as its sheet, wherever the part is."""
    is_picture = _PICTURE.fullmatch(name) is not None
    look = _Look()
    parser = DefusedXMLParser(target=look, forbid_dtd=not is_picture)
    try:
        parser.feed(xml)
        parser.close()
    except ParseError:
        if not (is_picture and look.begun):
            raise
    if name.startswith("xl/worksheets/") and (merged := _MERGED.findall(xml)):
        cells = join_list(one.decode() for one in merged[:5])
        raise Refusal(
            _("The cells %(cells)s are merged: unmerge them, so that each has its own value.")
            % {"cells": cells}
        )


def value_of(cell: Any) -> CellValue:
    """Return the content of a cell as a day, a Decimal or a cleaned text; None if it is empty.
    What is no finite number, and a day with an hour, is text, so that whoever reads it can refuse
    it in words."""
    value = cell.value
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    if isinstance(value, datetime):
        # A cell with an hour is kept as text, so that the reader of a day can refuse it in words.
        return value.date() if not (value.hour or value.minute) else value.isoformat(" ")
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        return str(value)  # nobody can compute with infinity (1e999)
    if isinstance(value, int | float):
        return Decimal(repr(value))
    text = xml_text(str(getattr(value, "text", value)))
    return text if text.strip() else None
