"""Checks that a Word file holds only text, tables and pictures: no macros, no other files, no
addresses that it fetches from, no document types. It knows no Django.

`kernel.file_contents` has checked that it is a Word file at all; this module reads every part of
it, so it runs in a process with limits (`reports.fill`).
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from lxml import etree

from reports.field_schema import Problem
from reports.template_fields import TemplateRefused, problem

MOST_PARTS = 400
LARGEST_FILE = 40_000_000  # all parts together, unpacked
LARGEST_XML = 6_000_000
MOST_RATIO = 200

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BODY = "word/document.xml"
# The parts that a part may refer to, by the last word of the relationship's type.
ALLOWED = frozenset(
    [
        *("officeDocument", "core-properties", "extended-properties", "custom-properties"),
        *("thumbnail", "styles", "stylesWithEffects", "numbering", "settings", "webSettings"),
        *("fontTable", "font", "theme", "header", "footer", "footnotes", "endnotes"),
        *("comments", "commentsExtended", "commentsIds", "commentsExtensible", "people"),
        *("image", "hyperlink", "customXml", "customXmlProps", "glossaryDocument"),
        *("intelligence", "classificationlabels", "printerSettings"),
        *("diagramData", "diagramLayout", "diagramQuickStyle", "diagramColors", "diagramDrawing"),
    ]
)
LINK = re.compile(r"(https?://|mailto:)[^\s{}]+\Z", re.IGNORECASE)
# Fields of Word that fetch or start something else; a page number is a field, too.
FETCHING = re.compile(
    r"\b(DDE|DDEAUTO|INCLUDEPICTURE|INCLUDETEXT|IMPORT|LINK|EMBED|RTD|DATABASE|MACROBUTTON|CONTROL"
    r"|HTMLACTIVEX|ADDIN|PRINT|FILLIN|ASK|RD|INCLUDE)\b",
    re.IGNORECASE,
)
MACROS = re.compile(rb"macroEnabled|vbaProject|activeX", re.IGNORECASE)
STRANGE = (".ole", ".html", ".htm", ".mht", ".rtf", ".docx", ".xlsx", ".svg", ".exe", ".js")
# Elements of the text that bring other files in.
FOREIGN = ("altChunk", "object", "control", "subDoc", "movie", "OLEObject", "mailMerge")
ADDRESSES = frozenset({"src", "href", "althref"})
MARK = re.compile(r"\{[{%#]")


def check_package(content: bytes) -> None:
    """Raise TemplateRefused with all problems of the file."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = list(_problems(archive))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError):
        raise TemplateRefused([problem("damaged")]) from None
    if found:
        raise TemplateRefused(found)


def _problems(archive: zipfile.ZipFile) -> Iterator[Problem]:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > MOST_PARTS or unpacked > LARGEST_FILE:
        yield problem("too_large")
        return
    if unpacked > 2_000_000 and unpacked > MOST_RATIO * max(packed, 1):
        yield problem("too_large")
        return
    names = [entry.filename for entry in entries]
    if BODY not in names or "[Content_Types].xml" not in names or len(set(names)) < len(names):
        yield problem("not_word")
        return
    for entry in entries:
        lower = entry.filename.lower()
        if MACROS.search(lower.encode()):
            yield problem("macros")
        elif "/embeddings/" in lower or lower.endswith(STRANGE):
            yield problem("embedded", entry.filename.rpartition("/")[2])
        elif lower.endswith((".xml", ".rels", ".vml")):
            yield from _problems_of_part(entry.filename, entry, archive)


def _problems_of_part(
    name: str, entry: zipfile.ZipInfo, archive: zipfile.ZipFile
) -> Iterator[Problem]:
    if entry.file_size > LARGEST_XML:
        yield problem("too_large")
        return
    content = archive.read(entry)
    tree = read_xml(content)
    if tree is None:
        yield problem("document_type" if has_document_type(content) else "damaged")
    elif name == "[Content_Types].xml":
        if MACROS.search(content):
            yield problem("macros")
    elif name.endswith(".rels"):
        yield from _references(tree)
    elif name.startswith("word/"):
        yield from _contents(name, tree)


def has_document_type(content: bytes) -> bool:
    """Whether the part declares a document type, in any encoding; a Word file has no use for
    entities."""
    plain = content.replace(b"\x00", b"").upper()
    return b"<!DOCTYPE" in plain or b"<!ENTITY" in plain


def read_xml(content: bytes) -> etree._Element | None:
    if has_document_type(content):
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        tree = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    document = tree.getroottree().docinfo
    return None if document.doctype or document.internalDTD is not None else tree


def _references(tree: etree._Element) -> Iterator[Problem]:
    """Return what a part refers to: other parts of known kinds, and addresses to click on."""
    for each in tree.iter("{*}Relationship"):
        kind = (each.get("Type") or "").rpartition("/")[2]
        target = each.get("Target") or ""
        if kind == "attachedTemplate":
            yield problem("attached", target)
        elif kind not in ALLOWED:
            yield problem("embedded", kind)
        elif (each.get("TargetMode") or "").lower() == "external":
            if kind != "hyperlink" or not LINK.match(target):
                yield problem("external", target)
        elif ":" in target or target.startswith(("//", "\\")):
            yield problem("external", target)


def _contents(name: str, tree: etree._Element) -> Iterator[Problem]:
    for each in FOREIGN:
        if next(tree.iter("{*}" + each), None) is not None:
            yield problem("embedded", each)
    for element in tree.iter(etree.Element):
        for attribute, value in element.attrib.items():
            if attribute.rpartition("}")[2] in ADDRESSES and ":" in value:
                yield problem("external", value)
    # Word may split the text of a field into pieces.
    told = "".join(each.text or "" for each in tree.iter(f"{W}instrText", f"{W}delInstrText"))
    told += " ".join(each.get(f"{W}instr") or "" for each in tree.iter(f"{W}fldSimple"))
    if found := FETCHING.search(told):
        yield problem("fetching", found[0].upper())
    elif MARK.search(told):
        yield problem("in_field")
    if name.startswith(("word/endnotes", "word/comments", "word/glossary")):
        words = "".join(tree.itertext())
        if MARK.search(words):
            yield problem("elsewhere")
