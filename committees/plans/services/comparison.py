"""Compares two versions of a plan, action by action and field by field.

The comparison works on plain data: `contents_of` reads the values of each action, `compare` finds
the differences, and `apply` turns the earlier version into the later one. `compare_versions` words
the differences for the reader.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext as _, gettext_lazy

from committees.models import ActionPlan, ActionTerms
from committees.permissions.amounts import AmountsRead
from kernel.formats import MISSING, day, join_list, money
from kernel.text import LANGUAGES, read, which_language

# A linked thing is represented by its key, several linked things by the set of their keys.
Value = str | date | Decimal | int | frozenset[int] | None
Contents = dict[str, Value]

TEXTS = ("title", "deliverable")
LINKED = ("responsible", "result", "activity")
SEVERAL = ("supporting", "indicators")
# In the order in which they are shown.
SHOWN = (
    "title",
    "result",
    "starts_on",
    "ends_on",
    "responsible",
    "supporting",
    "deliverable",
    "activity",
    "indicators",
    "budget",
)
FIELDS = tuple(
    column
    for name in SHOWN
    for column in ([f"{name}_{code}" for code in LANGUAGES] if name in TEXTS else [name])
)


class DifferenceKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


KIND_LABELS = {
    DifferenceKind.ADDED: gettext_lazy("New action"),
    DifferenceKind.REMOVED: gettext_lazy("Removed"),
    DifferenceKind.CHANGED: gettext_lazy("Changed"),
}


# Comparing: plain data, no queries


@dataclass(frozen=True)
class TermsChange:
    field: str
    old: Value
    new: Value


@dataclass(frozen=True)
class TermsDifference:
    """The changes of one action. Of an added action every old value is None, of a removed action
    every new one."""

    action: int
    kind: DifferenceKind
    changes: tuple[TermsChange, ...]

    @property
    def is_moved(self) -> bool:
        """Whether the action serves another result than before."""
        return self.kind == DifferenceKind.CHANGED and any(
            one.field == "result" for one in self.changes
        )


def contents(terms: ActionTerms) -> Contents:
    """Return the values of an action's fields in a form that can be compared.

    Runs no query for terms that were read with `with_related`.
    """
    found: Contents = {}
    for field in FIELDS:
        if field in LINKED:
            found[field] = getattr(terms, f"{field}_id")
        elif field in SEVERAL:
            found[field] = frozenset(one.pk for one in getattr(terms, field).all())
        else:
            found[field] = getattr(terms, field)
    return found


def contents_of(terms: Iterable[ActionTerms]) -> dict[int, Contents]:
    """Return the contents of a version's actions by their keys."""
    return {one.action_id: contents(one) for one in terms}


def compare(before: Mapping[int, Contents], after: Mapping[int, Contents]) -> list[TermsDifference]:
    """Return the differences that turn `before` into `after`, in the order of the actions' keys."""
    found = []
    for action in sorted(before.keys() | after.keys()):
        old, new = before.get(action), after.get(action)
        changes = changes_between(old or {}, new or {})
        if old is None:
            found.append(TermsDifference(action, DifferenceKind.ADDED, changes))
        elif new is None:
            found.append(TermsDifference(action, DifferenceKind.REMOVED, changes))
        elif changes:
            found.append(TermsDifference(action, DifferenceKind.CHANGED, changes))
    return found


def changes_between(old: Contents, new: Contents) -> tuple[TermsChange, ...]:
    return tuple(
        TermsChange(field, old.get(field), new.get(field))
        for field in FIELDS
        if old.get(field) != new.get(field)
    )


def apply(
    before: Mapping[int, Contents], differences: Iterable[TermsDifference]
) -> dict[int, Contents]:
    """Return `before` with the differences applied.

    Raises ValueError if the differences do not belong to `before`: an action is missing, or a
    field does not have the value that its change starts from.
    """
    after = {action: dict(values) for action, values in before.items()}
    for difference in differences:
        is_there = difference.action in after
        if is_there == (difference.kind == DifferenceKind.ADDED):
            raise ValueError(f"{difference.kind} does not fit action {difference.action}")
        values = after.pop(difference.action, None) or dict.fromkeys(FIELDS)
        for change in difference.changes:
            if values[change.field] != change.old:
                raise ValueError(f"{change.field} of action {difference.action} was otherwise")
            values[change.field] = change.new
        if difference.kind != DifferenceKind.REMOVED:
            after[difference.action] = values
    return after


# In the reader's words


@dataclass(frozen=True)
class PlanComparisonLine:
    """One field before and after. The languages are set for texts, for the `lang` attribute."""

    field: str
    label: str
    old: str
    new: str
    old_language: str = ""
    new_language: str = ""


@dataclass(frozen=True)
class ComparedAction:
    """One action that is new, gone or changed."""

    action: int
    reference: str
    title: str
    language: str
    kind: DifferenceKind
    is_moved: bool
    lines: list[PlanComparisonLine]

    @property
    def label(self) -> str:
        if self.is_moved:
            return _("Changed, and moved to another result")
        return str(KIND_LABELS[self.kind])


