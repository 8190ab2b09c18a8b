"""Markers, participants and results by sex: numbers alone, and of few persons none."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from projects.models import Activity, DataPoint, Dimension, ParticipantGroup
from projects.models.classification import ProjectMarker
from reports.compose.cross_cutting import (
    cross_cutting,
    disaggregated,
    markers,
    participants,
    people_reached,
)
from tests.factories import (
    ActivityFactory,
    DataPointFactory,
    IndicatorFactory,
    ParticipantGroupFactory,
    PeriodFactory,
)
from tests.reports.chapters import captions, heads, reading_of, sentences, table, told, words
from tests.reports.conftest import SIGNED_ON

pytestmark = pytest.mark.django_db

BY_AGE, BY_SEX = "Results by sex and age, of the period", "Results by sex, of the period"
LATER = SIGNED_ON + timedelta(days=10)


def activity(world, women, men, *, on=date(2019, 8, 1), kind="workshop", **fields):
    made = ActivityFactory(
        project=world.project, kind=kind, actual_start=on, participants=women + men, **fields
    )
    if women or men:
        ParticipantGroupFactory(activity=made, women=women, men=men)
    return made


@pytest.fixture
def clean(report):
    """Without the workshop that every report has."""
    ParticipantGroup.objects.all().delete()
    Activity.objects.all().delete()
    return report


def counted(world, cells, *, code="1100.5", dimensions=("sex", "age"), period=None, **fields):
    """An indicator of persons with approved values by the codes of its categories."""
    first, *rest = [Dimension.objects.get(code=one) for one in dimensions]
    indicator = IndicatorFactory(
        result=world.result,
        code=code,
        counts_persons=True,
        dimension=first,
        second_dimension=rest[0] if rest else None,
        **fields,
    )
    period = period or world.year
    DataPointFactory(indicator=indicator, period=period, numerator=sum(cells.values()))
    for codes, number in cells.items():
        one, *other = codes.split("/")
        DataPointFactory(
            indicator=indicator,
            period=period,
            numerator=number,
            category=first.categories.get(code=one),
            second_category=rest[0].categories.get(code=other[0]) if other else None,
        )
    return indicator


def whole(reading):
    """The chapter with the sections on people reached and on gender equality."""
    return [*cross_cutting(reading), *people_reached(reading), *disaggregated(reading)]


def test_what_has_a_section_of_its_own_stands_there_alone(world, report):
    activity(world, 20, 15)
    counted(world, {"women": 78, "men": 56}, dimensions=("sex",))

    apart = told(cross_cutting, report)
    report.preset.sections.filter(kind__in=["gender", "reached"]).delete()
    together = told(cross_cutting, report)

    assert captions(apart) == []
    assert captions(together) == ["", BY_SEX]


def test_markers_stand_with_the_gender_level_first(world, report):
    ProjectMarker.objects.create(project=world.project, code="children", significance="2")
    ProjectMarker.objects.create(
        project=world.project, code="1", significance="2", gender_level="GE-3"
    )

    assert table(told(markers, report), "Policy markers") == [
        ["Gender equality", "GE-3 · targeted"],
        ["Children’s issues", "Principal objective"],
    ]


def test_participants_by_kind_of_activity(world, clean):
    activity(world, 20, 15)
    activity(world, 10, 8)
    activity(world, 0, 0, kind="mission", title_fr="Sans nombre")
    Activity.objects.filter(kind="mission").update(participants=None)

    blocks = told(participants, clean)

    assert heads(blocks, "") == [
        "Activities",
        "Number",
        "Participants",
        "Women",
        "Men",
        "Other",
        "Not said",
    ]
    assert table(blocks, "") == [
        ["Workshop", "2", "53", "30", "23", "0", "0"],
        ["Mission", "1", "–", "–", "–", "–", "–"],
        ["Total", "3", "53 | 2 of 3", "30 | 2 of 3", "23", "0", "0"],
    ]


@pytest.mark.parametrize(
    ("audience", "row"),
    [
        ("coordination", ["Workshop", "2", "43", "23", "20", "0", "0"]),
        ("donor", ["Workshop", "2", "43", "20 | 1 of 2", "15", "0", "0"]),
        ("committee", ["Workshop", "2", "43", "20 | 1 of 2", "15", "0", "0"]),
        ("partners", ["Workshop", "2", "43", "20 | 1 of 2", "15", "0", "0"]),
    ],
)
def test_a_breakdown_with_a_small_count_is_left_out_whole(world, clean, audience, row):
    activity(world, 20, 15)
    activity(world, 3, 5)

    assert table(told(participants, clean, audience=audience), "") == [row]


def test_another_count_that_is_hidden_looks_the_same(world, clean):
    """Three women or two of eight: who reads the document cannot tell."""
    activity(world, 20, 15)
    hidden = activity(world, 3, 5)
    first = told(whole, clean)
    ParticipantGroup.objects.filter(activity=hidden).update(women=2, men=6)

    assert told(whole, clean) == first


def test_only_what_began_in_the_period_and_by_the_day(world, clean):
    activity(world, 20, 15)
    activity(world, 50, 50, on=date(2019, 3, 1))
    activity(world, 60, 60, on=date(2020, 4, 2))
    activity(world, 70, 70, on=date(2019, 12, 1))

    assert table(told(participants, clean), "")[0][1:3] == ["2", "175"]
    assert table(told(participants, clean, as_of=date(2019, 11, 1)), "")[0][1:3] == ["1", "35"]


def test_girls_and_boys_are_told_apart_from_women_and_men(world, report):
    counted(
        world,
        {
            "women/31-59": 40,
            "women/60": 6,
            "men/18-30": 30,
            "women/0-11": 5,
            "women/12-17": 9,
            "men/12-17": 7,
            "women/unknown": 8,
            "other/31-59": 5,
        },
    )

    blocks = told(disaggregated, report)

    assert heads(blocks, BY_AGE) == [
        "Indicator",
        "Women",
        "Men",
        "Girls",
        "Boys",
        "Other or not said",
    ]
    assert table(blocks, BY_AGE) == [
        ["Indicateur 1100.5 | Intermediate outcome: 1100", "46", "30", "14", "7", "13"]
    ]


def test_a_breakdown_by_sex_alone(world, report):
    counted(world, {"women": 78, "men": 56}, dimensions=("sex",))

    blocks = told(disaggregated, report)

    assert captions(blocks) == [BY_SEX]
    assert table(blocks, BY_SEX) == [
        ["Indicateur 1100.5 | Intermediate outcome: 1100", "78", "56", "–"]
    ]


def test_parts_of_a_whole_are_pooled(world, report):
    indicator = counted(world, {"women/31-59": 10, "women/60": 30}, measure="percentage")
    for code, of in (("31-59", 20), ("60", 80)):
        indicator.data_points.filter(second_category__code=code).update(denominator=of)
    indicator.data_points.filter(category=None).update(denominator=100)

    assert table(told(disaggregated, report), BY_AGE)[0][1:] == ["40%", "–", "–", "–", "–"]


def test_small_cells_are_withheld_from_all_but_the_coordination(world, report):
    counted(world, {"women/31-59": 40, "men/31-59": 3})

    inside = table(told(disaggregated, report, audience="coordination"), BY_AGE)
    outside = table(told(disaggregated, report), BY_AGE)

    name = "Indicateur 1100.5 | Intermediate outcome: 1100"
    assert inside == [[name, "40", "3", "–", "–", "–"]]
    assert outside == [[f"{name} | not disclosed (fewer than 5 persons)", "–", "–", "–", "–", "–"]]


def test_quarters_add_up_to_the_year_unless_one_is_withheld(world, report):
    indicator = None
    for number, women in ((1, 10), (2, 20)):
        quarter = PeriodFactory(
            project=world.project,
            kind="quarter",
            number=number,
            start=date(2019, 4 + 3 * (number - 1), 1),
            end=date(2019, 6 + 3 * (number - 1), 30),
        )
        if indicator is None:
            indicator = counted(
                world, {"women": women, "men": 9}, dimensions=("sex",), period=quarter
            )
            continue
        sex = indicator.dimension
        DataPointFactory(indicator=indicator, period=quarter, numerator=women + 9)
        for code, count in (("women", women), ("men", 9)):
            DataPointFactory(
                indicator=indicator,
                period=quarter,
                numerator=count,
                category=sex.categories.get(code=code),
            )

    assert table(told(disaggregated, report), BY_SEX)[0][1:] == ["30", "18", "–"]

    men = indicator.data_points.filter(
        category__code="men", period__number=2, period__kind="quarter"
    )
    men.update(numerator=2)
    assert table(told(disaggregated, report), BY_SEX)[0][1:] == ["–", "–", "–"]


def test_what_is_not_approved_or_only_later_is_not_told(world, report):
    indicator = counted(world, {"women/31-59": 40, "men/31-59": 30})
    total = indicator.data_points.get(category=None)
    DataPoint.objects.filter(pk=total.pk).update(status="submitted")
    total.refresh_from_db()
    assert told(disaggregated, report) == []

    total.take("approve", by=None, on=LATER)

    assert told(disaggregated, report) == []
    assert table(told(disaggregated, report, as_of=LATER), BY_AGE)[0][1:3] == ["40", "30"]


def test_values_of_another_period_are_not_told(world, report):
    second = PeriodFactory(
        project=world.project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31)
    )
    counted(world, {"women": 78, "men": 56}, dimensions=("sex",), period=second)

    assert told(disaggregated, report) == []


def test_who_is_told_what_is_said(world, clean):
    activity(world, 20, 15)

    assert sentences(told(participants, clean, audience="coordination")) == [
        "People who took part in several activities are counted in each."
    ]
    assert sentences(told(participants, clean)) == [
        "People who took part in several activities are counted in each. Breakdowns "
        "with fewer than 5 persons in a group are not disclosed."
    ]


def test_no_institution_or_note_of_an_activity_is_named(world, clean):
    made = activity(world, 20, 15, evidence="SECRET-PREUVE", description_fr="SECRET-TEXTE")
    made.groups.update(institution=world.institutions["partner"])
    name = str(world.institutions["partner"].names.get())

    text = words(told(whole, clean, audience="coordination"))

    assert "SECRET" not in text
    assert name not in text


def test_nothing_known_is_no_chapter(world, clean):
    assert timezone.localdate() > SIGNED_ON
    assert told(whole, clean) == []


def test_more_rows_are_not_more_queries(world, clean, django_assert_max_num_queries):
    counts = []
    for count in (1, 30):
        for _each in range(count):
            activity(world, 20, 15)
            code = f"1100.{100 + world.result.indicators.count()}"
            counted(world, {"women": 78, "men": 56}, dimensions=("sex",), code=code)
        reading = reading_of(clean)
        with django_assert_max_num_queries(11) as statements:
            assert whole(reading)
        counts.append(len(statements))

    few, many = counts
    assert many <= few
