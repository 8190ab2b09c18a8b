"""Donors' names, numbering and checks of the levels of a logic model, from files of `presets/`.

Another donor is another file, which is read at the next start; the header of a file explains its
content. The keys of the levels are the portal's own and never shown.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from kernel.languages import LANGUAGES, active_language

FOLDER = Path(__file__).parent / "presets"
DEFAULT = "gac"
RESULT_KEYS = ("ultimate", "intermediate", "immediate", "output")
ACTIVITY = "activity"

Texts = dict[str, str]  # by language
Span = tuple[int, int]  # at least, at most


class PresetError(ValueError):
    """A preset file has invalid content; the message names the file and the error."""


@dataclass(frozen=True)
class PresetLevel:
    """One level of the logic model. `expects`: how many results belong to one above (of the first:
    in all)."""

    key: str
    parent: str | None
    singular: Texts
    plural: Texts
    code: str
    up_to: int | None = None
    expects: Span | None = None
    indicators: Span | None = None
    hints: Texts | None = None

    @property
    def name(self) -> str:
        return self.singular[active_language()]

    @property
    def names(self) -> str:
        return self.plural[active_language()]

    @property
    def hint(self) -> str:
        return (self.hints or {}).get(active_language(), "")

    def codes_below(self, parent_code: str) -> Iterator[str]:
        """Iterate over the customary codes below that one, in order: 1110, 1120 … below 1100.

        Ends where the donor's numbering does, and never where its pattern just counts on.
        """
        number = re.sub(r"^\D+", "", parent_code)
        for n in range(1, self.up_to + 1) if self.up_to else count(1):
            yield self.code.format(parent=parent_code, number=number, n=n)


@dataclass(frozen=True)
class Preset:
    key: str
    titles: Texts
    fiscal_year_starts: int  # the month, 1 to 12
    values_system: str  # where the donor has values typed in; the workbook has a sheet for it
    levels: tuple[PresetLevel, ...]  # from the top down, the activities last

    @property
    def name(self) -> str:
        return self.titles[active_language()]

    @property
    def results(self) -> tuple[PresetLevel, ...]:
        """The levels of results: all but that of activities."""
        return tuple(level for level in self.levels if level.key != ACTIVITY)

    @property
    def top(self) -> PresetLevel:
        return self.levels[0]

    @property
    def activity(self) -> PresetLevel:
        return self.level(ACTIVITY)

    def level(self, key: str) -> PresetLevel:
        """Return the level. Raises KeyError if the donor has no such level."""
        found = next((level for level in self.levels if level.key == key), None)
        if found is None:
            raise KeyError(key)
        return found

    def knows(self, key: str) -> bool:
        return any(level.key == key for level in self.levels)

    def level_name(self, key: str) -> str:
        return self.level(key).name if self.knows(key) else key

    def below(self, key: str) -> tuple[PresetLevel, ...]:
        """Return the levels of results that belong to that one."""
        return tuple(level for level in self.results if level.parent == key)

    def first_codes(self) -> list[str]:
        """Return the customary code of the first result at each level, from the top down."""
        codes: dict[str | None, str] = {None: ""}
        for level in self.results:
            codes[level.key] = next(level.codes_below(codes[level.parent]))
        return [codes[level.key] for level in self.results]

    def may_stand_alone(self, level: PresetLevel) -> bool:
        """Whether results of the level may lack a parent: a project may know only its public
        objectives."""
        return level.parent in (None, self.top.key)


def preset(key: str) -> Preset:
    """Return the preset of that key, or the default one if its file is gone."""
    return presets().get(key) or presets()[DEFAULT]


@cache
def presets() -> dict[str, Preset]:
    found = [read_preset(path) for path in sorted(FOLDER.glob("*.toml"))]
    return {each.key: each for each in found}


def choices() -> list[tuple[str, str]]:
    """Return the choices of a form in the reader's language, the default first."""
    found = sorted(presets().values(), key=lambda each: (each.key != DEFAULT, each.name))
    return [(each.key, each.name) for each in found]


def read_preset(path: Path) -> Preset:
    """Read a preset from a file; its key is the file's name. Raises PresetError."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        levels = tuple(_level(row) for row in data["level"])
        month = data["fiscal_year_starts"]
        _refuse_disorder(levels, month)
        system = str(data.get("values_system", ""))
        return Preset(path.stem, _texts(data["name"]), month, system, levels)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise PresetError(f"{path.name}: {error!r}") from error


def _level(row: dict[str, Any]) -> PresetLevel:
    level = PresetLevel(
        key=row["key"],
        parent=row.get("parent"),
        singular=_texts(row["singular"]),
        plural=_texts(row["plural"]),
        code=row["code"],
        up_to=row.get("up_to"),
        expects=_span(row.get("expects")),
        indicators=_span(row.get("indicators")),
        hints=row.get("hint"),
    )
    next(level.codes_below("1"))  # so that a wrong pattern fails now and not on a page
    return level


def _texts(texts: Texts) -> Texts:
    return {language: texts.get(language) or next(iter(texts.values())) for language in LANGUAGES}


def _span(span: list[int] | None) -> Span | None:
    if span is None:
        return None
    low, high = span
    return low, high


def _refuse_disorder(levels: tuple[PresetLevel, ...], month: int) -> None:
    keys: list[str | None] = [level.key for level in levels]
    if unknown := {level.key for level in levels} - {*RESULT_KEYS, ACTIVITY}:
        raise ValueError(f"unknown levels: {sorted(unknown)}")
    if len(set(keys)) < len(keys) or keys[-1] != ACTIVITY or len(keys) < 2:
        raise ValueError("each level once, the activities last")
    for index, level in enumerate(levels):
        # Only a level above may be a parent: so the tree can hold no circle.
        if level.parent not in (keys[:index] or [None]):
            raise ValueError(f"{level.key} belongs to no level above it")
    if not 1 <= month <= 12:
        raise ValueError("fiscal_year_starts is a month, 1 to 12")
