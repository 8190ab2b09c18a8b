"""The parts of which documents of meetings and plans are made: the PDF and the Word file print the
same ones. A part is data alone: texts, numbers and lists, so that it can be frozen.

A text is a string, or what `reading.said` gives: the words and their language where it is another.
A line is a text, or several and links among them, one after the other.
"""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _, pgettext

from kernel.formats import NO_BREAK
from reports.compose.reading import Said

Block = dict[str, Any]
Text = str | Said
Line = Text | list[Text]
Cell = str | dict[str, Any]

# Behind what was made to show the portal.
STAR = f"{NO_BREAK}*"


def heading(
    text: Text, level: int = 1, *, anchor: str = "", new_page: bool = False, over: str = ""
) -> Block:
    """over: a line above it, in small letters."""
    return {
        "type": "heading",
        "level": level,
        "anchor": anchor,
        "new_page": new_page,
        "over": str(over),
        **_spoken(text),
    }


def link(label: Any, to: str) -> Said:
    """to: the anchor of what stands in the same document."""
    return {"text": str(label), "lang": "", "to": to}


def starred(text: Text | None, is_illustrative: bool) -> Text:
    """The text with a star where it is illustrative; a note says once what the star means."""
    if not is_illustrative:
        return text or ""
    if isinstance(text, dict):
        return text | {"text": text["text"] + STAR}
    return f"{text or ''}{STAR}"


def note_on_stars() -> Block:
    return paragraph(_("* Illustrative."), "small note")


def joined(between: str, lines: list[Line]) -> Line:
    """Those that say something, one after the other, with that sign between them."""
    pieces: list[Text] = []
    for line in lines:
        if line:
            pieces += [between] if pieces else []
            pieces += line if isinstance(line, list) else [line]
    return pieces


def paragraph(text: Line, style: str = "") -> Block:
    """style: a class of print.css: "small", "lead", "right", "before" (what follows stays with it).
    Of a line of several pieces `text` holds all the words."""
    if not isinstance(text, list):
        return {"type": "paragraph", "style": style, **_spoken(text)}
    pieces = _pieces(text)
    words = "".join(piece["text"] for piece in pieces)
    return {"type": "paragraph", "style": style, "pieces": pieces, **_spoken(words)}


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


def column(
    label: str,
    width: int = 0,
    *,
    num: bool = False,
    below: tuple[str, str] | None = None,
    key: str = "",
) -> dict[str, Any]:
    """width: per cent of the table; 0: what is left, shared. below: the head that it shares with
    its neighbours in print, and its own name under that. key: by which a donor's template knows it
    (`reports.word_fields`), whatever the language."""
    made = {"label": capfirst(str(label)), "width": width, "num": num}
    if below:
        group, name = below
        made |= {"group": capfirst(str(group)), "name": capfirst(str(name))}
    if key:
        made |= {"key": key}
    return made


def table(
    caption: str,
    columns: list[dict[str, Any]],
    rows: list[list[Cell]],
    *,
    head: int = 0,
    total: list[Cell] | None = None,
    style: str = "",
    key: str = "",
) -> Block:
    """caption: empty where a heading stands right above. head: the column whose cells name their
    row. total: the cells of a last row. key: by which a donor's template knows it."""

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
        **({"key": key} if key else {}),
    }


def cell(
    text: Text | None,
    *,
    small: list[str] | str = "",
    tone: str = "",
    anchor: str = "",
    to: str = "",
) -> Cell:
    """small: lines below, in small letters. tone: ok, warn, bad or info, beside the words. to: the
    anchor it leads to."""
    lines = [small] if isinstance(small, str) else small
    return {
        **_spoken(text or ""),
        "small": [line for line in lines if line],
        "tone": tone,
        "anchor": anchor,
        "to": to,
    }


def box(kind: str, title: Text, text: Text | None, lines: list[Line], *, anchor: str = "") -> Block:
    """A decision, a recommendation, an amendment or a meeting, with what is known of it below."""
    return {
        "type": "box",
        "kind": kind,
        "title": _spoken(title),
        **_spoken(text or ""),
        "lines": [_pieces(line) for line in lines if line],
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


def _pieces(line: Line) -> list[Said]:
    pieces = line if isinstance(line, list) else [line]
    return [_spoken(piece) | {"to": _to(piece)} for piece in pieces]


def _to(piece: Text) -> str:
    return piece.get("to", "") if isinstance(piece, dict) else ""


def _spoken(text: Text) -> Said:
    if isinstance(text, dict):
        return {"text": text["text"], "lang": text["lang"]}
    return {"text": str(text), "lang": ""}


def _cell(value: Cell) -> dict[str, Any]:
    return value if isinstance(value, dict) and "small" in value else cell(value)
