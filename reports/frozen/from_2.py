"""Converts documents of the second format to the third: parts that a donor's template uses get a
key.

Labels are in the language of the document and in the words of its day, so tables are recognised by
the chapter, the anchors and the widths of their columns. Keys that exist are kept: on the last day
of the second format some documents had them already.
"""

from collections.abc import Iterator
from typing import Any

from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _, pgettext

from kernel.frozen import Content

# The blocks of the second format
#
# They are copies: the blocks of `reports.compose.blocks` continue to change, while a document that
# is converted to the second format must have the blocks of the second.

Block = dict[str, Any]
Text = str | dict[str, str]  # a text, or a text with its language and the anchor it leads to
Line = Text | list[Text]

STAR = "\N{NO-BREAK SPACE}*"


def heading(text: Text, level: int = 1, *, anchor: str = "", over: str = "") -> Block:
    place = {"level": level, "anchor": anchor, "new_page": False, "over": over}
    return {"type": "heading", **place, **_words(text)}


def paragraph(text: Line, style: str = "") -> Block:
    if not isinstance(text, list):
        return {"type": "paragraph", "style": style, **_words(text)}
    pieces = pieces_of(text)
    words = "".join(piece["text"] for piece in pieces)
    return {"type": "paragraph", "style": style, "pieces": pieces, "text": words, "lang": ""}


def notice(text: str) -> Block:
    return {"type": "notice", "text": text}


def figure(chart: str, title: str, data: dict[str, Any]) -> Block:
    return {"type": "figure", "chart": chart, "title": title, "data": data}


def box(kind: str, title: Text, text: Text | None, lines: list[Line], *, anchor: str) -> Block:
    return {
        "type": "box",
        "kind": kind,
        "title": _words(title),
        **_words(text or ""),
        "lines": [pieces_of(line) for line in lines if line],
        "anchor": anchor,
    }


def column(label: str, width: int = 0, *, num: bool = False) -> dict[str, Any]:
    return {"label": capfirst(label), "width": width, "num": num}


def cell(
    text: Text | None, *, small: str = "", tone: str = "", anchor: str = "", to: str = ""
) -> dict[str, Any]:
    place = {"tone": tone, "anchor": anchor, "to": to}
    return {**_words(text or ""), "small": [small] if small else [], **place}


def table(
    caption: str,
    columns: list[dict[str, Any]],
    rows: list[list[Any]],
    *,
    head: int = 0,
    total: list[Any] | None = None,
) -> Block:
    def line(cells: list[Any], *, is_total: bool) -> dict[str, Any]:
        made = [each if isinstance(each, dict) else cell(each) for each in cells]
        placed = [
            one | {"num": columns[place]["num"], "is_head": place == head}
            for place, one in enumerate(made)
        ]
        return {"cells": placed, "is_total": is_total}

    lines = [line(row, is_total=False) for row in rows]
    lines += [line(total, is_total=True)] if total else []
    return {"type": "table", "caption": caption, "columns": columns, "rows": lines, "style": ""}


# Texts and lines


def link(label: str, to: str) -> Text:
    return {"text": label, "lang": "", "to": to}


def pair(label: str, value: Any) -> str:
    return f"{label}{pgettext('between a label and its value', ':')} {value}"


def starred(text: Text | None, is_illustrative: bool) -> Text:
    if not is_illustrative:
        return text or ""
    if isinstance(text, dict):
        return text | {"text": text["text"] + STAR}
    return f"{text or ''}{STAR}"


def note_on_stars(rows: list[dict[str, Any]]) -> list[Block]:
    """Return the note if one of the rows has a star."""
    has_star = any(row.get("illustrative") for row in rows)
    return [paragraph(_("* Illustrative."), "small note")] if has_star else []


def joined(between: str, lines: list[Line]) -> list[Text]:
    found: list[Text] = []
    for line in lines:
        if line:
            found += [between] if found else []
            found += line if isinstance(line, list) else [line]
    return found


def pieces_of(line: Line) -> list[dict[str, str]]:
    pieces = line if isinstance(line, list) else [line]
    return [
        _words(piece) | {"to": piece.get("to", "") if isinstance(piece, dict) else ""}
        for piece in pieces
    ]


def _words(text: Text) -> dict[str, str]:
    if isinstance(text, dict):
        return {"text": text["text"], "lang": text["lang"]}
    return {"text": text, "lang": ""}


# From 2

