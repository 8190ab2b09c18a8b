"""The money and the results of a file by others, what its rules ask, and files that are none."""

from datetime import date
from decimal import Decimal

import pytest
from lxml import etree

from projects.iati.document import (
    IatiOrganisation,
    IatiTransaction,
    MeasuredValue,
    PlannedDisbursement,
)
from projects.iati.read import open_file, read_activity
from projects.iati.rules import day_of, rule_findings
from projects.iati.safe_xml import UnreadableFile, parse
from tests.projects.test_iati_hostile import a_file
from tests.projects.test_iati_limits import (
    DAYS,
    WHEN,
    first_indicator,
    read,
    result_with,
    transaction,
)

pytestmark = pytest.mark.usefixtures("in_english")


# Money


@pytest.mark.parametrize(
    ("kind", "status", "kept"),
    [("1", "2", ("1", "2")), ("2", "1", ("2", "1")), ("3", "0", ("1", "1")), ("", "", ("1", "1"))],
)
def test_a_budget_is_original_and_indicative_unless_it_says_so(kind, status, kept):
    document, _left = read(
        f'<budget type="{kind}" status="{status}">{DAYS}{WHEN.format(5)}</budget>'
    )

    (budget,) = document.budgets
    assert (budget.kind, budget.status) == kept
    assert (budget.start, budget.end) == (date(2020, 1, 1), date(2020, 6, 30))
    assert (budget.money.amount, budget.money.currency) == (5, "CAD")
    assert budget.money.on == date(2020, 5, 4)


def test_a_planned_payment_may_have_no_end_and_both_its_sides():
    sides = '<provider-org ref="A"/><receiver-org ref="B"/>'

    document, left = read(
        f'<planned-disbursement type="2"><period-start iso-date="2020-01-01"/>{WHEN.format(5)}{sides}'
        "</planned-disbursement>"
    )

    (planned,) = document.planned_disbursements
    assert isinstance(planned, PlannedDisbursement)
    assert (planned.start, planned.end, planned.kind) == (date(2020, 1, 1), None, "2")
    assert (planned.provider, planned.receiver) == (
        IatiOrganisation(ref="A"),
        IatiOrganisation(ref="B"),
    )
    assert left == []


def test_a_payment_has_the_sides_that_it_names():
    document, left = read(transaction(ref="T-1", more='<receiver-org ref="B" type="21"/>'))

    (paid,) = document.transactions
    assert isinstance(paid, IatiTransaction)
    assert (paid.kind, paid.on, paid.ref, paid.description) == ("1", date(2020, 5, 4), "T-1", {})
    assert (paid.provider, paid.receiver) == (None, IatiOrganisation(ref="B", kind="21"))
    assert left == []


@pytest.mark.parametrize(
    ("activity", "value", "currency"),
    [
        ('default-currency="CAD"', "", "CAD"),
        ('default-currency=" usd "', "", "USD"),
        ('default-currency="CAD"', 'currency="hnl"', "HNL"),
        ('default-currency="CADX"', "", "CAD"),
        ("", 'currency="HNLX"', "HNL"),
    ],
)
def test_an_amount_is_in_its_own_currency_or_that_of_the_activity(activity, value, currency):
    more = f'<budget>{DAYS}<value {value} value-date="2020-05-04">5</value></budget>'

    document, _left = read(more, (b'default-currency="CAD"', activity.encode()))

    assert document.budgets[0].money.currency == currency


NO_DEFAULT = (b' default-currency="CAD"', b"")
EUR, USD = (
    f'<budget>{DAYS}<value currency="{code}" value-date="2020-05-04">5</value></budget>'
    for code in ("EUR", "usd")
)
BARE = f"<budget>{DAYS}{WHEN.format(7)}</budget>"


def test_an_amount_without_any_currency_is_left_out():
    document, left = read(BARE, NO_DEFAULT)

    assert (document.budgets, document.currency) == ([], "")
    assert ("budget/value", "An amount without its currency.") in left


