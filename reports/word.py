"""Documents as Word files, from the same data as the PDF, for people who work on the text.

They have no verification code; a draft has its mark in the header.
"""

from collections.abc import Sequence
from io import BytesIO
from itertools import groupby
from typing import assert_never

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from kernel.sheets import with_days_fixed
from kernel.svg import spoken
from kernel.text import render_markdown
from reports.chart_pictures import chart_png, size_of
from reports.document_types import (
    ComposedDocument,
    FactsBlock,
    HeadingBlock,
    ListBlock,
    LocalText,
    ParagraphBlock,
    ReportDocument,
    SignatureBlock,
)
from reports.figures import (
    DrawnFigure,
    PrintedBlock,
    PrintedBox,
    PrintedChapter,
    numbered_blocks,
    numbered_chapters,
)
from reports.glance import glance_blocks
from reports.pictures import PrintedPicture
from reports.word_cover import label_of, write_contents, write_cover, write_head
from reports.word_look import BOXES, edges, line_width, set_up, turn
from reports.word_tables import set_widths, write_facts, write_table
from reports.word_text import (
    INK,
    LINKED,
    MUTED,
    MarkdownParagraphs,
    add_piece,
    add_run,
    add_small_run,
    finish_links,
    legal,
    link_to_address,
    mark_place,
)

# The tallest figure on an upright and on a landscape page, in millimetres.
TALLEST, TALLEST_TURNED = 205, 118
DEEPEST = 4  # levels of headings
FIRM = "before"  # the class of paragraphs that stay with the next one


def docx_of(document: ComposedDocument, *, is_draft: bool) -> bytes:
    document = legal(document)
    with translation.override(document["language"]):
        word = Document()
        set_up(word, document, is_draft=is_draft)
        if "chapters" in document:
            _report(word, document, is_draft=is_draft)
        else:
            write_head(word, document, is_draft=is_draft)
            _write_blocks(word, numbered_blocks(document["blocks"]))
        finish_links(word)
        target = BytesIO()
        word.save(target)
        return with_days_fixed(target)  # so that equal documents have equal bytes


def _report(word: Word, document: ReportDocument, *, is_draft: bool) -> None:
    chapters = numbered_chapters(document["chapters"])
    write_cover(word, document, is_draft=is_draft)
    write_contents(word, document, chapters, is_draft=is_draft)
    _before_the_chapters(word, document)
    for chapter in chapters:
        _chapter(word, chapter)


def _before_the_chapters(word: Word, document: ReportDocument) -> None:
    glance = document["glance"]
    if has_glance := any(glance.values()):
        heading = word.add_heading(_("At a glance"), 1)
        heading.paragraph_format.page_break_before = True
        mark_place(heading, "glance")
        _write_blocks(word, numbered_blocks(glance_blocks(glance)), below=1)
    if rows := document["identification"]:
        heading = word.add_heading(_("Identification"), 1)
        # Below a page at a glance that may fill one page and a little of the next.
        heading.paragraph_format.page_break_before = not has_glance
        mark_place(heading, "identification")
        write_facts(word, rows, line_width(word.sections[-1]))
    if since := document["since"]:
        title = _("What changed since version %(number)s") % {"number": since["version"]}
        word.add_heading(title, 1)
        for sentence in since["sentences"]:
            word.add_paragraph(sentence, style="List Bullet")
    if blocks := document["acronyms"]:
        word.add_heading(_("Acronyms"), 1)
        _write_blocks(word, numbered_blocks(blocks), below=1)


def _chapter(word: Word, chapter: PrintedChapter) -> None:
    turn(word, is_landscape=chapter["is_turned"])
    heading = word.add_heading("", 1)
    mark_place(heading, chapter["kind"])
    heading.add_run(f"{label_of(chapter)}  ").font.color.rgb = LINKED
    heading.add_run(chapter["title"])
    if chapter["narrative"]:
        _prose(word, chapter["narrative"], top=2)
    elif chapter["is_missing"]:
        word.add_paragraph(_("This section is not written yet."), style="Intense Quote")
    if chapter["cites"]:
        _cites(word, chapter)
    _write_blocks(word, chapter["blocks"], below=1)


def _cites(word: Word, chapter: PrintedChapter) -> None:
    """Write the pages in the portal of what the texts of a chapter cite, in small letters."""
    line = word.add_paragraph()
    # Of the texts below, if the chapter has none of its own.
    line.paragraph_format.keep_with_next = not chapter["narrative"] or None
    add_small_run(line, _("In the portal:"))
    for number, link in enumerate(chapter["cites"]):
        add_small_run(line, " · " if number else " ")
        add_small_run(line, link["label"])
        link_to_address(line, line.runs[-1], settings.SITE_URL + link["path"])


# The blocks


def _write_blocks(word: Word, blocks: Sequence[PrintedBlock], *, below: int = 0) -> None:
    """`below` is the number of levels of headings above the blocks."""
    for is_picture, found in groupby(blocks, key=lambda block: block["type"] == "picture"):
        if is_picture:
            turn(word, is_landscape=False)
            _pictures(word, [block for block in found if block["type"] == "picture"])
            continue
        for block in found:
            turn(word, is_landscape=block.get("landscape", False))
            _write_block(word, block, below=below)


def _write_block(word: Word, block: PrintedBlock, *, below: int) -> None:
    match block["type"]:
        case "heading":
            _heading(word, block, block["level"] + below)
        case "paragraph":
            _paragraph(word, block)
        case "prose":
            _prose(word, block)
        case "notice":
            word.add_paragraph(block["text"], style="Intense Quote")
        case "list":
            _list(word, block)
        case "facts":
            _facts(word, block)
        case "box":
            _box(word, block)
        case "table":
            write_table(word, block)
        case "figure":
            _figure(word, block)
        case "picture":
            _pictures(word, [block])
        case "signature":
            _signature(word, block)
        case "annexes":
            pass  # only the PDF has the papers
        case _:
            assert_never(block)


