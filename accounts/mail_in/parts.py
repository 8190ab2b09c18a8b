"""Takes a message apart: its headers as text, its texts, its calendar files.

Anybody can write to the portal, so nothing here trusts what a message says of itself: sizes, depth
and numbers have limits, and a charset that does not exist is read as well as possible.
"""

import codecs
import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

MOST_BYTES = 12_000_000  # with attachments, of which photographs are kept
MOST_PARTS = 100
MOST_DEPTH = 12
MOST_TEXT = 300_000  # characters of one part that are looked at; so many, no further one is
MOST_HEADER = 2_000
MOST_ADDRESSED = 50  # headers of one name in which addresses are looked for
SENDERS = {"From", "Sender"}
MOST_HEAD = 100_000
# Smaller ones inside a text are logos and signs of a signature.
SMALLEST_INLINE = 30_000
PICTURE = re.compile(r"(?i)\.(?:jpe?g|png|webp|hei[cf]|gif|bmp|tiff?)$")
# What mail programs add by themselves, and nobody misses.
ADDED = re.compile(
    r"application/(?:pkcs7-|x-pkcs7-|pgp-|ms-tnef)|text/(?:x-)?vcard|text/x-amp-html"
)

# The parser of the standard library goes down once for each of them.
NESTING = re.compile(rb"(?i)\bboundary\s*=|\bboundary\*|message/")
# The library takes the parameters of these apart in a time that grows with the square of their length:
# two megabytes of semicolons took a minute and a half. A real one has some hundred characters.
LONG_PARAMETERS = re.compile(
    rb"(?i)(?:\A|[\r\n])content-(?:type|disposition)[ \t]*:(?>[^\r\n]|(?:\r\n?|\n)[ \t]){4000}"
)
# The library takes it for the end of a line. Mail servers do not (RFC 5322, 2.2), so a sender could hide
# a header behind one from the server that removes those under its own name.
LONE_RETURN = re.compile(rb"\r(?!\n)")
TEXT_CODECS = re.compile(r"(utf|iso8859|cp\d|koi8|mac|gb|big5|euc|shift|hz|ascii|latin|johab|tis)")


class TooMuch(ValueError):
    """The message is larger or more nested than anybody's answer."""


@dataclass(frozen=True)
class CalendarFile:
    method: str  # that of its type
    text: str
    is_attached: bool  # a person added it to what they wrote


@dataclass
class Parts:
    """What a message consists of. `report` is the text of its machine-readable report."""

    headers: Message
    plain: list[tuple[str, bool]] = field(default_factory=list)  # text, whether its lines flow
    html: list[str] = field(default_factory=list)
    calendars: list[CalendarFile] = field(default_factory=list)
    pictures: list[Message] = field(default_factory=list)
    left_out: int = 0  # other attachments
    report: str = ""
    is_receipt: bool = False  # a disposition notification: somebody opened a message
    is_encrypted: bool = False
    size: int = 0  # characters of plain and html

    def header(self, name: str) -> str:
        return self.all_headers(name)[0] if self.headers.get_all(name) else ""

    def all_headers(self, name: str) -> list[str]:
        return [decoded(str(value)) for value in self.headers.get_all(name, [])]

    def addresses(self, *names: str) -> list[str]:
        """Return the addresses in these headers, in lower case. A name beside one that looks like
        another address is none, and a sender too long to be read is none: what its beginning says is not
        what its end does."""
        found = [
            value[:MOST_HEADER]
            for name in names
            if not (name in SENDERS and self.is_too_long(name))
            for value in self.raw(name)[:MOST_ADDRESSED]
        ]
        pairs = getaddresses(found)
        return [address.strip().casefold() for _name, address in pairs if "@" in address]

    def is_too_long(self, name: str) -> bool:
        """Whether not all of this header is read."""
        values = self.raw(name)
        return len(values) > MOST_ADDRESSED or any(len(value) > MOST_HEADER for value in values)

    def raw(self, name: str) -> list[str]:
        return [str(value) for value in self.headers.get_all(name, [])]


def take_apart(data: bytes) -> Parts:
    """Raises `TooMuch`."""
    if len(data) > MOST_BYTES or len(NESTING.findall(data)) > MOST_PARTS:
        raise TooMuch
    if LONG_PARAMETERS.search(data):
        raise TooMuch
    message = _parsed(data)
    parts = Parts(message)
    budget = [MOST_PARTS * 4]
    _collect(message, parts, 0, budget)
    return parts


