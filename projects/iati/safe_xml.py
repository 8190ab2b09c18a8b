"""Parses XML from strangers safely, or refuses it with a sentence.

No document type is accepted, so there are no entities to expand and nothing to fetch; the options of
the parser forbid it as well. The text is decoded here, counted while it is parsed, and limited in
bytes, depth and elements, so that no file needs more memory than a few times its own small size.
"""

import codecs
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from lxml import etree

from kernel.formats import file_size, number

MAX_BYTES = 5_000_000
MAX_DEPTH = 40
MAX_ELEMENTS = 100_000
PIECE = 1 << 16

_DECLARATION = re.compile(r"<\?xml(\s[^>]*?)\?>")
_ENCODING = re.compile(r"""\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
_DOCTYPE = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# Without a byte order mark UTF-16 is known by how it encodes the first two characters.
_STARTS = {"<?".encode("utf-16-le"): "utf-16-le", "<?".encode("utf-16-be"): "utf-16-be"}
_KNOWN = {"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252"}
_PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")


class UnreadableFile(ValueError):
    """Raised for a file that cannot be read at all; the text says why and what to do."""

    def __init__(self, sentence: str, line: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.line = sentence, line


class TooDeep(UnreadableFile):
    """Elements are nested more deeply than in any honest file."""


class TooManyElements(UnreadableFile):
    pass


def parse(content: bytes) -> etree._Element:
    """Returns the root of the file. Raises UnreadableFile."""
    text = decoded(content)
    if found := _DOCTYPE.search(text):
        raise UnreadableFile(
            _(
                "This file declares a document type or entities, which IATI files do not need and "
                "which can do harm. Save it without them."
            ),
            text.count("\n", 0, found.start()) + 1,
        )
    parser = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    guard = _SizeGuard()
    try:
        for piece in _pieces(text):
            parser.feed(piece)
            guard.follow(parser)
        return parser.close()
    except etree.XMLSyntaxError as error:
        raise _not_well_formed(error, parser) from None


def decoded(content: bytes) -> str:
    """Returns the text of a file in one of the usual encodings. Raises UnreadableFile."""
    if len(content) > MAX_BYTES:
        raise UnreadableFile(
            _("This file is %(size)s; upload one of at most %(limit)s.")
            % {"size": file_size(len(content)), "limit": file_size(MAX_BYTES)}
        )
    if content.startswith(_PACKED):
        raise UnreadableFile(_("This file is packed; unpack it and upload the XML file itself."))
    encoding, rest = _encoding_of(content)
    try:
        text = rest.decode(encoding)
    except UnicodeDecodeError as error:
        line = rest.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(
            _("This file is not in the encoding that it states (%(name)s); save it again as UTF-8.")
            % {"name": encoding},
            line,
        ) from None
    if not text.lstrip().startswith("<"):
        raise UnreadableFile(_("This is not an XML file; upload the IATI file itself."))
    # The declared encoding no longer applies to the decoded text.
    return _DECLARATION.sub("", text.lstrip("\ufeff"), count=1)


def _encoding_of(content: bytes) -> tuple[str, bytes]:
    for mark, encoding in _MARKS.items():
        # UTF-32 (little endian) begins with the mark of UTF-16, then two zero bytes.
        if content.startswith(mark) and content[2:4] != b"\x00\x00":
            return encoding, content[len(mark) :]
    if utf_16 := _STARTS.get(content[:4]):
        return utf_16, content
    head = content[:300].decode("latin-1")
    declared = _ENCODING.search(head.partition("?>")[0]) if head.startswith("<?xml") else None
    name = declared[1] if declared else "utf-8"
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        encoding = ""
    if encoding not in _KNOWN:
        raise UnreadableFile(
            _("The encoding “%(name)s” cannot be read; save the file again as UTF-8.")
            % {"name": name[:40]}
        )
    return encoding, content


def _pieces(text: str) -> Iterator[bytes]:
    yield b'<?xml version="1.0" encoding="UTF-8"?>'
    for start in range(0, len(text), PIECE):
        # A lone surrogate cannot be encoded; the parser refuses its replacement with a line number.
        yield text[start : start + PIECE].encode("utf-8", "replace")


class _SizeGuard:
    """Counts depth and elements while a file is parsed, beside the parser's own limits."""

    def __init__(self) -> None:
        self.depth = self.elements = 0

    def follow(self, parser: etree.XMLPullParser) -> None:
        for event, element in parser.read_events():
            self.depth += 1 if event == "start" else -1
            self.elements += event == "start"
            if self.depth > MAX_DEPTH:
                raise _too_deep(element.sourceline)
        if self.elements > MAX_ELEMENTS:
            raise TooManyElements(
                _("This file has more than %(limit)s elements; upload one activity at a time.")
                % {"limit": number(MAX_ELEMENTS)}
            )


def _too_deep(line: int | None) -> TooDeep:
    sentence = _(
        "Elements of this file are nested too deeply for IATI; check the program that wrote it."
    )
    return TooDeep(sentence, line)


def _not_well_formed(error: etree.XMLSyntaxError, parser: etree.XMLPullParser) -> UnreadableFile:
    """Reports the first error, since the exception of the parser may be about the last one."""
    first = next(iter(parser.feed_error_log), None)
    reason, line = (first.message, first.line) if first else (str(error.msg), error.lineno)
    if "Excessive depth" in reason:
        return _too_deep(line)
    sentence = _("This file is not well-formed XML: %(reason)s.")
    return UnreadableFile(sentence % {"reason": reason[:200].rstrip(".")}, line or None)
