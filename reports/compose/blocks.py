"""The parts of which documents of meetings and plans are made: the PDF and the Word file print the
same ones. A part is data alone: texts, numbers and lists, so that it can be frozen.

A text is a string, or what `reading.said` gives: the words and their language where it is another.
"""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import pgettext

from reports.compose.reading import Said

Block = dict[str, Any]
Text = str | Said
Cell = str | dict[str, Any]


def heading(text: Text, level: int = 1, *, anchor: str = "", new_page: bool = False) -> Block:
    return {
        "type": "heading",
        "level": level,
        "anchor": anchor,
        "new_page": new_page,
        **_spoken(text),
    }


def paragraph(text: Text, style: str = "") -> Block:
    """style: a class of print.css: "small", "lead", "right", "before" (what follows stays with it)."""
    return {"type": "paragraph", "style": style, **_spoken(text)}


def prose(text: Text) -> Block:
    """Markdown that people wrote."""
    return {"type": "prose", **_spoken(text)}


def facts(rows: list[tuple[str, Any]]) -> Block:
    return {"type": "facts", "rows": labelled(rows)}


def labelled(rows: list[tuple[str, Any]]) -> list[dict[str, str]]:
    """Labels with their values, without those of which nothing is known."""
    return [{"label": str(label), "value": str(value)} for label, value in rows if value]


def pair(label: Any, value: Any) -> str:
    """“Responsible: IBCR”, with the colon of the language."""
    return f"{label}{pgettext('between a label and its value', ':')} {value}"


def column(label: str, width: int = 0, *, num: bool = False) -> dict[str, Any]:
    """width: per cent of the table; 0: what is left, shared."""
    return {"label": capfirst(str(label)), "width": width, "num": num}


def table(
    caption: str,
    columns: list[dict[str, Any]],
    rows: list[list[Cell]],
    *,
    head: int = 0,
    total: list[Cell] | None = None,
    style: str = "",
) -> Block:
    """caption: empty where a heading stands right above. head: the column whose cells name their
    row. total: the cells of a last row."""

    def line(cells: list[Cell], *, is_total: bool = False) -> dict[str, Any]:
        placed = [
            _cell(each) | {"num": columns[place]["num"], "is_head": place == head}
            for place, each in enumerate(cells)
        ]
        return {"cells": placed, "is_total": is_total}

    lines = [line(row) for row in rows]
    if total:
        lines.append(line(total, is_total=True))
    return {
        "type": "table",
        "caption": str(caption),
        "columns": columns,
        "rows": lines,
        "style": style,
    }


def cell(
    text: Text | None, *, small: list[str] | str = "", tone: str = "", anchor: str = ""
) -> Cell:
    """small: lines below, in small letters. tone: ok, warn, bad or info, beside the words."""
    lines = [small] if isinstance(small, str) else small
    return {
        **_spoken(text or ""),
        "small": [line for line in lines if line],
        "tone": tone,
        "anchor": anchor,
    }


def box(kind: str, title: str, text: Text | None, lines: list[str], *, anchor: str = "") -> Block:
    """A decision or a recommendation, with what is known of it below."""
    return {
        "type": "box",
        "kind": kind,
        "title": str(title),
        **_spoken(text or ""),
        "lines": [str(line) for line in lines if line],
        "anchor": anchor,
    }


def listing(rows: list[Text]) -> Block:
    return {"type": "list", "rows": [_spoken(row) for row in rows]}


def notice(text: str) -> Block:
    return {"type": "notice", "text": str(text)}


def figure(chart: str, title: str, data: dict[str, Any]) -> Block:
    """chart: which one `reports.figures` draws of the data."""
    return {"type": "figure", "chart": chart, "title": str(title), "data": data}


def picture(
    evidence: int,
    sha256: str,
    *,
    alternative: str,
    caption: Text,
    place: str = "",
    credit: str = "",
) -> Block:
    """A photograph among the evidence. Only its key and hash are kept: `reports.pictures` fetches
    it when the document is rendered, if it is still that file and still may be shown.
    alternative: what it shows, for who does not see it. place: where and when it was taken."""
    return {
        "type": "picture",
        "evidence": evidence,
        "sha256": sha256,
        "alternative": str(alternative),
        "lines": [str(line) for line in (place, credit) if line],
        **_spoken(caption),
    }


def landscape(blocks: list[Block | None]) -> list[Block]:
    """The parts on pages that lie on their side, for what is wide; they begin and end a page."""
    return [block | {"landscape": True} for block in blocks if block]


def signature(lines: list[str]) -> Block:
    """Room to sign in, above these lines."""
    return {"type": "signature", "lines": [str(line) for line in lines if line]}


def _spoken(text: Text) -> Said:
    if isinstance(text, dict):
        return {"text": text["text"], "lang": text["lang"]}
    return {"text": str(text), "lang": ""}


def _cell(value: Cell) -> dict[str, Any]:
    return value if isinstance(value, dict) and "small" in value else cell(value)
