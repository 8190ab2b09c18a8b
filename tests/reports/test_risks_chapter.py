"""The chapter on risks and its annex: what changed since when, for whom, and as known on a day."""

from datetime import date, timedelta

import pytest

from kernel.lifecycle import StatusChange
from projects.models import Risk
from reports.compose.risks import risk_annex, risks
from reports.models import PresetSection
from tests.factories import PeriodFactory, RiskFactory, RiskRatingFactory
from tests.reports.chapters import (
    captions,
    drawn,
    figure,
    heads,
    reading_of,
    sentences,
    table,
    told,
    words,
)
from tests.reports.conftest import SIGNED_ON

pytestmark = pytest.mark.django_db

AUDIENCES = ("coordination", "donor", "committee", "voting", "partners", "public")
LEVELS = "Levels at three dates"
START = date(2020, 4, 1)
LATER = SIGNED_ON + timedelta(days=10)


@pytest.fixture
def report(world, report):
    """Of the second year: something stood in the register before it began. It has no annex of risks,
    or the chapter would lead there."""
    PresetSection.objects.filter(kind="annex_risks").delete()
    second = PeriodFactory(project=world.project, number=2, start=START, end=date(2021, 3, 31))
    type(report).objects.filter(pk=report.pk).update(period=second)
    return report


def risk(world, number, *ratings, **fields):
    """Ratings of (day, likelihood, impact)."""
    made = RiskFactory(
        project=world.project,
        number=number,
        **{"definition_fr": f"Risque {number}", "is_shared": True} | fields,
    )
    for day, likelihood, impact in ratings:
        RiskRatingFactory(risk=made, rated_on=day, likelihood=likelihood, impact=impact)
    return made


FIRST, BEFORE, NOW = date(2019, 6, 1), date(2020, 3, 1), date(2020, 9, 1)


@pytest.fixture
def register(world):
    """One of each: up, down, unchanged and grave, unchanged and low, new, closed, closed before."""
    risk(world, 1, (FIRST, 1, 2), (BEFORE, 2, 2), (NOW, 3, 4))
    risk(world, 2, (FIRST, 4, 4), (NOW, 2, 2), owner=world.institutions["member"])
    risk(world, 3, (FIRST, 3, 3), owner_role="finance", response_fr="Veiller.")
    risk(world, 4, (FIRST, 1, 1))
    risk(world, 5, (NOW, 2, 3), identified_on=date(2020, 8, 1), is_shared=False)
    risk(world, 6, (FIRST, 2, 3)).take("close", by=None, on=date(2020, 5, 1))
    risk(world, 7, (FIRST, 4, 4)).take("close", by=None, on=date(2020, 2, 1))


def test_each_risk_stands_with_three_levels_and_its_trend(report, register):
    blocks = told(risks, report)

    assert heads(blocks, LEVELS) == [
        "No.",
        "Risk",
        "First rating",
        "Apr 1, 2020",
        "Sep 30, 2020",
        "Trend",
    ]
    assert table(blocks, LEVELS) == [
        [
            "1",
            "Risque 1",
            "1 × 2 = 2 | Very low | Jun 1, 2019",
            "2 × 2 = 4 | Low",
            "3 × 4 = 12 | Very high",
            "+8 Rising",
        ],
        [
            "3",
            "Risque 3",
            "3 × 3 = 9 | High | Jun 1, 2019",
            "3 × 3 = 9 | High",
            "3 × 3 = 9 | High",
            "= Unchanged",
        ],
        ["5", "Risque 5", "2 × 3 = 6 | High | Sep 1, 2020", "–", "2 × 3 = 6 | High", "New"],
        [
            "2",
            "Risque 2",
            "4 × 4 = 16 | Very high | Jun 1, 2019",
            "4 × 4 = 16 | Very high",
            "2 × 2 = 4 | Low",
            "−12 Falling",
        ],
        [
            "6",
            "Risque 6",
            "2 × 3 = 6 | High | Jun 1, 2019",
            "2 × 3 = 6 | High",
            "2 × 3 = 6 | High",
            "× Closed | May 1, 2020",
        ],
    ]
    assert sentences(blocks)[:2] == [
        "Risks since April 1, 2020: New: 1 · Rising: 1 · Falling: 1 · Unchanged: 2 · Closed: 1",
        "1 other risk is low and unchanged; it is listed in the register.",
    ]


def test_what_is_done_and_by_which_institution_or_role(world, report, register):
    name = world.institutions["member"].names.get()

    rows = table(told(risks, report), "What is done about them")

    assert rows == [
        ["1", "–", "Reduce", "–"],
        ["3", "Veiller.", "Reduce", "Finance"],
        ["5", "–", "Reduce", "–"],
        ["2", "–", "Reduce", name.acronym or name.name_fr],
        ["6", "–", "Reduce", "–"],
    ]


def test_the_map_holds_what_is_not_closed(report, register):
    blocks = told(risks, report)
    drawn = figure(blocks, "risk_map")
    placed = {
        (one["row"], one["column"]): one["names"] for one in drawn["data"]["fields"] if one["names"]
    }

    assert placed == {(1, 3): ["1"], (2, 1): ["2"], (1, 2): ["3"], (3, 0): ["4"], (2, 2): ["5"]}


def test_the_map_is_drawn_of_the_data_and_spoken(report, register):
    blocks = told(risks, report)
    (picture,) = drawn(blocks)

    assert picture.caption == "Figure 1 – Risks by likelihood and impact"
    assert "Likelihood High, Impact Very high: 1." in picture.svg
    assert "→" not in picture.svg


