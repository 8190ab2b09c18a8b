"""Documents as Word files, from the same data as the PDF: to work on, not to keep.

They carry no verification code; a draft says so in its header.
"""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as Word
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from kernel.text import render_markdown
from reports.figures import numbered_chapters
from reports.pictures import illustrated, with_pictures

INK, MUTED = RGBColor(0x08, 0x3D, 0x48), RGBColor(0x4A, 0x5B, 0x66)
LINE_WIDTH = 166  # millimetres between the margins
PICTURE_WIDTH = 100
# What Word calls the languages of our formats.
LOCALES = {"fr": "fr-CA", "es": "es-HN", "en": "en-CA"}
RIGHT = frozenset({"right"})
# What XML cannot hold.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def docx_of(document: dict[str, Any], *, is_draft: bool) -> bytes:
    """The file. document: what `reports.compose` made, with its parts in `blocks` or in chapters."""
    document = legal(document)
    with translation.override(document["language"]):
        word = Document()
        _set_up(word, document, is_draft=is_draft)
        _head(word, document)
        _before_the_chapters(word, document)
        chapters = illustrated(document.get("chapters", []))
        for chapter in numbered_chapters(chapters, draws=False):
            _chapter(word, chapter)
        for block in with_pictures(document.get("blocks", [])):
            _write_block(word, block)
        target = BytesIO()
        word.save(target)
        return target.getvalue()


def legal(value: Any) -> Any:
    """The data without the signs that XML cannot hold."""
    if isinstance(value, str):
        return ILLEGAL.sub("", value)
    if isinstance(value, dict):
        return {key: legal(each) for key, each in value.items()}
    return [legal(each) for each in value] if isinstance(value, list) else value


# The frame


def _set_up(word: Word, document: dict[str, Any], *, is_draft: bool) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(24), Mm(20)
    section.top_margin, section.bottom_margin = Mm(25), Mm(20)
    normal = word.styles["Normal"]
    normal.font.name, normal.font.size = "Noto Sans", Pt(10)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "Noto Sans")
    _speak(normal.element.get_or_add_rPr(), document["language"])
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


def _properties(word: Word, document: dict[str, Any]) -> None:
    """Of its data, not of the machine or the person that made the file."""
    known = word.core_properties
    known.title = f"{document['heading']} – {document['title']}"[:255]
    known.author = document["organisation"][:255]
    known.language = LOCALES[document["language"]]
    known.comments = ""
    known.last_modified_by = ""
    made = datetime.fromisoformat(document["as_of"]).replace(tzinfo=UTC)
    known.created = known.modified = made


def _head(word: Word, document: dict[str, Any]) -> None:
    _paragraph(word, {"text": document["organisation"], "lang": "", "style": "small"})
    word.add_heading(document["heading"], 0)
    _paragraph(word, {"text": document["title"], "lang": "", "style": "lead"})
    _fact_table(word, document["facts"])
    if document["illustrative"]:
        text = _("Illustrative document.") + " " + _("It was made to show the portal.")
        _paragraph(word, {"text": text, "lang": "", "style": "small"})


def _fact_table(word: Word, rows: list[dict[str, str]]) -> None:
    table = word.add_table(rows=0, cols=2)
    for row in rows:
        label, value = table.add_row().cells
        _run(label.paragraphs[0], row["label"])
        _run(value.paragraphs[0], row["value"])
        label.width, value.width = Mm(48), Mm(LINE_WIDTH - 48)


def _before_the_chapters(word: Word, document: dict[str, Any]) -> None:
    if rows := document.get("identification"):
        word.add_heading(_("Identification"), 1)
        _fact_table(word, rows)
    if since := document.get("since"):
        title = _("What changed since version %(number)s") % {"number": since["version"]}
        word.add_heading(title, 1)
        for sentence in since["sentences"]:
            word.add_paragraph(sentence, style="List Bullet")
    if parts := document.get("acronyms"):
        word.add_heading(_("Acronyms"), 1)
        for block in parts:
            _write_block(word, block, below=1)


def _field(paragraph: Paragraph, name: str) -> None:
    """A number that Word counts itself."""
    for kind, text in (("begin", ""), ("", name), ("end", "")):
        run = paragraph.add_run()
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run._r.append(mark)


