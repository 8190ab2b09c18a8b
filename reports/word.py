"""Documents as Word files, from the same data as the PDF, for people who work on the text.

They have no verification code; a draft has its mark in the header.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, assert_never

from django.utils import translation
from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as Word
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from kernel.text import render_markdown
from reports.block_types import (
    BoxBlock,
    Fact,
    FactsBlock,
    HeadingBlock,
    ListBlock,
    LocalText,
    ParagraphBlock,
    SignatureBlock,
    TableBlock,
    TableCell,
    TableColumn,
)
from reports.compose.blocks import paragraph
from reports.document_types import ComposedDocument, ReportDocument
from reports.figures import PrintedBlock, PrintedChapter, numbered_chapters
from reports.glance import glance_blocks
from reports.logo import printed_logo
from reports.pictures import IllustratedBlock, PrintedPicture, with_pictures
from reports.word_text import (
    INK,
    LOCALES,
    MUTED,
    MarkdownParagraphs,
    add_run,
    add_small_run,
    legal,
    set_language,
)

WordBlock = IllustratedBlock | PrintedBlock

PAPERS = {"a4": (210, 297), "letter": (215.9, 279.4)}  # in millimetres
LINE_WIDTH = 166  # millimetres between the margins
LOGO_HEIGHT = 9
PICTURE_WIDTH = 100
RIGHT = frozenset({"right"})


def docx_of(document: ComposedDocument, *, is_draft: bool) -> bytes:
    document = legal(document)
    with translation.override(document["language"]):
        word = Document()
        _set_up(word, document, is_draft=is_draft)
        _head(word, document)
        if "chapters" in document:
            _before_the_chapters(word, document)
            for chapter in numbered_chapters(document["chapters"], draws=False):
                _chapter(word, chapter)
        else:
            for block in with_pictures(document["blocks"]):
                _write_block(word, block)
        target = BytesIO()
        word.save(target)
        return target.getvalue()


# The frame


def _set_up(word: Word, document: ComposedDocument, *, is_draft: bool) -> None:
    section = word.sections[0]
    width, height = PAPERS[document["paper"]]
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.left_margin, section.right_margin = Mm(24), Mm(20)
    section.top_margin, section.bottom_margin = Mm(25), Mm(20)
    normal = word.styles["Normal"]
    normal.font.name, normal.font.size = "Noto Sans", Pt(10)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "Noto Sans")
    set_language(normal.element.get_or_add_rPr(), document["language"])
    for level in (1, 2, 3, 4):
        style = word.styles[f"Heading {level}"]
        style.font.name, style.font.color.rgb = "Noto Sans", INK
        style.element.rPr.rFonts.attrib.clear()
        style.element.rPr.rFonts.set(qn("w:ascii"), "Noto Sans")
        style.element.rPr.rFonts.set(qn("w:hAnsi"), "Noto Sans")
    _properties(word, document)
    head = section.header.paragraphs[0]
    head.text = (document["project"]["name"] or {"text": ""})["text"]
    if is_draft:
        head.add_run("\t\t" + _("Draft").upper()).bold = True
    foot = section.footer.paragraphs[0]
    foot.add_run(f"{document['heading']} · {document['title']}\t\t")
    _field(foot, "PAGE")
    foot.add_run(" / ")
    _field(foot, "NUMPAGES")


def _properties(word: Word, document: ComposedDocument) -> None:
    """Set the properties of the file from the document, and not from the machine or person that
    made it."""
    known = word.core_properties
    known.title = f"{document['heading']} – {document['title']}"[:255]
    known.author = document["organisation"][:255]
    known.language = LOCALES[document["language"]]
    known.comments = ""
    known.last_modified_by = ""
    made = datetime.fromisoformat(document["as_of"]).replace(tzinfo=UTC)
    known.created = known.modified = made


def _head(word: Word, document: ComposedDocument) -> None:
    if logo := printed_logo(document):
        shape = word.add_picture(BytesIO(logo.content), height=Mm(LOGO_HEIGHT))
        shape._inline.docPr.set("descr", _("Logo"))
    _paragraph(word, paragraph(document["organisation"], "small"))
    word.add_heading(document["heading"], 0)
    _paragraph(word, paragraph(document["title"], "lead"))
    _fact_table(word, document["facts"])
    if document["illustrative"]:
        text = _("Illustrative document.") + " " + _("It was made up to show the portal.")
        _paragraph(word, paragraph(text, "small"))


def _fact_table(word: Word, rows: list[Fact]) -> None:
    table = word.add_table(rows=0, cols=2)
    for row in rows:
        label, value = table.add_row().cells
        add_run(label.paragraphs[0], row["label"])
        add_run(value.paragraphs[0], row["value"])
        label.width, value.width = Mm(48), Mm(LINE_WIDTH - 48)


def _before_the_chapters(word: Word, document: ReportDocument) -> None:
    if any((glance := document["glance"]).values()):
        word.add_heading(_("At a glance"), 1)
        for block in with_pictures(glance_blocks(glance)):
            _write_block(word, block, below=1)
    if rows := document["identification"]:
        word.add_heading(_("Identification"), 1)
        _fact_table(word, rows)
    if since := document["since"]:
        title = _("What changed since version %(number)s") % {"number": since["version"]}
        word.add_heading(title, 1)
        for sentence in since["sentences"]:
            word.add_paragraph(sentence, style="List Bullet")
    if blocks := document["acronyms"]:
        word.add_heading(_("Acronyms"), 1)
        for block in with_pictures(blocks):
            _write_block(word, block, below=1)


def _field(paragraph: Paragraph, name: str) -> None:
    """Insert a number that Word counts itself."""
    for kind, text in (("begin", ""), ("", name), ("end", "")):
        run = paragraph.add_run()
        if kind:
            mark: Any = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run._r.append(mark)


# The blocks


def _chapter(word: Word, chapter: PrintedChapter) -> None:
    number = chapter["number"]
    if chapter["is_annex"]:
        number = _("Annex %(letter)s") % {"letter": number}
    _turn(word, is_landscape=chapter["is_turned"])
    word.add_heading(f"{number}  {chapter['title']}", 1)
    if chapter["narrative"]:
        _prose(word, chapter["narrative"], top=2)
    elif chapter["is_missing"]:
        word.add_paragraph(_("This section is not written yet."), style="Intense Quote")
    for block in chapter["blocks"]:
        _write_block(word, block, below=1)


def _write_block(word: Word, block: WordBlock, *, below: int = 0) -> None:
    """`below` is the number of levels of headings above the blocks."""
    _turn(word, is_landscape=block.get("landscape", False))
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
            _table(word, block)
        case "picture":
            _picture(word, block)
        case "signature":
            _signature(word, block)
        case "figure" | "annexes":
            pass  # only the PDF has charts and papers; tables repeat the figures of the charts
        case _:
            assert_never(block)


def _turn(word: Word, *, is_landscape: bool) -> None:
    """Begin landscape or upright pages, if those before are different."""
    last = word.sections[-1]
    if is_landscape == (last.orientation == WD_ORIENT.LANDSCAPE):
        return
    section = word.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE if is_landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = last.page_height, last.page_width


def _heading(word: Word, block: HeadingBlock, level: int) -> None:
    heading = word.add_heading(level=max(level, 1))
    heading.paragraph_format.page_break_before = block["new_page"]
    if block["over"]:
        add_small_run(heading, f"{block['over']}\n")
    add_run(heading, block["text"], block["lang"])


def _paragraph(word: Word, block: ParagraphBlock) -> None:
    made = word.add_paragraph()
    style = block["style"].split()
    pieces: Sequence[LocalText] = block.get("pieces") or [block]
    for piece in pieces:
        run = add_run(made, piece["text"], piece["lang"])
        if "small" in style:
            run.font.size, run.font.color.rgb = Pt(8.5), MUTED
        if "lead" in style:
            run.font.size, run.font.color.rgb = Pt(12), INK
    if RIGHT & set(style):
        made.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    made.paragraph_format.keep_with_next = "before" in style


def _list(word: Word, block: ListBlock) -> None:
    for row in block["rows"]:
        add_run(word.add_paragraph(style="List Bullet"), row["text"], row["lang"])


def _facts(word: Word, block: FactsBlock) -> None:
    for row in block["rows"]:
        paragraph = word.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.add_run(f"{row['label']}  ")
        paragraph.add_run(row["value"]).bold = True


def _box(word: Word, block: BoxBlock) -> None:
    cell = word.add_table(rows=1, cols=1, style="Table Grid").rows[0].cells[0]
    first = cell.paragraphs[0]
    add_run(first, block["title"]["text"], block["title"]["lang"]).bold = True
    if block["text"]:
        add_run(cell.add_paragraph(), block["text"], block["lang"])
    for line in block["lines"]:
        paragraph = cell.add_paragraph()
        for piece in line:
            add_small_run(paragraph, piece["text"], piece["lang"])
    word.add_paragraph()


def _table(word: Word, block: TableBlock) -> None:
    if block["caption"]:
        word.add_paragraph(block["caption"], style="Caption")
    columns = block["columns"]
    table = word.add_table(rows=1, cols=len(columns), style="Table Grid")
    table.autofit = False
    section = word.sections[-1]
    margins = (section.left_margin or 0) + (section.right_margin or 0)
    line = ((section.page_width or 0) - margins) / Mm(1)
    widths = _widths(columns, line)
    for cell, column in zip(table.rows[0].cells, columns, strict=True):
        cell.paragraphs[0].add_run(column["label"]).bold = True
    _repeat(table.rows[0])
    for row in block["rows"]:
        added = table.add_row()
        _hold_together(added)
        for cell, said in zip(added.cells, row["cells"], strict=True):
            _write(cell, said, is_bold=row["is_total"])
    for each in table.rows:
        for cell, width in zip(each.cells, widths, strict=True):
            cell.width = width
    word.add_paragraph()


def _widths(columns: list[TableColumn], line: float) -> list[Length]:
    free = [column for column in columns if not column["width"]]
    rest = (100 - sum(column["width"] for column in columns)) / max(len(free), 1)
    return [Mm(line * (column["width"] or rest) / 100) for column in columns]


def _write(cell: _Cell, said: TableCell, *, is_bold: bool) -> None:
    paragraph = cell.paragraphs[0]
    run = add_run(paragraph, said["text"], said["lang"])
    run.bold = is_bold or None
    run.font.size = Pt(9)
    if said["num"]:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for line in said["small"]:
        below = cell.add_paragraph() if said["text"] else paragraph
        for piece in line:
            add_small_run(below, piece["text"], piece["lang"])


def _repeat(row: Any) -> None:
    """Repeat the head of a table on each of its pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _hold_together(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _picture(word: Word, block: PrintedPicture) -> None:
    photo = block["photo"]
    if photo:
        shape = word.add_picture(BytesIO(photo.content), width=Mm(PICTURE_WIDTH))
        shape._inline.docPr.set("descr", block["alternative"])
        word.paragraphs[-1].paragraph_format.keep_with_next = True
    else:
        add_small_run(word.add_paragraph(), _("This photograph was withdrawn."))
    add_run(word.add_paragraph(), block["text"], block["lang"])
    for line in block["lines"]:
        add_small_run(word.add_paragraph(), line)


def _signature(word: Word, block: SignatureBlock) -> None:
    word.add_paragraph()
    for line in block["lines"]:
        word.add_paragraph(line).alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _prose(word: Word, text: LocalText, *, top: int = 3) -> None:
    """Write a text that people wrote, through the one function that knows which Markdown is
    allowed."""
    MarkdownParagraphs(word, text["lang"]).feed(str(render_markdown(text["text"], top=top)))