def test_the_annex_holds_the_whole_register_by_category(world, report, register):
    risk(world, 8, kind=Risk.Kind.REPUTATION, definition_fr="Une rumeur")
    blocks = told(risk_annex, report)

    assert captions(blocks) == ["Financial", "Reputation"]
    assert [row[0] for row in table(blocks, "Financial")] == ["1", "3", "5", "2", "4", "7", "6"]
    assert table(blocks, "Reputation") == [
        ["8", "Une rumeur", "–", "– | Not rated yet", "– | Reduce | –"]
    ]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_who_reads_which_risks(world, report, audience):
    hidden = {"definition_fr": "SECRET-INTERNE", "cause_fr": "CAUSE", "response_fr": "REPONSE"}
    kept = risk(world, 1, (NOW, 4, 4), is_shared=False, **hidden)
    risk(world, 2, (NOW, 4, 4), definition_fr="SECRET-COMITE")
    kept.ratings.update(note="SECRET-NOTE")

    for chapter in (risks, risk_annex):
        text = words(told(chapter, report, audience=audience))

        sees = {
            word
            for word in ("SECRET-INTERNE", "CAUSE", "REPONSE", "SECRET-COMITE", "SECRET-NOTE")
            if word in text
        }
        inside = {"SECRET-INTERNE", "REPONSE"} | ({"CAUSE"} if chapter is risk_annex else set())
        assert sees == {
            "coordination": inside | {"SECRET-COMITE"},
            "donor": inside | {"SECRET-COMITE"},
            "committee": {"SECRET-COMITE"},
            "voting": {"SECRET-COMITE"},
        }.get(audience, set())


def test_for_the_committee_what_is_not_shared_counts_nowhere(world, report, register):
    blocks = told(risks, report, audience="committee")

    assert sentences(blocks)[0] == (
        "Risks since April 1, 2020: Rising: 1 · Falling: 1 · Unchanged: 2 · Closed: 1"
    )
    assert all("5" not in one["names"] for one in figure(blocks, "risk_map")["data"]["fields"])


def test_partners_have_no_chapter_at_all(report, register):
    assert told(risks, report, audience="partners") == []
    assert told(risk_annex, report, audience="partners") == []


def test_what_came_after_the_day_is_not_known(world, report, register):
    before = told(risks, report), told(risk_annex, report)
    risk(world, 9, (LATER, 4, 4), identified_on=LATER)
    for each in Risk.objects.filter(number__in=(1, 2, 3)):
        RiskRatingFactory(risk=each, rated_on=LATER, likelihood=1, impact=1)
    Risk.objects.get(number=3).take("close", by=None, on=LATER)
    Risk.objects.get(number=6).take("reopen", by=None, on=LATER)

    assert (told(risks, report), told(risk_annex, report)) == before
    later = table(told(risks, report, as_of=LATER), LEVELS)
    assert [(row[0], row[-1]) for row in later] == [
        ("9", "New"),
        ("5", "New"),
        ("6", "= Unchanged"),
        ("1", "−3 Falling"),
        ("2", "−15 Falling"),
        ("3", "× Closed | Oct 10, 2020"),
    ]


def test_nothing_of_it_is_written_back(report, register):
    told(risks, report, as_of=date(2020, 4, 15))

    assert Risk.objects.get(number=6).status == Risk.Status.CLOSED
    assert StatusChange.objects.filter(verb="close").count() == 2


def test_in_the_first_period_no_column_is_empty(world, report):
    type(report).objects.filter(pk=report.pk).update(period=world.year)
    risk(world, 1, (FIRST, 2, 3))

    blocks = told(risks, report, as_of=date(2020, 3, 31))

    two = "Levels at two dates"
    assert heads(blocks, two) == ["No.", "Risk", "First rating", "Mar 31, 2020", "Trend"]


def test_in_the_first_period_what_the_register_began_with_has_a_trend(world, report):
    type(report).objects.filter(pk=report.pk).update(period=world.year)
    risk(world, 1, (FIRST, 2, 3), (BEFORE, 4, 4))
    risk(world, 2, (FIRST, 4, 4))
    risk(world, 3, (BEFORE, 4, 4), identified_on=BEFORE)

    rows = table(told(risks, report, as_of=date(2020, 3, 31)), "Levels at two dates")

    assert [(row[0], row[-1]) for row in rows] == [
        ("1", "+10 Rising"),
        ("2", "= Unchanged"),
        ("3", "New"),
    ]


def test_one_that_happened_says_so(world, report):
    risk(world, 1, (FIRST, 1, 1)).take("materialise", by=None, on=date(2020, 6, 1))

    (row,) = table(told(risks, report), LEVELS)

    assert row[1] == "Risque 1 | Materialised"


@pytest.mark.parametrize("chapter", [risks, risk_annex])
def test_more_risks_are_not_more_queries(world, report, chapter, django_assert_max_num_queries):
    counts = []
    for count in (1, 30):
        for number in range(Risk.objects.count() + 1, count + 1):
            one = risk(
                world, number, (FIRST, 3, 3), (NOW, 4, 4), owner=world.institutions["member"]
            )
            one.results.add(world.result)
            one.take("close", by=None, on=NOW)
        reading = reading_of(report)
        with django_assert_max_num_queries(11) as statements:
            assert chapter(reading)
        counts.append(len(statements))

    few, many = counts
    assert many <= few


def test_a_text_that_is_not_translated_says_its_language(world, report):
    risk(world, 1, (FIRST, 3, 3), definition_es="Un riesgo")
    risk(world, 2, (FIRST, 3, 3))

    (levels,) = [
        one
        for one in told(risks, report, language="es")
        if one["type"] == "table" and len(one["columns"]) == 6
    ]

    named = [(row["cells"][1]["text"], row["cells"][1]["lang"]) for row in levels["rows"]]
    assert named == [("Un riesgo", ""), ("Risque 2", "fr")]
