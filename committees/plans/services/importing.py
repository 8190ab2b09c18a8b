"""Reads a plan's workbook that was edited and uploaded, and finds what it would change.

The hidden key of a row holds the values at the time of the export. So three states are compared:
exported, edited and present. Only values that were edited are written, and a value that changed on
both sides is shown as a conflict.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from committees.models import Action, ActionPlan, ActionTerms
from committees.plans.services.cells import (
    MARKER,
    REFERENCE,
    STATE,
    CellNames,
    OpenedKey,
    cell_of,
    columns_of,
    digest,
    open_row_key,
    open_sheet_key,
    packed,
    state_of,
    value_of,
)
from committees.plans.services.comparison import (
    FIELDS,
    LINKED,
    SEVERAL,
    Contents,
    contents,
    reference_order,
)
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
    same,
)
from kernel.workbooks import WorkbookColumn, WorkbookRow, read_workbook


@dataclass
class PlanRowChange(RowChange):
    """`terms` are the present ones of the action, or None for a new action. `state` is the step
    that leads to its new state."""

    terms: ActionTerms | None
    values: Contents
    state: str = field(default="", kw_only=True)


class PlanImport(WorkbookReading[PlanRowChange]):
    """The changes that a workbook would make to a plan."""

    @property
    def fingerprint(self) -> str:
        """Identify the changes that were shown, whatever the reader's language."""
        return fingerprint(
            (
                row.number,
                row.reference,
                repr(packed(row.values)),
                row.state,
                digest(contents(row.terms)) if row.terms else "",
                row.terms.action.status if row.terms else "",
            )
            for row in self.all_changes
        )


def read_import(plan: ActionPlan, file: Any) -> PlanImport:
    """Compare the workbook with the present plan; write nothing.

    Raises Refusal if the file as a whole cannot be read. A cell that cannot be read is marked in
    its row.
    """
    names = CellNames(plan)
    read = read_workbook(file, MARKER, columns_of(names, writing_order()))
    opened = open_sheet_key(read.key)
    if opened is None:
        raise Refusal(changed_first_row())
    if opened["plan"] != plan.pk:
        # That plan is not named: its reader may not see it.
        raise Refusal(
            _(
                "This workbook belongs to another plan or version: upload it on the page of that one."
            )
        )
    return _PlanReader(plan, names, read.columns, read.rows, read.key, opened["actions"]).result


def in_order(plan: ActionPlan) -> list[ActionTerms]:
    found = list(plan.terms.with_related())
    return sorted(found, key=lambda one: reference_order(one.action.reference))


