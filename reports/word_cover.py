"""Writes the beginning of a Word file: the cover and the contents of a report, or the head of another
document."""

from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from docx.document import Document as Word
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from reports.document_types import ComposedDocument, Fact, LocalText, ReportDocument
from reports.figures import PrintedChapter
from reports.pictures import PrintedPhoto, donor_logos, printed_logo
from reports.word_look import SUN, edges, line_width, set_margins, shade
from reports.word_tables import set_widths, write_facts
from reports.word_text import LINKED, MUTED, add_piece, add_run, element

DARK = "083D48"
WHITE, BRIGHT, SOFT = (
    RGBColor(0xFF, 0xFF, 0xFF),
    RGBColor(0xDC, 0xEC, 0xEF),
    RGBColor(0x9C, 0xC9, 0xD2),
)
GOLD = RGBColor(0xF2, 0xB5, 0x44)
EDGE = 14  # the white around the cover, in millimetres
BELOW = 9  # room for the line that Word wants below a table, on the same page
FACT = 5.6  # the height of a line of facts on the cover
LOGO_HEIGHT, COVER_LOGO_HEIGHT = 9, 11
CELL = {"left": 12, "right": 12, "top": 16, "bottom": 10}  # within the cover
BAND = (42, 18)  # its length in millimetres, its thickness in eighths of a point


def write_cover(word: Word, document: ReportDocument, *, is_draft: bool) -> None:
    """Write the cover: one dark field, with the facts at its foot. The running lines begin after
    it."""
    section = word.sections[0]
    section.different_first_page_header_footer = True
    section.left_margin = section.right_margin = Mm(EDGE)
    section.top_margin = section.bottom_margin = Mm(EDGE)
    facts = document["facts"]
    height = (section.page_height or 0) / Mm(1) - 2 * EDGE - BELOW
    foot = FACT * len(facts) + CELL["bottom"] + 4
    table = word.add_table(rows=2, cols=1)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _edge(table)
    set_widths(table, [line_width(section)])
    for row, tall in zip(table.rows, (height - foot, foot), strict=True):
        row.height, row.height_rule = Mm(tall), WD_ROW_HEIGHT_RULE.EXACTLY
    above, below = (row.cells[0] for row in table.rows)
    _dark(above, top=CELL["top"], bottom=0)
    _dark(below, top=0, bottom=CELL["bottom"])
    _title(above, document, is_draft=is_draft)
    _facts(below, facts)
    last = word.add_paragraph()
    last.paragraph_format.space_after = last.paragraph_format.space_before = Pt(0)
    last.paragraph_format.line_spacing = Pt(2)
    mark: Any = last._p.get_or_add_pPr()
    mark.append(parse_xml(f'<w:rPr {nsdecls("w")}><w:sz w:val="2"/></w:rPr>'))
    section = word.add_section(WD_SECTION.NEW_PAGE)
    section.different_first_page_header_footer = False
    set_margins(section)


def _edge(table: Table) -> None:
    """Give the table lines of its own colour, or some programs leave a fine white one between the
    rows."""
    borders = element("tblBorders")
    for name in ("top", "left", "bottom", "right", "insideH"):
        borders.append(element(name, val="single", sz="4", space="0", color=DARK))
    table._tbl.tblPr.append(borders)


def _dark(cell: _Cell, *, top: int, bottom: int) -> None:
    properties = cell._tc.get_or_add_tcPr()
    margins = element("tcMar")
    sides = {"top": top, "left": CELL["left"], "bottom": bottom, "right": CELL["right"]}
    for name, size in sides.items():
        margins.append(element(name, w=str(round(size / 25.4 * 1440)), type="dxa"))
    properties.append(shade(DARK))
    properties.append(margins)


def _title(cell: _Cell, document: ReportDocument, *, is_draft: bool) -> None:
    first = cell.paragraphs[0]
    if _logos(cell, document):
        first = cell.add_paragraph()
    _line(first, document["organisation"], 9.5, BRIGHT)
    band = cell.add_paragraph()
    band.paragraph_format.right_indent = Mm(_inner_width(cell) - BAND[0])
    band.paragraph_format.space_before, band.paragraph_format.space_after = Pt(14), Pt(22)
    edges(band._p, top=(SUN, BAND[1], 1))  # of a paragraph without words
    heading = cell.add_paragraph(style="Title")
    _line(heading, document["heading"], 28, WHITE)
    _line(cell.add_paragraph(), document["period_name"], 18, BRIGHT)
    if title := document["project"]["title"]:
        subject = cell.add_paragraph()
        subject.paragraph_format.space_before = Pt(14)
        _line(subject, title["text"], 13, BRIGHT, title["lang"])
    if is_draft:
        mark = cell.add_paragraph()
        mark.paragraph_format.space_before = Pt(18)
        _line(mark, _("Draft").upper(), 12, GOLD)
        mark.runs[0].bold = True


