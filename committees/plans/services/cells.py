"""The cells of a plan's workbook: its columns, the names and values in them, and the hidden keys."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from committees.models import Action, ActionPlan, ActionTerms
from committees.plans.services.comparison import (
    FIELDS,
    SEVERAL,
    Contents,
    Value,
    contents,
    label_of,
)
from kernel.languages import LANGUAGES, working_languages, writing_order
from kernel.three_way import CellProblem, number_of, opened, refuse_formula, same, sign
from kernel.workbooks import CellValue, WorkbookColumn
from kernel.xml_text import xml_text
from partners.models import Institution
from projects.models import Indicator

SALT = "committees.plan_workbook"
MARKER = "ibcr-plan"
STATE = "state"
REFERENCE = "reference"
NAMED = ("responsible", "supporting", "result", "activity", "indicators")
JOINT = "; "


# Names


class CellNames:
    """Finds the things that cells name, by their labels in each language.

    The person who uploads a workbook may read another language than the one who downloaded it.
    """

    def __init__(self, plan: ActionPlan) -> None:
        project = plan.project
        used = Q(participations__project=project) | Q(pk__in=plan.terms.values("responsible"))
        institutions = list(Institution.objects.filter(used).distinct().with_names())
        things: dict[str, tuple[list[Any], Callable[[Any], str]]] = {
            "responsible": (institutions, full_name),
            "supporting": (institutions, str),
            "result": (list(project.results.all()), str),
            "activity": (list(project.activities.all()), str),
            "indicators": (
                list(Indicator.objects.filter(result__project=project).select_related("result")),
                lambda one: one.code,
            ),
        }
        self.things = {name: {one.pk: one for one in found} for name, (found, _l) in things.items()}
        self.shown = {name: unique(found, label) for name, (found, label) in things.items()}
        self.known: dict[str, dict[str, set[int]]] = {name: defaultdict(set) for name in NAMED}
        for language in LANGUAGES:
            with translation.override(language):
                for name, (found, label) in things.items():
                    for pk, shown in unique(found, label).items():
                        self.known[name][plain(shown)].add(pk)
                for one in institutions:
                    for name in ("responsible", "supporting"):
                        for shown in (str(one), full_name(one)):
                            self.known[name][plain(shown)].add(one.pk)

    def find(self, column: str, text: str) -> int:
        """Return the key of the thing of that name. Raises CellProblem unless there is exactly one."""
        found = self.known[column].get(plain(text), set())
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise CellProblem(
                _("There is more than one “%(name)s”: choose from the list.") % {"name": text[:80]}
            )
        raise CellProblem(
            _("“%(name)s” is not in this project: choose from the list.") % {"name": text[:80]}
        )


def full_name(institution: Institution) -> str:
    """Return the acronym that people use and the full name: “STSS – Secretaría de …”."""
    short, name = institution.short_name, institution.name
    return short if short == name else f"{short} – {name}"


def unique(things: Iterable[Any], label: Callable[[Any], str]) -> dict[int, str]:
    """Return labels by key, as one cell can hold several; equal ones get their key added."""
    labels = {one.pk: " ".join(xml_text(label(one)).replace(";", ",").split()) for one in things}
    often = Counter(labels.values())
    return {pk: f"{text} [{pk}]" if often[text] > 1 else text for pk, text in labels.items()}


def plain(text: str) -> str:
    return " ".join(text.split()).casefold()


# Columns


def languages_of(terms: Iterable[ActionTerms]) -> list[str]:
    """Return the languages of a sheet: that of the first boxes of forms, the others in which the
    project works, and those in which something is written already."""
    used = {
        language
        for one in terms
        for language in LANGUAGES
        if getattr(one, f"title_{language}") or getattr(one, f"deliverable_{language}")
    }
    asked = used.union(working_languages())
    return [language for language in writing_order() if language in asked]


def columns_of(names: CellNames, languages: Sequence[str]) -> list[WorkbookColumn]:
    """Return the columns in the order of the sheet, labelled in the reader's language. Those of
    other languages than the first may be missing."""

    def of(name: str, kind: str = "text", width: int = 20, choices: Any = ()) -> WorkbookColumn:
        return WorkbookColumn(name, capfirst(label_of(name)), kind, width, tuple(choices))

    def text(name: str, language: str, width: int) -> WorkbookColumn:
        column = f"{name}_{language}"
        return WorkbookColumn(column, capfirst(label_of(column)), width=width, is_optional=True)

    first, *others = languages
    states = tuple(str(label) for label in Action.Status.labels)
    return [
        WorkbookColumn(REFERENCE, _("Reference"), width=11),
        text("title", first, 44),
        of("result", "choice", 30, names.shown["result"].values()),
        of("starts_on", "date", 12),
        of("ends_on", "date", 12),
        of("responsible", "choice", 26, names.shown["responsible"].values()),
        of("supporting", width=26),
        text("deliverable", first, 34),
        of("budget", "money", 14),
        WorkbookColumn(STATE, _("State"), "choice", 14, states),
        of("activity", "choice", 26, names.shown["activity"].values()),
        of("indicators", width=18),
        *(text("title", language, 30) for language in others),
        *(text("deliverable", language, 30) for language in others),
    ]


# Cells


def cells_of(terms: ActionTerms, names: CellNames) -> dict[str, CellValue]:
    """Return the cells of an action's row."""
    values = contents(terms)
    cells = {name: cell_of(name, values[name], names) for name in FIELDS}
    cells[REFERENCE] = terms.action.reference
    cells[STATE] = terms.action.get_status_display()
    return cells