class _PlanReader:
    """Goes through the rows once; `result` has what it found."""

    def __init__(
        self,
        plan: ActionPlan,
        names: CellNames,
        columns: list[WorkbookColumn],
        rows: list[WorkbookRow],
        key: str,
        exported: dict[str, str],
    ) -> None:
        self.plan, self.names, self.exported = plan, names, exported
        self.labels = {one.name: one.label for one in columns}
        self.now = {one.action_id: one for one in in_order(plan)}
        self.taken = set(plan.project.actions.values_list("reference", flat=True))
        self.seen: dict[int, int] = {}
        self.result = PlanImport(columns, rows, key)
        for row in rows:
            self._read(row)
        self._find_removed()

    def _read(self, row: WorkbookRow) -> None:
        if not row.key:
            self._read_new(row)
            return
        key = open_row_key(row.key)
        if key is None:
            row.marks[""] = changed_key()
        elif key.plan != self.plan.pk:
            row.marks[""] = _(
                "This row was copied from another plan: type it into an empty row below the table."
            )
        elif key.action in self.seen:
            row.marks[""] = _(
                "This row is a copy of row %(number)s: type a new action into an empty row below "
                "the table."
            ) % {"number": self.seen[key.action]}
        else:
            self.seen[key.action] = row.number
            self._read_known(row, key)

    def _read_new(self, row: WorkbookRow) -> None:
        values = self._values(row, {})
        reference = "" if row.cells[REFERENCE] is None else str(row.cells[REFERENCE]).strip()
        if reference and reference in self.taken:
            row.marks[REFERENCE] = _(
                "The project already has an action %(reference)s: leave the cell empty, "
                "and the portal assigns the next one."
            ) % {"reference": reference}
        elif reference:
            self._check_reference(row, reference)
            self.taken.add(reference)
        state = row.cells[STATE]
        if state is not None and self._state(row, Action.Status.TO_DO) != Action.Status.TO_DO:
            row.marks[STATE] = _("A new action is still to be done: leave the cell empty.")
        if not row.marks:
            self._check(row, ActionTerms(plan=self.plan), values)
        change = PlanRowChange(row.number, reference, _title_in(values), None, values)
        for name in FIELDS:
            if values.get(name):
                change.changes.append(self._change(name, None, values[name]))
        self.result.added.append(change)

    def _check_reference(self, row: WorkbookRow, reference: str) -> None:
        try:
            Action._meta.get_field("reference").clean(reference, None)
        except ValidationError as error:
            row.marks[REFERENCE] = " ".join(error.messages)

    def _read_known(self, row: WorkbookRow, key: OpenedKey) -> None:
        values = self._values(row, key.was)
        terms = self.now.get(key.action)
        changed = [name for name in FIELDS if name in values and values[name] != key.was[name]]
        state = self._state(row, key.state)
        if terms is None:
            if changed:
                row.marks[""] = _(
                    "This action was removed from the plan in the meantime: its changes "
                    "cannot be applied."
                )
            return
        if not same(row.cells[REFERENCE], terms.action.reference):
            row.marks[REFERENCE] = _(
                "The reference of an action cannot change: write %(reference)s."
            ) % {"reference": terms.action.reference}
        change = PlanRowChange(
            row.number, terms.action.reference, terms.title, terms, {n: values[n] for n in changed}
        )
        present = contents(terms)
        for name in changed:
            if present[name] != values[name]:
                one = self._change(name, key.was[name], values[name], present[name])
                one.is_conflict = is_conflict(key.was[name], values[name], present[name])
                change.changes.append(one)
        if state != key.state and state != terms.action.status:
            self._take_state(row, change, terms.action, key.state, state)
        if change.changes:
            if not row.marks:
                self._check(row, terms, present | change.values)
            self.result.changed.append(change)

    def _state(self, row: WorkbookRow, before: str) -> str:
        try:
            return state_of(row.cells[STATE], before)
        except CellProblem as problem:
            row.marks[STATE] = str(problem)
            return before

    def _take_state(
        self, row: WorkbookRow, change: PlanRowChange, action: Action, before: str, after: str
    ) -> None:
        verbs = [verb for verb in action.open_steps if Action.STEPS[verb].target == after]
        labels = dict(Action.Status.choices)
        if not action.is_followed:
            row.marks[STATE] = _("Progress is noted while a plan with this action is in execution.")
        elif not verbs:
            row.marks[STATE] = _("An action cannot change from “%(before)s” to “%(after)s”.") % {
                "before": action.get_status_display(),
                "after": labels[after],
            }
        else:
            change.state = verbs[0]
            cell = CellChange(
                STATE,
                self.labels[STATE],
                labels[before],
                labels[after],
                action.get_status_display(),
                is_conflict=before != action.status,
            )
            change.changes.append(cell)

    def _values(self, row: WorkbookRow, was: Contents) -> Contents:
        """Return the values of the cells. Cells that cannot be read are marked and left out."""
        values: Contents = {}
        for name in FIELDS:
            if name not in row.cells:  # of a language of which the sheet has no column
                values[name] = was.get(name, "")
                continue
            try:
                values[name] = value_of(name, row.cells[name], self.names, was.get(name))
            except CellProblem as problem:
                row.marks[name] = str(problem)
        return values

    def _change(self, name: str, old: Any, new: Any, now: Any = None) -> CellChange:
        def shown(value: Any) -> Any:
            return None if value is None else cell_of(name, value, self.names)

        return CellChange(name, self.labels[name], shown(old), shown(new), shown(now))

    def _check(self, row: WorkbookRow, terms: ActionTerms, values: Contents) -> None:
        """Validate the action with these values, without saving, and mark the cells in error."""
        if not values.get("responsible"):
            row.marks["responsible"] = _("Say which institution is responsible.")
        trial = ActionTerms(plan=self.plan, action_id=terms.action_id)
        put(trial, values, self.names)
        try:
            # Linked things were found by name in this project, or their cells are marked.
            trial.clean_fields(exclude={"plan", "action", *LINKED})
            trial.clean()
            trial.validate_constraints(exclude={"plan", "action"})
        except ValidationError as error:
            problems = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
            budget = values.get("budget")
            # An error without a field concerns a budget below zero, or the whole plan.
            spans = "budget" if isinstance(budget, Decimal) and budget < 0 else "starts_on"
            for name, sentences in problems.items():
                known = name if name in self.labels else spans if name == "__all__" else ""
                row.marks[known] = " ".join(sentences)

    def _find_removed(self) -> None:
        """Find the actions that were exported and are still in the plan, but have no row."""
        for text, before in self.exported.items():
            terms = self.now.get(int(text))
            if terms is None or terms.action_id in self.seen:
                continue
            change = PlanRowChange(0, terms.action.reference, terms.title, terms, {})
            if digest(contents(terms)) != before:
                sentence = _("changed in the meantime")
                change.changes.append(CellChange("", "", "", "", sentence, is_conflict=True))
            self.result.removed.append(change)


def _title_in(values: Contents) -> str:
    titles = (values.get(f"title_{language}") for language in writing_order())
    return str(next(filter(None, titles), ""))


def put(terms: ActionTerms, values: Contents, names: CellNames) -> None:
    """Set the values on the terms, except for fields that link several things."""
    for name, value in values.items():
        if name in LINKED:
            setattr(terms, name, names.things[name].get(value) if value else None)
        elif name not in SEVERAL:
            setattr(terms, name, value)
