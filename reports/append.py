"""Appends papers to a meeting pack, in a process of its own.

`take` makes clean pages of one uploaded paper (`reports.paper_pages`); `join` puts them behind
their covers. Like `reports.render` it knows no Django and has limits.
"""

import io
import os
import sys
from typing import Any, BinaryIO

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from reports.document_types import AppendedPaper
from reports.paper_pages import DAMAGED, PaperRefused, add_pages, dictionary_of, from_picture
from reports.sandbox import Send


def main(options: dict[str, Any], send: Send) -> int:
    try:
        return PROGRAMS[options["program"]](options, sys.stdout.buffer)
    except PaperRefused as refusal:
        send(failure=str(refusal))
        sys.exit(1)


# One paper


def take(options: dict[str, Any], target: BinaryIO) -> int:
    """Write clean pages of the paper to standard output, and return their number."""
    content = sys.stdin.buffer.read()
    if options["kind"] != "pdf":
        content = from_picture(content)
    writer = PdfWriter()
    add_pages(writer, content, options["most_pages"])
    writer.write(target)
    target.flush()
    return len(writer.pages)


# The pack


def join(options: dict[str, Any], target: BinaryIO) -> int:
    """Write the pack with the pages of each annex behind its cover.

    `options` has `annexes`, each with its file, its anchor, its label and, for each page, the text
    that screen readers read aloud.
    """
    content = io.BytesIO(sys.stdin.buffer.read())
    reader = PdfReader(content)
    writer = PdfWriter(clone_from=content)
    writer.metadata = reader.metadata
    covers = covers_of(reader)
    labels = [(0, "", 1)]
    placed = sorted(options["annexes"], key=lambda annex: covers[annex["anchor"]])
    added = 0
    for annex in placed:
        cover = covers[annex["anchor"]]
        with os.fdopen(annex["file"], "rb") as file:
            pages = list(PdfReader(io.BytesIO(file.read())).pages)
        start = cover + 1 + added
        insert(writer, pages, start, annex)
        labels += [(start, f"{annex['label']}-", 1), (start + len(pages), "", cover + 2)]
        added += len(pages)
    number_pages(writer, [label for label in labels if label[0] < len(writer.pages)])
    writer.write(target)
    target.flush()
    return len(writer.pages)


def covers_of(reader: PdfReader) -> dict[str, int]:
    """Return the number of the page on which each anchor is."""
    places = {
        page.indirect_reference.idnum: place
        for place, page in enumerate(reader.pages)
        if page.indirect_reference
    }
    return {
        name: places[page.idnum]
        for name, to in reader.named_destinations.items()
        if isinstance(page := to.raw_get("/Page"), IndirectObject) and page.idnum in places
    }


def insert(writer: PdfWriter, pages: list[PageObject], start: int, annex: AppendedPaper) -> None:
    """Insert the pages, each as a figure in the structure of the PDF that is read after its
    cover."""
    root = dictionary_of(writer.root_object["/StructTreeRoot"])
    tree = _array(dictionary_of(root["/ParentTree"])["/Nums"])
    whole = _first_kid(root)
    kids = _array(dictionary_of(whole)["/K"])
    place = _after_page(kids, writer.pages[start - 1])
    for number, page in enumerate(pages):
        writer.insert_page(page, start + number)
        added = writer.pages[start + number]
        figure = writer._add_object(_figure(added, whole, annex, number))
        kids.insert(place + number, figure)
        key = max([int(each) for each in tree[::2]], default=-1) + 1
        tree.extend([NumberObject(key), ArrayObject([figure])])
        added[NameObject("/StructParents")] = NumberObject(key)
        added[NameObject("/Tabs")] = NameObject("/S")
        content = DecodedStreamObject()
        drawn = added["/Contents"].get_object()
        if not isinstance(drawn, StreamObject):
            raise TypeError("A page has no drawing")
        content.set_data(b"/Figure <</MCID 0>> BDC\n" + drawn.get_data() + b"\nEMC")
        added[NameObject("/Contents")] = writer._add_object(content)


def _first_kid(root: DictionaryObject) -> IndirectObject:
    """Return the element of the structure that holds the whole document."""
    kids = root.raw_get("/K")
    if not (isinstance(kids, IndirectObject) and not isinstance(kids.get_object(), ArrayObject)):
        kids = _array(kids.get_object())[0]
    if not isinstance(kids, IndirectObject):
        raise TypeError("The structure of the pack has no first element")
    return kids


def _array(thing: PdfObject | None) -> ArrayObject:
    if not isinstance(thing, ArrayObject):
        raise TypeError("The pack has no list where there must be one")
    return thing


def _after_page(kids: ArrayObject, page: PageObject) -> int:
    """Return the position behind the last element of that page."""
    reference = page.indirect_reference
    found = [place for place, kid in enumerate(kids) if _page_of(kid) == reference]
    return (found[-1] if found else len(kids) - 1) + 1


def _page_of(kid: Any) -> Any:
    kid = kid.get_object()
    return kid.raw_get("/Pg") if isinstance(kid, DictionaryObject) and "/Pg" in kid else None


def _figure(
    page: PageObject, whole: IndirectObject, annex: AppendedPaper, number: int
) -> DictionaryObject:
    box = DictionaryObject(
        {
            NameObject("/O"): NameObject("/Layout"),
            NameObject("/Placement"): NameObject("/Block"),
            NameObject("/BBox"): ArrayObject(FloatObject(side) for side in page.mediabox),
        }
    )
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/StructElem"),
            NameObject("/S"): NameObject("/Figure"),
            NameObject("/P"): whole,
            NameObject("/Pg"): page.indirect_reference,
            NameObject("/K"): NumberObject(0),
            NameObject("/Alt"): TextStringObject(annex["spoken"][number]),
            NameObject("/A"): box,
        }
    )


def number_pages(writer: PdfWriter, labels: list[tuple[int, str, int]]) -> None:
    """Label the pages as readers call them: those of the pack by their printed numbers, A1-1 in an
    annex."""
    numbers = ArrayObject()
    for start, prefix, first in labels:
        label = DictionaryObject({NameObject("/S"): NameObject("/D")})
        label[NameObject("/St")] = NumberObject(first)
        if prefix:
            label[NameObject("/P")] = TextStringObject(prefix)
        numbers.extend([NumberObject(start), label])
    labelled = DictionaryObject({NameObject("/Nums"): numbers})
    writer.root_object[NameObject("/PageLabels")] = labelled


# The words of a paper


def words(options: dict[str, Any], target: BinaryIO) -> int:
    """Write the words of the paper to standard output, with a form feed after each page: to find a
    name in it, or for the search."""
    try:
        reader = PdfReader(io.BytesIO(sys.stdin.buffer.read()))
        for page in reader.pages:
            target.write(page.extract_text().encode(errors="replace") + b"\f")
    except (PyPdfError, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError):
        raise PaperRefused(DAMAGED) from None
    target.flush()
    return len(reader.pages)


PROGRAMS = {"take": take, "join": join, "words": words}
