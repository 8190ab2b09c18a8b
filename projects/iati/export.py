"""Writes an activity as an IATI 2.03 file. What may leave was decided before, in `publishable`.

Elements of the schema stand in one order; `ELEMENTS` mirrors it, and a test compares. The same data
gives the same bytes: no time of writing is in the file unless it is given.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

from lxml import etree

from kernel.text import clean_text
from projects import codelists
from projects.iati.document import (
    IatiAmount,
    IatiBudget,
    IatiDocument,
    IatiTransaction,
    MeasuredIndicator,
    MeasuredPeriod,
    MeasuredResult,
    MeasuredValue,
    Organisation,
    PlannedDisbursement,
    Texts,
)

VERSION = "2.03"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Element = etree._Element


def to_xml(document: IatiDocument, *, updated: datetime | None = None) -> bytes:
    """The file, in UTF-8. `updated`: when it was last changed, if the file should say so."""
    return etree.tostring(
        to_tree(document, updated=updated),
        encoding="UTF-8",
        xml_declaration=True,
        pretty_print=True,
    )


def to_tree(document: IatiDocument, *, updated: datetime | None = None) -> Element:
    root = etree.Element("iati-activities", version=VERSION)
    activity = etree.SubElement(root, "iati-activity")
    activity.set(LANG, document.language)
    _set(activity, "default-currency", document.currency)
    if updated:
        activity.set("last-updated-datetime", updated.strftime("%Y-%m-%dT%H:%M:%SZ"))
    for _name, build in ELEMENTS:
        activity.extend(build(document))
    return root


def readable(text: str) -> str:
    """The text as it stands in a file: without what XML cannot hold."""
    return _NOT_XML.sub("", clean_text(text)).strip()


def decimal_text(value: Decimal) -> str:
    """10, 12.5: without exponent and idle zeros."""
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


# Parts that stand in many places


def _element(name: str, /, **attributes: str) -> Element:
    element = etree.Element(name)
    for key, value in attributes.items():
        _set(element, key.replace("_", "-"), value)
    return element


def _set(element: Element, name: str, value: str) -> None:
    if value:
        element.set(name, readable(value))


def _texts(name: str, texts: Texts, language: str, /, **attributes: str) -> Element:
    """An element with a narrative per language, that of the file first and without saying so."""
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


def _organisation(name: str, who: Organisation, language: str, **attributes: str) -> Element:
    return _texts(name, who.names, language, ref=who.ref, type=who.kind, **attributes)


def _share(name: str, code: str, percentage: Decimal | None, **attributes: str) -> Element:
    said = "" if percentage is None else decimal_text(percentage)
    return _element(name, **attributes, code=code, percentage=said)


# The elements of an activity


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


def _participants(document: IatiDocument) -> Iterator[Element]:
    for each in document.participants:
        who = each.organisation
        yield _organisation("participating-org", who, document.language, role=each.role)


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
        if said := readable(getattr(document.contact, name)):
            etree.SubElement(element, name).text = said
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
        yield budget(each)


def budget(said: IatiBudget) -> Element:
    element = _element("budget", type=said.kind, status=said.status)
    element.extend(
        [_day("period-start", said.start), _day("period-end", said.end), _money(said.money)]
    )
    return element


def _planned_disbursements(document: IatiDocument) -> Iterator[Element]:
    for each in document.planned_disbursements:
        yield planned_disbursement(each, document.language)


def planned_disbursement(said: PlannedDisbursement, language: str) -> Element:
    element = _element("planned-disbursement", type=said.kind)
    element.append(_day("period-start", said.start))
    if said.end:
        element.append(_day("period-end", said.end))
    element.append(_money(said.money))
    element.extend(_both_sides(said, language))
    return element


def _transactions(document: IatiDocument) -> Iterator[Element]:
    for each in document.transactions:
        yield transaction(each, document.language)


def transaction(said: IatiTransaction, language: str) -> Element:
    element = _element("transaction", ref=said.ref)
    element.append(_element("transaction-type", code=said.kind))
    element.append(_day("transaction-date", said.on))
    element.append(_money(said.money))
    if said.description:
        element.append(_texts("description", said.description, language))
    element.extend(_both_sides(said, language))
    return element


def _both_sides(said: PlannedDisbursement | IatiTransaction, language: str) -> Iterator[Element]:
    if said.provider:
        yield _organisation("provider-org", said.provider, language)
    if said.receiver:
        yield _organisation("receiver-org", said.receiver, language)


# Results


def _results(document: IatiDocument) -> Iterator[Element]:
    for each in document.results:
        yield result(each, document.language)


def _boolean(said: bool) -> str:
    return "true" if said else "false"


def title_with_code(code: str, title: Texts) -> Texts:
    """With its code before it, as logic models have it: 1100 · More capacity."""
    return {key: f"{code} · {text}" for key, text in title.items()} if code else title


def result(said: MeasuredResult, language: str) -> Element:
    adds_up = all(indicator.adds_up for indicator in said.indicators)
    element = _element("result", type=said.kind, aggregation_status=_boolean(adds_up))
    element.append(_texts("title", title_with_code(said.code, said.title), language))
    if said.level:
        # A reference stands at the result or at its indicators, never at both.
        element.append(_element("reference", vocabulary=codelists.OWN, code=said.level))
    element.extend(indicator(each, language) for each in said.indicators)
    return element


def indicator(said: MeasuredIndicator, language: str) -> Element:
    element = _element(
        "indicator",
        measure=said.measure,
        ascending=_boolean(said.ascending),
        aggregation_status=_boolean(said.adds_up),
    )
    element.append(_texts("title", title_with_code(said.code, said.title), language))
    for each in said.baselines:
        element.append(_measured("baseline", each.measured, language, year=str(each.year)))
    element.extend(_period(each, language) for each in said.periods)
    return element


def _period(said: MeasuredPeriod, language: str) -> Element:
    element = _element("period")
    element.extend([_day("period-start", said.start), _day("period-end", said.end)])
    element.extend(_measured("target", each, language) for each in said.targets)
    element.extend(_measured("actual", each, language) for each in said.actuals)
    return element


def _measured(name: str, said: MeasuredValue, language: str, **attributes: str) -> Element:
    """Dimensions, then the comment. Were there documents, they would stand before the comment in a
    baseline and after it in a target or actual."""
    value = "" if said.value is None else decimal_text(said.value)
    element = _element(name, **attributes, value=value)
    for dimension, cell in said.dimensions:
        element.append(_element("dimension", name=dimension, value=cell))
    if said.comment:
        element.append(_texts("comment", said.comment, language))
    return element


Build = Callable[[IatiDocument], Iterable[Element]]

# In the order of the schema; what stands between them is not written.
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
