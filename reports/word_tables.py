"""Writes the tables of a Word file: as wide as their content needs, with heads that are repeated."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from kernel.svg import text_width
from reports.compose.blocks import words_of
from reports.document_types import Fact, TableCell
from reports.figures import PrintedTable, TableHead
from reports.word_look import TABLE, line_width
from reports.word_text import MUTED, add_piece, add_run, mark_place

TONES = {
    "ok": RGBColor(0x17, 0x70, 0x3F),
    "warn": RGBColor(0x8A, 0x52, 0x00),
    "bad": RGBColor(0xA3, 0x23, 0x1C),
    "info": RGBColor(0x23, 0x5A, 0x97),
}
PIXEL = 25.4 / 96  # kernel.svg measures letters of 9 points, slightly larger than those of tables
PADDING = 3.0  # millimetres of a cell, left and right together
# A column without a width of its own takes no more of the line than a cell of so many millimetres.
WIDEST_NEED = 70.0
LABELS = 48  # the column of labels in a table of facts


def write_table(word: Word, block: PrintedTable) -> None:
    if block["caption"]:
        caption = word.add_paragraph(style="Caption")
        mark_place(caption, block["id"])
        caption.add_run(block["caption"])
    if not block["rows"]:
        word.add_paragraph(_("No data yet."))
        return
    columns, heads = block["columns"], block["heads"]
    table = word.add_table(rows=len(heads), cols=len(columns), style=TABLE)
    _write_heads(table, heads)
    for row in block["rows"]:
        added = table.add_row()
        hold_together(added)
        for cell, said in zip(added.cells, row["cells"], strict=True):
            _write(cell, said, is_bold=row["is_total"])
    texts = [[row["cells"][place] for row in block["rows"]] for place in range(len(columns))]
    widths = column_widths(
        [column["width"] for column in columns],
        [
            Need.of([column["label"], *_lines(cells)])
            for column, cells in zip(columns, texts, strict=True)
        ],
        line_width(word.sections[-1]),
    )
    set_widths(table, widths)
    _space_after(word)


def write_facts(word: Any, rows: Iterable[Fact], width: float) -> None:
    """Write labels and values in two columns, into the document or a cell of it."""
    table = word.add_table(rows=0, cols=2)
    for row in rows:
        label, value = table.add_row().cells
        for cell, text, colour in ((label, row["label"], MUTED), (value, row["value"], None)):
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(2)
            run = add_run(paragraph, text)
            if colour is not None:
                run.font.color.rgb = colour
    set_widths(table, [LABELS, width - LABELS])


def _write_heads(table: Table, heads: Sequence[Sequence[TableHead]]) -> None:
    taken: set[tuple[int, int]] = set()
    for line, row in enumerate(heads):
        place = 0
        for head in row:
            while (line, place) in taken:
                place += 1
            down, across = head.get("lines", 1), head.get("columns", 1)
            cell = table.cell(line, place)
            if down > 1 or across > 1:
                cell = cell.merge(table.cell(line + down - 1, place + across - 1))
            for below in range(line, line + down):
                taken |= {(below, place + beside) for beside in range(across)}
            paragraph = cell.paragraphs[0]
            paragraph.style = "Table Text"
            paragraph.add_run(head["label"]).bold = True
            paragraph.paragraph_format.keep_with_next = True  # no head without a row
            if across > 1:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            elif head["num"]:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _repeat(table.rows[line])
        hold_together(table.rows[line])


def _write(cell: _Cell, said: TableCell, *, is_bold: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.style = "Table Text"
    mark_place(paragraph, said["anchor"])
    for run in add_piece(paragraph, said["text"], said["lang"], said["to"]):
        run.bold = is_bold or bool(said["tone"]) or None
        if said["tone"] in TONES:
            run.font.color.rgb = TONES[said["tone"]]
    _align(paragraph, said)
    for line in said["small"]:
        below = (
            cell.add_paragraph(style="Table Text") if said["text"] or paragraph.text else paragraph
        )
        paragraph = below
        for piece in line:
            for run in add_piece(below, piece["text"], piece["lang"], piece["to"]):
                run.font.size, run.font.color.rgb = Pt(7.5), MUTED
        _align(below, said)


def _align(paragraph: Paragraph, said: TableCell) -> None:
    if said["num"]:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        if end := said.get("end"):
            paragraph.paragraph_format.right_indent = Pt(8.5 * float(end))


def _repeat(row: Any) -> None:
    """Repeat the head of a table on each of its pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def hold_together(row: Any) -> None:
    """Keep a row on one page. The schema wants this before the mark of a head."""
    row._tr.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))


def _space_after(word: Word) -> None:
    """Part the table from what follows: Word would join two tables that touch."""
    paragraph = word.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing = Pt(8)


# Widths


class Need:
    """How many millimetres a column needs for its longest word, and for its longest line."""

    def __init__(self, least: float, whole: float) -> None:
        self.least, self.whole = least, whole

    @classmethod
    def of(cls, lines: Iterable[str]) -> "Need":
        lines = list(lines)
        words = [word for line in lines for word in line.split(" ")]
        least, whole = (max(map(_room, texts), default=0.0) for texts in (words, lines))
        return cls(least, whole)


def _room(text: str) -> float:
    return text_width(text) * PIXEL + PADDING if text else 0.0


def _lines(cells: Iterable[TableCell]) -> list[str]:
    """Return the lines of the cells of a column."""
    found = []
    for cell in cells:
        found += cell["text"].splitlines()
        found += map(words_of, cell["small"])
    return found


def column_widths(shares: Sequence[int], needs: Sequence[Need], line: float) -> list[float]:
    """Return the width of each column in millimetres; together they are as wide as the line.

    `shares` are percentages that the composer wished; columns with 0 share the rest by what they
    have to say. No column is narrower than its longest word as long as there is room.
    """
    free = {place for place, share in enumerate(shares) if not share}
    rest = line * (100 - sum(shares)) / 100
    wishes = [min(max(need.whole, need.least), max(WIDEST_NEED, need.least)) for need in needs]
    of_free = sum(wishes[place] for place in free) or 1
    wished = [
        rest * wishes[place] / of_free if place in free else line * share / 100
        for place, share in enumerate(shares)
    ]
    least = [min(need.least, line / 3) for need in needs]
    total = sum(least)
    if total >= line:
        return [line * one / total for one in least]
    missing = sum(max(low - width, 0) for low, width in zip(least, wished, strict=True))
    spare = sum(max(width - low, 0) for low, width in zip(least, wished, strict=True)) or 1
    given = [
        low if width < low else width - (width - low) * missing / spare
        for low, width in zip(least, wished, strict=True)
    ]
    return [line * one / sum(given) for one in given]


def set_widths(table: Table, widths: Sequence[float]) -> None:
    """Set the widths where each program looks for them: at the table, its grid and its cells."""
    table.autofit = False
    for column, width in zip(table._tbl.tblGrid.gridCol_lst, widths, strict=True):
        column.w = Mm(width)
    total: Any = table._tbl.tblPr.find(qn("w:tblW"))
    total.set(qn("w:type"), "dxa")
    total.set(qn("w:w"), str(round(sum(widths) / 25.4 * 1440)))
    for row in table._tbl.tr_lst:
        place = 0
        for cell in row.tc_lst:
            span = cell.grid_span
            cell.width = Mm(sum(widths[place : place + span]))
            place += span
