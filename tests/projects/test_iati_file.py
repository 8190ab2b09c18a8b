"""Which activities of a file are read, and what is understood of each and of its results."""

from datetime import date
from decimal import Decimal

import pytest

from projects.iati.document import IatiOrganisation, MeasuredValue, Participant
from projects.iati.read import MOST_ACTIVITIES, open_file, read_activity
from projects.iati.reading import MOST_LINES
from tests.projects.test_iati_hostile import a_file

pytestmark = pytest.mark.usefixtures("in_english")


def read(more="", *changes):
    content = a_file(more=more)
    for old, new in changes:
        assert old in content
        content = content.replace(old, new)
    opened = open_file(content)
    return read_activity(opened, opened.activities[0])


def left_out(reading):
    return [(each.element, each.why) for each in reading.left_out]


# The file


@pytest.mark.parametrize(
    ("version", "remark"),
    [
        ('version="2.01"', None),
        ('version="2.03"', None),
        ('version="2.04"', "Version “2.04” is unknown here: it is read as 2.03."),
        ("", "The file does not say its version of IATI: it is read as 2.03."),
    ],
)
def test_a_version_that_is_unknown_is_remarked_and_read(version, remark):
    opened = open_file(a_file().replace(b'version="2.03"', version.encode()))

    remarks = [each.sentence for each in opened.findings if not each.is_error]
    assert remarks == ([remark] if remark else [])
    assert [(each.identifier, each.title) for each in opened.activities] == [("XX-A-1", "Titre")]


def test_a_thousand_activities_are_offered_at_most():
    one = b"<iati-activity><iati-identifier>A</iati-identifier></iati-activity>"
    content = b'<iati-activities version="2.03">' + one * (MOST_ACTIVITIES + 1)

    assert len(open_file(content + b"</iati-activities>").activities) == MOST_ACTIVITIES


def test_the_findings_of_an_activity_are_those_of_its_own_lines():
    content = a_file()
    start, end = content.index(b"<iati-activity "), content.index(b"</iati-activities>")
    wrong = content[start:end].replace(b'activity-status code="2"', b"activity-status")
    opened = open_file(content[:start] + content[start:end] + b"\n" + wrong + content[end:])

    found = [
        [each.sentence for each in read_activity(opened, activity).findings if each.is_error]
        for activity in opened.activities
    ]

    assert found == [[], ["“activity-status” lacks its attribute “code”."]]


def test_without_a_title_nothing_is_made_of_an_activity():
    reading = read("", (b"<narrative>Titre</narrative>", b"<narrative> </narrative>"))

    assert reading.document is None
    assert left_out(reading) == [
        ("iati-activity", "Without a title, an activity cannot be imported.")
    ]


def test_what_is_left_out_many_times_is_told_once_with_its_first_lines():
    reading = read("<location/>\n" * (MOST_LINES + 5))

    (note,) = reading.left_out
    assert (note.element, note.count, len(note.lines)) == (
        "location",
        MOST_LINES + 5,
        MOST_LINES,
    )


# The activity


@pytest.mark.parametrize(
    ("code", "status"), [("1", "1"), ("6", "6"), ("7", "1"), ("", "1"), ("02", "1")]
)
def test_a_status_that_is_unknown_is_taken_as_planned(code, status):
    reading = read("", (b'activity-status code="2"', f'activity-status code="{code}"'.encode()))

    assert reading.document.status == status
    assert (
        "Its status is unknown: imported as planned." in [w for _e, w in left_out(reading)]
    ) is (code not in ("1", "6"))


def test_one_description_and_one_note_are_taken():
    more = "".join(
        f'<description type="{kind}"><narrative>{kind}</narrative></description>'
        for kind in ("4", "2", "1")
    )

    reading = read(more)

    assert reading.document.descriptions == {"1": {"fr": "Ce que c’est"}, "4": {"fr": "4"}}
    assert left_out(reading) == [("description", "The portal has one description and one note.")]


