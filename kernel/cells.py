"""What lists show of records, as data that one template writes: columns, cells, buttons, and what is
said where nothing is there."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models.expressions import Expression
from django.utils.translation import gettext as _

from kernel.formats import day_in_table, moment_in_table
from kernel.text import StrOrPromise, active_language, shown
from kernel.workbooks import CellValue

NOTHING = "–"


@dataclass(frozen=True)
class Chip:
    """A word in a coloured frame; the colour follows from the `state`."""

    label: StrOrPromise
    state: str = "neutral"


@dataclass(frozen=True)
class Cell:
    """A cell: its text, which may be a link, chips behind it and muted lines below.

    `lead`: bold before the text, such as a number. `sign`: before it, only for those who see, such
    as an arrow. `hidden`: after it, only for those who listen.
    `lang`: of a text that is not in the page's language. `key`: by what the browser sorts.
    `bar`: a share done of 100, drawn.
    """

    text: Any = ""
    url: str = ""
    lead: Any = ""
    sign: str = ""
    hidden: StrOrPromise = ""
    lang: str = ""
    chips: Sequence[Chip] = ()
    notes: Sequence[Any] = ()
    key: Any = ""
    bar: int | None = None


def text_cell(thing: models.Model, name: str, **rest: Any) -> Cell:
    """Return a cell of a text in several languages, in the one that its reader can read."""
    text, language = shown(thing, name, active_language())
    return Cell(text, lang="" if language == active_language() else language, **rest)


def money_cell(amount: Decimal | None, written: str, **rest: Any) -> Cell:
    """Return a cell of an amount as it is written, which the browser sorts by its value."""
    return Cell(written, key="" if amount is None else amount, **rest)


def illustrative(thing: Any) -> list[Chip]:
    """Return the chip that marks what was invented for the demonstration."""
    return [Chip(_("Illustrative"))] if thing.illustrative else []


def dotted(*parts: Any) -> list[str]:
    """Return one muted line of what is there: “Workshop · Tegucigalpa”."""
    line = " · ".join(str(part) for part in parts if part)
    return [line] if line else []


@dataclass(frozen=True)
class Column:
    """A column of a table. `cell` returns what it shows of a row: a cell, a day or moment, or a text.

    `order`: by what the list can be sorted in it, a field, an expression or, where the rows were
    computed, a value of a row. `css`: of its cells, such as "num". `is_exported`: whether the
    workbook of the list has it, too; there, `value` replaces the text of the cell.
    """

    name: str
    label: StrOrPromise
    cell: Callable[[Any], Any]
    order: str | Callable[[], Expression] | Callable[[Any], Any] | None = None
    css: str = ""
    value: Callable[[Any], CellValue] | None = None
    is_exported: bool = True

    def shown(self, row: Any) -> Cell:
        found = self.cell(row)
        if isinstance(found, Cell):
            return found
        if isinstance(found, datetime):
            return Cell(moment_in_table(found), key=found.isoformat())
        if isinstance(found, date):
            return Cell(day_in_table(found), key=found.isoformat())
        return Cell(NOTHING if found is None else found)

    def exported(self, row: Any) -> CellValue:
        found = (self.value or self.cell)(row)
        return found.text if isinstance(found, Cell) else found


@dataclass(frozen=True)
class Table:
    """A table of rows, with one of its columns as their head, the first if no other is named."""

    columns: Sequence[Column]
    rows: Iterable[Any]
    caption: StrOrPromise = ""
    head: str = ""
    is_sortable: bool = True

    @property
    def lines(self) -> list[list[tuple[Column, Cell]]]:
        return [[(each, each.shown(row)) for each in self.columns] for row in self.rows]

    @property
    def head_name(self) -> str:
        return self.head or self.columns[0].name


@dataclass(frozen=True)
class Action:
    """A button that leads to another page."""

    label: StrOrPromise
    url: str
    icon: str = ""
    is_primary: bool = False


@dataclass(frozen=True)
class Empty:
    """What a list says that has nothing to show, and the one thing to do next."""

    title: StrOrPromise
    text: StrOrPromise = ""
    url: str = ""
    action: StrOrPromise = ""
    icon: str = "inbox"
