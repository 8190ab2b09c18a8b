"""Documents as plain text, from the same data as the PDF: light for slow telephones, and readable
aloud.

Read from top to bottom it has the content of the PDF. Headings are underlined, each row of a table
is a few lines of label and value, and a passage in another language names that language.
"""

import textwrap
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from typing import assert_never

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from kernel.formats import day
from kernel.text import clean_text, render_markdown
from reports.compose.blocks import pair, words_of
from reports.document_types import (
    Block,
    BoxBlock,
    ComposedDocument,
    Fact,
    FigureBlock,
    HeadingBlock,
    LinePiece,
    ListBlock,
    LocalText,
    NoticeBlock,
    PortalLink,
    ReportDocument,
    SignatureBlock,
    TableBlock,
    TableRow,
)
from reports.figures import charts_of
from reports.glance import glance_blocks

WIDTH = 72
UNDERLINES = {0: "=", 1: "=", 2: "-"}


def text_of(document: ComposedDocument, *, code: str = "", is_draft: bool = False) -> str:
    """Return the whole document, in its language, in lines of at most WIDTH signs unless a word is
    longer.

    `code` is the verification code; a draft has none.
    """
    with translation.override(document["language"]):
        parts = [*_head(document, code, is_draft=is_draft), *_body(document)]
        if code and not is_draft:
            parts += _verification(document, code)
        return clean_text("\n\n".join(part for part in parts if part)) + "\n"


# The frame


def _head(document: ComposedDocument, code: str, *, is_draft: bool) -> Iterator[str]:
    title = document["project"]["title"]
    yield _wrapped(document["organisation"])
    yield _underlined(document["heading"], 0)
    yield _wrapped(document["title"])
    yield _spoken(title) if title else ""
    if is_draft:
        yield _("Draft").upper()
    yield "\n".join(_fact(fact) for fact in document["facts"])
    if code and not is_draft:
        yield pair(_("Verification code"), code)
    if document["illustrative"]:
        yield _wrapped(_("Illustrative document.") + " " + _("It was made up to show the portal."))


def _body(document: ComposedDocument) -> Iterator[str]:
    if "chapters" not in document:
        yield from _blocks(document["blocks"])
        return
    yield from _before_the_chapters(document)
    for chapter in document["chapters"]:
        yield _underlined(f"{chapter['number']}. {chapter['title']}", 1)
        if narrative := chapter["narrative"]:
            yield _prose(narrative)
        yield _cites(chapter["cites"])
        yield from _blocks(chapter["blocks"], below=1)


def _cites(links: list[PortalLink]) -> str:
    """Return the pages in the portal of what a chapter cites; an address is never broken."""
    if not links:
        return ""
    rows = [f"- {link['label']}\n  {settings.SITE_URL}{link['path']}" for link in links]
    return "\n".join([_("In the portal:"), *rows])


def _before_the_chapters(document: ReportDocument) -> Iterator[str]:
    if any((glance := document["glance"]).values()):
        yield _underlined(_("At a glance"), 1)
        yield from _blocks(glance_blocks(glance), below=1)
    if rows := document["identification"]:
        yield _underlined(_("Identification"), 1)
        yield "\n".join(_fact(row) for row in rows)
    if since := document["since"]:
        title = _("What changed since version %(number)s") % {"number": since["version"]}
        yield _underlined(title, 1)
        yield "\n".join(_wrapped(f"- {sentence}", indent=2) for sentence in since["sentences"])
    if blocks := document["acronyms"]:
        yield _underlined(_("Acronyms"), 1)
        yield from _blocks(blocks)


def _verification(document: ComposedDocument, code: str) -> Iterator[str]:
    yield _underlined(_("Verification"), 1)
    address = settings.SITE_URL + reverse("reports:verify-code", args=[code])
    yield f"{pair(_('Verification code'), code)}\n{address}"
    frozen = _("The data of this document were frozen on %(day)s.")
    yield _wrapped(frozen % {"day": day(date.fromisoformat(document["as_of"]))})


# The blocks


def _blocks(blocks: list[Block], *, below: int = 0) -> Iterator[str]:
    """`below` is the number of levels above the headings of the blocks."""
    for block in blocks:
        match block["type"]:
            case "heading":
                yield _heading(block, below)
            case "paragraph":
                yield _spoken(block)
            case "prose":
                yield _prose(block)
            case "notice":
                yield _notice(block)
            case "list":
                yield _list(block)
            case "facts":
                yield "\n".join(_fact(row) for row in block["rows"])
            case "box":
                yield _box(block)
            case "table":
                yield _table(block)
            case "figure":
                yield _figure(block)
            case "signature":
                yield _signature(block)
            case "picture" | "annexes":
                pass  # plain text has neither photographs nor files of papers
            case _:
                assert_never(block)


def _heading(block: HeadingBlock, below: int) -> str:
    over = f"{block['over']}: " if block["over"] else ""
    return _underlined(over + _marked(block), block["level"] + below if block["level"] else 0)


def _notice(block: NoticeBlock) -> str:
    return _wrapped(f"! {block['text']}", indent=2)


