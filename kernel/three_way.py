"""Compares a workbook that came back with its export and with the present, cell by cell.

The exported texts are kept in the hidden, signed key of each row. Only cells changed in the
workbook are written; a cell that both sides changed is a conflict. What a workbook is about is
known only to the modules that use this one.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kernel.formats import parse_number
from kernel.refusal import Refusal
from kernel.workbooks import CellValue, WorkbookColumn, WorkbookRow
from kernel.xml_text import xml_text


class CellProblem(Refusal):
    """A cell of a workbook that cannot be read as what its column holds."""


@dataclass
class CellChange:
    """One field of one row: `old` as exported, `new` in the workbook, `now` in the portal."""

    column: str
    label: str
    old: Any
    new: Any
    now: Any = None
    is_conflict: bool = False


@dataclass
class RowChange:
    """Changes of one row. `number` is its number in the sheet, or 0 if the row is no longer
    there."""

    number: int
    reference: str
    title: str
    changes: list[CellChange] = field(default_factory=list, kw_only=True)

    @property
    def conflicts(self) -> list[CellChange]:
        return [one for one in self.changes if one.is_conflict]

    def wanted(self, *, take_conflicts: bool) -> set[str]:
        """Return the columns to write: where both sides changed a cell, the portal's text wins by
        default."""
        return {one.column for one in self.changes if take_conflicts or not one.is_conflict}


Change = TypeVar("Change", bound=RowChange)


@dataclass
class WorkbookReading(Generic[Change]):
    """What a workbook would change. `key` is that of its sheet."""

    columns: list[WorkbookColumn]
    rows: list[WorkbookRow]
    key: str
    added: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    removed: list[Change] = field(default_factory=list)

    @property
    def problems(self) -> list[tuple[int, str, str]]:
        """Row, column and sentence of each marked cell."""
        labels = {one.name: one.label for one in self.columns}
        return [
            (row.number, labels.get(name, ""), sentence)
            for row in self.rows
            for name, sentence in row.marks.items()
        ]

    @property
    def all_changes(self) -> list[Change]:
        return [*self.added, *self.changed, *self.removed]

    @property
    def has_conflicts(self) -> bool:
        return any(row.conflicts for row in self.all_changes)

    @property
    def is_empty(self) -> bool:
        return not self.all_changes


def fingerprint(shown: Iterable[Any]) -> str:
    """Return a hash of what was shown, so that people confirm exactly this and nothing newer."""
    return hashlib.sha256(repr(list(shown)).encode()).hexdigest()[:16]


def is_conflict(was: Any, came_back: Any, now: Any) -> bool:
    """Whether both sides changed it, and to different values."""
    return now not in (was, came_back)


# Keys


def sign(content: dict[str, Any], salt: str) -> str:
    """Sign the content, so that a changed key is noticed."""
    return signing.dumps(content, salt=salt, compress=True)


def opened(text: str, salt: str) -> dict[str, Any] | None:
    """Return the signed content, or None if it was changed or belongs to something else."""
    try:
        return dict(signing.loads(text, salt=salt))
    except (signing.BadSignature, TypeError, ValueError):
        return None


def changed_key() -> str:
    return _("The hidden key of this row was changed: take the row from a fresh download.")


def changed_first_row() -> str:
    return _("The hidden first row of this workbook was changed. Download it again.")


# Cells


def same(cell: CellValue, exported: CellValue) -> bool:
    """Whether nobody touched the cell. Text comes back without the spaces around it."""
    if isinstance(exported, str):
        return ("" if cell is None else str(cell)).strip() == xml_text(exported).strip()
    return cell == exported


def text_of(cell: CellValue) -> str:
    """Return the content of a cell as text without space around it; an empty cell is an empty
    text."""
    return "" if cell is None else str(cell).strip()


def refuse_formula(cell: CellValue) -> None:
    if isinstance(cell, str) and cell.lstrip().startswith("="):
        raise CellProblem(_("This cell contains a formula: write the value itself."))


def number_of(cell: CellValue) -> Decimal | None:
    """Return the number, also of a text in any of the three notations. Raises CellProblem."""
    if cell is None:
        return None
    refuse_formula(cell)
    if isinstance(cell, date):
        raise CellProblem(_("This cell contains a date: format it as a number and type it again."))
    try:
        return cell if isinstance(cell, Decimal) else parse_number(str(cell))
    except ValidationError as error:
        raise CellProblem(error.messages[0]) from None
