"""Makes a PDF of HTML, in a process of its own.

HTML comes on standard input, the PDF goes to standard output, and progress is reported in lines of
JSON to the file `messages`. It knows no Django and no database, fetches nothing, and has limits on
time and memory: whatever a text does to the renderer affects this process only.
"""

import gc
import logging
import re
import sys
from base64 import b64decode
from typing import Any, BinaryIO

from reports.libraries import missing
from reports.pdf_tags import mend_tags
from reports.sandbox import NO_LIBRARIES, Send

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
