"""What the rules of IATI ask beyond its schema: each kept at its edge and broken just beyond it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from lxml import etree

from projects import codelists
from projects.iati.rules import MAX_FINDINGS, a_year_after, rule_findings, schema_findings

pytestmark = pytest.mark.usefixtures("in_english", "still_today")

ACTIVITY = """<iati-activity {attributes}>
<iati-identifier>{identifier}</iati-identifier>
<reporting-org ref="XX-A" type="21"><narrative>A</narrative></reporting-org>
<title><narrative>Titre</narrative></title>
<description><narrative>Ce que c’est</narrative></description>
<participating-org role="1" ref="XX-B"/>
<activity-status code="2"/>
{dates}
{places}
{sectors}
{more}
</iati-activity>"""
PARTS = {
    "attributes": 'xml:lang="fr" default-currency="CAD"',
    "identifier": "XX-A-1",
    "dates": '<activity-date type="1" iso-date="2020-01-01"/>',
    "places": '<recipient-country code="HN"/>',
    "sectors": '<sector vocabulary="1" code="15160"/>',
    "more": "",
}
TODAY = timezone.localdate()
TOMORROW = TODAY + timedelta(days=1)
TO_COME = "This day is in the future, which is not possible."
IN_ORDER = "The start must be before the end."


def told(**parts):
    activity = etree.fromstring(ACTIVITY.format(**PARTS | parts))
    return [finding.sentence for finding in rule_findings(activity)]


def test_an_activity_that_keeps_the_rules_has_no_findings():
    assert told() == []


@pytest.mark.parametrize(
    ("identifier", "sentences"),
    [
        ("XX-A", ["The activity’s identifier must differ from that of the organisation."]),
        ("XX-AB", ["The identifier should begin with that of the reporting organisation."]),
        ("XX-A-1/2", ["An identifier cannot contain any of the characters / & | ?."]),
    ],
)
def test_an_identifier_is_the_organisation_s_and_more(identifier, sentences):
    assert told(identifier=identifier) == sentences


@pytest.mark.parametrize(
    ("type_", "day", "sentences"),
    [
        ("2", TODAY, []),
        ("2", TOMORROW, [TO_COME]),
        ("4", TODAY, []),
        ("4", TOMORROW, [TO_COME]),
        ("3", TOMORROW, []),
    ],
)
def test_what_happened_may_have_happened_today_and_not_tomorrow(type_, day, sentences):
    dates = PARTS["dates"] + f'<activity-date type="{type_}" iso-date="{day}"/>'

    assert told(dates=dates) == sentences


@pytest.mark.parametrize(
    ("of", "name"), [("transaction-date", "iso-date"), ("value", "value-date")]
)
def test_money_may_have_moved_today_and_not_tomorrow(of, name):
    def with_day(day):
        days = {"transaction-date": "2020-01-01", "value": "2020-01-01"} | {of: day}
        return told(
            more=f'<transaction><transaction-type code="1"/>'
            f'<transaction-date iso-date="{days["transaction-date"]}"/>'
            f'<value value-date="{days["value"]}">5</value></transaction>'
        )

    assert (with_day(TODAY), with_day(TOMORROW)) == ([], [TO_COME])


@pytest.mark.parametrize(
    ("end", "sentences"),
    [("2020-01-02", []), ("2020-01-01", [IN_ORDER]), ("2019-12-31", [IN_ORDER])],
)
def test_a_start_lies_before_its_end(end, sentences):
    days = f'<period-start iso-date="2020-01-01"/><period-end iso-date="{end}"/>'
    dates = PARTS["dates"] + f'<activity-date type="3" iso-date="{end}"/>'
    planned = f"<planned-disbursement>{days}<value>5</value></planned-disbursement>"

    assert told(dates=dates) == sentences
    assert told(more=f"<budget>{days}<value>5</value></budget>") == sentences
    assert told(more=planned) == sentences
    assert (
        told(more=f'<result><indicator measure="5"><period>{days}</period></indicator></result>')[
            :1
        ]
        == sentences
    )


def test_an_activity_says_when_it_starts():
    sentence = "The activity needs a planned or an actual start."

    assert told(dates="") == [sentence]
    assert told(dates='<activity-date type="3" iso-date="2020-01-01"/>') == [sentence]
    assert told(dates='<activity-date type="2" iso-date="2020-01-01"/>') == []


@pytest.mark.parametrize(
    ("shares", "total"),
    [
        (["100"], None),
        ([""], None),
        (["99.9"], "99.9"),
        (["60", "40"], None),
        (["60", "40.01"], "100.01"),
        (["60", ""], "60"),
        (["100", ""], "100"),
        (["", ""], "0"),
    ],
)
def test_several_shares_are_all_told_and_make_the_whole(shares, total):
    """Of one alone the share may be left away; of two it may not, even where the other is all."""
    said = [f'percentage="{share}"' if share else "" for share in shares]
    codes_ = zip(("15160", "15180"), ("HN", "GT"), said, strict=False)
    sectors, places = [], []
    for sector, country, share in codes_:
        sectors.append(f'<sector code="{sector}" {share}/>')
        places.append(f'<recipient-country code="{country}" {share}/>')

    about = [
        (told(sectors="".join(sectors)), "sectors"),
        (told(places="".join(places)), "countries"),
    ]

    for found, name in about:
        sentence = f"The percentages of the {name} add up to {total}, not to 100."
        assert found == ([] if total is None else [sentence])


def test_each_vocabulary_of_sectors_is_a_whole_of_its_own():
    own = '<sector vocabulary="99" code="A" percentage="{}"/>'

    assert told(sectors=PARTS["sectors"] + own.format(100)) == []
    assert len(told(sectors=PARTS["sectors"] + own.format(50))) == 1


def test_texts_and_amounts_say_their_language_and_currency_where_the_activity_does_not():
    money = (
        '<transaction><transaction-date iso-date="2020-01-01"/><value value-date="2020-01-01" {}>'
        "5</value></transaction>"
    )

    without = told(attributes='default-currency="CAD"')
    assert set(without) == {"State the language of this text, or one for the whole activity."}
    said = [
        told(attributes='xml:lang="fr"', more=money.format(currency))
        for currency in ('currency="CAD"', "")
    ]
    assert said == [[], ["State the currency of this amount, or one for the whole activity."]]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2019, 4, 1), date(2020, 4, 1)),
        (date(2020, 2, 29), date(2021, 2, 28)),
        (date(2019, 2, 28), date(2020, 2, 28)),
        (date(9999, 5, 1), date(9999, 5, 28)),
    ],
)
def test_a_budget_lasts_a_year_at_most(start, end):
    assert a_year_after(start) == end
    if end.year == 9999:
        return
    budget = '<budget><period-start iso-date="{}"/><period-end iso-date="{}"/></budget>'

    assert told(more=budget.format(start, end)) == []
    assert told(more=budget.format(start, end + timedelta(days=1))) == [
        "A budget covers at most one year."
    ]


def test_findings_come_in_the_order_of_the_file():
    dates = f'<activity-date type="2" iso-date="{TOMORROW}"/>'
    activity = etree.fromstring(ACTIVITY.format(**PARTS | {"identifier": "XX-A", "dates": dates}))

    assert [finding.line for finding in rule_findings(activity)] == [2, 8]


# The schema, and the codes


@pytest.mark.parametrize("count", [1, MAX_FINDINGS, MAX_FINDINGS + 1])
def test_a_file_that_is_wrong_everywhere_is_told_two_hundred_times(count):
    unknown = '<sector code="15160" weight="1"/>' * count
    root = etree.fromstring(
        f'<iati-activities version="2.03">{ACTIVITY.format(**PARTS | {"sectors": unknown})}'
        "</iati-activities>"
    )

    found = schema_findings(root)

    assert len(found) == min(count, MAX_FINDINGS)
    assert {each.sentence for each in found} == {"“sector” has no attribute “weight”."}


@pytest.mark.parametrize(
    ("marker", "highest"),
    [("1", "2"), ("2", "2"), ("8", "3"), ("9", "4"), ("12", "2"), ("youth", "2")],
)
def test_two_markers_alone_know_more_than_a_principal_objective(marker, highest):
    known = codelists.significances_of(marker)

    assert known == ["0", "1", "2", "3", "4"][: int(highest) + 1]


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        ("8.7", True),
        ("16.a", True),
        ("17.19", True),
        ("1.d", True),
        ("18.1", False),
        ("0.1", False),
        ("8.0", False),
        ("8.e", False),
        ("8", False),
        ("8.7 ", False),
    ],
)
def test_a_target_is_of_one_of_seventeen_goals(code, is_one):
    assert bool(codelists.TARGET.fullmatch(code)) is is_one
