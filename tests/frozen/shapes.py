"""The shape of frozen content: which keys it has, of which types, and which are missing at times.

A description has a line per place, such as `chapters[].title: str`. Blocks are described once, by
their type (`block table.rows[].is_total: bool`), wherever a document has them, and figures by their
chart.
"""

import json
from collections import Counter, defaultdict
from typing import Any

ABSENT = "absent"


class Shape:
    def __init__(self) -> None:
        self.types: dict[str, set[str]] = defaultdict(set)
        self.seen: Counter[str] = Counter()  # objects at each place
        self.has: Counter[tuple[str, str]] = Counter()  # those of them with the key

    def add_content(self, content: dict[str, Any]) -> None:
        """As JSON keeps it. Reports are described apart from the other documents."""
        self.add(json.loads(json.dumps(content)), "report" if "chapters" in content else "")

    def add(self, value: Any, place: str = "") -> None:
        if isinstance(value, dict):
            place = _place_of_block(value) or place
            self.seen[place] += 1
            for key, each in value.items():
                # Words by language, seats by kind of institution: keys that are data themselves.
                name = "*" if place.endswith(MAPPINGS) else key
                self.has[place, name] += 1
                self.add(each, _below(place, name))
        elif isinstance(value, list):
            self.types[place].add("list")
            for each in value:
                self.add(each, f"{place}[]")
        else:
            self.types[place].add(type(value).__name__)

    @property
    def described(self) -> dict[str, str]:
        found = {place: set(types) for place, types in self.types.items()}
        for (place, name), count in self.has.items():
            if count < self.seen[place] and name != "*":
                found.setdefault(_below(place, name), set()).add(ABSENT)
        return {place: " or ".join(sorted(types)) for place, types in sorted(found.items())}


MAPPINGS = ("minima", "kinds")


def _below(place: str, name: str) -> str:
    if place.endswith(f".{name}[]"):  # a tree: each level is like the one above
        return place.removesuffix("[]")
    return f"{place}.{name}" if place else name


def _place_of_block(value: dict[str, Any]) -> str:
    if "type" not in value:
        return ""
    return " ".join(["block", value["type"], *([value["chart"]] if "chart" in value else [])])


def shape_of(*contents: dict[str, Any]) -> dict[str, str]:
    shape = Shape()
    for content in contents:
        shape.add_content(content)
    return shape.described