@dataclass(frozen=True)
class PlanChanges:
    """The changes since an earlier version, in the order of the references."""

    since: ActionPlan
    entries: list[ComparedAction]

    @property
    def by_action(self) -> dict[int, ComparedAction]:
        return {entry.action: entry for entry in self.entries}

    @property
    def removed(self) -> list[ComparedAction]:
        return [entry for entry in self.entries if entry.kind == DifferenceKind.REMOVED]


def previous_of(plan: ActionPlan) -> ActionPlan | None:
    """Return the version before this one of the same year, or None for the first version.

    It was validated: only a validated plan gets a next version.
    """
    if plan.version == 1:
        return None
    earlier = ActionPlan.objects.filter(period=plan.period_id, version__lt=plan.version)
    return earlier.with_related().order_by("-version").first()


def compare_versions(
    plan: ActionPlan,
    terms: Iterable[ActionTerms] | None = None,
    *,
    amounts: AmountsRead,
    since: ActionPlan | None = None,
) -> PlanChanges | None:
    """Return the differences from the version before (or from `since`), in the reader's language.

    Returns None for a first version. `terms` are the plan's, if the caller has read them
    (`with_related`). Changes of a budget are left out unless both `amounts` are read. The number
    of queries does not depend on the number of actions.
    """
    since = since or previous_of(plan)
    if since is None:
        return None
    old = {one.action_id: one for one in since.terms.with_related()}
    new = {one.action_id: one for one in (plan.terms.with_related() if terms is None else terms)}
    entries = []
    for difference in compare(contents_of(old.values()), contents_of(new.values())):
        before, after = old.get(difference.action), new.get(difference.action)
        currency = plan.project.currency if amounts.reads(before, after) else None
        entry = _entry(difference, before, after, currency=currency)
        if entry.lines:
            entries.append(entry)
    entries.sort(key=lambda entry: reference_order(entry.reference))
    return PlanChanges(since, entries)


def label_of(name: str) -> str:
    """Return what a field of the terms is called, in the reader's language."""
    field = ActionTerms._meta.get_field(name)
    assert isinstance(field, models.Field)  # `name` is a column, and no relation from elsewhere
    return str(field.verbose_name)


def reference_order(reference: str) -> list[int]:
    """Sort references by their numbers: 2.10 comes after 2.9."""
    return [int(part) for part in reference.split(".")]


def _entry(
    difference: TermsDifference,
    old: ActionTerms | None,
    new: ActionTerms | None,
    *,
    currency: str | None,
) -> ComparedAction:
    shown = new or old
    assert shown is not None  # a difference is of an action that one of the versions has
    return ComparedAction(
        action=difference.action,
        reference=shown.action.reference,
        title=shown.title,
        language=which_language(shown, "title"),
        kind=difference.kind,
        is_moved=difference.is_moved,
        lines=lines_of({change.field for change in difference.changes}, old, new, currency),
    )


def lines_of(
    changed: set[str], old: ActionTerms | None, new: ActionTerms | None, currency: str | None
) -> list[PlanComparisonLine]:
    """Return one line for each changed field.

    A text is compared in the language that the reader reads. If only its translations changed,
    there is one line for each of them.
    """
    lines = []
    for name in SHOWN:
        if name in TEXTS:
            lines += _text_lines(name, changed, old, new)
        elif name in changed and (name != "budget" or currency):
            before, after = in_words(old, name, currency), in_words(new, name, currency)
            lines.append(PlanComparisonLine(name, label_of(name), before, after))
    return lines


def _text_lines(
    name: str, changed: set[str], old: ActionTerms | None, new: ActionTerms | None
) -> list[PlanComparisonLine]:
    columns = [f"{name}_{code}" for code in LANGUAGES if f"{name}_{code}" in changed]
    if not columns:
        return []
    label = {"title": _("title"), "deliverable": _("deliverable")}[name]
    before, after = (read(terms, name) if terms else "" for terms in (old, new))
    if before != after:
        languages = (which_language(terms, name) if terms else "" for terms in (old, new))
        return [PlanComparisonLine(name, label, before, after, *languages)]
    return [
        PlanComparisonLine(
            column,
            label_of(column),
            getattr(old, column, ""),
            getattr(new, column, ""),
            column[-2:],
            column[-2:],
        )
        for column in columns
    ]


def in_words(terms: ActionTerms | None, field: str, currency: str | None = None) -> str:
    """Write the value of a field that is no text in the reader's language."""
    if terms is None:
        return ""
    value = getattr(terms, field)
    if field in SEVERAL:
        return join_list(str(one) for one in value.all()) or MISSING
    if field == "budget":
        return money(value, currency or "")
    if value is None:
        return MISSING
    return day(value) if isinstance(value, date) else str(value)
