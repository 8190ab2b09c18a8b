"""Checks a file against the schema of IATI 2.03, and an activity against the rules that the schema cannot
express.

The rules are the errors of IATI's standard ruleset. They apply to one `iati-activity`: ours before
it is published and those of others when they are imported.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _
from lxml import etree

from projects.iati.document import IatiFinding

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
QUALITATIVE = "5"
FORBIDDEN = frozenset("/&|?")

Element = etree._Element


def rule_findings(activity: Element) -> list[IatiFinding]:
    """Returns errors and warnings by the rules, by line; none for an activity that follows them."""
    findings = [finding for rule in RULES for finding in rule(activity)]
    return sorted(findings, key=lambda finding: finding.line or 0)


def day_of(element: Element | None, name: str = "iso-date") -> date | None:
    """Returns the day in an attribute; None where it is missing or no day, which the schema
    reports."""
    if element is None:
        return None
    try:
        return date.fromisoformat(element.get(name, "")[:10])
    except ValueError:
        return None


def share_of(element: Element) -> Decimal | None:
    try:
        return Decimal(element.get("percentage", "").strip())
    except InvalidOperation:
        return None


# --- The rules ---


def _identifiers(activity: Element) -> Iterator[IatiFinding]:
    for element in activity.iterfind("iati-identifier"):
        own = (element.text or "").strip()
        reporting = activity.find("reporting-org")
        ref = reporting.get("ref", "").strip() if reporting is not None else ""
        if own and own == ref:
            sentence = _("The activity’s identifier must differ from that of the organisation.")
            yield IatiFinding(sentence, element.sourceline)
        elif ref and not own.startswith(f"{ref}-"):
            sentence = _("The identifier should begin with that of the reporting organisation.")
            yield IatiFinding(sentence, element.sourceline, is_error=False)
        if FORBIDDEN & set(own):
            sentence = _("An identifier cannot contain any of the characters / & | ?.")
            yield IatiFinding(sentence, element.sourceline, is_error=False)


def _languages(activity: Element) -> Iterator[IatiFinding]:
    if activity.get(LANG):
        return
    for narrative in activity.iter("narrative"):
        if not narrative.get(LANG):
            sentence = _("State the language of this text, or one for the whole activity.")
            yield IatiFinding(sentence, narrative.sourceline)


def _currencies(activity: Element) -> Iterator[IatiFinding]:
    if activity.get("default-currency"):
        return
    for value in activity.iter("value"):
        if not value.get("currency"):
            sentence = _("State the currency of this amount, or one for the whole activity.")
            yield IatiFinding(sentence, value.sourceline)


def _dates(activity: Element) -> Iterator[IatiFinding]:
    days = {each.get("type"): each for each in activity.iterfind("activity-date")}
    if not days.keys() & {"1", "2"}:
        yield IatiFinding(
            _("The activity needs a planned or an actual start."), activity.sourceline
        )
    for start, end in (("1", "3"), ("2", "4")):
        yield from _ordered(days.get(start), days.get(end))
    for kind in ("2", "4"):
        yield from _not_to_come(days.get(kind), "iso-date")


def _ordered(start: Element | None, end: Element | None) -> Iterator[IatiFinding]:
    first, last = day_of(start), day_of(end)
    if end is not None and first and last and first >= last:
        yield IatiFinding(_("The start must be before the end."), end.sourceline)


def _not_to_come(element: Element | None, name: str) -> Iterator[IatiFinding]:
    day = day_of(element, name)
    if element is not None and day and day > timezone.localdate():
        yield IatiFinding(
            _("This day is in the future, which is not possible."), element.sourceline
        )


def _sectors(activity: Element) -> Iterator[IatiFinding]:
    transactions = activity.findall("transaction")
    with_sector = [each for each in transactions if each.find("sector") is not None]
    if activity.find("sector") is None and not with_sector:
        sentence = _("State which sector the activity serves (or each of its transactions).")
        yield IatiFinding(sentence, activity.sourceline)
    elif activity.find("sector") is None and len(with_sector) < len(transactions):
        sentence = _("If some transactions state their sector, all of them must.")
        yield IatiFinding(sentence, transactions[0].sourceline)
    by_vocabulary = defaultdict(list)
    for each in activity.iterfind("sector"):
        by_vocabulary[each.get("vocabulary", "1")].append(each)
    for rows in by_vocabulary.values():
        yield from _add_up(rows, _("The percentages of the sectors add up to %(sum)s, not to 100."))


def _places(activity: Element) -> Iterator[IatiFinding]:
    rows = [*activity.iterfind("recipient-country"), *activity.iterfind("recipient-region")]
    if not rows and activity.find("transaction/recipient-country") is None:
        yield IatiFinding(
            _("State in which country the activity takes place."), activity.sourceline, False
        )
    yield from _add_up(rows, _("The percentages of the countries add up to %(sum)s, not to 100."))


def _add_up(rows: list[Element], sentence: str) -> Iterator[IatiFinding]:
    """Checks that several codes have percentages that add up to 100; a single one needs none."""
    shares = [share_of(row) for row in rows]
    if not rows or (len(rows) == 1 and shares[0] is None):
        return
    total = sum((share or Decimal(0) for share in shares), Decimal(0))
    if None in shares or total != 100:
        yield IatiFinding(sentence % {"sum": format(total.normalize(), "f")}, rows[0].sourceline)


def _organisations(activity: Element) -> Iterator[IatiFinding]:
    names = ("participating-org", "provider-org", "receiver-org", "owner-org")
    for element in activity.iter(*names):
        if not element.get("ref", "").strip() and not _has_text(element):
            sentence = _("An organisation needs its identifier or its name.")
            yield IatiFinding(sentence, element.sourceline)


def _has_text(element: Element) -> bool:
    return any((each.text or "").strip() for each in element.iterfind("narrative"))


def _texts(activity: Element) -> Iterator[IatiFinding]:
    for element in activity.iter("title", "description"):
        if not _has_text(element):
            yield IatiFinding(_("This title or description is empty."), element.sourceline)


def _markers(activity: Element) -> Iterator[IatiFinding]:
    for element in activity.iterfind("policy-marker"):
        vocabulary = element.get("vocabulary") or "1"
        if vocabulary == "1" and not element.get("significance"):
            yield IatiFinding(_("A policy marker needs its significance."), element.sourceline)
        if vocabulary == "99" and not _has_text(element):
            sentence = _("A marker of the organisation’s own needs its name.")
            yield IatiFinding(sentence, element.sourceline)


def _money(activity: Element) -> Iterator[IatiFinding]:
    for element in activity.iter("budget", "planned-disbursement"):
        start, end = element.find("period-start"), element.find("period-end")
        yield from _ordered(start, end)
        first, last = day_of(start), day_of(end)
        if element.tag == "budget" and first and last and last > a_year_after(first):
            yield IatiFinding(_("A budget covers at most one year."), element.sourceline)
    for element in activity.iterfind("transaction"):
        yield from _not_to_come(element.find("transaction-date"), "iso-date")
        yield from _not_to_come(element.find("value"), "value-date")


def a_year_after(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # February 29, or the year 9999
        return date(min(day.year + 1, date.max.year), day.month, 28)


def _results(activity: Element) -> Iterator[IatiFinding]:
    for indicator in activity.iterfind("result/indicator"):
        result = indicator.getparent()
        has_reference = result is not None and result.find("reference") is not None
        if has_reference and indicator.find("reference") is not None:
            sentence = _("A reference belongs to a result or to its indicators, not to both.")
            yield IatiFinding(sentence, indicator.sourceline)
        for period in indicator.iterfind("period"):
            yield from _ordered(period.find("period-start"), period.find("period-end"))
        if indicator.get("measure") != QUALITATIVE:
            for element in indicator.iter("baseline", "target", "actual"):
                if not element.get("value", "").strip():
                    sentence = _("A measured value needs its number (only words have none).")
                    yield IatiFinding(sentence, element.sourceline)


RULES: tuple[Callable[[Element], Iterator[IatiFinding]], ...] = (
    _identifiers,
    _languages,
    _currencies,
    _dates,
    _sectors,
    _places,
    _organisations,
    _texts,
    _markers,
    _money,
    _results,
)

# --- The schema ---

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
