"""How an activity is written: the file's own language first, no empty elements, nothing XML cannot
hold."""

from datetime import date
from decimal import Decimal

import pytest
from lxml import etree

from projects.iati.document import (
    IatiAmount,
    IatiDocument,
    IatiOrganisation,
    IatiTransaction,
    MeasuredIndicator,
    MeasuredResult,
    PlannedDisbursement,
)
from projects.iati.export import decimal_text, readable, result, to_tree
from projects.iati.publishable_results import rounded
from projects.iati.rules import _sentence

START = date(2019, 4, 1)


def test_the_language_of_the_file_comes_first_and_without_saying_so():
    texts = {"en": "Title", "es": "Título", "fr": "Titre"}

    def titles(language):
        document = IatiDocument("XX-1", IatiOrganisation(), texts, "2", language=language)
        found = to_tree(document).iterfind("iati-activity/title/narrative")
        return [(each.text, *each.attrib.values()) for each in found]

    assert titles("fr") == [("Titre",), ("Title", "en"), ("Título", "es")]
    assert titles("es") == [("Título",), ("Title", "en"), ("Titre", "fr")]


@pytest.mark.parametrize(
    ("each", "whole"), [([True, True], "true"), ([True, False], "false"), ([False], "false")]
)
def test_a_result_adds_up_where_all_its_indicators_do(each, whole):
    indicators = [MeasuredIndicator({"fr": "I"}, "1", adds_up=adds) for adds in each]

    element = result(MeasuredResult({"fr": "R"}, "1", indicators=indicators), "fr")

    assert element.get("aggregation-status") == whole
    told = [one.get("aggregation-status") for one in element.iterfind("indicator")]
    assert told == [str(adds).lower() for adds in each]


def test_what_xml_cannot_hold_is_not_written():
    assert readable(" A\x00B\x07C\ud800D\ufffeE ") == "ABCDE"
    assert [decimal_text(Decimal(text)) for text in ("10", "10.50", "1E+3", "0.00")] == [
        "10",
        "10.5",
        "1000",
        "0",
    ]


def test_an_amount_without_a_description_has_no_empty_one():
    said = IatiTransaction("1", START, IatiAmount(Decimal(5), "CAD", START))
    document = IatiDocument("XX-1", IatiOrganisation(), {"fr": "T"}, "2", transactions=[said])

    (element,) = to_tree(document).iterfind("iati-activity/transaction")

    assert [child.tag for child in element] == ["transaction-type", "transaction-date", "value"]
    assert etree.tostring(element.find("value")).startswith(b'<value currency="CAD" value-date=')


@pytest.mark.parametrize(
    ("value", "told"),
    [("0.125", "0.13"), ("-0.125", "-0.13"), ("33.335", "33.34"), ("7.004", "7"), ("1E+2", "100")],
)
def test_a_value_is_told_to_two_decimals_half_away_from_zero(value, told):
    assert decimal_text(rounded(Decimal(value))) == told


def test_a_payment_to_come_is_written_with_its_end_and_its_sides_where_it_has_them():
    amount = IatiAmount(Decimal("5.50"), "CAD", START)
    whole = PlannedDisbursement(
        START,
        date(2019, 6, 30),
        amount,
        IatiOrganisation({"fr": "A"}, "XX-A", "10"),
        IatiOrganisation(ref="B"),
    )

    def written(said):
        document = IatiDocument("XX-1", IatiOrganisation(), {}, "2", planned_disbursements=[said])
        element = to_tree(document).find("iati-activity/planned-disbursement")
        return [(child.tag, dict(child.attrib), child.text) for child in element]

    start = ("period-start", {"iso-date": "2019-04-01"}, None)
    value = ("value", {"currency": "CAD", "value-date": "2019-04-01"}, "5.5")
    assert written(whole) == [
        start,
        ("period-end", {"iso-date": "2019-06-30"}, None),
        value,
        ("provider-org", {"ref": "XX-A", "type": "10"}, None),
        ("receiver-org", {"ref": "B"}, None),
    ]
    assert written(PlannedDisbursement(START, None, amount)) == [start, value]


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("Something else.", "Something else."),
        ("Element 'a': Something else.", "Element 'a': Something else."),
        (
            "Element 'a': The attribute 'b' is required but missing.",
            "“a” lacks its attribute “b”.",
        ),
        (
            f"Element 'a', attribute 'b': '{'x' * 70}' is not a valid value of the atomic type "
            "'xs:date'.",
            f"“{'x' * 60}” is not a valid value of “a/@b” (date).",
        ),
        (
            "Element 'a': 'x' is not a valid value of the atomic type 'xs:decimal'.",
            "“x” is not a valid value of “a” (decimal).",
        ),
        (
            "Element 'a', attribute 'b': The attribute 'b' is not allowed.",
            "“a” has no attribute “b”.",
        ),
        (
            "Element 'a': Missing child element(s). Expected is one of ( b, ##other*, c ).",
            "“a” lacks something in it: b, c.",
        ),
        ("Element 'a': Missing child element(s).", "“a” lacks something in it: –."),
        (
            "Element 'a': This element is not expected. Expected is ( b ).",
            "“a” does not belong here; expected: b.",
        ),
        ("Element 'a': This element is not expected.", "“a” does not belong here."),
    ],
)
def test_what_the_schema_refuses_is_said_in_a_sentence(in_english, message, sentence):
    assert _sentence(message) == sentence
