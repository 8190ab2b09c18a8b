"""Writes and reads texts to translate as a PO file of GNU gettext."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from lxml import etree

from ibcr_portal.translating.queue import Item, State
from kernel.refusal import Refusal
from kernel.xml_text import xml_text
from projects.iati.safe_xml import TooDeep, TooManyElements, UnreadableFile, decoded, parse

# --- Units ---
#
# What a file for an outside translator holds: units, and what is refused in a file that came back.

MAX_BYTES = 1_000_000
MAX_UNITS = 5_000


class Unit(NamedTuple):
    """One text, as it is written into a file or read from one."""

    key: str
    source_language: str
    source: str
    target: str
    note: str = ""
    is_draft: bool = False


class UnreadableTranslations(Refusal):
    """A file that cannot be read as a whole; the sentence says why and what to do."""


def unit_of(item: Item) -> Unit:
    return Unit(
        item.text.key,
        item.text.origin,
        xml_text(item.text.source),
        xml_text(item.now),
        f"{item.text.label} · {item.need_label}",
        is_draft=item.state in (State.DRAFT, State.STALE),
    )


# --- Po ---

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"\s*\Z')
_KEYWORD = re.compile(r"(msgctxt|msgid|msgstr)\s+(?=\")")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_LANGUAGE = re.compile(r"^Language:\s*(\w\w)\s*$", re.MULTILINE)


def write_po(units: Iterable[Unit], project: str, language: str) -> bytes:
    head = (
        f"Project-Id-Version: {project}\nLanguage: {language}\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n"
    )
    blocks = [f'msgid ""\nmsgstr {_quoted(head)}\n', *map(_block, units)]
    return "\n".join(blocks).encode()


def _block(unit: Unit) -> str:
    lines = [f"#. {' '.join(unit.note.split())}", f"#. source-language: {unit.source_language}"]
    if unit.is_draft and unit.target:
        lines.append("#, fuzzy")
    lines += [
        f"msgctxt {_quoted(unit.key)}",
        f"msgid {_quoted(unit.source)}",
        f"msgstr {_quoted(unit.target)}",
    ]
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    lines = escaped.replace("\r", "\\r").split("\n")
    if len(lines) == 1:
        return f'"{lines[0]}"'
    ended = [f'"{line}\\n"' for line in lines[:-1]] + ([f'"{lines[-1]}"'] if lines[-1] else [])
    return "\n".join(['""', *ended])


def read_po(content: bytes) -> tuple[str, list[Unit]]:
    """Return the language of the translations and the units. Raises UnreadableTranslations."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableTranslations(
            _("This file is not in UTF-8; save it again in that encoding.")
        ) from error
    language, units = "", []
    for entry in _entries(text):
        if not entry.get("msgid"):
            found = _LANGUAGE.search(entry.get("msgstr", ""))
            language = found.group(1) if found else language
            continue
        units.append(_unit(entry))
        if len(units) > MAX_UNITS:
            raise UnreadableTranslations(
                _("This file has more than %(most)s texts; divide it.") % {"most": MAX_UNITS}
            )
    if not units and not language:
        raise UnreadableTranslations(
            _("This is not a PO file. Export the queue and translate that file.")
        )
    return language, units


def _unit(entry: dict[str, Any]) -> Unit:
    return Unit(
        entry.get("msgctxt", ""),
        "",
        entry["msgid"],
        entry.get("msgstr", ""),
        is_draft=bool(entry.get("fuzzy")),
    )


def _entries(text: str) -> Iterator[dict[str, Any]]:
    entry: dict[str, Any] = {}
    key = ""
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        line = line.strip(" \t\r")
        if not line or line.startswith("#"):
            if "msgstr" in entry:
                yield entry
                entry, key = {}, ""
            if line.startswith("#,") and "fuzzy" in line:
                entry["fuzzy"] = True
            continue
        if found := _KEYWORD.match(line):
            if found.group(1) != "msgstr" and "msgstr" in entry:
                yield entry
                entry = {}
            key, line = found.group(1), line[found.end() :]
            entry[key] = ""
        string = _STRING.match(line)
        if string is None or not key:
            raise UnreadableTranslations(
                _(
                    "Line %(number)s of this file is not as PO files are written. "
                    "Export the queue again and translate that file."
                )
                % {"number": number}
            )
        entry[key] += re.sub(r"\\(.)", _unescaped, string.group(1))
    if "msgstr" in entry:
        yield entry


