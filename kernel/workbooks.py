"""Excel workbooks, cell by cell: written without formulas, read with distrust.

Every text is written as text, whatever it begins with, and a formula that comes in is read as
text. What a workbook is about is known only to the modules that use this one.
"""

import math
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
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


# --- Edited workbooks ---
#
# Excel workbooks that people fill in and give back: written for them (`kernel.workbook_writing`),
# read with distrust.
#
# This module knows cells, not what they mean. There is one visible sheet or several. Hidden names
# in the first row of each and a hidden key in the first cell of each row identify columns and
# rows, so that people may move them. Every text is written as text, whatever it begins with, and a
# formula that comes back is read as text.

HEADER = "ibcr-header"
MAX_ROWS = 2_000  # by default
MAX_COLUMNS = 60
MAX_XML = 15_000_000
MAX_XML_PER_ROW = 3_000
SPARE_ROWS = 300  # below the table, with drop-downs, for rows that people add


@dataclass(frozen=True)
class WorkbookColumn:
    """`kind`: text, date, money, number or choice; a choice has its `choices` in a drop-down.
    `choices_of`: the sheet and the column, earlier in the same workbook, whose cells are its choices.
    `is_read_only`: it helps to read the row, and nothing that is written there comes back.
    `is_optional`: a workbook may lack it, and then its rows say nothing of it."""

    name: str
    label: str
    kind: str = "text"
    width: int = 20
    choices: tuple[str, ...] = ()
    choices_of: tuple[str, str] | None = None
    is_read_only: bool = False
    is_optional: bool = False


@dataclass
class WorkbookRow:
    """`key` is the content of the hidden cell, `number` the row of the sheet that it was read
    from."""

    key: str
    cells: dict[str, CellValue]
    number: int = 0
    # Sentences about what is wrong, by column; "" is about the whole row.
    marks: dict[str, str] = field(default_factory=dict)
    pasted_cells: int = 0  # how many cells it had, if it was pasted without the names of columns


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


# Reading


@dataclass
class ParsedSheet:
    key: str
    rows: list[WorkbookRow]
    columns: list[WorkbookColumn]


def read_workbook(
    file: BinaryIO, marker: str, columns: Collection[WorkbookColumn], *, max_rows: int = MAX_ROWS
) -> ParsedSheet:
    """Read the rows below the header, by the names of the columns.

    The file has passed `kernel.files.check_upload`. Raises Refusal if the
    portal did not write this workbook, or if it was changed beyond recognition.
    """
    _refuse_what_is_hostile(file, max_rows)
    try:
        page = next(one for one in open_pages(file) if one.title != "lists")
        return _read(_lines(page, max_rows), marker, columns)
    except Refusal:
        raise
    except Exception:  # a broken workbook makes openpyxl raise whatever it stumbles over
        raise cannot_be_read() from None


def _refuse_what_is_hostile(file: BinaryIO, max_rows: int) -> None:
    refuse_what_is_hostile(
        file,
        max_xml=max(MAX_XML, max_rows * MAX_XML_PER_ROW),
        too_large=_("This workbook is far too large: copy the rows into a fresh one."),
    )


def read_sheets(
    file: BinaryIO, marker: str, columns: Mapping[str, Collection[WorkbookColumn]]
) -> dict[str, ParsedSheet]:
    """Read the sheets of a workbook that has several, by the keys of `columns`; another key, such as
    that of the instructions, is passed over. A sheet may be missing: then nothing is said of it.

    Raises Refusal, which names the sheet.
    """
    _refuse_what_is_hostile(file, MAX_ROWS)
    found: dict[str, ParsedSheet] = {}
    try:
        for page in open_pages(file):
            if page.title == "lists":
                continue
            key = _key_of(page, marker)
            if key in found:
                raise Refusal(_("This sheet appears twice: delete the other one."))
            if key in columns:
                found[key] = _read(_lines(page, MAX_ROWS), marker, columns[key])
    except Refusal as refusal:
        sentence = _("Sheet “%(sheet)s”: %(sentence)s")
        raise Refusal(sentence % {"sheet": page.title, "sentence": refusal}) from None
    except Exception:  # as in `read_workbook`
        raise cannot_be_read() from None
    return found


def _key_of(page: Any, marker: str) -> str:
    """Return the key of a sheet; of an empty one that somebody added, an empty key."""
    number, names = next(_lines(page, MAX_ROWS), (0, []))
    first = str(names[0]) if names else ""
    if number and not (number == 1 and first.startswith(f"{marker}:")):
        raise Refusal(
            _(
                "Its hidden first row is missing, or it does not come from the portal. "
                "Copy its rows into a fresh download, and delete this sheet."
            )
        )
    return first.partition(":")[2]


def _lines(page: Any, max_rows: int) -> Iterator[tuple[int, list[Any]]]:
    """Yield the rows that are not empty with their numbers. Raises Refusal above the limit."""
    too_long = _(
        "This sheet has more than %(limit)s rows, far more than it originally had. Remove the rest."
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
                "The hidden first row of this workbook is missing or changed: the portal "
                "cannot tell what it belongs to. Download it again and copy your changes "
                "into it."
            )
        )
    places = {str(name): place for place, name in enumerate(names) if place and name is not None}
    missing = [
        column.label for column in columns if column.name not in places and not column.is_optional
    ]
    if missing:
        raise Refusal(
            _(
                "Columns are missing: %(names)s. Download the workbook again, and do not "
                "empty any column."
            )
            % {"names": join_list(missing)}
        )
    there = [column for column in columns if column.name in places]
    rows, is_below = [], False
    for number, values in lines:
        if is_below:
            key = "" if values[0] is None else str(values[0])
            cells = {one.name: _at(values, places[one.name]) for one in there}
            if key or any(value is not None for value in cells.values()):
                rows.append(WorkbookRow(key, cells, number))
        is_below = is_below or values[0] == HEADER
    if not is_below:
        raise Refusal(_("The header row of this workbook is missing. Download it again."))
    return ParsedSheet(marker.partition(":")[2], rows, there)


def _at(values: list[Any], place: int) -> CellValue:
    return values[place] if place < len(values) else None