def _speak(properties: Any, language: str) -> None:
    """The language of a passage, for spelling and for who listens."""
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    lang = OxmlElement("w:lang")
    lang.set(qn("w:val"), LOCALES[language])
    properties.append(lang)


# The parts


def _chapter(word: Word, chapter: dict[str, Any]) -> None:
    number = chapter["number"]
    if chapter["is_annex"]:
        number = _("Annex %(letter)s") % {"letter": number}
    _turn(word, is_landscape=chapter["lies"])
    word.add_heading(f"{number}  {chapter['title']}", 1)
    if chapter["narrative"]:
        _prose(word, chapter["narrative"], top=2)
    elif chapter["is_missing"]:
        word.add_paragraph(_("This section is not written yet."), style="Intense Quote")
    for block in chapter["blocks"]:
        _write_block(word, block, below=1)


def _write_block(word: Word, block: dict[str, Any], *, below: int = 0) -> None:
    """below: how many levels of headings stand above the parts."""
    if block["type"] == "heading":
        block = block | {"level": block["level"] + below}
    _turn(word, is_landscape=block.get("landscape", False))
    WRITERS.get(block["type"], _nothing)(word, block)


def _turn(word: Word, *, is_landscape: bool) -> None:
    """Go on with pages that stand or lie, where the last ones did not."""
    last = word.sections[-1]
    if is_landscape == (last.orientation == WD_ORIENT.LANDSCAPE):
        return
    section = word.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE if is_landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = last.page_height, last.page_width


def _nothing(word: Word, block: dict[str, Any]) -> None:
    """Pictures are in the PDF; what they show stands in a table beside them."""


def _heading(word: Word, block: dict[str, Any]) -> None:
    heading = word.add_heading(level=max(block["level"], 1))
    heading.paragraph_format.page_break_before = block["new_page"]
    if block["over"]:
        _small(heading, f"{block['over']}\n")
    _run(heading, block["text"], block["lang"])


def _paragraph(word: Word, block: dict[str, Any]) -> None:
    paragraph = word.add_paragraph()
    style = block["style"].split()
    for piece in block.get("pieces") or [block]:
        run = _run(paragraph, piece["text"], piece["lang"])
        if "small" in style:
            run.font.size, run.font.color.rgb = Pt(8.5), MUTED
        if "lead" in style:
            run.font.size, run.font.color.rgb = Pt(12), INK
    if RIGHT & set(style):
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    paragraph.paragraph_format.keep_with_next = "before" in style


def _run(paragraph: Paragraph, text: str, language: str = "") -> Any:
    run = paragraph.add_run(text)
    if language:
        _speak(run._r.get_or_add_rPr(), language)
    return run


def _notice(word: Word, block: dict[str, Any]) -> None:
    word.add_paragraph(block["text"], style="Intense Quote")


def _list(word: Word, block: dict[str, Any]) -> None:
    for row in block["rows"]:
        _run(word.add_paragraph(style="List Bullet"), row["text"], row["lang"])


def _facts(word: Word, block: dict[str, Any]) -> None:
    for row in block["rows"]:
        paragraph = word.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.add_run(f"{row['label']}  ")
        paragraph.add_run(row["value"]).bold = True


def _box(word: Word, block: dict[str, Any]) -> None:
    cell = word.add_table(rows=1, cols=1, style="Table Grid").rows[0].cells[0]
    first = cell.paragraphs[0]
    _run(first, block["title"]["text"], block["title"]["lang"]).bold = True
    if block["text"]:
        _run(cell.add_paragraph(), block["text"], block["lang"])
    for line in block["lines"]:
        paragraph = cell.add_paragraph()
        for piece in line:
            _small(paragraph, piece["text"], piece["lang"])
    word.add_paragraph()


def _small(paragraph: Paragraph, text: str, language: str = "") -> None:
    run = _run(paragraph, text, language)
    run.font.size, run.font.color.rgb = Pt(8), MUTED