def _list(block: ListBlock) -> str:
    return "\n".join(_wrapped(f"- {_marked(row)}", indent=2) for row in block["rows"])


def _fact(row: Fact) -> str:
    return _wrapped(pair(row["label"], row["value"]), indent=2)


def _box(block: BoxBlock) -> str:
    lines = [_wrapped(f"* {_marked(block['title'])}", indent=2)]
    lines += [_wrapped(_marked(block), start=2)] if block["text"] else []
    return "\n".join([*lines, *(_wrapped(_line(line), start=2) for line in block["lines"])])


def _line(pieces: list[LinePiece]) -> str:
    return "".join(_marked(piece) for piece in pieces)


def _figure(block: FigureBlock) -> str:
    """Return the description of the picture, which screen readers read aloud in the PDF."""
    return "\n".join(_wrapped(f"{one.title}. {one.description}") for one in charts_of(block))


def _signature(block: SignatureBlock) -> str:
    return "\n".join(["_" * 30, *(_wrapped(line) for line in block["lines"])])


def _table(block: TableBlock) -> str:
    labels = [column["label"] for column in block["columns"]]
    parts = [_wrapped(block["caption"])] if block["caption"] else []
    parts += [_row(labels, row) for row in block["rows"]]
    return "\n\n".join(part for part in parts if part)


def _row(labels: list[str], row: TableRow) -> str:
    """Return the cell that names the row first, then the others with the heads of their columns."""
    named = [cell for cell in row["cells"] if cell["is_head"]]
    lines = [_wrapped(f"- {_marked(cell)}", indent=2) for cell in named if cell["text"]]
    lines += [_wrapped(line, start=2) for cell in named for line in map(words_of, cell["small"])]
    for label, cell in zip(labels, row["cells"], strict=True):
        if cell["is_head"] or not (cell["text"] or cell["small"]):
            continue
        text = "; ".join(part for part in (_marked(cell), *map(words_of, cell["small"])) if part)
        lines.append(_wrapped(pair(label, text) if label else text, start=2, indent=4))
    return "\n".join(lines)


def _prose(text: LocalText) -> str:
    """Return a text that people wrote, through the one function that knows which Markdown is
    allowed."""
    reader = MarkdownLines()
    reader.feed(str(render_markdown(text["text"])))
    reader.close_block()
    mark = _mark(text)
    return "\n\n".join([*([mark.strip()] if mark else []), *reader.parts])


class MarkdownLines(HTMLParser):
    """Splits the clean HTML of `kernel.text.render_markdown` into paragraphs of text."""

    BLOCKS = frozenset({"p", "li", "tr", "pre", "h1", "h2", "h3", "h4", "h5", "h6"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.words: list[str] = []
        self.lists: list[int | None] = []  # the next number, or None in a list without numbers
        self.bullet = ""
        self.was_item = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"ul", "ol"}:
            self.close_block()
            start = dict(attrs).get("start") or "1"
            self.lists.append(int(start) if tag == "ol" else None)
        elif tag == "li":
            self.close_block()
            self.bullet = self._next_bullet()
        elif tag == "br":
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self.words.append(" · ")
        if tag in self.BLOCKS:
            self.close_block()
        if tag in {"ul", "ol"} and self.lists:
            self.lists.pop()
            self.was_item = bool(self.lists)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def close_block(self) -> None:
        words = " ".join("".join(self.words).split(" ")).strip(" ·\n")
        self.words.clear()
        if not words:
            return
        start = 2 * max(len(self.lists) - 1, 0)
        indent = start + len(self.bullet)
        lines = _wrapped(self.bullet + words, start=start, indent=indent)
        if self.bullet and self.was_item:  # items of a list have no empty line between them
            self.parts[-1] += "\n" + lines
        else:
            self.parts.append(lines)
        self.was_item, self.bullet = bool(self.bullet), ""

    def _next_bullet(self) -> str:
        if not self.lists or self.lists[-1] is None:
            return "- "
        self.lists[-1] += 1
        return f"{self.lists[-1] - 1}. "


# Texts


def _spoken(text: LocalText) -> str:
    return _wrapped(_marked(text)) if text["text"] else ""


def _marked(text: LocalText) -> str:
    return _mark(text) + text["text"]


def _mark(text: LocalText) -> str:
    """Return “[English] ” before a text in another language than the document."""
    if not text["lang"]:
        return ""
    return f"[{dict(settings.LANGUAGES).get(text['lang'], text['lang'])}] "


def _underlined(text: str, level: int) -> str:
    text = _wrapped(text)
    if level not in UNDERLINES:
        return text
    return f"{text}\n{UNDERLINES[level] * max(len(line) for line in text.splitlines() or [''])}"


def _wrapped(text: str, *, start: int = 0, indent: int = 0) -> str:
    """Return the text in lines, without splitting an address or a number and its unit.

    `start` is the indent of the first line, `indent` that of the others.
    """
    lines = []
    for line in text.splitlines():
        lines += textwrap.wrap(
            line,
            WIDTH,
            initial_indent=" " * start,
            subsequent_indent=" " * max(start, indent),
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)
