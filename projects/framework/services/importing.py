"""Reads an edited workbook of the framework and lists what it would change, cell by cell."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.languages import writing_order
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
from kernel.workbooks import CellValue, WorkbookRow, read_workbook
from projects.framework.services.cells import (
    MARKER,
    MAX_ROWS,
    NUMBERS,
    SALT,
    TEXTS,
    WORDS,
    CellValues,
    FrameworkContent,
    FrameworkItem,
    ValueSlot,
    columns_of,
    name_of,
    packed,
    unpacked,
)
from projects.models import DataPoint, Indicator, Project, Result
from projects.models.value import TOTAL

Kind, Status = DataPoint.Kind, DataPoint.Status


@dataclass
class FrameworkChange(RowChange):
    """The changes of one row. `values`: the changed values by column."""

    item: FrameworkItem
    values: CellValues


class FrameworkReading(WorkbookReading[FrameworkChange]):
    @property
    def fingerprint(self) -> str:
        return fingerprint(
            (row.number, [(one.column, one.old, one.new, one.now) for one in row.changes])
            for row in self.changed
        )


def import_of(project: Project, user: User, file: Any) -> FrameworkReading:
    """List what the workbook would change within the rights of this person. Writes nothing.

    Raises Refusal if the file as a whole cannot be read; a problem of a cell is marked in its row.
    """
    content = FrameworkContent(project, user)
    columns = columns_of(content.rights, writing_order())
    read = read_workbook(file, MARKER, columns, max_rows=MAX_ROWS)
    key = opened(read.key, SALT)
    if key is None:
        raise Refusal(changed_first_row())
    if key.get("project") != project.pk:
        raise Refusal(
            _("This workbook belongs to another project: upload it on that project's page.")
        )
    found = FrameworkReading(read.columns, read.rows, read.key)
    _FrameworkReader(content, found).read()
    return found


class _FrameworkReader:
    """Goes through the rows once and notes in `found` what they would change."""

    def __init__(self, content: FrameworkContent, found: FrameworkReading) -> None:
        self.content, self.found = content, found
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
        if key is None or key.get("project") != self.content.project.pk or "was" not in key:
            row.marks[""] = changed_key()
            return
        if key["key"] in self.seen:
            row.marks[""] = _("This row appears twice: keep only one of them.")
            return
        self.seen.add(key["key"])
        was = unpacked(key["was"])
        typed = self._typed(row, was)
        values = {name: value for name, value in typed.items() if value != was[name]}
        item = self.content.items.get(key["key"])
        if item is None:
            if values:
                row.marks[""] = _(
                    "This row no longer exists, or is no longer yours: its changes cannot be "
                    "applied."
                )
            return
        self._compare(row, item, was, values)

    def _typed(self, row: WorkbookRow, was: CellValues) -> CellValues:
        """Return the values typed in the cells; cells with a problem are marked and left out."""
        typed: CellValues = {}
        for name in self.columns:
            cell = row.cells[name]
            if name not in was:
                if cell is not None:
                    row.marks[name] = _(
                        "This cell has to stay empty: it does not apply to this row."
                    )
                continue
            try:
                typed[name] = _value_of(name, cell, was[name])
            except CellProblem as problem:
                row.marks[name] = str(problem)
        return typed

    def _compare(
        self, row: WorkbookRow, item: FrameworkItem, was: CellValues, values: CellValues
    ) -> None:
        now = self.content.values_of(item)
        # A cell may be gone meanwhile, for example because the measure of the indicator changed.
        lost = [name for name in values if name not in now]
        for name in lost:
            row.marks[name] = _("This cell is no longer required: download the workbook again.")
            del values[name]
        change = FrameworkChange(row.number, *name_of(item), item, values)
        for name, value in values.items():
            if now[name] != value:
                conflict = is_conflict(was[name], value, now[name])
                old, new, present = (_shown(each) for each in (was[name], value, now[name]))
                label = self.columns[name].label
                change.changes.append(CellChange(name, label, old, new, present, conflict))
        if change.changes:
            self._check(row, item, now | values, values)
            self.found.changed.append(change)

    def _check(
        self, row: WorkbookRow, item: FrameworkItem, merged: CellValues, values: CellValues
    ) -> None:
        """Validate by the models, without writing. Their complaints are marked in the cells."""
        if not isinstance(item, ValueSlot):
            if not self.content.rights.may_edit_texts:
                row.marks[""] = _("Only the coordination can change results and indicators.")
            for name, value in values.items():
                _clean(row, name, _model_field(item, name), value)
            emptied = [name for name in TEXTS if name in values and not values[name]]
            if emptied and not any(merged[name] for name in TEXTS):
                row.marks.setdefault(emptied[0], _("Fill in at least one language."))
            return
        for name, value in values.items():
            _clean(row, name, DataPoint._meta.get_field((NUMBERS | WORDS)[name]), value)
        _check_numbers(row, item, merged)
        self._check_state(row, item, merged)

    def _check_state(self, row: WorkbookRow, slot: ValueSlot, merged: CellValues) -> None:
        total = self.content.total_of(slot)
        if total and total.status == Status.APPROVED and not self._reopens(slot):
            row.marks[""] = _(
                "This value is approved. Its page says how to reopen it; then upload the "
                "workbook again."
            )
        if total and total.nothing_to_report and slot.cell == TOTAL and not merged["words"]:
            row.marks["words"] = _("Say why there is nothing to report.")

    def _reopens(self, slot: ValueSlot) -> bool:
        """Returns whether the import reopens an approved value: only a baseline or a target, and
        only for a person who may approve it."""
        return slot.kind != Kind.ACTUAL and self.content.rights.may_reopen


def _value_of(name: str, cell: CellValue, was: Any) -> Any:
    """Return the value of a cell; if it is unchanged, exactly the exported one. Raises
    CellProblem."""
    if name in NUMBERS:
        number = number_of(cell)
        return was if number == was else number
    if same(cell, was):
        return was
    refuse_formula(cell)
    return text_of(cell)


def _shown(value: Any) -> Any:
    return packed({"": value})[""] or None


def _model_field(item: Result | Indicator, name: str) -> Any:
    return item._meta.get_field(column_of(item, name))


def column_of(item: Result | Indicator, name: str) -> str:
    """Return the name of the model's column for a column of the workbook: the text of a result is
    its statement, that of an indicator its name."""
    if name not in TEXTS:
        return name
    return name.replace("text", "statement" if isinstance(item, Result) else "name")


def _clean(row: WorkbookRow, name: str, field: Any, value: Any) -> None:
    try:
        field.clean(value, None)
        # A model's texts leave their length to forms.
        if isinstance(value, str) and field.max_length and len(value) > field.max_length:
            raise ValidationError(
                _("This text has %(length)d characters; write at most %(limit)d.")
                % {"length": len(value), "limit": field.max_length}
            )
    except ValidationError as error:
        row.marks[name] = " ".join(error.messages)


def _check_numbers(row: WorkbookRow, slot: ValueSlot, merged: CellValues) -> None:
    numbers = {NUMBERS[name]: merged[name] for name in NUMBERS if name in merged}
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
