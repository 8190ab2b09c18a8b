"""Whether a file is a PDF from its beginning to its end, and nothing else behind it."""

import io
import re
from typing import Any

# What may follow the mark of an end: another revision of the document, or nothing.
WHITESPACE = b"\x00\t\n\x0c\r \x1a"
REVISION = re.compile(rb"[0-9]+\s+[0-9]+\s+obj\b|xref\b|startxref\b|%%EOF")
END = b"%%EOF"
MOST_ENDS = 1_000
MOST_OBJECTS = 100_000
MOST_READS = 300_000  # of the parser, which reads little at a time
DEEPEST = 50  # levels of the tree of pages, down to the first page


def goes_on_after_end(data: bytes) -> bool:
    """Whether something else follows an end of the file, such as a web page, which some programs
    would show."""
    start = data.find(END)
    for _round in range(MOST_ENDS):
        if start < 0:
            return False
        rest = data[start + len(END) : start + len(END) + 2048].lstrip(WHITESPACE)
        if rest and not REVISION.match(rest):
            return True
        start = data.find(END, start + len(END))
    return True


class _FewReads(io.BytesIO):
    """Bounds the time of the parser, whatever a file makes it do."""

    left = MOST_READS

    def read(self, size: int | None = -1, /) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise ValueError
        return super().read(size)


def is_pdf(data: bytes) -> bool:
    """Whether a parser finds the catalogue and a page in it."""
    from pypdf import PdfReader  # noqa: PLC0415  (slow to load, for few requests)

    if data.count(b" obj") > MOST_OBJECTS or data.count(b"trailer") > MOST_ENDS:
        return False
    try:
        catalogue: Any = PdfReader(_FewReads(data)).trailer["/Root"]
        node = catalogue["/Pages"]
        for _level in range(DEEPEST):
            if node.get("/Type") == "/Page":
                return True
            node = node["/Kids"][0].get_object()
    except Exception:  # a damaged file makes the parser raise whatever it stumbles over
        return False
    return False
