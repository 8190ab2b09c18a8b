"""Checks a file against the official schema of IATI 2.03 and reports errors as sentences."""

import re
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _
from lxml import etree

from projects.iati.document import IatiFinding

FOLDER = Path(__file__).parent / "schema"
# Nobody reads more, and later errors mostly follow from the first.
MAX_FINDINGS = 200

_ELEMENT = re.compile(r"^Element '([^']+)'(?:, attribute '([^']+)')?: ")
_EXPECTED = re.compile(r"Expected is (?:one of )?\( ?(.+?) ?\)\.$")
_MISSING_ATTRIBUTE = re.compile(r"The attribute '([^']+)' is required but missing")
_NO_VALUE = re.compile(
    r"'(.*)' is not a valid value of the atomic type '(?:xs:)?([^']+)'", re.DOTALL
)


@cache
def schema() -> etree.XMLSchema:
    """Loads the schema once; it includes only files beside it, so nothing is fetched."""
    parser = etree.XMLParser(no_network=True, load_dtd=False)
    return etree.XMLSchema(etree.parse(FOLDER / "iati-activities-schema.xsd", parser))


def schema_findings(root: etree._Element) -> list[IatiFinding]:
    """Returns the errors by the schema, in the order of the file; none for a valid one."""
    checker = schema()
    if checker.validate(root):
        return []
    return [
        IatiFinding(_sentence(error.message), error.line or None)
        for error in list(checker.error_log)[:MAX_FINDINGS]
    ]


def _sentence(message: str) -> str:
    """Returns libxml2's message, which is long and English, as a sentence; unchanged where its
    form is unknown."""
    named = _ELEMENT.match(message)
    if not named:
        return message
    element, attribute = named.groups()
    if missing := _MISSING_ATTRIBUTE.search(message):
        return _("“%(element)s” lacks its attribute “%(attribute)s”.") % {
            "element": element,
            "attribute": missing[1],
        }
    if wrong := _NO_VALUE.match(message[named.end() :]):
        return _("“%(value)s” is not a valid value of “%(where)s” (%(type)s).") % {
            "value": wrong[1][:60],
            "where": f"{element}/@{attribute}" if attribute else element,
            "type": wrong[2],
        }
    if attribute and "is not allowed" in message:
        return _("“%(element)s” has no attribute “%(attribute)s”.") % {
            "element": element,
            "attribute": attribute,
        }
    return _of_content(element, message)


def _of_content(element: str, message: str) -> str:
    expected = _EXPECTED.search(message)
    names = ", ".join(
        name.strip() for name in (expected[1].split(",") if expected else []) if "##" not in name
    )
    if "Missing child element" in message:
        return _("“%(element)s” lacks something in it: %(names)s.") % {
            "element": element,
            "names": names or "–",
        }
    if "This element is not expected" in message:
        if names:
            return _("“%(element)s” does not belong here; expected: %(names)s.") % {
                "element": element,
                "names": names,
            }
        return _("“%(element)s” does not belong here.") % {"element": element}
    return message
