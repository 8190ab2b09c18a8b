"""What one version of the logic model says otherwise than another, result by result.

Plain data of two `outline.Content`s. The order among the results of one parent is no difference.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _, pgettext_lazy

from kernel.frozen import Content
from kernel.text import LANGUAGES
from projects.framework.outline import Named, level_name


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Aspect(StrEnum):
    """In what a result, or an indicator of it, differs."""

    STATEMENT = "statement"
    CODE = "code"
    PARENT = "parent"
    LEVEL = "level"
    INDICATOR = "indicator"


KIND_LABELS = {
    Kind.ADDED: pgettext_lazy("of a result", "Added"),
    Kind.REMOVED: pgettext_lazy("of a result", "Taken out"),
    Kind.CHANGED: pgettext_lazy("of a result", "Changed"),
}
ASPECT_LABELS = {
    Aspect.STATEMENT: _("Reworded"),
    Aspect.CODE: _("Renumbered"),
    Aspect.PARENT: _("Moved"),
    Aspect.LEVEL: _("Other level"),
    Aspect.INDICATOR: _("Indicator"),
}


@dataclass(frozen=True)
class Change:
    """`language`: of a text; empty where it is none. What is not there is empty."""

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
class Difference:
    kind: Kind
    pk: int
    code: str
    level_name: str
    statement: Named
    changes: tuple[Change, ...] = ()

    @property
    def label(self) -> str:
        return str(KIND_LABELS[self.kind])


def differences(before: Content, after: Content) -> list[Difference]:
    """In the order of the later tree; what was taken out of it comes last."""
    old = {row["id"]: row for row in before["results"]}
    new = {row["id"]: row for row in after["results"]}
    told = []
    for pk, row in new.items():
        if pk not in old:
            told.append(_told(Kind.ADDED, after, row, tuple(_indicators([], row["indicators"]))))
        elif changes := tuple(_changes(before, after, old[pk], row)):
            told.append(_told(Kind.CHANGED, after, row, changes))
    gone = [row for pk, row in old.items() if pk not in new]
    return told + [_told(Kind.REMOVED, before, row, ()) for row in gone]


def _told(
    kind: Kind, content: Content, row: dict[str, Any], changes: tuple[Change, ...]
) -> Difference:
    name = level_name(content, row["level"])
    return Difference(kind, row["id"], row["code"], name, Named.of(row["statement"]), changes)


def _changes(
    before: Content, after: Content, old: dict[str, Any], new: dict[str, Any]
) -> Iterator[Change]:
    if old["level"] != new["level"]:
        names = level_name(before, old["level"]), level_name(after, new["level"])
        yield Change(Aspect.LEVEL, *names)
    if old["parent"] != new["parent"]:
        yield Change(Aspect.PARENT, _code(before, old["parent"]), _code(after, new["parent"]))
    if old["code"] != new["code"]:
        yield Change(Aspect.CODE, old["code"], new["code"])
    yield from _texts(Aspect.STATEMENT, old["statement"], new["statement"])
    yield from _indicators(old["indicators"], new["indicators"])


def _indicators(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[Change]:
    known, present = ({each["id"]: each for each in rows} for rows in (old, new))
    for pk in [*present, *(pk for pk in known if pk not in present)]:
        was, is_now = known.get(pk), present.get(pk)
        if was and is_now:
            yield from _texts(Aspect.INDICATOR, was["name"], is_now["name"])
            if was["code"] != is_now["code"]:
                yield Change(Aspect.INDICATOR, was["code"], is_now["code"])
        else:
            named = Named.of((was or is_now)["name"])
            pair = (named.text, "") if was else ("", named.text)
            yield Change(Aspect.INDICATOR, *pair, language=named.language)


def _texts(aspect: Aspect, old: dict[str, str], new: dict[str, str]) -> Iterator[Change]:
    for language in LANGUAGES:
        if old[language] != new[language]:
            yield Change(aspect, old[language], new[language], language)


def _code(content: Content, pk: int | None) -> str:
    return next((row["code"] for row in content["results"] if row["id"] == pk), "")
