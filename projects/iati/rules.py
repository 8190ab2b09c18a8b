"""The rules of IATI 2.03 that its schema cannot say (the standard ruleset, errors), as sentences.

They look at one `iati-activity`, ours before it leaves and those of others when they come in.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils import timezone
from django.utils.translation import gettext as _
from lxml import etree

from projects.iati.findings import Finding

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
QUALITATIVE = "5"
FORBIDDEN = frozenset("/&|?")

Element = etree._Element


def rule_findings(activity: Element) -> list[Finding]:
    """What the rules refuse, by line; [] of an activity that keeps them all."""
    found = [finding for rule in RULES for finding in rule(activity)]
    return sorted(found, key=lambda finding: finding.line or 0)


def day_of(element: Element | None, name: str = "iso-date") -> date | None:
    """The day in an attribute; None where it is missing or no day (the schema says so)."""
    try:
        return date.fromisoformat((element.get(name) if element is not None else "")[:10])
    except (TypeError, ValueError):
        return None


def share_of(element: Element) -> Decimal | None:
    try:
        return Decimal(element.get("percentage", "").strip())
    except InvalidOperation:
        return None


# Each rule: an activity in, findings out


def _identifiers(activity: Element) -> Iterator[Finding]:
    for element in activity.iterfind("iati-identifier"):
        own = (element.text or "").strip()
        reporting = activity.find("reporting-org")
        ref = reporting.get("ref", "").strip() if reporting is not None else ""
        if own and own == ref:
            sentence = _("The activity’s identifier must differ from that of the organisation.")
            yield Finding(sentence, element.sourceline)
        elif ref and not own.startswith(f"{ref}-"):
            sentence = _("The identifier should begin with that of the reporting organisation.")
            yield Finding(sentence, element.sourceline, is_error=False)
        if FORBIDDEN & set(own):
            sentence = _("An identifier has none of the signs / & | ?.")
            yield Finding(sentence, element.sourceline, is_error=False)


def _languages(activity: Element) -> Iterator[Finding]:
    if activity.get(LANG):
        return
    for narrative in activity.iter("narrative"):
        if not narrative.get(LANG):
            sentence = _("Say the language of this text, or one for the whole activity.")
            yield Finding(sentence, narrative.sourceline)


def _currencies(activity: Element) -> Iterator[Finding]:
    if activity.get("default-currency"):
        return
    for value in activity.iter("value"):
        if not value.get("currency"):
            sentence = _("Say the currency of this amount, or one for the whole activity.")
            yield Finding(sentence, value.sourceline)


def _dates(activity: Element) -> Iterator[Finding]:
    days = {each.get("type"): each for each in activity.iterfind("activity-date")}
    if not days.keys() & {"1", "2"}:
        yield Finding(_("The activity needs a planned or an actual start."), activity.sourceline)
    for start, end in (("1", "3"), ("2", "4")):
        yield from _ordered(days.get(start), days.get(end))
    for kind in ("2", "4"):
        yield from _not_to_come(days.get(kind), "iso-date")


def _ordered(start: Element | None, end: Element | None) -> Iterator[Finding]:
    first, last = day_of(start), day_of(end)
    if first and last and first >= last:
        yield Finding(_("The start must lie before the end."), end.sourceline)


def _not_to_come(element: Element | None, name: str) -> Iterator[Finding]:
    day = day_of(element, name)
    if day and day > timezone.localdate():
        yield Finding(_("This day is still to come, which cannot be."), element.sourceline)


def _sectors(activity: Element) -> Iterator[Finding]:
    transactions = activity.findall("transaction")
    with_sector = [each for each in transactions if each.find("sector") is not None]
    if activity.find("sector") is None and not with_sector:
        sentence = _("Say which sector the activity serves (or each of its transactions).")
        yield Finding(sentence, activity.sourceline)
    elif activity.find("sector") is None and len(with_sector) < len(transactions):
        sentence = _("Where transactions say their sector, each of them must.")
        yield Finding(sentence, transactions[0].sourceline)
    by_vocabulary = defaultdict(list)
    for each in activity.iterfind("sector"):
        by_vocabulary[each.get("vocabulary", "1")].append(each)
    for rows in by_vocabulary.values():
        yield from _whole(rows, _("The percentages of the sectors add up to %(sum)s, not to 100."))


def _places(activity: Element) -> Iterator[Finding]:
    rows = [*activity.iterfind("recipient-country"), *activity.iterfind("recipient-region")]
    if not rows and activity.find("transaction/recipient-country") is None:
        yield Finding(_("Say in which country the activity is."), activity.sourceline, False)
    yield from _whole(rows, _("The percentages of the countries add up to %(sum)s, not to 100."))


def _whole(rows: list[Element], sentence: str) -> Iterator[Finding]:
    """One alone needs no percentage; several need theirs, and 100 together."""
    shares = [share_of(row) for row in rows]
    if not rows or (len(rows) == 1 and shares[0] is None):
        return
    total = sum((share or Decimal(0) for share in shares), Decimal(0))
    if None in shares or total != 100:
        yield Finding(sentence % {"sum": format(total.normalize(), "f")}, rows[0].sourceline)


def _organisations(activity: Element) -> Iterator[Finding]:
    names = ("participating-org", "provider-org", "receiver-org", "owner-org")
    for element in activity.iter(*names):
        if not element.get("ref", "").strip() and not _says_something(element):
            sentence = _("An organisation needs its identifier or its name.")
            yield Finding(sentence, element.sourceline)


def _says_something(element: Element) -> bool:
    return any((each.text or "").strip() for each in element.iterfind("narrative"))


def _texts(activity: Element) -> Iterator[Finding]:
    for element in activity.iter("title", "description"):
        if not _says_something(element):
            yield Finding(_("This title or description is empty."), element.sourceline)


def _markers(activity: Element) -> Iterator[Finding]:
    for element in activity.iterfind("policy-marker"):
        vocabulary = element.get("vocabulary") or "1"
        if vocabulary == "1" and not element.get("significance"):
            yield Finding(_("A policy marker needs its significance."), element.sourceline)
        if vocabulary == "99" and not _says_something(element):
            sentence = _("A marker of the organisation’s own needs its name.")
            yield Finding(sentence, element.sourceline)


def _money(activity: Element) -> Iterator[Finding]:
    for element in activity.iter("budget", "planned-disbursement"):
        start, end = element.find("period-start"), element.find("period-end")
        yield from _ordered(start, end)
        first, last = day_of(start), day_of(end)
        if element.tag == "budget" and first and last and last > a_year_after(first):
            yield Finding(_("A budget covers one year at most."), element.sourceline)
    for element in activity.iterfind("transaction"):
        yield from _not_to_come(element.find("transaction-date"), "iso-date")
        yield from _not_to_come(element.find("value"), "value-date")


def a_year_after(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # February 29, or the year 9999
        return date(min(day.year + 1, date.max.year), day.month, 28)


def _results(activity: Element) -> Iterator[Finding]:
    for indicator in activity.iterfind("result/indicator"):
        above = indicator.getparent().find("reference")
        if above is not None and indicator.find("reference") is not None:
            sentence = _("A reference stands at a result or at its indicators, not at both.")
            yield Finding(sentence, indicator.sourceline)
        for period in indicator.iterfind("period"):
            yield from _ordered(period.find("period-start"), period.find("period-end"))
        if indicator.get("measure") != QUALITATIVE:
            for element in indicator.iter("baseline", "target", "actual"):
                if not element.get("value", "").strip():
                    sentence = _("A measured value needs its number (only words have none).")
                    yield Finding(sentence, element.sourceline)


RULES: tuple[Callable[[Element], Iterator[Finding]], ...] = (
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