def _table(word: Word, block: dict[str, Any]) -> None:
    if block["caption"]:
        word.add_paragraph(block["caption"], style="Caption")
    columns = block["columns"]
    table = word.add_table(rows=1, cols=len(columns), style="Table Grid")
    table.autofit = False
    section = word.sections[-1]
    line = (section.page_width - section.left_margin - section.right_margin) / Mm(1)
    widths = _widths(columns, line)
    for cell, column in zip(table.rows[0].cells, columns, strict=True):
        cell.paragraphs[0].add_run(column["label"]).bold = True
    _repeat(table.rows[0])
    for row in block["rows"]:
        line = table.add_row()
        _hold_together(line)
        for cell, said in zip(line.cells, row["cells"], strict=True):
            _write(cell, said, is_bold=row["is_total"])
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width
    word.add_paragraph()


def _widths(columns: list[dict[str, Any]], line: float) -> list[Any]:
    free = [column for column in columns if not column["width"]]
    rest = (100 - sum(column["width"] for column in columns)) / max(len(free), 1)
    return [Mm(line * (column["width"] or rest) / 100) for column in columns]


def _write(cell: _Cell, said: dict[str, Any], *, is_bold: bool) -> None:
    paragraph = cell.paragraphs[0]
    run = _run(paragraph, said["text"], said["lang"])
    run.bold = is_bold or None
    run.font.size = Pt(9)
    if said["num"]:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for line in said["small"]:
        _small(cell.add_paragraph() if said["text"] else paragraph, line)


def _repeat(row: Any) -> None:
    """The head of a table on each of its pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _hold_together(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _picture(word: Word, block: dict[str, Any]) -> None:
    photo = block["photo"]
    if photo:
        shape = word.add_picture(BytesIO(photo.content), width=Mm(PICTURE_WIDTH))
        shape._inline.docPr.set("descr", block["alternative"])
        word.paragraphs[-1].paragraph_format.keep_with_next = True
    else:
        _small(word.add_paragraph(), _("This photograph was withdrawn."))
    _run(word.add_paragraph(), block["text"], block["lang"])
    for line in block["lines"]:
        _small(word.add_paragraph(), line)


def _signature(word: Word, block: dict[str, Any]) -> None:
    word.add_paragraph()
    for line in block["lines"]:
        word.add_paragraph(line).alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _prose(word: Word, block: dict[str, Any], *, top: int = 3) -> None:
    """What people wrote, by way of the one function that knows what their Markdown may say."""
    Prose(word, block["lang"]).feed(str(render_markdown(block["text"], top=top)))


class Prose(HTMLParser):
    """Writes the clean HTML of `kernel.text.render_markdown` as paragraphs of Word."""

    STYLES = {"ul": "List Bullet", "ol": "List Number"}
    HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
    BOLD, SLANTED = HEADINGS | {"strong", "b", "th"}, frozenset({"em", "i"})
    PARAGRAPHS = HEADINGS | {"p", "li", "tr", "pre"}

    def __init__(self, word: Word, language: str) -> None:
        super().__init__()
        self.word, self.language = word, language
        self.open: list[str] = []
        self.paragraph: Paragraph | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "br":
            self._text("\n")
            return
        self.open.append(tag)
        if tag in self.PARAGRAPHS and not (tag == "p" and "li" in self.open):
            self.paragraph = self.word.add_paragraph(style=self._style())

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            del self.open[len(self.open) - 1 - self.open[::-1].index(tag) :]
        if tag in {"td", "th"}:
            self._text("\t")
        if tag in self.PARAGRAPHS:
            self.paragraph = None

    def handle_data(self, data: str) -> None:
        if data.strip() or self.paragraph is not None:
            self._text(data)

    def _style(self) -> str | None:
        lists = [tag for tag in self.open if tag in self.STYLES]
        return self.STYLES[lists[-1]] if lists else None

    def _text(self, text: str) -> None:
        if self.paragraph is None:
            self.paragraph = self.word.add_paragraph(style=self._style())
        run = _run(self.paragraph, text, self.language)
        marks = {*self.open}
        run.bold = bool(marks & self.BOLD) or None
        run.italic = bool(marks & self.SLANTED) or None


WRITERS = {
    "heading": _heading,
    "paragraph": _paragraph,
    "prose": _prose,
    "notice": _notice,
    "list": _list,
    "facts": _facts,
    "box": _box,
    "table": _table,
    "picture": _picture,
    "signature": _signature,
}
