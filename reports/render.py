"""Renders HTML as PDF with WeasyPrint, in a process of its own, and mends the tags of the PDF, by which
screen readers read it, where WeasyPrint leaves something out.

HTML comes on standard input, the PDF goes to standard output, and progress is reported in lines of
JSON to the file `messages`. It knows no Django and no database, fetches nothing, and has limits on
time and memory: whatever a text does to the renderer affects this process only.

WeasyPrint has no public access to tags, links and marked content, so this wraps some of its private
functions. `tests/reports/test_accessible_files.py` reads each mended thing back from PDFs, so that
a release which changes them is noticed.
"""

import gc
import logging
import re
import sys
from base64 import b64decode
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, BinaryIO

from reports.libraries import missing
from reports.sandbox import NO_LIBRARIES, Send

HEADINGS = frozenset(f"/H{level}" for level in range(1, 7))
PRINTED = 4  # the flag of an annotation that is shown on paper as well


def mend_tags() -> None:
    complete_tags()
    link_once()
    mark_artifacts()


def complete_tags() -> None:
    """Add the language of each passage, the scope of table heads, and the words of links.

    WeasyPrint writes only the language of the whole document, so a screen reader would read a
    Spanish text with a French voice. It describes a link by the name of its anchor. Where a block
    is above the words of a heading, such as its bar, it makes them a heading inside the heading,
    which would be read twice.
    """
    from weasyprint.pdf import tags

    build = tags._build_box_tree

    def completed(box: Any, parent: Any, *rest: Any) -> Iterator[Any]:
        element: Any = getattr(box, "element", None)
        is_passage = element is not None and element.tag != "html"  # which has no tag of its own
        language = element.get("lang") if is_passage else None
        if annotation := getattr(box, "link_annotation", None):
            words = " ".join("".join(element.itertext()).split())
            annotation["Contents"] = tags.pydyf.String(words or annotation["Contents"].string)
            annotation["F"] = PRINTED
        for tag in build(box, parent, *rest):
            if tag["S"] in {"/NonStruct", "/Span"} and not tag["K"]:
                continue  # an ornament of CSS
            if tag["S"] in HEADINGS and tag["S"] == parent["S"]:
                tag["S"] = "/NonStruct"
            if language and "Lang" not in tag:
                tag["Lang"] = tags.pydyf.String(language)
            if tag["S"] == "/TH":
                tag["A"]["Scope"] = "/Row" if element.get("scope") == "row" else "/Column"
            if tag["S"] == "/Link" and annotation is None:
                tag["S"] = "/Span"  # such as the number of a page that CSS adds to the link
            yield tag

    tags._build_box_tree = completed


def link_once() -> None:
    """Make one link of each link: WeasyPrint makes another of every element inside it, which hangs
    on the tag of that element."""
    from weasyprint import anchors, document

    gather = anchors.gather_anchors

    def gathered(
        box: Any,
        anchors: Any,
        links: Any,
        bookmarks: Any,
        forms: Any,
        parent_matrix: Any = None,
        parent_form: Any = None,
        _parent_link: Any = None,
    ) -> None:
        gather(box, anchors, links, bookmarks, forms, parent_matrix, parent_form)

    anchors.gather_anchors = document.gather_anchors = gathered


def mark_artifacts() -> None:
    """Mark what is repeated on each page as no part of the text: running heads and feet, the
    numbers of pages and the watermark. Boxes in the margins are the only ones without an element.
    Pictures that are hidden from screen readers are no part of it either.
    """
    from weasyprint.pdf import stream, tags

    mark, build = stream.Stream.marked, tags._build_box_tree

    def marked(self: Any, box: Any, tag: str) -> AbstractContextManager[None]:
        if box.element is None:
            return _artifact(self, "Pagination")
        return _artifact(self, "Layout") if is_hidden(box) else mark(self, box, tag)

    def is_hidden(box: Any) -> bool:
        return box.element is not None and box.element.get("aria-hidden") == "true"

    @contextmanager
    def _artifact(self: Any, name: str) -> Iterator[None]:
        if self._tags is not None:
            kind = tags.pydyf.Dictionary({"Type": f"/{name}"})
            self.begin_marked_content("Artifact", kind)
        try:
            yield
        finally:
            if self._tags is not None:
                self.end_marked_content()

    def without_ornaments(box: Any, *rest: Any) -> Iterator[Any]:
        if not (isinstance(box, tags.boxes.MarginBox) or is_hidden(box)):
            yield from build(box, *rest)

    stream.Stream.marked = marked
    tags._build_box_tree = without_ornaments


# The process


PHOTOGRAPH, JPEG = "data:image/jpeg;base64,", b"\xff\xd8\xff"


def main(_options: dict[str, Any], send: Send) -> int:
    return write(sys.stdin.buffer.read().decode(), sys.stdout.buffer, send)


def write(html: str, target: BinaryIO, send: Send) -> int:
    """Write the PDF, and return its number of pages."""
    gc.disable()  # the process is short, and collecting garbage would take a fifth of its time
    try:
        from weasyprint import HTML
    except OSError:
        if not missing():
            raise
        send(failure=NO_LIBRARIES)
        sys.exit(1)

    listen(send)
    mend_tags()
    send(stage="layout")
    document = HTML(string=html, url_fetcher=fetcher()).render()
    target.write(document.write_pdf(pdf_variant="pdf/ua-1"))
    target.flush()
    return len(document.pages)


def fetcher() -> Any:
    """Return photographs that are within their address (`reports.pictures`), and refuse all other
    addresses.

    A document brings all that it shows. WeasyPrint does not swallow this exception: a document that
    asks for an address is not one of the portal's, so it is not rendered at all.
    """
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class NothingFetcher(URLFetcher):
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if (content := photograph(url)) is not None:
                return URLFetcherResponse(url, content, {"Content-Type": "image/jpeg"})
            raise FatalURLFetchingError(f"Documents fetch nothing, not even {url[:200]}")

    return NothingFetcher()


def photograph(url: str) -> bytes | None:
    """Return the JPEG within the address; None for any other address."""
    if not url.startswith(PHOTOGRAPH):
        return None
    try:
        content = b64decode(url.removeprefix(PHOTOGRAPH), validate=True)
    except ValueError:
        return None
    return content if content.startswith(JPEG) else None


def listen(send: Send) -> None:
    """Pass on which page is being laid out, which WeasyPrint writes to its log."""

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message = record.getMessage()
            if page := re.match(r"Step 5 - Creating layout - Page (\d+)", message):
                send(stage="layout", page=int(page[1]))
            elif message.startswith("Step 6"):
                send(stage="writing")

    log = logging.getLogger("weasyprint.progress")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(Listener())
