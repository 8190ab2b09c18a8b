"""The logic model as plain data in three languages, which versions keep, pages draw and a reader
compares.

The page of the present tree and that of an approved version show the same kind of data: one made
now, the other kept at the approval.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from kernel.charts import Chart
from kernel.frozen import Content
from kernel.languages import LANGUAGES, active_language, reading_order
from kernel.tree_columns import Box, tree_columns
from projects.framework.tree import Node
from projects.models import Indicator, Project, Result
from projects.models.logic_model import LOGIC_MODEL
from projects.presets import Preset, Texts


@dataclass(frozen=True)
class LocalizedText:
    """A text in the reader's language, or else in the first of the project that has it."""

    text: str
    language: str

    @classmethod
    def of(cls, texts: Texts) -> "LocalizedText":
        filled = [each for each in (active_language(), *reading_order()) if texts.get(each)]
        language = filled[0] if filled else active_language()
        return cls(texts.get(language, ""), language)


@dataclass(frozen=True)
class Branch:
    """A result for display, with its indicators' codes and names, and the results below it."""

    pk: int
    level: str
    level_name: str
    code: str
    statement: LocalizedText
    illustrative: bool
    indicators: list[tuple[str, LocalizedText]]
    children: list["Branch"] = field(default_factory=list)

    def walk(self) -> Iterator["Branch"]:
        """Iterate over this branch and all below it, from the top down."""
        yield self
        for child in self.children:
            yield from child.walk()


def content_of(project: Project, tree: list[Node]) -> Content:
    """Return what a version keeps: the donor's names of the levels, and the results from the
    top."""
    content = {
        "preset": _preset(project.donor_preset),
        "results": [_result(node.result, node) for root in tree for node in root.walk()],
    }
    return LOGIC_MODEL.numbered(content)


def _preset(preset: Preset) -> Content:
    levels = [
        {"key": level.key, "singular": level.singular, "plural": level.plural}
        for level in preset.results
    ]
    return {"key": preset.key, "name": preset.titles, "levels": levels}


def _result(result: Result, node: Node) -> Content:
    return {
        "id": result.pk,
        "parent": result.parent_id,
        "level": result.level,
        "code": result.code,
        "statement": _texts(result, "statement"),
        "illustrative": result.illustrative,
        "indicators": [_indicator(each.indicator) for each in node.indicators],
    }


def _indicator(indicator: Indicator) -> Content:
    return {"id": indicator.pk, "code": indicator.code, "name": _texts(indicator, "name")}


def _texts(thing: Result | Indicator, name: str) -> Texts:
    return {language: getattr(thing, f"{name}_{language}") for language in LANGUAGES}


def level_name(content: Content, key: str, form: str = "singular") -> str:
    """Return the name that the donor gave the level when the content was kept."""
    levels = {level["key"]: level for level in content["preset"]["levels"]}
    return levels[key][form][active_language()] if key in levels else key


def branches(content: Content) -> list[Branch]:
    """Build the tree of results from the content, in the reader's language."""
    found: dict[int, Branch] = {}
    roots: list[Branch] = []
    for row in content["results"]:
        branch = Branch(
            pk=row["id"],
            level=row["level"],
            level_name=level_name(content, row["level"]),
            code=row["code"],
            statement=LocalizedText.of(row["statement"]),
            illustrative=row["illustrative"],
            indicators=[
                (each["code"], LocalizedText.of(each["name"])) for each in row["indicators"]
            ],
        )
        found[branch.pk] = branch
        above = found.get(row["parent"])
        (above.children if above else roots).append(branch)
    return roots


def has_illustrative(content: Content) -> bool:
    """Return whether any result of a kept version is illustrative."""
    return any(row["illustrative"] for row in content["results"])


def diagrams(content: Content, *, key: str = "logic-model") -> list[Chart]:
    """Draw the tree of results, split into as many parts as stay readable; none without a result.

    Illustrative results have an asterisk after their code.
    """
    keys = [level["key"] for level in content["preset"]["levels"]]
    rows = [level_name(content, level, "plural") for level in keys]
    boxes = [_box(branch, keys) for branch in branches(content)]
    return tree_columns(_("Logic model"), rows, boxes, key=key)


def _box(branch: Branch, keys: list[str]) -> Box:
    return Box(
        head=f"{branch.code} *" if branch.illustrative else branch.code,
        text=branch.statement.text,
        row=keys.index(branch.level) if branch.level in keys else len(keys) - 1,
        below=tuple(_box(child, keys) for child in branch.children),
    )


# --- Comparing two versions ---
#
# Both are content of `projects.framework.outline`. The order of results below one parent is
# ignored.


class ResultDifferenceKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Aspect(StrEnum):
    """The aspects in which a result or one of its indicators may differ."""

    STATEMENT = "statement"
    CODE = "code"
    PARENT = "parent"
    LEVEL = "level"
    INDICATOR = "indicator"


KIND_LABELS = {
    ResultDifferenceKind.ADDED: pgettext_lazy("of a result", "Added"),
    ResultDifferenceKind.REMOVED: pgettext_lazy("of a result", "Removed"),
    ResultDifferenceKind.CHANGED: pgettext_lazy("of a result", "Changed"),
}
ASPECT_LABELS = {
    Aspect.STATEMENT: gettext_lazy("Reworded"),
    Aspect.CODE: gettext_lazy("Renumbered"),
    Aspect.PARENT: gettext_lazy("Moved"),
    Aspect.LEVEL: gettext_lazy("Other level"),
    Aspect.INDICATOR: gettext_lazy("Indicator"),
}


@dataclass(frozen=True)
class ResultChange:
    """The change of one aspect. `old` or `new` is empty where there is none; `language` is empty
    unless a text changed."""

    aspect: Aspect
    old: str
    new: str
    language: str = ""

    @property
    def label(self) -> str:
        return str(ASPECT_LABELS[self.aspect])

    @property
    def language_name(self) -> str:
        return str(LANGUAGES.get(self.language, ""))


@dataclass(frozen=True)
class ResultDifference:
    """A result that was added, removed or changed; `changes` of a changed or added one."""

    kind: ResultDifferenceKind
    pk: int
    code: str
    level_name: str
    statement: LocalizedText
    changes: tuple[ResultChange, ...] = ()

    @property
    def label(self) -> str:
        return str(KIND_LABELS[self.kind])


def compare(before: Content, after: Content) -> list[ResultDifference]:
    """Return the differences in the order of the later tree; removed results come last."""
    old = {row["id"]: row for row in before["results"]}
    new = {row["id"]: row for row in after["results"]}
    found = []
    for pk, row in new.items():
        if pk not in old:
            found.append(
                _difference(
                    ResultDifferenceKind.ADDED,
                    after,
                    row,
                    tuple(_indicators([], row["indicators"])),
                )
            )
        elif changes := tuple(_changes(before, after, old[pk], row)):
            found.append(_difference(ResultDifferenceKind.CHANGED, after, row, changes))
    gone = [row for pk, row in old.items() if pk not in new]
    return found + [_difference(ResultDifferenceKind.REMOVED, before, row, ()) for row in gone]


def _difference(
    kind: ResultDifferenceKind,
    content: Content,
    row: dict[str, Any],
    changes: tuple[ResultChange, ...],
) -> ResultDifference:
    name = level_name(content, row["level"])
    return ResultDifference(
        kind, row["id"], row["code"], name, LocalizedText.of(row["statement"]), changes
    )


def _changes(
    before: Content, after: Content, old: dict[str, Any], new: dict[str, Any]
) -> Iterator[ResultChange]:
    if old["level"] != new["level"]:
        names = level_name(before, old["level"]), level_name(after, new["level"])
        yield ResultChange(Aspect.LEVEL, *names)
    if old["parent"] != new["parent"]:
        yield ResultChange(Aspect.PARENT, _code(before, old["parent"]), _code(after, new["parent"]))
    if old["code"] != new["code"]:
        yield ResultChange(Aspect.CODE, old["code"], new["code"])
    yield from _changed_texts(Aspect.STATEMENT, old["statement"], new["statement"])
    yield from _indicators(old["indicators"], new["indicators"])


def _indicators(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[ResultChange]:
    known, present = ({each["id"]: each for each in rows} for rows in (old, new))
    for pk in [*present, *(pk for pk in known if pk not in present)]:
        before, after = known.get(pk), present.get(pk)
        if before and after:
            yield from _changed_texts(Aspect.INDICATOR, before["name"], after["name"])
            if before["code"] != after["code"]:
                yield ResultChange(Aspect.INDICATOR, before["code"], after["code"])
        elif before:
            name = LocalizedText.of(before["name"])
            yield ResultChange(Aspect.INDICATOR, name.text, "", name.language)
        elif after:
            name = LocalizedText.of(after["name"])
            yield ResultChange(Aspect.INDICATOR, "", name.text, name.language)


def _changed_texts(
    aspect: Aspect, old: dict[str, str], new: dict[str, str]
) -> Iterator[ResultChange]:
    for language in LANGUAGES:
        if old[language] != new[language]:
            yield ResultChange(aspect, old[language], new[language], language)


def _code(content: Content, pk: int | None) -> str:
    return next((row["code"] for row in content["results"] if row["id"] == pk), "")
