"""Writes and reads texts to translate as a PO file of GNU gettext."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from ibcr_portal.translating.units import MAX_UNITS, Unit, UnreadableTranslations

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
