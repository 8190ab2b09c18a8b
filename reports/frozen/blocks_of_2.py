"""The blocks of the second format, for `reports.frozen.from_1`.

They are copies: the blocks of `reports.compose.blocks` continue to change, while a document that is
converted to the second format must have the blocks of the second.
"""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _, pgettext

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
