"""Writes the texts of a Word file: runs with their language, places and links to them, and paragraphs
of Markdown."""

import re
from typing import Any, TypeVar, cast

from docx.document import Document as Word
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from kernel.xml_text import xml_text
from reports.word_fields import MarkdownReader

INK, MUTED = RGBColor(0x08, 0x3D, 0x48), RGBColor(0x4A, 0x5B, 0x66)
LINKED = RGBColor(0x0B, 0x55, 0x63)
# Word's names for the languages and their formats.
LOCALES = {"fr": "fr-CA", "es": "es-HN", "en": "en-CA"}
LONGEST_PLACE = 40  # letters of the name of a bookmark
Data = TypeVar("Data")


def legal(value: Data) -> Data:
    """Return the data without the signs that XML does not allow."""
    return cast(Data, _legal(value))


def _legal(value: object) -> object:
    if isinstance(value, str):
        return xml_text(value)
    if isinstance(value, dict):
        return {key: _legal(each) for key, each in value.items()}
    return [_legal(each) for each in value] if isinstance(value, list) else value


def element(tag: str, /, **values: str) -> Any:
    """Return an element of a Word file with the values of its attributes."""
    return OxmlElement(f"w:{tag}", {qn(f"w:{key}"): value for key, value in values.items()})


def set_language(properties: Any, language: str) -> None:
    """Mark the language of a passage, for spelling and for screen readers."""
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    properties.append(element("lang", val=LOCALES[language]))


def add_run(paragraph: Paragraph, text: str, language: str = "") -> Run:
    run = paragraph.add_run(text)
    if language:
        set_language(run._r.get_or_add_rPr(), language)
    return run


def add_small_run(paragraph: Paragraph, text: str, language: str = "") -> None:
    run = add_run(paragraph, text, language)
    run.font.size, run.font.color.rgb = Pt(8), MUTED


# Places and links


def place_name(anchor: str) -> str:
    """Return the name of the bookmark of an anchor; one that begins with “_” is in no list of Word."""
    return f"_{re.sub(r'[^0-9A-Za-z]', '_', anchor)}"[:LONGEST_PLACE]


def mark_place(paragraph: Paragraph, anchor: str) -> None:
    """Let links lead to the beginning of this paragraph."""
    if not anchor:
        return
    paragraph._p.append(element("bookmarkStart", name=place_name(anchor)))
    paragraph._p.append(element("bookmarkEnd"))


def add_piece(paragraph: Paragraph, text: str, language: str = "", to: str = "") -> list[Run]:
    """Write a text that may lead to an anchor in the same document."""
    run = add_run(paragraph, text, language)
    if to and text:
        _wrap(element("hyperlink", anchor=place_name(to)), run)
    return [run] if text else []


def link_to_address(paragraph: Paragraph, run: Run, address: str) -> None:
    """Let the run lead to a page or a mail address."""
    key = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    _wrap(OxmlElement("w:hyperlink", {qn("r:id"): key}), run)


def _wrap(link: Any, run: Run) -> None:
    run.font.color.rgb = LINKED
    run._r.addprevious(link)
    link.append(run._r)


def finish_links(word: Word) -> None:
    """Number the places, and leave out each link to one that was not written: its words remain."""
    body = word.element.body
    places: dict[str, Any] = {}
    begins, ends = (list(body.iter(qn(f"w:bookmark{name}"))) for name in ("Start", "End"))
    for number, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        if places.setdefault(begin.get(qn("w:name")), begin) is not begin:
            begin.getparent().remove(begin)  # a name leads to one place
            end.getparent().remove(end)
            continue
        begin.set(qn("w:id"), str(number))
        end.set(qn("w:id"), str(number))
    for link in list(body.iter(qn("w:hyperlink"))):
        anchor = link.get(qn("w:anchor"))
        if anchor is None or anchor in places:
            continue
        for run in list(link):
            link.addprevious(run)
        link.getparent().remove(link)


# Markdown


class MarkdownParagraphs(MarkdownReader):
    """Writes the clean HTML of `kernel.text.render_markdown` as paragraphs of Word."""

    STYLES = {"ul": "List Bullet", "ol": "List Number"}
    LOWEST = 4  # level of headings in the pane for navigation

    def __init__(self, word: Word, language: str) -> None:
        super().__init__()
        self.word, self.language = word, language
        self.paragraph: Paragraph
        self.numberings: dict[int, str] = {}

    def begin(self, heading: int, lists: list[str], number: int) -> None:
        if heading:
            self.paragraph = self.word.add_paragraph(style=f"Heading {min(heading, self.LOWEST)}")
            return
        if not lists:
            self.paragraph = self.word.add_paragraph()
            return
        style, depth = self.STYLES[lists[-1]], len(lists)
        self.paragraph = self.word.add_paragraph(style=f"{style} {depth}" if depth > 1 else style)
        if lists[-1] == "ol" and depth == 1:
            if number == 1:
                self.numberings[depth] = new_numbering(self.word)
            number_with(self.paragraph, self.numberings[depth])

    def write(self, text: str, *, bold: bool, italic: bool, address: str) -> None:
        to = address.removeprefix("#") if address.startswith("#") else ""
        for run in add_piece(self.paragraph, text, self.language, to):
            run.bold, run.italic = bold or None, italic or None
            if address and not to:
                link_to_address(self.paragraph, run, address)


def new_numbering(word: Word) -> str:
    """Return the number of a numbering that begins with 1: by itself Word goes on where the list
    before ended."""
    numberings: Any = word.part.numbering_part.element
    used = word.styles["List Number"].element.pPr.numPr.numId.val
    known = next(one for one in numberings.num_lst if one.numId == used)
    made = numberings.add_num(known.abstractNumId.val)
    made.add_lvlOverride(ilvl=0).add_startOverride(1)
    return str(made.numId)


def number_with(paragraph: Paragraph, number: str) -> None:
    known: Any = paragraph._p.get_or_add_pPr()  # whose types do not know numberings
    properties = known.get_or_add_numPr()
    properties.get_or_add_ilvl().val = 0
    properties.get_or_add_numId().val = int(number)
