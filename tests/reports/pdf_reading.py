"""Reads a PDF back: its tags, languages, fonts and text."""

import io
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any

from pypdf import PdfReader

from reports.pdf import rendered


class Pdf:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.reader = PdfReader(io.BytesIO(content))
        self.catalog = self.reader.trailer["/Root"]

    def text(self) -> str:
        return "\n".join(page.extract_text() for page in self.reader.pages)

    def tags(self) -> Iterator[Any]:
        """Every element of the structure, in reading order."""
        yield from self.below(self.catalog["/StructTreeRoot"])

    def below(self, node: Any) -> Iterator[Any]:
        """Every element below that one, in reading order."""
        kids = node.get("/K", [])
        for kid in kids if isinstance(kids, list) else [kids]:
            kid = kid.get_object() if hasattr(kid, "get_object") else kid
            if isinstance(kid, dict) and "/S" in kid:
                yield kid
                yield from self.below(kid)

    def tagged(self, *kinds: str) -> list[Any]:
        return [tag for tag in self.tags() if tag["/S"] in {f"/{kind}" for kind in kinds}]

    def bookmarks(self) -> list[Any]:
        def titles(entries: list[Any]) -> list[Any]:
            return [titles(e) if isinstance(e, list) else e.title for e in entries]

        return titles(self.reader.outline)

    def links(self) -> list[str]:
        """The addresses to which it leads, inner links left out."""
        marks = [
            mark.get_object() for page in self.reader.pages for mark in page.get("/Annots", [])
        ]
        actions = [mark["/A"].get_object() for mark in marks if "/A" in mark]
        return [str(action["/URI"]) for action in actions if "/URI" in action]

    def inner_links(self) -> set[str]:
        """The places of the document itself to which it leads."""
        marks = [
            mark.get_object() for page in self.reader.pages for mark in page.get("/Annots", [])
        ]
        actions = [mark["/A"].get_object() for mark in marks if "/A" in mark]
        places = [mark["/Dest"] for mark in marks if "/Dest" in mark]
        return {str(place) for place in [*places, *(a["/D"] for a in actions if "/D" in a)]}

    def _font_objects(self) -> Iterator[Any]:
        for page in self.reader.pages:
            for font in page["/Resources"].get("/Font", {}).values():
                yield font.get_object()

    def fonts(self) -> set[str]:
        return {font["/BaseFont"].removeprefix("/") for font in self._font_objects()}

    def all_fonts_are_embedded(self) -> bool:
        descendants = [f["/DescendantFonts"][0].get_object() for f in self._font_objects()]
        descriptors = [one["/FontDescriptor"].get_object() for one in descendants]
        return all({"/FontFile2", "/FontFile3"} & descriptor.keys() for descriptor in descriptors)

    def holds(self, words: str) -> bool:
        """Whether the bytes hold the words, also compressed or as an attachment."""
        wanted = words.encode()
        if wanted in self.content or wanted in self.text().encode():
            return True
        return any(wanted in stream for stream in self._streams())

    def _streams(self) -> Iterator[bytes]:
        for part in self.content.split(b"stream\n")[1:]:
            raw = part.split(b"\nendstream")[0]
            try:
                yield zlib.decompress(raw)
            except zlib.error:
                yield raw


def render(html: str) -> Pdf:
    """What the renderer, a process of its own, makes of the HTML now."""
    with rendered(html, lambda stage, page: None) as pdf:
        return Pdf(pdf.content.read())


render_once = cache(render)
"""Equal HTML gives equal bytes (`test_structure`), and to make them takes seconds: tests that only
read the file share it."""