Row = dict[str, Any]
Keys = tuple[
    str, tuple[str, ...]
]  # the keys of a table and of its columns; "" if no template uses them

# Tables recognised by the beginning of an anchor in one of their rows, and the number of columns.
ANCHORED: dict[tuple[str, int], Keys] = {
    ("indicator-", 6): (
        "indicators",
        ("name", "baseline", "target", "actual", "variance", "rating"),
    ),
    ("indicator-", 3): ("indicators", ("name", "target", "actual")),
    ("activity-", 5): ("activities", ("title", "when", "result", "participants", "state")),
    ("action-", 6): ("actions", ("number", "title", "responsible", "when", "state", "share")),
}
# Tables recognised by the widths of their columns, in the chapter that has them.
PLACED: dict[tuple[str, tuple[int, ...]], Keys] = {
    ("risks", (7, 0, 14, 14, 17)): ("risk_levels", ("number", "risk", "", "level", "trend")),
    ("risks", (7, 0, 14, 14, 14, 17)): (
        "risk_levels",
        ("number", "risk", "", "", "level", "trend"),
    ),
    ("risks", (7, 0, 14, 22)): ("risk_responses", ("number", "response", "strategy", "owner")),
    ("governance", (0, 24, 24)): ("institutions", ("name", "kind", "role")),
}
OF_PERIOD = ("name", "budget", "spent", "variance", "variance_share")
OF_ALL = ("name", "approved", "spent", "remaining", "forecast")
# The tables of money of these widths, in their order.
MONEY = (0, 16, 16, 16, 16)
MONEY_KEYS: tuple[Keys, ...] = (
    ("period_by_category", OF_PERIOD),
    ("whole_by_category", OF_ALL),
    ("period_by_result", OF_PERIOD),
    ("whole_by_result", OF_ALL),
)
UNMEANT: Keys = ("", ())


# The facts before the chapters were added during the first day of the second format.
BEFORE: Content = {"identification": [], "acronyms": [], "since": None}


def with_keys(document: Content) -> Content:
    """Return the document with keys. Documents of meetings, seats and plans are equal in both
    formats."""
    if document["kind"] != "annual_report":
        return document
    with translation.override(document["language"]):
        facts = [_fact(row) for row in document["facts"]]
    chapters = [_chapter(chapter) for chapter in document["chapters"]]
    return BEFORE | document | {"facts": facts, "chapters": chapters}


def _fact(row: Row) -> Row:
    keys = {
        _("Country"): "country",
        _("Donor"): "donor",
        _("Donor's project number"): "donor_number",
        _("Reporting period"): "period",
        _("Start of the project"): "start",
        _("End as first agreed"): "original_end",
        _("End as amended"): "amended_end",
        _("Version"): "version",
        _("Prepared for"): "audience",
    }
    return {"key": keys.get(row["label"], "")} | row


def _chapter(chapter: Row) -> Row:
    if chapter["is_annex"]:
        return chapter  # no template uses any part of it
    money = iter(MONEY_KEYS) if chapter["kind"] == "finances" else iter(())
    blocks = [
        _table(block, _keys(block, chapter["kind"], money))
        if block["type"] == "table" and "key" not in block
        else block
        for block in chapter["blocks"]
    ]
    return chapter | {"blocks": blocks}


def _keys(table: Row, chapter: str, money: Iterator[Keys]) -> Keys:
    widths = tuple(column["width"] for column in table["columns"])
    if widths == MONEY and not table["style"]:
        return next(money, UNMEANT)
    if placed := PLACED.get((chapter, widths)):
        return placed
    anchors = [cell["anchor"] for row in table["rows"] for cell in row["cells"]]
    found = (
        keys
        for (start, columns), keys in ANCHORED.items()
        if columns == len(widths) and any(anchor.startswith(start) for anchor in anchors)
    )
    return next(found, UNMEANT)


def _table(table: Row, keys: Keys) -> Row:
    name, of_columns = keys
    if not name:
        return table
    columns = [
        column | {"key": key} if key else column
        for column, key in zip(table["columns"], of_columns, strict=True)
    ]
    rows = table["rows"]
    if name == "indicators":
        rows = [row | {"cells": [_with_why(cell) for cell in row["cells"]]} for row in rows]
    return table | {"key": name, "columns": columns, "rows": rows}


def _with_why(cell: Row) -> Row:
    """The text below the name of an indicator explained its variance."""
    return cell | {"why": "\n".join(cell["small"])} if cell["is_head"] else cell
