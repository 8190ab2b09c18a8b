"""Converts documents of the third format to the fourth: small lines of cells are made of pieces, as
those of boxes were, so that each has its language; and the size of the paper is known.
"""

from typing import Any

from kernel.frozen import Content

Row = dict[str, Any]


def with_pieces(document: Content) -> Content:
    """Return the document with pieces, and with A4 as its paper if it does not name any."""
    converted: Content = {"paper": "a4", **document}
    for name in {"blocks", "acronyms"} & document.keys():
        converted[name] = [_block(block) for block in document[name]]
    if "chapters" in document:
        chapters = document["chapters"]
        converted["chapters"] = [
            chapter | {"blocks": [_block(block) for block in chapter["blocks"]]}
            for chapter in chapters
        ]
    return converted


def _block(block: Row) -> Row:
    if block["type"] != "table":
        return block
    rows = [row | {"cells": [_cell(cell) for cell in row["cells"]]} for row in block["rows"]]
    return block | {"rows": rows}


def _cell(cell: Row) -> Row:
    return cell | {"small": [[{"text": line, "lang": "", "to": ""}] for line in cell["small"]]}


# Converts documents of the fourth format to the fifth: a report has a page at a glance, the logos
# of its donors, and the pages in the portal of what its chapters cite


EMPTY: Content = {
    "figures": [],
    "money": [],
    "maps": [],
    "decisions": [],
    "risks": [],
    "photos": [],
    "quotation": None,
}


def with_glance(document: Content) -> Content:
    """Return the document with these, which no report of the fourth format has."""
    if "chapters" not in document:
        return document
    chapters = [{"cites": [], **chapter} for chapter in document["chapters"]]
    return {"logos": [], "glance": dict(EMPTY), **document, "chapters": chapters}
