"""What is written is valid, stands in the order of the schema, and is read back as it was."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from lxml import etree

from projects import codelists
from projects.iati.document import (
    CodePercentage,
    ContactPoint,
    IatiAmount,
    IatiBudget,
    IatiDocument,
    IatiOrganisation,
    IatiTransaction,
    MeasuredBaseline,
    MeasuredIndicator,
    MeasuredPeriod,
    MeasuredResult,
    MeasuredValue,
    Participant,
    PlannedDisbursement,
    PolicyMarker,
)
from projects.iati.export import ELEMENTS, to_tree, to_xml
from projects.iati.read import open_file, read_activity
from projects.iati.rules import FOLDER, rule_findings

pytestmark = pytest.mark.usefixtures("in_english")

XSD = "{http://www.w3.org/2001/XMLSchema}"

words = st.text(st.sampled_from("aéñ ’&\"'–1.,\n"), min_size=1, max_size=30).map(str.strip)
said = words.filter(bool)
texts = st.dictionaries(st.sampled_from(["fr", "es", "en"]), said, min_size=1)
days = st.dates(date(1990, 1, 1), date(2020, 12, 31))
numbers = st.decimals(0, 100, places=2).map(
    lambda value: value.to_integral() if value == value.to_integral() else value.normalize()
)
refs = st.from_regex(r"[A-Z]{2}-[A-Z]{3}-[0-9]{1,6}", fullmatch=True)
codes_ = st.from_regex(r"[0-9]{1,4}(\.[0-9])?", fullmatch=True)
organisations = st.builds(IatiOrganisation, texts, refs, st.sampled_from(["10", "21", "24"]))
money = st.builds(IatiAmount, numbers, st.sampled_from(["CAD", "HNL"]), days)
dimensions = st.lists(st.tuples(st.just("sex"), said), max_size=2)
indicators_of_numbers = st.builds(
    MeasuredIndicator,
    texts,
    st.sampled_from(["1", "2"]),
    codes_,
    st.booleans(),
    st.booleans(),
    st.lists(
        st.builds(MeasuredBaseline, st.integers(1990, 2020), st.builds(MeasuredValue, numbers)),
        max_size=2,
    ),
    st.lists(
        st.builds(
            MeasuredPeriod,
            st.dates(date(2019, 1, 1), date(2019, 6, 30)),
            st.dates(date(2019, 7, 1), date(2020, 6, 30)),
            st.lists(
                st.builds(MeasuredValue, numbers, st.just({}), dimensions), min_size=1, max_size=2
            ),
            st.lists(st.builds(MeasuredValue, numbers, texts), max_size=1),
        ),
        max_size=2,
    ).map(lambda periods: sorted(periods, key=lambda period: (period.start, period.end))),
)
indicators_of_words = st.builds(
    MeasuredIndicator,
    texts,
    st.just("5"),
    baselines=st.lists(
        st.builds(MeasuredBaseline, st.just(2019), st.builds(MeasuredValue, st.none(), texts)),
        max_size=1,
    ),
)
outcomes = st.builds(
    MeasuredResult,
    texts,
    st.sampled_from(["1", "2", "3"]),
    codes_,
    st.sampled_from(["", "immediate", "output"]),
    st.lists(st.one_of(indicators_of_numbers, indicators_of_words), min_size=1, max_size=2),
)


@st.composite
def payments(draw, kind):
    start = draw(days)
    sides = {"provider": draw(organisations), "receiver": draw(organisations)}
    sides["provider_activity"] = draw(refs)
    if kind is IatiTransaction:
        description = draw(texts)
        return IatiTransaction("3", start, draw(money), draw(refs), description, **sides)
    return PlannedDisbursement(start, start + timedelta(days=9), draw(money), **sides)


@st.composite
def budgets(draw):
    start = draw(days)
    return IatiBudget(
        start, start + timedelta(days=draw(st.integers(1, 364))), draw(money), "2", "2"
    )


documents = st.builds(
    IatiDocument,
    identifier=refs.map("XX-EXAMPLE-1-{}".format),
    reporting=st.builds(IatiOrganisation, texts, st.just("XX-EXAMPLE-1"), st.just("21")),
    title=texts,
    status=st.sampled_from("123456"),
    language=st.sampled_from(["fr", "es", "en"]),
    currency=st.just("CAD"),
    descriptions=st.fixed_dictionaries({"1": texts}, optional={"4": texts}),
    participants=st.lists(
        st.builds(Participant, organisations, st.sampled_from("1234"), refs),
        min_size=1,
        max_size=3,
    ),
    other_identifiers=st.lists(st.tuples(st.just("A9"), refs), max_size=1),
    dates=st.just({"1": date(2019, 4, 1), "2": date(2019, 4, 2), "3": date(2022, 3, 31)}),
    contact=st.none() | st.just(ContactPoint({"fr": "IBCR"}, "info@example.org", "")),
    scope=st.sampled_from(["", "4"]),
    countries=st.just(
        [CodePercentage("HN", Decimal("62.5")), CodePercentage("BF", Decimal("37.5"))]
    ),
    sectors=st.just([CodePercentage("15160", Decimal(100))]),
    tags=st.lists(st.sampled_from(["5.2", "8.7", "16.2"]), unique=True),
    markers=st.just(
        [PolicyMarker("1", "1", "2"), PolicyMarker("youth", "99", "1", {"fr": "Jeunes"})]
    ),
    defaults=st.just({"default-flow-type": "10", "default-aid-type": "C01"}),
    budgets=st.lists(budgets(), max_size=2),
    planned_disbursements=st.lists(payments(PlannedDisbursement), max_size=1),
    transactions=st.lists(payments(IatiTransaction), max_size=2),
    results=st.lists(outcomes, max_size=2),
)


def read(content):
    opened = open_file(content)
    return read_activity(opened, opened.activities[0])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents)
def test_it_is_valid_and_read_back_as_it_was(document):
    content = to_xml(document)

    reading = read(content)

    assert (reading.document, reading.left_out, reading.findings) == (document, [], [])
    assert to_xml(reading.document) == content


def test_the_elements_stand_in_the_order_of_the_schema():
    schema = etree.parse(FOLDER / "iati-activities-schema.xsd")
    sequence = schema.find(f"{XSD}element[@name='iati-activity']/{XSD}complexType/{XSD}sequence")
    order = [each.get("ref") or each.get("name") for each in sequence.iterfind(f"{XSD}element")]

    ours = [name for name, _build in ELEMENTS]

    assert ours == sorted(ours, key=order.index)


def a_document(**facts):
    return IatiDocument(
        identifier="XX-EXAMPLE-1-A",
        reporting=IatiOrganisation({"fr": "IBCR"}, "XX-EXAMPLE-1", "21"),
        title={"fr": "Titre"},
        descriptions={"1": {"fr": "Texte"}},
        participants=[Participant(IatiOrganisation({"fr": "AMC"}), "1")],
        status="2",
        currency="CAD",
        dates={"1": date(2019, 4, 1)},
        countries=[CodePercentage("HN", Decimal(100))],
        sectors=[CodePercentage("15160", Decimal(100))],
        **facts,
    )


def test_a_file_may_say_when_it_was_last_changed_and_is_read_alike():
    document = a_document()
    stamped = to_xml(document, updated=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))

    assert b'last-updated-datetime="2026-01-02T03:04:05Z"' in stamped
    assert read(stamped).document == document


def test_the_rules_tell_what_the_schema_cannot():
    tree = to_tree(a_document(budgets=[IatiBudget(date(2019, 1, 1), date(2020, 6, 1), A_CENT)]))
    activity = tree[0]
    activity.find("iati-identifier").text = "XX-EXAMPLE-1"
    activity.find("activity-date").set("type", "2")
    activity.find("activity-date").set("iso-date", "2190-01-01")
    activity.find("sector").set("percentage", "60")
    activity.find("participating-org").clear()
    activity.find("participating-org").set("role", "1")
    activity.append(etree.fromstring('<policy-marker vocabulary="1" code="1"/>'))
    etree.SubElement(
        etree.SubElement(etree.SubElement(activity, "result"), "indicator", measure="1"),
        "baseline",
        year="2019",
    )

    assert {finding.sentence for finding in rule_findings(activity)} == {
        "The activity’s identifier must differ from that of the organisation.",
        "This day is in the future, which is not possible.",
        "The percentages of the sectors add up to 60, not to 100.",
        "An organisation needs its identifier or its name.",
        "A policy marker needs its significance.",
        "A budget covers at most one year.",
        "A measured value needs its number (only words have none).",
    }


A_CENT = IatiAmount(Decimal("0.01"), "CAD", date(2019, 1, 1))


def test_the_schema_speaks_in_sentences_with_lines():
    content = to_xml(a_document()).replace(b'code="2"', b"").replace(b"2019-04-01", b"2019-13-01")
    content = content.replace(b"<title>", b"<tilte/><title>", 1)
    opened = open_file(content)

    assert [(each.line, each.sentence) for each in opened.findings] == [
        (8, "“tilte” does not belong here; expected: title."),
    ]
    content = content.replace(b"<tilte/>", b"")
    assert [(each.line, each.sentence) for each in open_file(content).findings] == [
        (17, "“activity-status” lacks its attribute “code”."),
        (18, "“2019-13-01” is not a valid value of “activity-date/@iso-date” (date)."),
    ]


def test_numbers_and_days_that_are_none_are_left_out_and_the_rest_is_taken():
    indicator = MeasuredIndicator(
        {"fr": "Part"},
        "2",
        "1.1",
        periods=[MeasuredPeriod(date(2019, 4, 1), date(2020, 3, 31), [MeasuredValue(Decimal(40))])],
    )
    document = a_document(results=[MeasuredResult({"fr": "Effet"}, "2", "1", "", [indicator])])
    content = to_xml(document).replace(b'<target value="40"/>', b'<target value="140"/>\n' * 2)

    reading = read(content.replace(b'percentage="100"', b'percentage="cent"', 1))

    assert reading.document.countries == [CodePercentage("HN", None)]
    assert [(each.element, each.count) for each in reading.left_out] == [
        ("recipient-country", 1),
        ("result/indicator/period/target", 2),
    ]


def test_every_list_of_codes_is_as_the_models_keep_them():
    assert set(codelists.SIGNIFICANCE_OF_LEVEL) == set(codelists.GENDER_LEVELS)
    assert not set(codelists.SECTORS) & set(codelists.WITHDRAWN_SECTORS)
