"""Compares two versions of the logic model, result by result.

Both are content of `projects.framework.outline`. The order of results below one parent is ignored.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _, pgettext_lazy

from kernel.frozen import Content
from kernel.text import LANGUAGES
from projects.framework.outline import LocalizedText, level_name


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
    Aspect.STATEMENT: _("Reworded"),
    Aspect.CODE: _("Renumbered"),
    Aspect.PARENT: _("Moved"),
    Aspect.LEVEL: _("Other level"),
    Aspect.INDICATOR: _("Indicator"),
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
    yield from _texts(Aspect.STATEMENT, old["statement"], new["statement"])
    yield from _indicators(old["indicators"], new["indicators"])


def _indicators(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[ResultChange]:
    known, present = ({each["id"]: each for each in rows} for rows in (old, new))
    for pk in [*present, *(pk for pk in known if pk not in present)]:
        before, after = known.get(pk), present.get(pk)
        if before and after:
            yield from _texts(Aspect.INDICATOR, before["name"], after["name"])
            if before["code"] != after["code"]:
                yield ResultChange(Aspect.INDICATOR, before["code"], after["code"])
        elif before:
            name = LocalizedText.of(before["name"])
            yield ResultChange(Aspect.INDICATOR, name.text, "", name.language)
        elif after:
            name = LocalizedText.of(after["name"])
            yield ResultChange(Aspect.INDICATOR, "", name.text, name.language)


def _texts(aspect: Aspect, old: dict[str, str], new: dict[str, str]) -> Iterator[ResultChange]:
    for language in LANGUAGES:
        if old[language] != new[language]:
            yield ResultChange(aspect, old[language], new[language], language)


def _code(content: Content, pk: int | None) -> str:
    return next((row["code"] for row in content["results"] if row["id"] == pk), "")
