"""The value of the period beside the cumulative one, and both by the groups of a breakdown."""

import re
from dataclasses import asdict
from datetime import date

import pytest

from reports.compose.measured import IndicatorValues
from reports.compose.progress import progress
from reports.compose.results import disaggregated, results_of
from reports.pdf import html_of
from tests.factories import (
    CategoryFactory,
    DataPointFactory,
    DimensionFactory,
    IndicatorFactory,
    PeriodFactory,
    ReportFactory,
)
from tests.reports.reading_blocks import document_of, heads_of, reading_of, rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(world):
    return PeriodFactory(
        project=world.project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31)
    )


@pytest.fixture
def later(world, second):
    """A report of the second year."""
    return ReportFactory(period=second, written_by=world.people["coordinator"])


@pytest.fixture
def trained(world, second):
    sex = DimensionFactory(name_fr="Sexe", name_en="Sex")
    groups = [CategoryFactory(dimension=sex, name_en=name) for name in ("Women", "Men")]
    indicator = IndicatorFactory(
        result=world.result, code="1100.2", counts_persons=True, dimension=sex
    )
    for period, target, counts in ((world.year, 30, (12, 13)), (second, 50, (20, 21))):
        DataPointFactory(indicator=indicator, period=period, kind="target", numerator=target)
        DataPointFactory(indicator=indicator, period=period, numerator=sum(counts))
        for group, count in zip(groups, counts, strict=True):
            DataPointFactory(indicator=indicator, period=period, category=group, numerator=count)
    return indicator


def parts(report, indicator, **who):
    with reading_of(report, as_of=date(2021, 6, 1), **who) as reading:
        indicator = type(indicator).objects.get(pk=indicator.pk)
        return disaggregated(IndicatorValues(reading, indicator, reading.points[indicator.pk]))


def row(report, indicator, **who):
    with reading_of(report, as_of=date(2021, 6, 1), **who) as reading:
        rows = [row for one in results_of(reading, outputs=False) for row in one.indicators]
    return asdict(next(row for row in rows if row.code == indicator.code))


def progress_of(report):
    with reading_of(report, as_of=date(2021, 6, 1)) as reading:
        return progress(reading)


VALUES = ("period_target", "period_actual", "target", "actual", "end_target", "share_of_end")


def test_the_period_stands_beside_what_it_adds_up_to(later, trained):
    found = row(later, trained)

    assert [found[name] for name in VALUES] == ["50", "41", "80", "66", "80", "82%"]


def test_a_table_tells_the_period_and_the_cumulative_values_apart(later, trained):
    found = next(one for one in progress_of(later) if one.get("caption", "").endswith("1100"))

    assert heads_of(found) == [
        "Indicator",
        "Baseline",
        "Target of the period",
        "Actual value of the period",
        "Cumulative target",
        "Cumulative actual value",
        "Variance",
        "Rating",
    ]
    assert rows_of(found)[1][1:] == [
        *("–", "50", "41", "80", "66", "−18%", "Close to the target"),
    ]


def test_where_they_are_the_same_they_are_told_once(report, trained):
    trained.data_points.filter(period__number=2).delete()

    found = next(one for one in progress_of(report) if one.get("caption", "").endswith("1100"))

    assert heads_of(found)[1:4] == ["Baseline", "Target", "Actual value"]


def test_the_target_of_the_whole_project_stands_below_the_name(report, trained):
    found = next(one for one in progress_of(report) if one.get("caption", "").endswith("1100"))

    assert rows_of(found)[1][0].endswith(" | Target at the end: 80 (31% reached)")


def test_heads_that_are_shared_stand_above_their_columns(later, trained):
    html = html_of(document_of(progress_of(later)), code="", is_draft=False)

    assert html.count('<th scope="colgroup" colspan="2" class="shared">Period</th>') == 1
    assert html.count('<th scope="col" rowspan="2" class="num">Baseline</th>') == 1
    assert len(re.findall('<th scope="col" class="num">(?:Target|Actual value)</th>', html)) == 4


def test_few_persons_are_told_neither_alone_nor_as_a_share(world, report, trained):
    trained.data_points.exclude(category=None).delete()
    trained.data_points.filter(period=world.year, kind="actual").update(numerator=4)
    hidden = "not disclosed (fewer than 5 persons)"

    found = row(report, trained)

    assert (found["period_actual"], found["actual"], found["share_of_end"]) == (hidden, hidden, "")
    assert row(report, trained, audience="coordination")["period_actual"] == "4"


def test_words_are_told_as_words(world, report):
    shown = IndicatorFactory(result=world.result, code="1100.9", measure="qualitative")
    DataPointFactory(indicator=shown, period=world.year, numerator=None, comment="Un progrès.")

    found = row(report, shown)

    assert [found[name] for name in VALUES] == ["–", "Un progrès.", "–", "Un progrès.", "–", ""]


def test_the_first_period_is_what_there_is_so_far(report, trained):
    (table,) = parts(report, trained)

    assert table["caption"] == "1100.2 by Sex"
    assert heads_of(table) == ["Sex", "Actual value of the period"]
    assert rows_of(table) == [["Women", "12"], ["Men", "13"], ["Total", "25"]]


def test_a_later_one_is_told_beside_the_cumulative_one(later, trained):
    (table,) = parts(later, trained)

    assert heads_of(table) == ["Sex", "Actual value of the period", "Cumulative"]
    assert rows_of(table) == [
        ["Women", "20", "32"],
        ["Men", "21", "34"],
        ["Total", "41", "66"],
    ]


def test_targets_and_baselines_by_group_have_their_columns(world, report, trained):
    women = trained.dimension.categories.first()
    add = {"indicator": trained, "category": women}
    DataPointFactory(kind="target", period=world.year, numerator=15, **add)
    for facts in (add, {"indicator": trained}):
        DataPointFactory(kind="baseline", period=None, numerator=0, **facts)

    (table,) = parts(report, trained)

    assert heads_of(table) == [
        "Sex",
        "Baseline",
        "Target of the period",
        "Actual value of the period",
    ]
    assert rows_of(table) == [
        ["Women", "0", "15", "12"],
        ["Men", "–", "–", "13"],
        ["Total", "0", "30", "25"],
    ]


def test_a_breakdown_with_few_persons_is_a_sentence(world, report, trained):
    trained.data_points.filter(period=world.year, numerator=12).update(numerator=2)

    (sentence,) = parts(report, trained)
    assert sentence["text"] == (
        "Broken down by Sex: not disclosed, as a group has fewer than 5 persons."
    )
    (table,) = parts(report, trained, audience="coordination")
    assert rows_of(table)[0] == ["Women", "2"]


def test_what_is_hidden_of_an_earlier_period_is_not_told_by_the_sum(world, later, trained):
    trained.data_points.filter(period=world.year, numerator=12).update(numerator=2)

    (table,) = parts(later, trained)

    assert heads_of(table) == ["Sex", "Actual value of the period"]


def test_a_breakdown_without_values_says_so(report, trained):
    trained.data_points.exclude(category=None).delete()

    (sentence,) = parts(report, trained)
    assert sentence["text"] == "Broken down by Sex: no values by group for this period."


def test_what_is_not_broken_down_has_no_table(world, report):
    assert parts(report, world.indicator) == []
