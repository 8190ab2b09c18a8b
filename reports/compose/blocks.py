"""Makes the blocks of documents, which PDF, Word file and plain text all print
(`reports.document_types`)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.text import capfirst
from django.utils.translation import gettext as _, pgettext

from kernel.formats import NO_BREAK
from reports.document_types import (
    Block,
    BoxBlock,
    CellText,
    Fact,
    FactsBlock,
    FigureBlock,
    HeadingBlock,
    LinePiece,
    ListBlock,
    LocalText,
    NoticeBlock,
    ParagraphBlock,
    PictureBlock,
    ProseBlock,
    SignatureBlock,
    TableBlock,
    TableCell,
    TableColumn,
    TableRow,
    Text,
    TextLine,
)

# A cell for `table`: a text in the language of the document, or the result of `cell`.
Cell = str | CellText


@dataclass(frozen=True)
class CrossReference:
    """The name of another part of the document, and its anchor there ("" if it has none)."""

    label: str
    to: str


# Marks values that were invented to demonstrate the portal.
STAR = f"{NO_BREAK}*"


def heading(
    text: Text, level: int = 1, *, anchor: str = "", new_page: bool = False, over: str = ""
) -> HeadingBlock:
    """Return a heading; `level` 0 is the subject of a document, 1 a chapter. `anchor` is where
    references to it lead, and `over` a small text above it."""
    words = _words(text)
    return {
        "type": "heading",
        "level": level,
        "anchor": anchor,
        "new_page": new_page,
        "over": str(over),
        "text": words["text"],
        "lang": words["lang"],
    }


def link(reference: CrossReference) -> LinePiece:
    """Return a piece of a line that leads to another place of the document."""
    return {"text": reference.label, "lang": "", "to": reference.to}


def starred(text: Text | None, is_illustrative: bool) -> Text:
    """Return the text with a star if it is illustrative; a note explains once what the star
    means."""
    if not is_illustrative:
        return text or ""
    if isinstance(text, dict):
        return text | {"text": text["text"] + STAR}
    return f"{text or ''}{STAR}"


def coded(code: str, text: LocalText) -> LocalText:
    """Return a text behind its code, which no line break parts from it."""
    return {"text": f"{code}{NO_BREAK} {text['text']}", "lang": text["lang"]}


def note_on_stars() -> ParagraphBlock:
    return paragraph(_("* Illustrative."), "small note")


class MayBeIllustrative(Protocol):
    illustrative: bool


def with_note_on_stars(blocks: list[Block], rows: Iterable[MayBeIllustrative]) -> list[Block]:
    """Return the blocks, with the note on stars behind them if one of the rows is illustrative."""
    return [*blocks, note_on_stars()] if any(row.illustrative for row in rows) else blocks


def joined(between: str, lines: list[TextLine]) -> TextLine:
    """Return the lines that are not empty, with that sign between them."""
    pieces: list[Text] = []
    for line in lines:
        if line:
            pieces += [between] if pieces else []
            pieces += line if isinstance(line, list) else [line]
    return pieces


def paragraph(text: TextLine, style: str = "") -> ParagraphBlock:
    """`style` is a class of print.css: "small", "lead", "right", or "before" (stays with the next
    block)."""
    if not isinstance(text, list):
        words = _words(text)
        return {"type": "paragraph", "style": style, "text": words["text"], "lang": words["lang"]}
    pieces = pieces_of(text)
    return {
        "type": "paragraph",
        "style": style,
        "pieces": pieces,
        "text": "".join(piece["text"] for piece in pieces),
        "lang": "",
    }


def reference(sentence: str, name: str, to: str) -> ParagraphBlock:
    """Return a sentence and a link to another part of the document, with its page in print."""
    return paragraph([f"{sentence} ", link(CrossReference(name, to))], "reference")


def prose(text: Text) -> ProseBlock:
    """Return formatted text (Markdown), as people wrote it."""
    words = _words(text)
    return {"type": "prose", "text": words["text"], "lang": words["lang"]}


def facts(rows: Iterable[tuple[object, object]]) -> FactsBlock:
    """Return a table of labels and values, without the rows that have no value."""
    return {"type": "facts", "rows": labelled(rows)}


def labelled(rows: Iterable[tuple[object, object]]) -> list[Fact]:
    """Return labels with their values, without those whose value is not known."""
    return [{"label": str(label), "value": str(value)} for label, value in rows if value]


def pair(label: object, value: object) -> str:
    """Return “Responsible: IBCR”, with the colon as the language writes it."""
    return f"{label}{pgettext('between a label and its value', ':')} {value}"


def pair_line(label: object, text: Text) -> TextLine:
    """Return a label in the language of the document and a text that may be in another one."""
    return [pair(label, ""), text]


def words_of(line: Iterable[LinePiece]) -> str:
    return "".join(piece["text"] for piece in line)


def column(
    label: str,
    width: int = 0,
    *,
    num: bool = False,
    below: tuple[str, str] | None = None,
    key: str = "",
) -> TableColumn:
    """`below` is the shared head above neighbouring columns in print, and the column's own name
    under it."""
    made: TableColumn = {"label": capfirst(str(label)), "width": width, "num": num}
    if below:
        made["group"], made["name"] = (capfirst(str(name)) for name in below)
    if key:
        made["key"] = key
    return made


def table(
    caption: str,
    columns: list[TableColumn],
    rows: Iterable[Sequence[Cell]],
    *,
    head: int = 0,
    total: Sequence[Cell] | None = None,
    style: str = "",
    key: str = "",
) -> TableBlock:
    """`caption` may be empty if there is a heading right above. `head` is the column whose cells
    name their rows, `total` the cells of a last row, `key` the name of the table in a donor's
    template."""

    def line(cells: Sequence[Cell], *, is_total: bool = False) -> TableRow:
        placed = [
            _placed(each, num=columns[place]["num"], is_head=place == head)
            for place, each in enumerate(cells)
        ]
        return {"cells": placed, "is_total": is_total}

    lines = [line(row) for row in rows]
    if total:
        lines.append(line(total, is_total=True))
    made: TableBlock = {
        "type": "table",
        "caption": str(caption),
        "columns": columns,
        "rows": lines,
        "style": style,
    }
    if key:
        made["key"] = key
    return made


# A column of `table_of`: its head, and the cell that it shows of a row.
Field = tuple[TableColumn, Callable[[Any], Cell]]


def field(
    label: str,
    show: Callable[[Any], Cell],
    width: int = 0,
    *,
    num: bool = False,
    below: tuple[str, str] | None = None,
    key: str = "",
) -> Field:
    return column(label, width, num=num, below=below, key=key), show


def table_of(
    rows: Iterable[Any],
    fields: Sequence[Field],
    caption: str = "",
    *,
    head: int = 0,
    total: Sequence[Cell] | None = None,
    style: str = "",
    key: str = "",
) -> TableBlock:
    """Return a table with a line for each row: what each of the fields shows of it."""
    columns = [column for column, _show in fields]
    lines = [[show(row) for _column, show in fields] for row in rows]
    return table(caption, columns, lines, head=head, total=total, style=style, key=key)


def cell(
    text: Text | None,
    *,
    small: Sequence[TextLine] | str = "",
    tone: str = "",
    anchor: str = "",
    to: str = "",
) -> CellText:
    """Return a cell: its text, `small` lines below it, the `tone` of its colour, an `anchor` of
    its own and the one `to` which it leads."""
    words = _words(text or "")
    lines = map(pieces_of, [small] if isinstance(small, str) else small)
    return {
        "text": words["text"],
        "lang": words["lang"],
        "small": [line for line in lines if words_of(line)],
        "tone": tone,
        "anchor": anchor,
        "to": to,
    }


def box(
    kind: str, title: Text, text: Text | None, lines: Sequence[TextLine], *, anchor: str = ""
) -> BoxBlock:
    """Return a framed text with title and lines; `kind` is its class in the PDF."""
    words = _words(text or "")
    return {
        "type": "box",
        "kind": kind,
        "title": _words(title),
        "text": words["text"],
        "lang": words["lang"],
        "lines": [pieces_of(line) for line in lines if line],
        "anchor": anchor,
    }


def listing(rows: Sequence[Text]) -> ListBlock:
    return {"type": "list", "rows": [_words(row) for row in rows]}


def notice(text: str) -> NoticeBlock:
    return {"type": "notice", "text": str(text)}


def picture(
    evidence: int,
    sha256: str,
    *,
    alternative: str,
    caption: Text,
    place: str = "",
    credit: str = "",
) -> PictureBlock:
    """Return a photograph by its key and hash.

    It is fetched when the document is rendered, if it is still the same file and may still be
    shown. `alternative` describes it for people who do not see it; `place` says where and when it
    was taken.
    """
    words = _words(caption)
    return {
        "type": "picture",
        "evidence": evidence,
        "sha256": sha256,
        "alternative": str(alternative),
        "lines": [str(line) for line in (place, credit) if line],
        "text": words["text"],
        "lang": words["lang"],
    }


def landscape(blocks: list[Block | None]) -> list[Block]:
    """Put blocks that are wide on landscape pages of their own."""
    return [block | {"landscape": True} for block in blocks if block]


def signature(lines: Sequence[str]) -> SignatureBlock:
    """Leave room for a signature above these lines."""
    return {"type": "signature", "lines": [str(line) for line in lines if line]}


def pieces_of(line: TextLine) -> list[LinePiece]:
    pieces = line if isinstance(line, list) else [line]
    return [_piece(piece) for piece in pieces]


def _piece(text: Text) -> LinePiece:
    words = _words(text)
    to = "" if isinstance(text, str) else str(text.get("to", ""))
    return {"text": words["text"], "lang": words["lang"], "to": to}


def _words(text: Text) -> LocalText:
    if isinstance(text, dict):
        return {"text": text["text"], "lang": text["lang"]}
    return {"text": str(text), "lang": ""}


def _placed(value: Cell, *, num: bool, is_head: bool) -> TableCell:
    made = cell(value) if isinstance(value, str) else value
    placed: TableCell = {
        "text": made["text"],
        "lang": made["lang"],
        "small": made["small"],
        "tone": made["tone"],
        "anchor": made["anchor"],
        "to": made["to"],
        "num": num,
        "is_head": is_head,
    }
    if "why" in made:
        placed["why"] = made["why"]
    return placed


def figure(chart: str, title: object, data: dict[str, Any]) -> FigureBlock:
    """Return a chart by its name in `reports.figures.CHARTS`, with its data."""
    return {"type": "figure", "chart": chart, "title": str(title), "data": data}


def states_figure(
    title: object, counts: Mapping[Any, int], tones: Mapping[Any, str]
) -> FigureBlock | None:
    """Return how many things are in each state, in the order of `tones`, without those that none is
    in; nothing if there are no things."""
    present = [state for state in tones if counts.get(state)]
    if not present:
        return None
    data = {
        "labels": [str(state.label) for state in present],
        "values": [counts[state] for state in present],
        "tones": [tones[state] for state in present],
    }
    return figure("states", title, data)