def cell_of(name: str, value: Value, names: CellNames) -> CellValue:
    if isinstance(value, frozenset):
        return JOINT.join(sorted(names.shown[name].get(pk, f"[{pk}]") for pk in value))
    if name in NAMED:
        return names.shown[name].get(value, f"[{value}]") if isinstance(value, int) else None
    return None if value == "" else value


def value_of(name: str, cell: CellValue, names: CellNames, before: Value = None) -> Value:
    """Return the value of a cell; `before` itself if the cell is unchanged since the export.

    Raises CellProblem with a sentence.
    """
    if before is not None and same(cell, cell_of(name, before, names)):
        return before
    if name in ("starts_on", "ends_on"):
        return _day(cell)
    if name == "budget":
        return _amount(cell)
    text = "" if cell is None else str(cell).strip()
    if name in SEVERAL:
        parts = [part.strip() for part in text.replace("\n", ";").split(";")]
        return frozenset(names.find(name, part) for part in parts if part)
    if name in NAMED:
        return names.find(name, text) if text else None
    return text


def _day(cell: CellValue) -> date:
    if isinstance(cell, date):
        return cell
    if cell is None:
        raise CellProblem(_("The date is missing."))
    refuse_formula(cell)
    try:
        return date.fromisoformat(str(cell).strip())
    except ValueError:
        raise CellProblem(
            _("“%(text)s” is not a date: write it as 2027-03-31.") % {"text": str(cell)[:40]}
        ) from None


def _amount(cell: CellValue) -> Decimal | None:
    amount = number_of(cell)
    try:
        return amount and amount.quantize(Decimal("0.01"))
    except ArithmeticError:
        raise CellProblem(
            _("“%(text)s” is not an amount: write digits only.") % {"text": str(cell)[:40]}
        ) from None


def state_of(cell: CellValue, before: str) -> str:
    """Return the state that a cell names, in any language. Raises CellProblem."""
    if cell is None:
        return before
    found = set()
    for language in LANGUAGES:
        with translation.override(language):
            found |= {
                value
                for value, label in Action.Status.choices
                if plain(str(label)) == plain(str(cell))
            }
    if before in found or len(found) == 1:
        return before if before in found else found.pop()
    raise CellProblem(_("This is not a state: choose from the list."))


# Hidden keys


def row_key(plan: ActionPlan, terms: ActionTerms) -> str:
    """Return the hidden key of a row: signed, so that a changed one is recognised, with the
    values of the row when it was exported."""
    values = packed(contents(terms)) | {STATE: terms.action.status}
    return sign({"plan": plan.pk, "action": terms.action_id, "was": values}, SALT)


def sheet_key(plan: ActionPlan, terms: Iterable[ActionTerms]) -> str:
    """Return the hidden key of the sheet: the plan and the actions that were exported.

    An exported action without a row was removed on purpose.
    """
    actions = {str(one.action_id): digest(contents(one)) for one in terms}
    return sign({"plan": plan.pk, "actions": actions}, SALT)


@dataclass(frozen=True)
class OpenedKey:
    plan: int
    action: int
    was: Contents
    state: str


def open_row_key(text: str) -> OpenedKey | None:
    """Return None if the key was changed."""
    try:
        found = opened(text, SALT) or {}
        was = dict(found["was"])
        state = was.pop(STATE)
        return OpenedKey(found["plan"], found["action"], unpacked(was), state)
    except (KeyError, TypeError, ValueError):
        return None


def open_sheet_key(text: str) -> dict[str, Any] | None:
    try:
        found = opened(text, SALT) or {}
        return {"plan": found["plan"], "actions": dict(found["actions"])}
    except (KeyError, TypeError, ValueError):
        return None


def packed(values: Contents) -> dict[str, Any]:
    def plainly(value: Value) -> Any:
        if isinstance(value, frozenset):
            return sorted(value)
        return str(value) if isinstance(value, date | Decimal) else value

    return {name: plainly(value) for name, value in values.items()}


def unpacked(values: dict[str, Any]) -> Contents:
    found: Contents = {}
    for name in FIELDS:
        value = values[name]
        if name in SEVERAL:
            value = frozenset(value)
        elif name in ("starts_on", "ends_on"):
            value = date.fromisoformat(value)
        elif name == "budget" and value is not None:
            value = Decimal(value)
        found[name] = value
    return found


def digest(values: Contents) -> str:
    return hashlib.sha256(json.dumps(packed(values), sort_keys=True).encode()).hexdigest()[:8]