def head_of(data: bytes) -> Parts:
    """Return a message without its content, of one that cannot be taken apart."""
    head = re.split(rb"\r?\n\r?\n", data[:MOST_HEAD], maxsplit=1)[0]
    lines = re.split(rb"\r?\n(?![ \t])", head)
    kept = (line for line in lines if not line.lower().startswith(b"content-"))
    return Parts(_parsed(b"\n".join(kept)))


def _parsed(data: bytes) -> Message:
    head, *content = re.split(rb"(\r?\n\r?\n)", data, maxsplit=1)
    whole = b"".join([LONE_RETURN.sub(b" ", head), *content])
    return message_from_bytes(whole, policy=policy.compat32)


def _collect(part: Message, parts: Parts, depth: int, budget: list[int]) -> None:
    budget[0] -= 1
    if depth > MOST_DEPTH or budget[0] < 0:
        raise TooMuch
    kind = part.get_content_type()
    if kind == "message/delivery-status":
        parts.report = parts.report or _whole(part)
    elif kind == "message/disposition-notification":
        parts.is_receipt = True
    elif kind.startswith("message/"):
        # A copy of another message, such as the one that came back, or one that a person attached.
        parts.left_out += part.get_content_disposition() == "attachment"
    elif kind in {"multipart/encrypted", "application/pkcs7-mime", "application/ms-tnef"}:
        parts.is_encrypted = True
    elif part.is_multipart():
        for child in part.get_payload():
            if isinstance(child, Message):
                _collect(child, parts, depth + 1, budget)
    else:
        _collect_leaf(part, kind, parts)


def _collect_leaf(part: Message, kind: str, parts: Parts) -> None:
    name = str(part.get_filename() or "").casefold()
    is_attached = str(part.get_content_disposition() or "") == "attachment"
    if kind in {"text/calendar", "application/ics"} or name.endswith(".ics"):
        method = str(part.get_param("method") or "")
        is_attached = is_attached or kind != "text/calendar"
        parts.calendars.append(CalendarFile(method, text_of(part, unfolded=True), is_attached))
    elif kind.startswith("image/") or PICTURE.search(name):
        if is_attached or _is_large(part):
            parts.pictures.append(part)
    elif is_attached or name:
        parts.left_out += not ADDED.match(kind)
    elif parts.size >= MOST_TEXT:
        return
    elif kind == "text/plain":
        flows = str(part.get_param("format") or "").casefold() == "flowed"
        parts.plain.append((text_of(part), flows))
        parts.size += len(parts.plain[-1][0])
    elif kind == "text/html":
        parts.html.append(text_of(part))
        parts.size += len(parts.html[-1])


def _is_large(part: Message) -> bool:
    return len(str(part.get_payload())) * 3 // 4 >= SMALLEST_INLINE


def text_of(part: Message, *, unfolded: bool = False) -> str:
    """Return the text of a part; `unfolded`: of a calendar, whose lines may break inside a letter."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    if unfolded:
        content = re.sub(rb"\r?\n[ \t]", b"", content)
    if len(content) > MOST_TEXT * 4:
        content = content[: MOST_TEXT * 4].rpartition(b"\n")[0]
    charset = part.get_param("charset")
    name = charset[2] if isinstance(charset, tuple) else charset
    return as_text(content, str(name or ""))[:MOST_TEXT]


def as_text(content: bytes, charset: str) -> str:
    """Read bytes in the charset that they claim, or else in the usual ones. Never raises."""
    for name in (charset, "utf-8"):
        try:
            codec = codecs.lookup(name.strip(" \"'"))
            if codec.name == "ascii":
                continue  # what says so and is not is UTF-8 as a rule
            if TEXT_CODECS.match(codec.name):
                # What says Latin-1 has the quotation marks of Windows in it.
                known = "cp1252" if codec.name == "iso8859-1" else codec.name
                return content.decode(known, errors="strict")
        except (LookupError, ValueError):  # UnicodeDecodeError is one
            continue
    return content.decode("cp1252", errors="replace")


def decoded(value: str) -> str:
    """Return the words of a header, on one line."""
    # The library loses the space at which a header was folded.
    line = " ".join(value[:MOST_HEADER].split())
    try:
        pieces = decode_header(line)
    except (MessageError, ValueError, LookupError):
        pieces = [(line, None)]
    words = (
        piece if isinstance(piece, str) else as_text(piece, charset or "")
        for piece, charset in pieces
    )
    return " ".join("".join(words).split())


def _whole(part: Message) -> str:
    """Return the text of a report, whose blocks the parser takes for messages of their own."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return text_of(part)
    blocks = (
        "\n".join(f"{name}: {' '.join(str(value).split())}" for name, value in block.items())
        for block in payload
        if isinstance(block, Message)
    )
    return "\n\n".join(blocks)[:MOST_TEXT]
