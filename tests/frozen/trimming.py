"""Fixtures of frozen content: cut to what its format can hold, with roles in place of persons."""

import json
import re
from itertools import groupby
from typing import Any

MOST_ROWS, MOST_ALIKE, MOST_WORDS = 3, 2, 20
MOST_TABLES = 3  # in succession: the register of risks has so many
# Without all of these the content would be another.
WHOLE = {
    "chapters",
    "pieces",
    "columns",
    "cells",
    "facts",
    "levels",
    "identification",
    "declarations",
}


def trimmed(value: Any, name: str = "") -> Any:
    """The same with fewer rows, fewer blocks alike in succession, and shorter texts."""
    if isinstance(value, dict):
        # A paragraph has all its words a second time, beside its pieces.
        whole = {"text": value["text"]} if "pieces" in value else {}
        return {key: trimmed(each, key) for key, each in value.items()} | whole
    if isinstance(value, list):
        if name in WHOLE or not all(isinstance(each, dict) for each in value):
            kept = value
        elif name == "blocks":
            kept = [
                each
                for (kind, *_more), run in groupby(value, _alike)
                for each in [*run][: MOST_TABLES if kind == "table" else MOST_ALIKE]
            ]
        else:  # the last row may be a total
            kept = value if len(value) <= MOST_ROWS else [*value[: MOST_ROWS - 1], value[-1]]
        return [trimmed(each) for each in kept]
    return _short(value) if name == "text" else value


def _alike(block: dict[str, Any]) -> tuple[Any, ...]:
    return block.get("type"), block.get("kind"), block.get("level")


def _short(text: str) -> str:
    words = text.split(" ")
    return text if len(words) <= MOST_WORDS else " ".join(words[:MOST_WORDS]) + " …"


def without_names(value: Any, names: list[str]) -> Any:
    """Each name of a person, wherever it is, is replaced by a role that nobody has."""
    written = json.dumps(value, ensure_ascii=False)
    for number, name in enumerate(sorted(set(names), key=len, reverse=True), 1):
        quoted = re.escape(json.dumps(name, ensure_ascii=False)[1:-1])
        written = re.sub(rf"(?<!\w){quoted}(?!\w)", f"Personne fictive {number}", written)
    return json.loads(written)