def test_an_activity_takes_the_single_currency_of_its_amounts():
    document, left = read(EUR + BARE, NO_DEFAULT)

    assert document.currency == "EUR"
    assert [(each.money.amount, each.money.currency) for each in document.budgets] == [
        (5, "EUR"),
        (7, "EUR"),
    ]
    assert left == [("default-currency", "There is none: EUR is used, in which all amounts are.")]


@pytest.mark.parametrize(
    ("said", "budgets"), [("", ["EUR", "USD"]), ("HNL", ["EUR", "USD", "HNL"])]
)
def test_of_several_currencies_none_is_chosen(said, budgets):
    opened = open_file(a_file(more=EUR + USD + BARE).replace(*NO_DEFAULT))

    reading = read_activity(opened, opened.activities[0], currency=said)

    assert reading.document.currency == ""
    assert [each.money.currency for each in reading.document.budgets] == budgets


def test_a_payment_names_the_activity_of_its_provider():
    document, left = read(transaction(more='<provider-org ref="A" provider-activity-id=" A-1 "/>'))

    assert (document.transactions[0].provider_activity, left) == ("A-1", [])


@pytest.mark.parametrize(
    ("amount", "is_kept"),
    [("999999999999.99", True), ("1000000000000", False), ("-5", True), ("-1000000000000", False)],
)
def test_an_amount_has_twelve_digits_at_most(amount, is_kept):
    document, _left = read(transaction(more="").replace(">5<", f">{amount}<"))

    assert bool(document.transactions) is is_kept
    if is_kept:
        assert document.transactions[0].money.amount == Decimal(amount)


# Results


def test_words_of_an_indicator_of_words_are_taken_without_a_number():
    more = result_with(
        '<baseline year="2019"><comment><narrative>Bon</narrative></comment></baseline>'
    )
    words, left = read(more.replace('measure="1"', 'measure="5"'))
    numbered = result_with('<baseline year="2019" value="5"/>').replace(
        'measure="1"', 'measure="5"'
    )

    assert first_indicator(words).baselines[0].measured == MeasuredValue(None, {"fr": "Bon"}, [])
    assert left == []
    assert [why for _element, why in read(numbered)[1]] == [
        "The number of a qualitative indicator.",
        "A value without words.",
    ]


def test_a_period_without_values_is_none_and_one_needs_two_days():
    days = '<period-start iso-date="2020-01-01"/><period-end iso-date="{}"/>'

    def periods(end, values):
        document, _left = read(result_with(f"<period>{days.format(end)}{values}</period>"))
        return len(first_indicator(document).periods)

    assert periods("2020-01-02", '<actual value="5"/>') == 1
    assert periods("2020-01-02", '<target value="5"/>') == 1
    assert periods("2020-01-02", "") == 0
    assert periods("2020-01-01", '<actual value="5"/>') == 0


# Rules beside those of a whole file


def test_a_day_that_is_none_is_left_to_the_schema():
    element = etree.fromstring('<a iso-date="2020-05-04Z" b="x"/>')

    assert day_of(element) == date(2020, 5, 4)
    assert (day_of(element, "b"), day_of(element, "c"), day_of(None)) == (None, None, None)


def told(activity):
    return [(each.sentence, each.is_error) for each in rule_findings(etree.fromstring(activity))]


SECTORS = [
    ("", "State which sector the activity serves (or each of its transactions)."),
    ("<transaction><sector code='1'/></transaction>", None),
    (
        "<transaction><sector code='1'/></transaction><transaction/>",
        "If some transactions state their sector, all of them must.",
    ),
    ("<sector code='1'/><transaction/>", None),
]


@pytest.mark.parametrize(("more", "sentence"), SECTORS)
def test_the_activity_or_each_of_its_transactions_says_its_sector(more, sentence):
    found = [each for each, _is_error in told(f"<iati-activity>{more}</iati-activity>")]

    assert [each for each in found if "sector" in each] == ([sentence] if sentence else [])