def test_organisations_with_a_role_and_a_name_or_an_identifier():
    more = (
        '<participating-org role="4"><narrative>Nom</narrative></participating-org>'
        '<participating-org role="2"/><participating-org role="5" ref="XX-C"/>'
        '<participating-org ref="XX-D"/>'
    )

    reading = read(more)

    assert reading.document.participants == [
        Participant(IatiOrganisation({}, "XX-B"), "1"),
        Participant(IatiOrganisation({"fr": "Nom"}), "4"),
    ]
    assert [each.count for each in reading.left_out] == [1, 2]


@pytest.mark.parametrize(
    ("code", "is_known"),
    [("HN", True), ("hn", True), ("HND", False), ("H1", False), ("ÉÉ", False), ("", False)],
)
def test_a_country_has_two_letters(code, is_known):
    countries = read(f'<recipient-country code="{code}"/>').document.countries

    assert [share.code for share in countries] == (["HN"] if is_known else [])


@pytest.mark.parametrize(
    ("element", "name", "code"),
    [
        ("activity-scope", "scope", "4"),
        ("default-flow-type", "default-flow-type", "10"),
        ("collaboration-type", "collaboration-type", "1"),
        ("default-tied-status", "default-tied-status", "5"),
    ],
)
def test_a_code_is_kept_where_the_portal_has_it(element, name, code):
    def kept(said):
        document = read(f'<{element} code="{said}"/>').document
        return document.scope if name == "scope" else document.defaults.get(name, "")

    assert (kept(code), kept("999")) == (code, "")


# Money


@pytest.mark.parametrize(
    ("value", "money"),
    [
        ('<value value-date="2019-05-01">5.50</value>', ("5.5", "CAD", date(2019, 5, 1))),
        ('<value currency="usd" value-date="2019-05-01">-5</value>', ("-5", "USD", None)),
        ("<value>5</value>", None),
        ('<value value-date="2019-05-01">cinq</value>', None),
        ('<value value-date="2019-05-01">1000000000000</value>', None),
        ('<value value-date="2019-05-01">999999999999</value>', ("999999999999", "CAD", None)),
        ("", None),
    ],
)
def test_a_payment_has_its_amount_its_currency_and_its_day(value, money):
    more = (
        '<transaction ref="V-1"><transaction-type code="1"/>'
        f'<transaction-date iso-date="2019-05-01"/>{value}'
        '<provider-org ref="XX-B"><narrative>B</narrative></provider-org></transaction>'
    )

    transactions = read(more).document.transactions

    if money is None:
        assert transactions == []
        return
    (said,) = transactions
    assert (said.money.amount, said.money.currency) == (Decimal(money[0]), money[1])
    assert (said.ref, said.provider, said.receiver) == (
        "V-1",
        IatiOrganisation({"fr": "B"}, "XX-B"),
        None,
    )


# Results


def result(inside="", title="1100 · Plus de moyens", **attributes):
    said = "".join(f' {key}="{value}"' for key, value in ({"type": "2"} | attributes).items())
    return f"<result{said}><title><narrative>{title}</narrative></title>{inside}</result>"


def indicator(inside="", title="1100.1 · Part", measure="1", **attributes):
    said = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in attributes.items())
    return (
        f'<indicator measure="{measure}"{said}><title><narrative>{title}</narrative></title>'
        f"{inside}</indicator>"
    )


@pytest.mark.parametrize(
    ("title", "code", "text"),
    [
        ("1100 · Plus de moyens", "1100", "Plus de moyens"),
        ("Plus de moyens", "", "Plus de moyens"),
        ("A · B · C", "A", "B · C"),
        ("123456789012345678901 · Trop", "", "123456789012345678901 · Trop"),
    ],
)
def test_a_code_before_a_title_is_taken_off_it(title, code, text):
    (outcome,) = read(result(title=title)).document.results

    assert (outcome.code, outcome.title) == (code, {"fr": text})


def test_a_code_that_differs_by_language_is_part_of_the_title():
    more = result().replace(
        "</title>", '<narrative xml:lang="es">1200 · Más medios</narrative></title>'
    )

    (outcome,) = read(more).document.results

    assert (outcome.code, outcome.title["fr"]) == ("", "1100 · Plus de moyens")


