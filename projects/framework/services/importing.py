"""A workbook of a framework that came back: what it would change, cell by cell."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.edited_workbooks import WorkbookRow, read_workbook
from kernel.refusal import Refusal
from kernel.three_way import (
    CellChange,
    CellProblem,
    RowChange,
    WorkbookReading,
    changed_first_row,
    changed_key,
    fingerprint,
    is_conflict,
    number_of,
    opened,
    refuse_formula,
    same,
    text_of,
)
from kernel.workbooks import CellValue
from projects.framework.services.cells import (
    MARKER,
    MAX_ROWS,
    NUMBERS,
    SALT,
    TEXTS,
    WORDS,
    Frame,
    Slot,
    Thing,
    Words,
    columns_of,
    name_of,
    packed,
    unpacked,
)
from projects.models import DataPoint, Indicator, Project, Result
from projects.models.value import TOTAL

Kind, Status = DataPoint.Kind, DataPoint.Status


@dataclass
class ThingChange(RowChange):
    """`values`: those that were changed, by column."""

    thing: Thing
    values: Words


class FrameworkReading(WorkbookReading[ThingChange]):
    @property
    def fingerprint(self) -> str:
        return fingerprint(
            (row.number, [(one.column, one.old, one.new, one.now) for one in row.changes])
            for row in self.changed
        )


def import_of(project: Project, user: User, file: Any) -> FrameworkReading:
    """What the workbook would change of what this person may change. Writes nothing.

    Raises Refusal where the file as a whole cannot be taken; what is wrong with a cell is
    marked in its row.
    """
    frame = Frame(project, user)
    columns = columns_of(frame.rights)
    read = read_workbook(file, MARKER, columns, max_rows=MAX_ROWS)
    key = opened(read.key, SALT)
    if key is None:
        raise Refusal(changed_first_row())
    if key.get("project") != project.pk:
        raise Refusal(_("This workbook is of another project: give it on its page."))
    found = FrameworkReading(columns, read.rows, read.key)
    _Reader(frame, found).read()
    return found


class _Reader:
    """Goes through the rows once and notes in `found` what they would change."""

    def __init__(self, frame: Frame, found: FrameworkReading) -> None:
        self.frame, self.found = frame, found
        self.columns = {one.name: one for one in found.columns if not one.is_read_only}
        self.seen: set[str] = set()

    def read(self) -> None:
        for row in self.found.rows:
            if row.key:
                self._read_row(row)
            elif any(row.cells[name] is not None for name in self.columns):
                row.marks[""] = _(
                    "This row is new: add results and indicators in the portal, then download "
                    "the workbook again."
                )

    def _read_row(self, row: WorkbookRow) -> None:
        key = opened(row.key, SALT)
        if key is None or key.get("project") != self.frame.project.pk or "was" not in key:
            row.marks[""] = changed_key()
            return
        if key["key"] in self.seen:
            row.marks[""] = _("This row is there twice: keep one of them.")
            return
        self.seen.add(key["key"])
        was = unpacked(key["was"])
        said = self._said(row, was)
        values = {name: value for name, value in said.items() if value != was[name]}
        thing = self.frame.things.get(key["key"])
        if thing is None:
            if values:
                row.marks[""] = _("This row is gone, or no longer yours: its changes go nowhere.")
            return
        self._compare(row, thing, was, values)

    def _said(self, row: WorkbookRow, was: Words) -> Words:
        """What the cells say; those that cannot be taken are marked and left out."""
        said: Words = {}
        for name in self.columns:
            cell = row.cells[name]
            if name not in was:
                if cell is not None:
                    row.marks[name] = _("This cell stays empty: it says nothing of this row.")
                continue
            try:
                said[name] = _value_of(name, cell, was[name])
            except CellProblem as problem:
                row.marks[name] = str(problem)
        return said

    def _compare(self, row: WorkbookRow, thing: Thing, was: Words, values: Words) -> None:
        now = self.frame.said(thing)
        # What is asked for otherwise meanwhile, such as another measure, has no such cell any more.
        lost = [name for name in values if name not in now]
        for name in lost:
            row.marks[name] = _("This cell is no longer asked for: download the workbook again.")
            del values[name]
        change = ThingChange(row.number, *name_of(thing), thing, values)
        for name, value in values.items():
            if now[name] != value:
                conflict = is_conflict(was[name], value, now[name])
                old, new, said = (_shown(each) for each in (was[name], value, now[name]))
                label = self.columns[name].label
                change.changes.append(CellChange(name, label, old, new, said, conflict))
        if change.changes:
            self._check(row, thing, now | values, values)
            self.found.changed.append(change)

    def _check(self, row: WorkbookRow, thing: Thing, said: Words, values: Words) -> None:
        """Ask the model; nothing is written. What it says goes to the cells."""
        if not isinstance(thing, Slot):
            if not self.frame.rights.texts:
                row.marks[""] = _("Only the coordination changes results and indicators.")
            for name, value in values.items():
                _clean(row, name, _model_field(thing, name), value)
            return
        for name, value in values.items():
            _clean(row, name, DataPoint._meta.get_field((NUMBERS | WORDS)[name]), value)
        _check_numbers(row, thing, said)
        self._check_state(row, thing, said)

    def _check_state(self, row: WorkbookRow, slot: Slot, said: Words) -> None:
        total = self.frame.total_of(slot)
        if total and total.status == Status.APPROVED and not self._reopens(slot):
            row.marks[""] = _(
                "This value is approved. Its page says how it is opened again; then give the "
                "workbook once more."
            )
        if total and total.nothing_to_report and slot.cell == TOTAL and not said["words"]:
            row.marks["words"] = _("Say why there is nothing to report.")

    def _reopens(self, slot: Slot) -> bool:
        """Of what was planned, by those who may approve it."""
        return slot.kind != Kind.ACTUAL and self.frame.rights.reopens


def _value_of(name: str, cell: CellValue, was: Any) -> Any:
    """What a cell says; where it is what was exported, that itself. Raises CellProblem."""
    if name in NUMBERS:
        number = number_of(cell)
        return was if number == was else number
    if same(cell, was):
        return was
    refuse_formula(cell)
    return text_of(cell)


def _shown(value: Any) -> Any:
    return packed({"": value})[""] or None


def _model_field(thing: Result | Indicator, name: str) -> Any:
    return thing._meta.get_field(column_of(thing, name))


def column_of(thing: Result | Indicator, name: str) -> str:
    if name not in TEXTS:
        return name
    return name.replace("text", "statement" if isinstance(thing, Result) else "name")


def _clean(row: WorkbookRow, name: str, field: Any, value: Any) -> None:
    try:
        field.clean(value, None)
        # A model's texts leave their length to forms.
        if isinstance(value, str) and field.max_length and len(value) > field.max_length:
            raise ValidationError(
                _("This has %(length)d signs; write at most %(limit)d.")
                % {"length": len(value), "limit": field.max_length}
            )
    except ValidationError as error:
        row.marks[name] = " ".join(error.messages)


def _check_numbers(row: WorkbookRow, slot: Slot, said: Words) -> None:
    numbers = {NUMBERS[name]: said[name] for name in NUMBERS if name in said}
    if numbers.get("denominator") is not None and numbers["numerator"] is None:
        row.marks["value"] = _("Say how many of them: 12 out of 40.")
        return
    if row.marks:
        return
    try:
        DataPoint(indicator=slot.indicator, kind=slot.kind, **numbers).check_numbers()
    except ValidationError as error:
        names = {field: name for name, field in NUMBERS.items()}
        for field, sentences in error.message_dict.items():
            row.marks[names[field]] = " ".join(sentences)
