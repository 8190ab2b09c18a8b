"""Writes and reads texts to translate as XLIFF 1.2, which translators' programs know."""

import re
from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext as _
from lxml import etree

from ibcr_portal.translating.units import MAX_UNITS, Unit, UnreadableTranslations
from projects.iati.safe_xml import TooDeep, TooManyElements, UnreadableFile, decoded, parse

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