@pytest.mark.parametrize(
    ("kind", "kept"), [("1", "1"), ("3", "3"), ("9", "9"), ("4", "2"), ("", "2")]
)
def test_a_result_of_an_unknown_type_is_taken_as_an_outcome(kind, kept):
    (outcome,) = read(result(type=kind)).document.results

    assert outcome.kind == kept


@pytest.mark.parametrize(
    ("references", "level"),
    [
        ('<reference vocabulary="99" code="immediate"/>', "immediate"),
        ('<reference vocabulary="1" code="immediate"/>', ""),
        ('<reference vocabulary="99" code="elsewhere"/>', ""),
        (
            '<reference vocabulary="99" code="output"/><reference vocabulary="99" code="ultimate"/>',
            "output",
        ),
    ],
)
def test_the_level_of_a_result_is_the_first_that_the_portal_knows(references, level):
    (outcome,) = read(result(references)).document.results

    assert outcome.level == level


@pytest.mark.parametrize(
    ("measure", "kept"),
    [("1", "1"), ("2", "2"), ("3", "1"), ("4", "1"), ("5", "5"), ("6", None), ("", None)],
)
def test_what_is_counted_by_name_or_in_order_is_a_number(measure, kept):
    (outcome,) = read(result(indicator(measure=measure))).document.results

    assert [each.measure for each in outcome.indicators] == ([kept] if kept else [])


@pytest.mark.parametrize(
    ("said", "ascending", "adds_up"),
    [
        ({}, True, False),
        ({"ascending": "0", "aggregation_status": "1"}, False, True),
        ({"ascending": "false", "aggregation_status": "true"}, False, True),
        ({"ascending": "true", "aggregation_status": "false"}, True, False),
    ],
)
def test_an_indicator_goes_up_and_does_not_add_up_unless_it_says_so(said, ascending, adds_up):
    (outcome,) = read(result(indicator(**said))).document.results

    (found,) = outcome.indicators
    assert (found.ascending, found.adds_up, found.code) == (ascending, adds_up, "1100.1")


def a_period(start, end, inside='<target value="5"/>'):
    return (
        f'<period><period-start iso-date="{start}"/><period-end iso-date="{end}"/>{inside}</period>'
    )


def test_periods_come_in_their_order_with_what_they_tell():
    periods = [
        a_period("2020-01-01", "2020-12-31"),
        a_period("2019-01-01", "2019-12-31", '<actual value="7"/>'),
        a_period("2021-01-01", "2021-01-01"),
        a_period("2022-01-01", "2022-12-31", ""),
    ]

    (outcome,) = read(result(indicator("".join(periods)))).document.results

    (found,) = outcome.indicators
    assert [(each.start.year, each.targets, each.actuals) for each in found.periods] == [
        (2019, [], [MeasuredValue(Decimal(7))]),
        (2020, [MeasuredValue(Decimal(5))], []),
    ]


def test_of_an_indicator_of_words_the_words_are_taken_and_of_others_the_number():
    said = '<comment><narrative>Mieux</narrative></comment><dimension name="sex" value="women"/>'
    period = a_period(
        "2019-01-01", "2019-12-31", f'<actual value="7">{said}</actual><target value=""/>'
    )

    def measured(measure):
        reading = read(result(indicator(period, measure=measure)))
        (found,) = reading.document.results[0].indicators
        return found.periods[0].targets, found.periods[0].actuals

    assert measured("1") == (
        [],
        [MeasuredValue(Decimal(7), {"fr": "Mieux"}, [("sex", "women")])],
    )
    assert measured("5") == ([], [MeasuredValue(None, {"fr": "Mieux"}, [("sex", "women")])])


@pytest.mark.parametrize(
    ("year", "is_kept"),
    [("1900", True), ("1899", False), ("2200", True), ("2201", False), ("19", False), ("", False)],
)
def test_a_baseline_has_a_year_of_this_age(year, is_kept):
    more = result(indicator(f'<baseline year="{year}" value="1"/>'))

    (found,) = read(more).document.results[0].indicators

    assert [each.year for each in found.baselines] == ([int(year)] if is_kept else [])
