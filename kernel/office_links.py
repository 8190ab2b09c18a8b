"""Whether a Word, Excel or OpenDocument file refers to something at another place, which its program
may fetch when somebody opens it: so the place learns who reads the file, and when.

Links that a reader follows by a click are no harm.
"""

import re
import zipfile
from collections.abc import Callable
from xml.parsers import expat

MAX_XML = 40_000_000  # in all parts that are read
ELSEWHERE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|[\\/]{2})", re.IGNORECASE)
CLICKED = {
    "urn:oasis:names:tc:opendocument:xmlns:text:1.0 a",
    "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0 a",
    # A field that opens a page, and who wrote the document.
    "urn:oasis:names:tc:opendocument:xmlns:form:1.0 button",
}
XLINK = "http://www.w3.org/1999/xlink href"

Attributes = dict[str, str]
IsOutside = Callable[[str, Attributes], bool]


class UnreadablePart(Exception):
    """A part is no XML, or there is too much of it."""


def package_links_outside(archive: zipfile.ZipFile) -> bool:
    """Ask all parts that hold relationships, of whatever part of a Word or Excel file."""
    names = [each for each in archive.namelist() if each.lower().endswith(".rels")]
    return _any_is(archive, names, _is_outside_relationship)


def open_document_links_outside(archive: zipfile.ZipFile) -> bool:
    names = [each for each in archive.namelist() if each.lower().endswith((".xml", ".rdf"))]
    return _any_is(archive, names, _is_outside_reference)


def _is_outside_relationship(tag: str, attributes: Attributes) -> bool:
    kind = attributes.get("Type", "")
    if tag.rpartition(" ")[2] != "Relationship" or kind.endswith("/hyperlink"):
        return False
    is_external = attributes.get("TargetMode", "").strip().lower() == "external"
    return is_external or bool(ELSEWHERE.match(attributes.get("Target", "")))


def _is_outside_reference(tag: str, attributes: Attributes) -> bool:
    return tag not in CLICKED and bool(ELSEWHERE.match(attributes.get(XLINK, "")))


def _any_is(archive: zipfile.ZipFile, names: list[str], is_outside: IsOutside) -> bool:
    found = False

    def started(tag: str, attributes: Attributes) -> None:
        nonlocal found
        found = found or is_outside(tag, attributes)

    left = MAX_XML
    for name in names:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = started
        parser.StartDoctypeDeclHandler = _refuse  # entities may hide a reference
        try:
            with archive.open(name) as part:
                while chunk := part.read(1 << 16):
                    left -= len(chunk)
                    if left < 0:
                        raise UnreadablePart
                    parser.Parse(chunk)
                parser.Parse(b"", True)
        except (expat.ExpatError, zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
            raise UnreadablePart from error
    return found


def _refuse(*_declared: object) -> None:
    raise UnreadablePart
