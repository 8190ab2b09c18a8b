"""The words of an answer as lines, for people who compare two versions of a page.

    # Heading
    Text with a [link](/its/address/)
    {select status} {title: what a mouse shows}

Each block of the page is a line, in the order of the page. Whatever differs between two runs of the
same code, such as tokens, is replaced by a sign.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import lxml.etree
import lxml.html
from django.conf import settings
from openpyxl import load_workbook
from pypdf import PdfReader

SKIPPED = {"script", "style", "link", "head", "noscript"}
_INLINE = (
    "a abbr b bdi button cite code data del dfn em i img input ins kbd label mark q s samp small span"
    " strong sub sup time u var wbr"
)
INLINE = frozenset(_INLINE.split())
CELLS = {"td", "th"}
SAID = ("aria-label", "aria-description", "alt", "title", "placeholder", "hx-confirm", "label")
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PLAIN = ("text/", "application/json", "application/xml", "application/manifest+json")
# What differs each time, and what is put in its place.
VOLATILE = (
    (re.compile(r"\b[0-9a-f]{64}\b"), "‹sha256›"),
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"), "‹uuid›"),
    (re.compile(r"(?<=[/=:])[\w-]*:\w{6}:[\w-]{20,}"), "‹signed›"),
    # Of people in the access log, and the seed of a sample.
    (re.compile(r"(?<=[·=] )[0-9a-f]{8}\b"), "‹key›"),
    # With capitals and small letters: no word of ours has so many signs.
    (
        re.compile(r"(?<![\w-])(?=[a-z0-9_-]*[A-Z])(?=[A-Z0-9_-]*[a-z])[A-Za-z0-9_-]{32,}"),
        "‹token›",
    ),
)


def lines_of_answer(answer, *, with_words: bool = True) -> list[str]:
    """The status, the address to which it leads, the kind of file and the words of an answer."""
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if 300 <= answer.status_code < 400:
        return [without_volatile(f"{answer.status_code} to {answer.headers.get('Location', '')}")]
    head = " ".join(filter(None, (str(answer.status_code), kind)))
    if not with_words:
        return [head]
    content = b"".join(answer) if answer.streaming else answer.content
    name = answer.headers.get("Content-Disposition", "")
    named = [f"file: {name}"] if name else []
    return [without_volatile(line) for line in (head, *named, *lines_of(kind, content))]


def lines_of(kind: str, content: bytes) -> list[str]:
    try:
        return [*_lines_of(kind, content)]
    except (zipfile.BadZipFile, lxml.etree.ParserError, OSError, KeyError, ValueError):
        # Files of the world of records hold a few letters, whatever their kind.
        return ["(not readable as that kind of file)"]


def _lines_of(kind: str, content: bytes) -> Iterator[str]:
    if kind == "text/html":
        yield from lines_of_html(content.decode())
    elif kind == WORKBOOK:
        yield from _lines_of_workbook(content)
    elif kind == WORD:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            text = packed.read("word/document.xml").decode()
        yield from _texts(re.sub(r"<[^>]*>", "", re.sub(r"</w:p>|<w:br/>", "\n", text)))
    elif kind == "application/zip":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            yield from sorted(packed.namelist())
    elif kind == "application/pdf" and len(content) > 100:
        for page in PdfReader(io.BytesIO(content)).pages:
            yield from _texts(page.extract_text())
    elif kind.startswith(PLAIN):
        yield from _texts(content.decode("utf-8", "replace"))


def _lines_of_workbook(content: bytes) -> Iterator[str]:
    book = load_workbook(io.BytesIO(content))
    for sheet in book.worksheets:
        yield f"sheet: {sheet.title}"
        for row in sheet.iter_rows():
            if any(cell.value is not None for cell in row):
                yield " | ".join(_one_line(str(cell.value or "")) for cell in row)
            yield from (f"note: {_one_line(cell.comment.text)}" for cell in row if cell.comment)
        for rule in sheet.data_validations.dataValidation:
            found = filter(None, (rule.promptTitle, rule.prompt, rule.errorTitle, rule.error))
            yield from (f"rule: {_one_line(words)}" for words in found)


def _texts(text: str) -> Iterator[str]:
    return filter(None, map(_one_line, text.splitlines()))


def _one_line(text: str) -> str:
    """White space as browsers show it; non-breaking spaces stay, since they are meant."""
    return re.sub(r"[ \t\r\n\f]+", " ", text).strip(" ")


def without_volatile(text: str) -> str:
    for pattern, sign in VOLATILE:
        text = pattern.sub(sign, text)
    return text


# HTML


def lines_of_html(text: str) -> list[str]:
    if not text.strip():
        return []
    root = lxml.html.document_fromstring(text)
    found = [f"lang: {root.get('lang')}"] if root.get("lang") else []
    found += [f"title: {_one_line(each.text_content())}" for each in root.findall(".//head/title")]
    for meta in root.xpath("//meta[@name='description']"):
        found.append(f"description: {_one_line(meta.get('content', ''))}")
    page = _Page()
    page.read(root)
    return found + page.lines


class _Page:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self._line = ""

    def read(self, element) -> None:
        # An icon, which says nothing, would break the line of its link.
        is_icon = element.tag == "svg" and not element.text_content().strip()
        if isinstance(element.tag, str) and element.tag not in SKIPPED and not is_icon:
            self._read_element(element)
        self._say(element.tail)

    def _read_element(self, element) -> None:
        tag = element.tag
        if tag in CELLS:
            self._say(" | " if self._line else "")
        elif tag not in INLINE:
            self._end_line()
        self._say(before(element))
        self._say(element.text)
        for child in element:
            self.read(child)
        self._say(after(element))
        if tag not in INLINE and tag not in CELLS:
            self._end_line()

    def _say(self, words: str | None) -> None:
        self._line += words or ""

    def _end_line(self) -> None:
        if line := _one_line(self._line):
            self.lines.append(line)
        self._line = ""


def before(element) -> str:
    """What stands before the words of an element: what it is, and what it says beside them."""
    get = element.get
    said = [f"{{{name}: {_one_line(get(name))}}} " for name in SAID if get(name)]
    # Sentences that scripts show.
    data = (name for name in element.attrib if name.startswith("data-"))
    said += [f"{{{name}: {_one_line(get(name))}}} " for name in data if " " in get(name).strip()]
    if "hidden" in element.attrib:
        said.insert(0, "{hidden} ")
    return "".join(said) + _mark(element)


def _mark(element) -> str:
    tag, get = element.tag, element.get
    if re.fullmatch(r"h[1-6]", tag):
        return "#" * int(tag[1]) + " "
    if tag == "form":
        return f"{{form {get('method', 'get').lower()} {path_of(get('action', ''))}}}"
    if tag in ("select", "textarea"):
        return f"{{{tag} {get('name', '')}{_state(element)}}} "
    if tag == "input":
        return _input(element)
    if tag == "option":
        return "(x) " if "selected" in element.attrib else "( ) "
    return {"li": "- ", "summary": "> ", "a": "[", "button": "["}.get(tag, "")


def _input(element) -> str:
    kind, name = element.get("type", "text"), element.get("name", "")
    # Those that nobody sees hold keys and stamps.
    value = "" if kind in ("hidden", "password") else element.get("value", "")
    shown = f" = {_one_line(value)}" if value else ""
    return f"{{{kind} {name}{shown}{_state(element)}}} "


def _state(element) -> str:
    states = ("checked", "disabled", "required", "readonly")
    return "".join(f" {state}" for state in states if state in element.attrib)


def after(element) -> str:
    if element.tag == "a":
        return f"]({path_of(element.get('href', ''))})"
    if element.tag == "button":
        name, value = element.get("name", ""), element.get("value", "")
        return f"]({f'button {name}={value}' if name else 'button'}{_state(element)})"
    return ""


def path_of(address: str) -> str:
    """An address of the portal without its host, the others as they are."""
    return address.removeprefix(settings.SITE_URL) or ("/" if address else "")


# Further addresses of a page


def queries_of(text: str, path: str, most: int = 12) -> list[str]:
    """The queries with which a page leads to itself: tabs, the first choice of each filter, its
    second page, and one order of its list."""
    root = lxml.html.document_fromstring(text)
    found = [*_queries_of_links(root, path), *_queries_of_filters(root, path)]
    return list(dict.fromkeys(found))[:most]


def _queries_of_links(root, path: str) -> Iterator[str]:
    seen = set()
    for href in root.xpath("//a/@href"):
        parts = urlsplit(path_of(href))
        if not parts.query or parts.path not in ("", path) or parts.netloc:
            continue
        # Of the rows of a list one is enough.
        pattern = re.sub(r"=\d+(?=&|$)", "=0", parts.query)
        names = {pair.partition("=")[0] for pair in parts.query.split("&")}
        kind = next((name for name in ("lang", "page", "sort") if name in names), pattern)
        if kind in seen or kind == "lang" or (kind == "page" and "page=2" not in parts.query):
            continue
        seen.add(kind)
        yield parts.query


def _queries_of_filters(root, path: str) -> Iterator[str]:
    for form in root.forms:
        if form.method != "GET" or path_of(form.get("action") or "") not in ("", path):
            continue
        for select in form.iter("select"):
            values = [one.get("value") for one in select.iter("option") if one.get("value")]
            if select.get("name") and values:
                yield f"{select.get('name')}={quote(values[0])}"
        for box in form.xpath(".//input[@type='checkbox' and @name]"):
            yield f"{box.get('name')}={box.get('value', 'on')}"
