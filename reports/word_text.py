"""Writes the texts of a Word file: runs with their language, and paragraphs of Markdown."""

from html.parser import HTMLParser
from typing import Any, TypeVar, cast

from docx.document import Document as Word
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from kernel.text import NOT_IN_XML

INK, MUTED = RGBColor(0x08, 0x3D, 0x48), RGBColor(0x4A, 0x5B, 0x66)
# Word's names for the languages and their formats.
LOCALES = {"fr": "fr-CA", "es": "es-HN", "en": "en-CA"}
Data = TypeVar("Data")


def legal(value: Data) -> Data:
    """Return the data without the signs that XML does not allow."""
    return cast(Data, _legal(value))


def _legal(value: object) -> object:
    if isinstance(value, str):
        return NOT_IN_XML.sub("", value)
    if isinstance(value, dict):
        return {key: _legal(each) for key, each in value.items()}
    return [_legal(each) for each in value] if isinstance(value, list) else value


def set_language(properties: Any, language: str) -> None:
    """Mark the language of a passage, for spelling and for screen readers."""
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    lang = OxmlElement("w:lang")
    lang.set(qn("w:val"), LOCALES[language])
    properties.append(lang)


def add_run(paragraph: Paragraph, text: str, language: str = "") -> Run:
    run = paragraph.add_run(text)
    if language:
        set_language(run._r.get_or_add_rPr(), language)
    return run


def add_small_run(paragraph: Paragraph, text: str, language: str = "") -> None:
    run = add_run(paragraph, text, language)
    run.font.size, run.font.color.rgb = Pt(8), MUTED


class MarkdownParagraphs(HTMLParser):
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

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
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
        run = add_run(self.paragraph, text, self.language)
        marks = {*self.open}
        run.bold = bool(marks & self.BOLD) or None
        run.italic = bool(marks & self.SLANTED) or None
