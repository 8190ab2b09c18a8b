"""The formats in which documents were frozen (`Snapshot.data`), and the converter from each to the
next.

1 A report has computed chapters of seven shapes, each with a template of its own (`part`); the
title of a box and its lines are bare texts. Until 25 November 2026.

2 Chapters are made of the same blocks as every other document. Until 26 November 2026.

3 Facts, tables and columns that a donor's template uses have names (`key`). Until 28 November 2026.

4 Small lines of cells are made of pieces, each with its language; the size of the paper is known.
Until 28 November 2026.

5 A report has a page at a glance, the logos of its donors, and addresses of what it cites.

Converters use no code that makes the present format: their results must stay the same for as long
as there are documents of their format.
"""

from typing import Any

from kernel.frozen import Content, Format
from reports.frozen.from_1 import blocks_of_chapters
from reports.frozen.from_2 import with_keys
from reports.frozen.from_4 import with_glance, with_pieces


def _unnumbered(document: Content) -> int:
    """Return the format of a document without a number; numbers exist since the third format.

    The first is recognised by what the second does not have. A document with keys is as good as
    converted from the second.
    """
    chapters = document.get("chapters") or []
    blocks = document.get("blocks") or []
    is_first = any("part" in chapter for chapter in chapters) or any(map(_is_of_first, blocks))
    return 1 if is_first else 2


def _is_of_first(block: dict[str, Any]) -> bool:
    if block["type"] == "box":
        return isinstance(block["title"], str)
    if block["type"] == "table":
        return any("to" not in cell for row in block["rows"] for cell in row["cells"])
    return block["type"] == "heading" and "over" not in block


DOCUMENT = Format(
    "document",
    {1: blocks_of_chapters, 2: with_keys, 3: with_pieces, 4: with_glance},
    _unnumbered,
)