@pytest.mark.parametrize(
    ("more", "is_told"),
    [
        ("", True),
        ("<recipient-country code='HN'/>", False),
        ("<recipient-region code='1'/>", False),
        ("<transaction><recipient-country code='HN'/></transaction>", False),
    ],
)
def test_an_activity_says_where_it_is_and_it_is_valid_without(more, is_told):
    sentence = "State in which country the activity takes place."

    assert ((sentence, False) in told(f"<iati-activity>{more}</iati-activity>")) is is_told


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("<participating-org/>", "An organisation needs its identifier or its name."),
        ("<participating-org ref='A'/>", None),
        ("<participating-org><narrative>A</narrative></participating-org>", None),
        ("<participating-org ref=' '><narrative> </narrative></participating-org>",
         "An organisation needs its identifier or its name."),
        ("<transaction><provider-org/></transaction>", "An organisation needs its identifier or its name."),
        ("<title/>", "This title or description is empty."),
        ("<description><narrative> </narrative></description>", "This title or description is empty."),
        ("<policy-marker code='1'/>", "A policy marker needs its significance."),
        ("<policy-marker code='1' vocabulary='1' significance='1'/>", None),
        ("<policy-marker code='1' vocabulary='99'/>", "A marker of the organisation’s own needs its name."),
        ("<policy-marker code='1' vocabulary='99'><narrative>A</narrative></policy-marker>", None),
        ("<result><reference/><indicator measure='5'><reference/></indicator></result>",
         "A reference belongs to a result or to its indicators, not to both."),
        ("<result><indicator measure='5'><reference/></indicator></result>", None),
        ("<result><indicator measure='1'><baseline/></indicator></result>",
         "A measured value needs its number (only words have none)."),
        ("<result><indicator measure='1'><baseline value='5'/></indicator></result>", None),
        ("<result><indicator measure='5'><baseline/></indicator></result>", None),
    ],
)  # fmt: skip
def test_the_rules_ask_for_what_the_schema_cannot(more, sentence):
    start = (
        "<iati-activity xml:lang='fr' default-currency='CAD'><sector code='1'/>"
        "<recipient-country code='HN'/><activity-date type='1' iso-date='2020-01-01'/>"
    )

    assert [each for each, _is_error in told(f"{start}{more}</iati-activity>")] == (
        [sentence] if sentence else []
    )


# Files that are none


@pytest.mark.parametrize(
    ("content", "sentence", "line"),
    [
        (b"", "This is not an XML file; upload the IATI file itself.", None),
        (b"hello", "This is not an XML file; upload the IATI file itself.", None),
        (b"\x1f\x8b" + bytes(20), "This file is packed; unpack it and upload the XML file itself.", None),
        (b"<a>\n</b>", "This file is not well-formed XML: Opening and ending tag mismatch: a line 1 and b.", 2),
        (b'<?xml version="1.0" encoding="koi8-r"?><a/>', "The encoding “koi8-r” cannot be read; save the file again as UTF-8.", None),
        (b'<?xml version="1.0" encoding="utf-8"?>\n<a>\xff</a>', "This file is not in the encoding that it states (utf-8); save it again as UTF-8.", 2),
        (b"<a/>\n<!DOCTYPE x>", "This file declares a document type or entities, which IATI files do not need and which can do harm. Save it without them.", 2),
    ],
)  # fmt: skip
def test_what_is_no_file_of_xml_is_refused_in_a_sentence_with_its_line(content, sentence, line):
    with pytest.raises(UnreadableFile) as refused:
        parse(content)

    assert (refused.value.sentence, refused.value.line) == (sentence, line)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b"<iati-organisations/>",
            "This file describes organisations; upload one with activities.",
        ),
        (b"<html/>", "This is XML, but not an IATI activity file."),
        (
            b'<iati-activities version="1.05"/>',
            "This file uses IATI 1.05, which has been retired. Ask for it in version 2, "
            "or have it converted.",
        ),
        (b'<iati-activities version="2.03"/>', "There is no activity in this file."),
    ],
)
def test_a_file_of_something_else_is_refused_in_a_sentence(content, sentence):
    with pytest.raises(UnreadableFile) as refused:
        open_file(content)

    assert refused.value.sentence == sentence
