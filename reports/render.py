"""Makes a PDF of HTML, in a process of its own: `python -m reports.render OPTIONS`.

HTML comes on standard input, the PDF goes to standard output, and what is being done is told in
lines of JSON on the file `told`. It knows no Django and no database, fetches nothing, and has
limits on time and memory: whatever a text does to the renderer, it happens to this process.
"""

import gc
import json
import logging
import re
import sys
from base64 import b64decode
from collections.abc import Iterator
from typing import Any, BinaryIO

from reports.libraries import missing
from reports.sandbox import NO_LIBRARIES, Tell, limited

PHOTOGRAPH, JPEG = "data:image/jpeg;base64,", b"\xff\xd8\xff"


def main(_options: dict[str, Any], tell: Tell) -> int:
    return write(sys.stdin.buffer.read().decode(), sys.stdout.buffer, tell)


def write(html: str, target: BinaryIO, tell: Tell) -> int:
    """Write the PDF, and say how many pages it has."""
    gc.disable()  # the process is short, and collecting is a fifth of its time
    try:
        from weasyprint import HTML
    except OSError:
        if not missing():
            raise
        tell(failure=NO_LIBRARIES)
        sys.exit(1)

    listen(tell)
    complete_tags()
    tell(stage="layout")
    document = HTML(string=html, url_fetcher=fetcher()).render()
    target.write(document.write_pdf(pdf_variant="pdf/ua-1"))
    target.flush()
    return len(document.pages)


def fetcher() -> Any:
    """Answers no address at all: a document brings all that it shows, photographs too, which are
    JPEGs within their address (`reports.pictures`) and nothing that calls itself so.

    The exception is one that WeasyPrint does not swallow; what asks for an address is no
    document of ours, and there shall be none of it.
    """
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class NothingFetcher(URLFetcher):
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            if (content := photograph(url)) is not None:
                return URLFetcherResponse(url, content, {"Content-Type": "image/jpeg"})
            raise FatalURLFetchingError(f"Documents fetch nothing, not even {url[:200]}")

    return NothingFetcher()


def photograph(url: str) -> bytes | None:
    """The JPEG that the address itself is; None for any other address."""
    if not url.startswith(PHOTOGRAPH):
        return None
    try:
        content = b64decode(url.removeprefix(PHOTOGRAPH), validate=True)
    except ValueError:
        return None
    return content if content.startswith(JPEG) else None


def listen(tell: Tell) -> None:
    """Pass on which page is laid out; WeasyPrint says it to its log."""

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message = record.getMessage()
            if page := re.match(r"Step 5 - Creating layout - Page (\d+)", message):
                tell(stage="layout", page=int(page[1]))
            elif message.startswith("Step 6"):
                tell(stage="writing")

    log = logging.getLogger("weasyprint.progress")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(Listener())


def complete_tags() -> None:
    """Write into the tags what WeasyPrint leaves out of them.

    The language of each passage: WeasyPrint tells that of the whole document alone, so that a
    screen reader would read a Spanish text with a French voice. And what each head of a table is
    the head of, its column or its row. There is no public way to an element's tag yet: this adds
    to the function that makes one. Tests read both back.
    """
    from weasyprint.pdf import tags

    build = tags._build_box_tree

    def completed(box: Any, *rest: Any) -> Iterator[Any]:
        element: Any = getattr(box, "element", None)
        is_passage = element is not None and element.tag != "html"  # which has no tag of its own
        language = element.get("lang") if is_passage else None
        for tag in build(box, *rest):
            if language and "Lang" not in tag:
                tag["Lang"] = tags.pydyf.String(language)
            if tag["S"] == "/TH":
                tag["A"]["Scope"] = "/Row" if element.get("scope") == "row" else "/Column"
            yield tag

    tags._build_box_tree = completed


if __name__ == "__main__":
    sys.exit(limited(json.loads(sys.argv[1]), main))