def _heading(word: Word, block: HeadingBlock, level: int) -> None:
    if block["over"]:
        over = word.add_paragraph()
        add_small_run(over, block["over"])
        over.paragraph_format.keep_with_next = True
        over.paragraph_format.space_before, over.paragraph_format.space_after = Pt(14), Pt(0)
    heading = word.add_heading(level=min(max(level, 1), DEEPEST))
    if block["over"]:
        heading.paragraph_format.space_before = Pt(0)
    heading.paragraph_format.page_break_before = block["new_page"] or None
    mark_place(heading, block["anchor"])
    add_run(heading, block["text"], block["lang"])


def _paragraph(word: Word, block: ParagraphBlock) -> None:
    made = word.add_paragraph()
    style = block["style"].split()
    pieces = block.get("pieces") or [{"text": block["text"], "lang": block["lang"], "to": ""}]
    for piece in pieces:
        for run in add_piece(made, piece["text"], piece["lang"], piece["to"]):
            if "small" in style:
                run.font.size, run.font.color.rgb = Pt(8.5), MUTED
            if "lead" in style:
                run.font.size, run.font.color.rgb = Pt(12), INK
    if "right" in style:
        made.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    made.paragraph_format.keep_with_next = (FIRM in style) or None


def _list(word: Word, block: ListBlock) -> None:
    for row in block["rows"]:
        add_run(word.add_paragraph(style="List Bullet"), row["text"], row["lang"])


def _facts(word: Word, block: FactsBlock) -> None:
    for row in block["rows"]:
        paragraph = word.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.add_run(f"{row['label']}  ")
        paragraph.add_run(row["value"]).bold = True


def _box(word: Word, block: PrintedBox) -> None:
    """Write a box as paragraphs on a ground with an edge: a table would be read aloud as one."""
    colour, ground = BOXES.get(block["kind"], BOXES["meeting"])
    title = word.add_paragraph()
    mark_place(title, block["anchor"])
    add_run(title, block["title"]["text"], block["title"]["lang"]).bold = True
    lines = [title]
    if block["text"]:
        lines.append(word.add_paragraph())
        add_run(lines[-1], block["text"], block["lang"])
    for line in block["lines"]:
        lines.append(word.add_paragraph())
        for piece in line:
            for run in add_piece(lines[-1], piece["text"], piece["lang"], piece["to"]):
                run.font.size, run.font.color.rgb = Pt(8), MUTED
    for each in lines:
        # The upper edge of the first line parts the box from one above it.
        edges(
            each._p,
            top=(ground, 24, 1) if each is title else None,
            left=(colour, 20, 8),
            ground=ground,
        )
        space = each.paragraph_format
        space.left_indent, space.keep_with_next = Mm(4), each is not lines[-1]
        space.keep_together = True
        space.space_before, space.space_after = Pt(8 if each is title else 0), Pt(0)
    lines[-1].paragraph_format.space_after = Pt(9)


def _figure(word: Word, block: DrawnFigure) -> None:
    """Show a chart as large as the page allows, below its title; what it shows is read aloud."""
    svg = block["figure"].svg
    caption = word.add_paragraph(style="Caption")
    mark_place(caption, block["id"])
    caption.add_run(block["figure"].caption)
    width, height = size_of(svg)
    tallest = TALLEST_TURNED if block.get("landscape") else TALLEST
    wide = min(line_width(word.sections[-1]), tallest * width / height)
    shape = word.add_picture(BytesIO(chart_png(svg)), width=Mm(wide))
    shape._inline.docPr.set("descr", spoken(svg))
    word.paragraphs[-1].paragraph_format.space_after = Pt(12)


def _pictures(word: Word, blocks: list[PrintedPicture]) -> None:
    """Show photographs in pairs, each above its words."""
    half = line_width(word.sections[-1]) / 2
    for start in range(0, len(blocks), 2):
        pair = blocks[start : start + 2]
        table = word.add_table(rows=1, cols=2)
        set_widths(table, [half, half])
        for cell, block in zip(table.rows[0].cells, pair, strict=False):
            _photograph(cell, block, half - 6)
        word.add_paragraph().paragraph_format.space_after = Pt(0)


def _photograph(cell: _Cell, block: PrintedPicture, width: float) -> None:
    first = cell.paragraphs[0]
    if photo := block["photo"]:
        shape = first.add_run().add_picture(BytesIO(photo.content), width=Mm(width))
        shape._inline.docPr.set("descr", block["alternative"])
        first.paragraph_format.keep_with_next = True
    else:
        add_small_run(first, _("This photograph was withdrawn."))
    add_run(_below(cell), block["text"], block["lang"])
    for line in block["lines"]:
        add_small_run(_below(cell), line)


def _below(cell: _Cell) -> Paragraph:
    paragraph: Paragraph = cell.add_paragraph(style="Table Text")
    return paragraph


def _signature(word: Word, block: SignatureBlock) -> None:
    for number, line in enumerate(block["lines"]):
        paragraph = word.add_paragraph(line)
        paragraph.paragraph_format.left_indent = Mm(75)
        paragraph.paragraph_format.space_after = Pt(0)
        if not number:
            paragraph.paragraph_format.space_before = Mm(20)
            edges(paragraph._p, top=("17252F", 4, 4))


def _prose(word: Word, text: LocalText, *, top: int = 3) -> None:
    """Write a text that people wrote, through the one function that knows which Markdown is
    allowed."""
    MarkdownParagraphs(word, text["lang"]).feed(str(render_markdown(text["text"], top=top)))
