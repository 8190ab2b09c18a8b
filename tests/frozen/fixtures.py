"""Fixtures of frozen content and descriptions of its shape: `kept/NAME/NUMBER.json`, `shape.json`.

Those of formats before the present one were made by the code of their day and never change. Those of
the present one are written by the tests that compose it, with `--write-frozen`.
"""

import json
from pathlib import Path
from typing import Any

from kernel.frozen import FORMATS, Content
from tests.frozen.shapes import ABSENT, shape_of

MISSING = "not there"
# Blocks lie on landscape pages in older documents, and today where a table has many periods, which the
# demonstration does not have.
RARE = {"landscape": "bool"}
KEPT = Path(__file__).parent / "kept"
CHANGED = """The shape of “{name}” is no longer the one of format {number}: {differences}.
Where you did not want that, undo it. Where you did: write a converter from format {number} and add
it to the format’s converters, which raises its number, then run this with --write-frozen -m "":
tests/ibcr_portal/test_demonstration.py tests/reports/test_leaks.py. See docs/frozen-content.md."""


CHANGED_DOCUMENTS = CHANGED.format(
    name="document", number=FORMATS["document"].current, differences="see below"
)


def fixtures(name: str, number: int) -> list[Content]:
    return json.loads((KEPT / name / f"{number}.json").read_text("utf-8"))


def shape_kept(name: str) -> dict[str, Any]:
    """`number` and `shape`: of the format that was described last."""
    return json.loads((KEPT / name / "shape.json").read_text("utf-8"))


def numbers(name: str) -> list[int]:
    return sorted(int(path.stem) for path in (KEPT / name).glob("[0-9]*.json"))


def check_shape(name: str, described: dict[str, str], *, write: bool) -> None:
    """Compare what was composed with the description; the one of a new number is written first."""
    current = FORMATS[name].current
    file = KEPT / name / "shape.json"
    kept = shape_kept(name) if file.exists() else {"number": 0}
    if write and kept["number"] < current:
        kept = {"number": current, "shape": described}
        file.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", "utf-8")
    assert kept["number"] == current, f"Run with --write-frozen: {name} {current} is new."
    differences = differing(kept["shape"], described)
    assert not differences, CHANGED.format(
        name=name, number=current, differences="; ".join(differences)
    )


def keep_fixture(name: str, contents: list[Content], *, write: bool) -> None:
    """Of the present format, where there is none yet."""
    file = KEPT / name / f"{FORMATS[name].current}.json"
    if write and not file.exists():
        lines = (
            json.dumps(each, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            for each in contents
        )
        file.write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")


def differing(kept: dict[str, str], found: dict[str, str]) -> list[str]:
    return [
        f"{place} was {kept.get(place, MISSING)} and is {found.get(place, MISSING)}"
        for place in sorted({*kept, *found})
        if kept.get(place) != found.get(place)
    ]


def beyond(name: str, contents: list[Content]) -> list[str]:
    """What a description of the present format does not allow these to be."""
    allowed = shape_kept(name)["shape"]
    found = shape_of(*contents)
    return [
        f"{place}: {types}"
        for place, types in found.items()
        if not {*types.split(" or ")} <= {*allowed.get(place, _rarely(place)).split(" or ")}
    ]


def _rarely(place: str) -> str:
    types = RARE.get(place.rpartition(".")[2])
    return f"{ABSENT} or {types}" if types else MISSING