def _unescaped(found: re.Match[str]) -> str:
    return _ESCAPES.get(found.group(1), found.group(1))


# --- Writes and reads texts to translate as XLIFF 1.2, which translators' programs know ---

NAMESPACE = "urn:oasis:names:tc:xliff:document:1.2"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_DOCTYPE = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_DONE = frozenset({"translated", "signed-off", "final"})


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def write_xliff(units: Iterable[Unit], project: str, language: str) -> bytes:
    root = etree.Element(_tag("xliff"), {"version": "1.2"}, nsmap={None: NAMESPACE})
    by_source: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        by_source[unit.source_language].append(unit)
    for source, rows in by_source.items():
        facts = {"original": project, "datatype": "plaintext"}
        file = etree.SubElement(
            root, _tag("file"), facts | {"source-language": source, "target-language": language}
        )
        body = etree.SubElement(file, _tag("body"))
        for unit in rows:
            _write_unit(body, unit)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True))


def _write_unit(body: "etree._Element", unit: Unit) -> None:
    written = etree.SubElement(body, _tag("trans-unit"), {"id": unit.key, _SPACE: "preserve"})
    etree.SubElement(written, _tag("source")).text = unit.source
    state = "needs-review-translation" if unit.is_draft and unit.target else "translated"
    facts = {"state": state if unit.target else "needs-translation"}
    etree.SubElement(written, _tag("target"), facts).text = unit.target
    if unit.note:
        etree.SubElement(written, _tag("note")).text = unit.note


def read_xliff(content: bytes) -> tuple[str, list[Unit]]:
    """Return the language of the translations and the units. Raises UnreadableTranslations."""
    root = _root(content)
    if root.tag != _tag("xliff"):
        raise UnreadableTranslations(
            _("This is not an XLIFF file of version 1.2. Export the queue and translate that file.")
        )
    units: list[Unit] = []
    languages: set[str] = set()
    for file in root.iter(_tag("file")):
        languages.add(file.get("target-language", ""))
        source = file.get("source-language", "")
        for unit in file.iter(_tag("trans-unit")):
            units.append(_read_unit(unit, source))
            if len(units) > MAX_UNITS:
                raise _too_many()
    if len(languages) > 1:
        raise UnreadableTranslations(_("This file holds several languages; import one at a time."))
    return (languages.pop() if languages else ""), units


def _too_many() -> UnreadableTranslations:
    return UnreadableTranslations(
        _("This file has more than %(most)s texts; divide it.") % {"most": MAX_UNITS}
    )


def _root(content: bytes) -> "etree._Element":
    try:
        if _DOCTYPE.search(decoded(content)):
            raise UnreadableTranslations(
                _(
                    "This file declares a document type or entities, which can do harm. "
                    "Save it without them."
                )
            )
        return parse(content)
    except TooManyElements as error:
        raise _too_many() from error
    except TooDeep as error:
        raise UnreadableTranslations(
            _(
                "Elements of this file are nested too deeply for XLIFF. Export the queue again and "
                "translate that file."
            )
        ) from error
    except UnreadableFile as error:
        raise UnreadableTranslations(error.sentence) from error


def _read_unit(unit: "etree._Element", source_language: str) -> Unit:
    target = unit.find(_tag("target"))
    state = target.get("state", "translated") if target is not None else ""
    return Unit(
        unit.get("id", ""),
        source_language,
        _words(unit.find(_tag("source"))),
        _words(target),
        is_draft=state not in _DONE,
    )


def _words(element: "etree._Element | None") -> str:
    """Return the text of an element; marks that a program put into it are left out."""
    return "" if element is None else "".join(map(str, element.itertext()))