def _logos(cell: _Cell, document: ReportDocument) -> bool:
    """Write the logo of the organisation at the left, and those of the donors at the right, on the
    same line; return whether there are any."""
    own, donors = printed_logo(document), donor_logos(document)
    line = cell.paragraphs[0]
    if own:
        _picture(line, own, _("Logo"))
    if donors:
        right = Mm(_inner_width(cell))
        line.paragraph_format.tab_stops.add_tab_stop(right, WD_TAB_ALIGNMENT.RIGHT)
        line.add_run("\t")
    for number, one in enumerate(donors):
        if number:
            line.add_run(" ")
        _picture(line, one.picture, _("Logo: %(name)s") % {"name": one.name})
    return bool(own or donors)


def _picture(line: Paragraph, photo: PrintedPhoto, words: str) -> None:
    shape = line.add_run().add_picture(BytesIO(photo.content), height=Mm(COVER_LOGO_HEIGHT))
    shape._inline.docPr.set("descr", words)


def _inner_width(cell: _Cell) -> float:
    return (cell.width or 0) / Mm(1) - CELL["left"] - CELL["right"]


def _line(
    paragraph: Paragraph, text: str, size: float, colour: RGBColor, language: str = ""
) -> None:
    run = add_run(paragraph, text, language)
    run.font.size, run.font.color.rgb = Pt(size), colour


def _facts(cell: _Cell, facts: list[Fact]) -> None:
    """Write each fact as a line, its value behind a tab: no table within a table."""
    for number, fact in enumerate(facts):
        paragraph = cell.paragraphs[0] if not number else cell.add_paragraph()
        space = paragraph.paragraph_format
        space.space_after, space.line_spacing = Pt(0), Mm(FACT)
        space.tab_stops.add_tab_stop(Mm(54))
        space.left_indent, space.first_line_indent = Mm(54), Mm(-54)
        _line(paragraph, f"{fact['label']}\t", 9, SOFT)
        _line(paragraph, fact["value"], 9, WHITE)


# Contents


def write_contents(
    word: Word, document: ReportDocument, chapters: list[PrintedChapter], *, is_draft: bool
) -> None:
    """List the chapters as links: a Word file knows its page numbers only when somebody opens it."""
    word.add_paragraph(_("Contents"), style="TOC Heading")
    if any(document["glance"].values()):
        _entry(word, "", _("At a glance"), "glance")
    if document["identification"]:
        _entry(word, "", _("Identification"), "identification")
    for chapter in chapters:
        _entry(word, label_of(chapter), chapter["title"], chapter["kind"])
    _notes(word, document, is_draft=is_draft)


def label_of(chapter: PrintedChapter) -> str:
    number = chapter["number"]
    return _("Annex %(letter)s") % {"letter": number} if chapter["is_annex"] else number


def _entry(word: Word, number: str, title: str, to: str) -> None:
    paragraph = word.add_paragraph(style="Contents")
    run = paragraph.add_run(f"{number}\t")
    run.bold, run.font.color.rgb = True, LINKED
    add_piece(paragraph, title, to=to)


def _notes(word: Word, document: ReportDocument, *, is_draft: bool) -> None:
    notes: list[LocalText] = []
    if is_draft:
        notes.append({"text": _("Draft."), "lang": ""})
    if document["illustrative"]:
        notes.append({"text": illustrative(), "lang": ""})
    if document["has_illustrative"]:
        text = _("Text marked with an asterisk (*) is illustrative.")
        notes.append({"text": text, "lang": ""})
    if source := document["source_note"]:
        notes.append(source)
    for note in notes:
        add_run(word.add_paragraph(style="Intense Quote"), note["text"], note["lang"])


def illustrative() -> str:
    return _("Illustrative document.") + " " + _("It was made up to show the portal.")


# The head of other documents


def write_head(word: Word, document: ComposedDocument, *, is_draft: bool) -> None:
    first = word.add_paragraph()
    if logo := printed_logo(document):
        shape = first.add_run().add_picture(BytesIO(logo.content), height=Mm(LOGO_HEIGHT))
        shape._inline.docPr.set("descr", _("Logo"))
        first.add_run("  ")
    _line(first, document["organisation"], 8.5, LINKED)
    word.add_paragraph(document["heading"], style="Title")
    word.add_paragraph(document["title"], style="Subtitle")
    if title := document["project"].get("title"):
        _line(word.add_paragraph(), title["text"], 8.5, MUTED, title["lang"])
    if is_draft:
        mark = word.add_paragraph()
        _line(mark, _("Draft").upper(), 9, RGBColor(0xA3, 0x23, 0x1C))
        mark.runs[0].bold = True
    write_facts(word, document["facts"], line_width(word.sections[0]))
    word.add_paragraph().paragraph_format.space_after = Pt(0)
    if document["illustrative"]:
        word.add_paragraph(illustrative(), style="Intense Quote")
