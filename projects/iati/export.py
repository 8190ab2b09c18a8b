"""Writes an activity as an IATI 2.03 file; `publishable` decided before what it may contain.

The schema fixes the order of the elements; `ELEMENTS` mirrors it, and a test compares the two. The
same data gives the same bytes, since the file holds no time of writing unless one is given.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

from lxml import etree

from kernel.text import clean_text
from projects import codelists
from projects.iati.document import (
    FROM_REPORT,
    NAMESPACE,
    ORIGIN,
    IatiAmount,
    IatiDocument,
    IatiOrganisation,
    IatiTransaction,
    MeasuredIndicator,
    MeasuredPeriod,
    MeasuredResult,
    MeasuredValue,
    PlannedDisbursement,
    Texts,
)

VERSION = "2.03"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Element = etree._Element


def to_xml(document: IatiDocument, *, updated: datetime | None = None) -> bytes:
    """Returns the file in UTF-8.

    `updated`: when the activity was last changed, if the file should say so.
    """
    return etree.tostring(
        to_tree(document, updated=updated),
        encoding="UTF-8",
        xml_declaration=True,
        pretty_print=True,
    )


def to_tree(document: IatiDocument, *, updated: datetime | None = None) -> Element:
    namespaces = {"portal": NAMESPACE} if document.summary else None
    root = etree.Element("iati-activities", version=VERSION, nsmap=namespaces)
    activity = etree.SubElement(root, "iati-activity")
    activity.set(LANG, document.language)
    _set(activity, "default-currency", document.currency)
    if updated:
        activity.set("last-updated-datetime", updated.strftime("%Y-%m-%dT%H:%M:%SZ"))
    for _name, build in ELEMENTS:
        activity.extend(build(document))
    return root


def readable(text: str) -> str:
    """Returns the text without the characters that XML does not allow."""
    return _NOT_XML.sub("", clean_text(text)).strip()


def decimal_text(value: Decimal) -> str:
    """Returns a number as IATI wants it, such as 10 or 12.5: no exponent, no trailing zeros."""
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


# --- Parts of several elements ---


def _element(name: str, /, **attributes: str) -> Element:
    element = etree.Element(name)
    for key, value in attributes.items():
        _set(element, key.replace("_", "-"), value)
    return element


def _set(element: Element, name: str, value: str) -> None:
    if value:
        element.set(name, readable(value))


def _texts(name: str, texts: Texts, language: str, /, **attributes: str) -> Element:
    """Returns an element with a narrative per language; the file's own comes first, without its
    code."""
    element = _element(name, **attributes)
    for key in sorted(texts, key=lambda key: (key != language, key)):
        if text := readable(texts[key]):
            narrative = etree.SubElement(element, "narrative")
            narrative.text = text
            if key != language:
                narrative.set(LANG, key)
    return element


def _day(name: str, day: date) -> Element:
    return _element(name, iso_date=day.isoformat())


def _money(money: IatiAmount) -> Element:
    value = _element("value", currency=money.currency, value_date=money.on.isoformat())
    value.text = decimal_text(money.amount)
    return value


def _organisation(
    name: str, organisation: IatiOrganisation, language: str, **attributes: str
) -> Element:
    attributes |= {"ref": organisation.ref, "type": organisation.kind}
    return _texts(name, organisation.names, language, **attributes)


def _share(name: str, code: str, percentage: Decimal | None, **attributes: str) -> Element:
    share = "" if percentage is None else decimal_text(percentage)
    return _element(name, **attributes, code=code, percentage=share)


# --- The elements of an activity ---


def _identifier(document: IatiDocument) -> Iterator[Element]:
    element = _element("iati-identifier")
    element.text = readable(document.identifier)
    yield element


def _reporting(document: IatiDocument) -> Iterator[Element]:
    yield _organisation("reporting-org", document.reporting, document.language)


def _title(document: IatiDocument) -> Iterator[Element]:
    yield _texts("title", document.title, document.language)


def _descriptions(document: IatiDocument) -> Iterator[Element]:
    for kind, texts in sorted(document.descriptions.items()):
        yield _texts("description", texts, document.language, type=kind)
    if document.summary:
        summary = _texts("description", document.summary, document.language, type="4")
        summary.set(ORIGIN, FROM_REPORT)
        yield summary


def _participants(document: IatiDocument) -> Iterator[Element]:
    for each in document.participants:
        named = {"role": each.role, "activity-id": each.activity}
        yield _organisation("participating-org", each.organisation, document.language, **named)


def _other_identifiers(document: IatiDocument) -> Iterator[Element]:
    for kind, ref in document.other_identifiers:
        yield _element("other-identifier", ref=ref, type=kind)


def _status(document: IatiDocument) -> Iterator[Element]:
    yield _element("activity-status", code=document.status)


def _dates(document: IatiDocument) -> Iterator[Element]:
    for kind, day in sorted(document.dates.items()):
        yield _element("activity-date", type=kind, iso_date=day.isoformat())


def _contact(document: IatiDocument) -> Iterator[Element]:
    if not document.contact:
        return
    element = _element("contact-info", type="1")
    element.append(_texts("organisation", document.contact.organisation, document.language))
    for name in ("email", "website"):
        if text := readable(getattr(document.contact, name)):
            etree.SubElement(element, name).text = text
    yield element


def _scope(document: IatiDocument) -> Iterator[Element]:
    if document.scope:
        yield _element("activity-scope", code=document.scope)


def _countries(document: IatiDocument) -> Iterator[Element]:
    for each in document.countries:
        yield _share("recipient-country", each.code, each.percentage)


def _sectors(document: IatiDocument) -> Iterator[Element]:
    for each in document.sectors:
        yield _share("sector", each.code, each.percentage, vocabulary=codelists.DAC)


def _tags(document: IatiDocument) -> Iterator[Element]:
    for code in document.tags:
        yield _element("tag", vocabulary=codelists.SDG_TARGETS, code=code)


def _markers(document: IatiDocument) -> Iterator[Element]:
    for each in document.markers:
        yield _texts(
            "policy-marker",
            each.names,
            document.language,
            vocabulary=each.vocabulary,
            code=each.code,
            significance=each.significance,
        )


def _default(name: str) -> Callable[[IatiDocument], Iterator[Element]]:
    def build(document: IatiDocument) -> Iterator[Element]:
        if code := document.defaults.get(name):
            yield _element(name, code=code)

    return build


def _budgets(document: IatiDocument) -> Iterator[Element]:
    for each in document.budgets:
        element = _element("budget", type=each.kind, status=each.status)
        element.extend([_day("period-start", each.start), _day("period-end", each.end)])
        element.append(_money(each.money))
        yield element


def _planned_disbursements(document: IatiDocument) -> Iterator[Element]:
    for each in document.planned_disbursements:
        element = _element("planned-disbursement", type=each.kind)
        element.append(_day("period-start", each.start))
        if each.end:
            element.append(_day("period-end", each.end))
        element.append(_money(each.money))
        element.extend(_provider_and_receiver(each, document.language))
        yield element


def _transactions(document: IatiDocument) -> Iterator[Element]:
    for each in document.transactions:
        element = _element("transaction", ref=each.ref)
        element.append(_element("transaction-type", code=each.kind))
        element.append(_day("transaction-date", each.on))
        element.append(_money(each.money))
        if each.description:
            element.append(_texts("description", each.description, document.language))
        element.extend(_provider_and_receiver(each, document.language))
        yield element


def _provider_and_receiver(
    payment: PlannedDisbursement | IatiTransaction, language: str
) -> Iterator[Element]:
    if payment.provider:
        of_activity = {"provider-activity-id": payment.provider_activity}
        yield _organisation("provider-org", payment.provider, language, **of_activity)
    if payment.receiver:
        yield _organisation("receiver-org", payment.receiver, language)


# --- Results ---


def _results(document: IatiDocument) -> Iterator[Element]:
    for each in document.results:
        yield result(each, document.language)


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def title_with_code(code: str, title: Texts) -> Texts:
    """Returns the title after its code, as in logic models: 1100 · More capacity."""
    return {key: f"{code} · {text}" for key, text in title.items()} if code else title


def result(measured: MeasuredResult, language: str) -> Element:
    adds_up = all(indicator.adds_up for indicator in measured.indicators)
    element = _element("result", type=measured.kind, aggregation_status=_boolean(adds_up))
    element.append(_texts("title", title_with_code(measured.code, measured.title), language))
    if measured.level:
        # IATI allows a reference of the result or of its indicators, but not of both.
        element.append(_element("reference", vocabulary=codelists.OWN, code=measured.level))
    element.extend(indicator(each, language) for each in measured.indicators)
    return element


def indicator(measured: MeasuredIndicator, language: str) -> Element:
    element = _element(
        "indicator",
        measure=measured.measure,
        ascending=_boolean(measured.ascending),
        aggregation_status=_boolean(measured.adds_up),
    )
    element.append(_texts("title", title_with_code(measured.code, measured.title), language))
    for each in measured.baselines:
        element.append(_measured("baseline", each.measured, language, year=str(each.year)))
    element.extend(_period(each, language) for each in measured.periods)
    return element


def _period(measured: MeasuredPeriod, language: str) -> Element:
    element = _element("period")
    element.extend([_day("period-start", measured.start), _day("period-end", measured.end)])
    element.extend(_measured("target", each, language) for each in measured.targets)
    element.extend(_measured("actual", each, language) for each in measured.actuals)
    return element


def _measured(name: str, measured: MeasuredValue, language: str, **attributes: str) -> Element:
    """Returns the value with its dimensions, then its comment, in the order of the schema."""
    value = "" if measured.value is None else decimal_text(measured.value)
    element = _element(name, **attributes, value=value)
    for dimension, cell in measured.dimensions:
        element.append(_element("dimension", name=dimension, value=cell))
    if measured.comment:
        element.append(_texts("comment", measured.comment, language))
    return element


Build = Callable[[IatiDocument], Iterable[Element]]

# The elements that are written, in the order of the schema.
ELEMENTS: tuple[tuple[str, Build], ...] = (
    ("iati-identifier", _identifier),
    ("reporting-org", _reporting),
    ("title", _title),
    ("description", _descriptions),
    ("participating-org", _participants),
    ("other-identifier", _other_identifiers),
    ("activity-status", _status),
    ("activity-date", _dates),
    ("contact-info", _contact),
    ("activity-scope", _scope),
    ("recipient-country", _countries),
    ("sector", _sectors),
    ("tag", _tags),
    ("policy-marker", _markers),
    ("collaboration-type", _default("collaboration-type")),
    ("default-flow-type", _default("default-flow-type")),
    ("default-finance-type", _default("default-finance-type")),
    ("default-aid-type", _default("default-aid-type")),
    ("default-tied-status", _default("default-tied-status")),
    ("budget", _budgets),
    ("planned-disbursement", _planned_disbursements),
    ("transaction", _transactions),
    ("result", _results),
)
