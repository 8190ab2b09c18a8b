"""Excel workbooks of others, filled: each place such as `{{ spent.total }}` becomes a value.

The cells are replaced in the file itself, so that formats, formulas, pictures, charts and checks of
the workbook stay as they were. A text is written as text, whatever it begins with, and no value
becomes part of a formula. The workbook comes from outside: what could run or fetch something is
refused (`kernel.workbook_parts`).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from lxml import etree

from kernel.workbook_parts import MAIN, Problem, WorkbookParts, WorkbookRefused
from kernel.workbooks import LAST_TEXT, CellValue, is_formula
from kernel.xml_text import xml_text

PLACE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
MOST_PLACES = 2_000
EPOCH = date(1899, 12, 30)  # the day 0 of Excel
_DAYS = frozenset([*range(14, 23), 45, 46, 47])  # formats of days that every Excel knows
_C, _V, _F, _IS, _T = (f"{MAIN}{name}" for name in ("c", "v", "f", "is", "t"))

Row = Mapping[str, CellValue]


class CellWithPlaces(NamedTuple):
    """A cell with places, and their names as written there, in small letters."""

    sheet: str
    cell: str
    text: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Values:
    """What is filled in: single values, and lists, whose rows go below each other from the cell that
    names them (`categories.name`). `write` gives a value as text, within a text of the cell."""

    single: Mapping[str, CellValue]
    lists: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    columns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    write: Callable[[CellValue], str] = str

    def knows(self, name: str) -> bool:
        return name in self.single or self.column(name) is not None

    def column(self, name: str) -> tuple[str, str] | None:
        """Return the list and the column that a name stands for; None for a single value."""
        head, _dot, column = name.partition(".")
        is_column = name not in self.single and column in self.columns.get(head, ())
        return (head, column) if is_column else None


class FilledWorkbook:
    """A workbook with places. Raises WorkbookRefused for what cannot be filled."""

    def __init__(self, content: bytes) -> None:
        self.parts = WorkbookParts(content)
        self.places: list[CellWithPlaces] = []
        problems: list[Problem] = []
        for sheet, tree in self.parts.sheets.items():
            for cell in tree.iter(_C):
                problems += self._read(sheet, cell)
        if len(self.places) > MOST_PLACES:
            problems.append(Problem("too_many"))
        if problems:
            raise WorkbookRefused(problems)

    def _read(self, sheet: str, cell: etree._Element) -> Iterator[Problem]:
        where = cell.get("r") or ""
        formula = cell.find(_F)
        if formula is not None:
            if "{{" in (formula.text or ""):
                yield Problem("in_formula", sheet, where, (formula.text or "")[:60])
            return
        text = self.parts.text_of(cell)
        if "{{" not in text and "}}" not in text:
            return
        names = tuple(name.casefold() for name in PLACE.findall(text))
        rest = PLACE.sub("", text)
        if not names or not all(names) or "{{" in rest or "}}" in rest:
            yield Problem("syntax", sheet, where, text[:60])
        elif not CELL.fullmatch(where):
            yield Problem("damaged")
        else:
            self.places.append(CellWithPlaces(sheet, where, text, names))

    def problems_with(self, values: Values) -> list[Problem]:
        """Return the places that nothing can be filled into, each with its cell."""
        found = []
        for place in self.places:
            for name in place.names:
                if not values.knows(name):
                    found.append(Problem("unknown", place.sheet, place.cell, name))
                elif values.column(name) and PLACE.fullmatch(place.text.strip()) is None:
                    found.append(Problem("not_alone", place.sheet, place.cell, name))
        return found

    def filled(self, values: Values) -> bytes:
        """Return the workbook with all places filled. Raises WorkbookRefused."""
        problems = self.problems_with(values)
        if problems:
            raise WorkbookRefused(problems)
        for place in self.places:
            writer = _SheetWriter(self.parts, place.sheet)
            if column := values.column(place.names[0]):
                rows = [row.get(column[1]) for row in values.lists.get(column[0], ())]
                problems += writer.fill_down(place, rows, values.write)
            else:
                writer.put(place.cell, _content(place, values), values.write)
        if problems:
            raise WorkbookRefused(problems)
        return self.parts.written()


def _content(place: CellWithPlaces, values: Values) -> CellValue:
    """Return the value of a cell: of its type if the place is all that it holds, or else a text."""
    if PLACE.fullmatch(place.text.strip()):
        return values.single[place.names[0]]

    def word(match: re.Match[str]) -> str:
        value = values.single[match[1].casefold()]
        if value is None or isinstance(value, str):
            return value or ""
        return values.write(value)

    return PLACE.sub(word, place.text)


class _SheetWriter:
    def __init__(self, parts: WorkbookParts, sheet: str) -> None:
        self.parts, self.sheet = parts, sheet
        self.tree = parts.sheets[sheet]

    def fill_down(
        self, place: CellWithPlaces, rows: list[CellValue], write: Callable[[CellValue], str]
    ) -> Iterator[Problem]:
        """Write the rows of a list below each other, into cells that the workbook left empty."""
        column, first = _address(place.cell)
        style = self._cell(place.cell).get("s")
        taken = [
            number for number in range(1, len(rows)) if self._is_taken(f"{column}{first + number}")
        ]
        if taken:
            yield Problem("no_room", place.sheet, place.cell, place.names[0], taken[0], len(rows))
            return
        for number, value in enumerate(rows or [None]):
            self.put(f"{column}{first + number}", value, write, style)

    def _is_taken(self, where: str) -> bool:
        cell = self._find(where)
        return cell is not None and any(cell.find(tag) is not None for tag in (_V, _F, _IS))

    def put(
        self,
        where: str,
        value: CellValue,
        write: Callable[[CellValue], str],
        style: str | None = None,
    ) -> None:
        cell = self._cell(where)
        for child in list(cell):
            cell.remove(child)
        cell.attrib.pop("t", None)
        if style is not None and "s" not in cell.attrib:
            cell.set("s", style)
        if isinstance(value, date) and not self.parts.is_day(cell.get("s"), _DAYS):
            value = write(value)
        if value is None or value == "":
            return
        if isinstance(value, str):
            self._put_text(cell, value)
        else:
            number = (value - EPOCH).days if isinstance(value, date) else value
            etree.SubElement(cell, _V).text = (
                format(number, "f") if isinstance(number, Decimal) else str(number)
            )

    def _put_text(self, cell: etree._Element, text: str) -> None:
        cell.set("t", "inlineStr")
        inside = etree.SubElement(etree.SubElement(cell, _IS), _T)
        inside.text = xml_text(text)[:LAST_TEXT]
        inside.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        if is_formula(text):  # it stays a text when somebody edits the cell
            cell.set("s", self.parts.quoted(cell.get("s")))

    def _find(self, where: str) -> etree._Element | None:
        return self.parts.cells(self.sheet).get(where)

    def _cell(self, where: str) -> etree._Element:
        """Return the cell; one that the file left out is put into its place."""
        found = self._find(where)
        if found is not None:
            return found
        column, number = _address(where)
        row = self._row(number)
        cell = etree.Element(_C, r=where)
        place = _place_of(column)
        before = [one for one in row.iter(_C) if _place_of(_address(one.get("r", ""))[0]) < place]
        row.insert(len(before), cell)
        row.attrib.pop("spans", None)
        self.parts.cells(self.sheet)[where] = cell
        return cell

    def _row(self, number: int) -> etree._Element:
        data = self.tree.find(f"{MAIN}sheetData")
        assert data is not None  # a cell was found in it
        before = 0
        for row in data:
            at = int(row.get("r") or 0)
            if at == number:
                return row
            before += at < number
        made = etree.Element(f"{MAIN}row", r=str(number))
        data.insert(before, made)
        return made


def _address(where: str) -> tuple[str, int]:
    match = CELL.fullmatch(where)
    return (match[1], int(match[2])) if match else ("A", 0)


def _place_of(column: str) -> tuple[int, str]:
    return len(column), column
