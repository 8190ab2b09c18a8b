"""Reads texts that people wrote as paragraphs with bold and slanted words, for Word files."""

from html.parser import HTMLParser

from kernel.text import render_markdown
from reports.field_schema import Paragraph

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
BOLD, SLANTED = frozenset({"strong", "b", "th"}), frozenset({"em", "i"})
PARAGRAPHS = HEADINGS | {"p", "li", "tr", "pre"}
LISTS = ("ul", "ol")
DEEPEST = 3  # levels of lists
BULLET = "•"


class MarkdownReader(HTMLParser):
    """Reads the clean HTML of `kernel.text.render_markdown`; another class writes what it finds."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.has_paragraph = False
        self.address = ""
        self.counts: list[int] = []  # the items so far of each list that is open

    def begin(self, heading: int, lists: list[str], number: int) -> None:
        """Begin a paragraph: a heading of that level, or the item of that number in the last of
        the lists, or neither."""
        raise NotImplementedError

    def write(self, text: str, *, bold: bool, italic: bool, address: str) -> None:
        """Write words into the paragraph; `address` is where they lead to, or ""."""
        raise NotImplementedError

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._text("\n")
            return
        self.open.append(tag)
        if tag == "a":
            self.address = dict(attrs).get("href") or ""
        elif tag in LISTS:
            self.counts.append(0)
        elif tag == "li" and self.counts:
            self.counts[-1] += 1
        if tag in PARAGRAPHS and not (tag == "p" and "li" in self.open):
            self._begin()

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            del self.open[len(self.open) - 1 - self.open[::-1].index(tag) :]
        if tag in {"td", "th"}:
            self._text("\t")
        elif tag == "a":
            self.address = ""
        elif tag in LISTS and self.counts:
            self.counts.pop()
        if tag in PARAGRAPHS:
            self.has_paragraph = False

    def handle_data(self, data: str) -> None:
        if data.strip() or self.has_paragraph:
            self._text(data.strip("\n") if not data.strip() else data)

    def _begin(self) -> None:
        levels = [int(tag[1]) for tag in self.open if tag in HEADINGS]
        lists = [tag for tag in self.open if tag in LISTS][:DEEPEST]
        self.begin(levels[0] if levels else 0, lists, self.counts[-1] if self.counts else 0)
        self.has_paragraph = True

    def _text(self, text: str) -> None:
        if not text:
            return
        if not self.has_paragraph:
            self._begin()
        marks = {*self.open}
        self.write(
            text, bold=bool(marks & BOLD), italic=bool(marks & SLANTED), address=self.address
        )


class FormattedParagraphs(MarkdownReader):
    """Collects the paragraphs as data, for the process that fills a donor's template."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language
        self.paragraphs: list[Paragraph] = []

    def begin(self, heading: int, lists: list[str], number: int) -> None:
        mark = f"{number}." if lists and lists[-1] == "ol" else BULLET if lists else ""
        self.paragraphs.append(
            {
                "heading": bool(heading),
                "mark": mark,
                "depth": len(lists),
                "lang": self.language,
                "pieces": [],
            }
        )

    def write(self, text: str, *, bold: bool, italic: bool, address: str) -> None:
        self.paragraphs[-1]["pieces"].append({"text": text, "bold": bold, "italic": italic})


def formatted(text: str, language: str = "") -> list[Paragraph]:
    """Return the paragraphs of a Markdown text; none if it is empty."""
    reader = FormattedParagraphs(language)
    reader.feed(str(render_markdown(text)))
    return reader.paragraphs
