"""Aligns numbers in the columns of a printed table: units below units, decimals below decimals,
whatever follows them.

A column is aligned to the right, so a number is moved to the left by the difference to the longest
end in its column: “120” above “31 %” by the width of “ %”. The renderer cannot align on a sign, but
all digits of the fonts have one width, and the other widths are read from the fonts.
"""

import re
from functools import cache
from pathlib import Path

from django.conf import settings

from kernel.formats import MINUS, MISSING, NARROW_NO_BREAK, NO_BREAK
from kernel.text import active_language
from reports.compose.blocks import words_of
from reports.document_types import TableBlock, TableCell, TableRow

FONTS = settings.BASE_DIR / "static" / "fonts"
# The sign and the whole number, by the separators of thousands and of decimals.
_WHOLE = rf"[+{MINUS}]?\d+(?:{{group}}\d{{{{3}}}})*"
_GROUPS = {"fr": (f"[{NARROW_NO_BREAK}{NO_BREAK}]", ",")}
_OTHERS = (",", r"\.")
# A longer text is not a unit.
LONGEST_END = 4.0


def aligned(block: TableBlock) -> TableBlock:
    """Return the table with `end` in each cell with a number: the space to its right, in em."""
    places = [place for place, column in enumerate(block["columns"]) if column["num"]]
    if not places:
        return block
    ends = {
        place: _ends([(row["cells"][place], row["is_total"]) for row in block["rows"]])
        for place in places
    }
    rows: list[TableRow] = [
        {
            "cells": [
                cell | {"end": ends[place][number]} if place in ends else cell
                for place, cell in enumerate(row["cells"])
            ],
            "is_total": row["is_total"],
        }
        for number, row in enumerate(block["rows"])
    ]
    return block | {"rows": rows}


def _ends(cells: list[tuple[TableCell, bool]]) -> list[str]:
    """Return for each cell of a column (and whether it is in the total) its distance to the longest
    end, "" if there is none."""
    widths = [_end_of(cell, is_bold=is_total or bool(cell["tone"])) for cell, is_total in cells]
    longest = max((width for width in widths if width is not None), default=0)
    return [
        "" if width is None or longest == width else f"{longest - width:.3f}" for width in widths
    ]


def _end_of(cell: TableCell, *, is_bold: bool) -> float | None:
    """Return the width, in em, of what follows the units of the number; None if there is no
    number."""
    text = cell["text"] or words_of(next(iter(cell["small"]), []))
    if text == MISSING:
        return 0.0
    group, point = _GROUPS.get(active_language(), _OTHERS)
    found = re.match(_WHOLE.format(group=group), text)
    if not found:
        return None
    end = text[found.end() :]
    if re.search(r"\d", re.sub(rf"^{point}\d+", "", end)):
        return None  # such as “4 of 7”, with more than one number
    width = width_of(end, is_bold=is_bold)
    return width if width <= LONGEST_END else None


def width_of(text: str, *, is_bold: bool = False) -> float:
    """Return the width in em, in the font that documents use."""
    widths = _widths("Bold" if is_bold else "Regular")
    return sum(widths.get(ord(sign), 0.6) for sign in text)


@cache
def _widths(weight: str) -> dict[int, float]:
    from fontTools.ttLib import TTFont

    path: Path = FONTS / f"NotoSans-{weight}.ttf"
    with TTFont(path, lazy=True) as face:
        advances, em = face["hmtx"].metrics, face["head"].unitsPerEm
        return {sign: advances[name][0] / em for sign, name in face.getBestCmap().items()}
