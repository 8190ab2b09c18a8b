"""Activities as a list that is sifted, on a calendar, on a timeline, and as a file."""

import io
from datetime import date

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from accounts.models import AccessEvent
from kernel.sheets import csv_sheet, excel_sheet
from kernel.workbooks import FORMULA_STARTS
from projects.activities.calendar import calendar_month, month_to_open
from projects.models import Activity, Project
from tests.factories import (
    ActivityFactory,
    DeliverableFactory,
    EvidenceFactory,
    ParticipantGroupFactory,
)

pytestmark = pytest.mark.django_db


def address(world, page, *args):
    return reverse(f"projects:{page}", args=[world.project.code, *args])


@pytest.fixture
def three(world):
    """One that was, one that is planned, one without days."""
    own = {"project": world.project}
    partner = world.institutions["partner"]
    was = ActivityFactory(
        **own,
        title_fr="Fait",
        result=world.result,
        actual_start="2019-10-30",
        actual_end="2019-11-02",
    )
    ActivityFactory(**own, title_fr="Prévu", planned_start="2019-12-31", responsible=partner)
    ActivityFactory(**own, title_fr="Sans date", kind="mission")
    was.partners.set([partner])
    return was


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({}, {"Fait", "Prévu", "Sans date"}),
        ({"kind": "mission"}, {"Sans date"}),
        ({"state": "done"}, {"Fait"}),
        ({"period": "none"}, {"Sans date"}),
        ({"period": "year"}, {"Fait", "Prévu"}),
        ({"result": "result"}, {"Fait"}),
        ({"institution": "partner"}, {"Fait", "Prévu"}),
        ({"institution": "partner", "state": "done"}, {"Fait"}),
        ({"institution": "x", "period": "9" * 30, "result": "9" * 30, "state": "y"}, None),
    ],
)
def test_the_list_is_sifted(client, world, sign_in, three, query, titles):
    sign_in("reader")
    keys = {
        "year": world.year.pk,
        "result": world.result.pk,
        "partner": world.institutions["partner"].pk,
    }

    query = {name: keys.get(value, value) for name, value in query.items()}
    page = client.get(address(world, "activities"), query)

    shown = {activity.title for activity in page.context["page"]}
    assert shown == (titles or {"Fait", "Prévu", "Sans date"})


# Calendar


def planned(start, end=None):
    return Activity(pk=1, title_fr="A", planned_start=start, planned_end=end)


def marked(month):
    return [day.on for week in month.weeks for day in week if day.entries]


def test_what_passes_the_end_of_the_year_stands_in_both_months():
    one = planned(date(2019, 12, 30), date(2020, 1, 2))

    december, january = (
        calendar_month([one], first, today=date(2020, 1, 2))
        for first in (date(2019, 12, 1), date(2020, 1, 1))
    )

    assert marked(december) == [date(2019, 12, 30), date(2019, 12, 31)]
    assert marked(january) == [date(2020, 1, 1), date(2020, 1, 2)]
    assert (december.after, january.before) == (date(2020, 1, 1), date(2019, 12, 1))
    assert [day.on for week in january.weeks for day in week if day.is_today] == [date(2020, 1, 2)]


def test_weeks_begin_as_the_language_begins_them_and_are_whole():
    with translation.override("es"):
        month = calendar_month([], date(2020, 2, 1), today=date(2020, 1, 1))
        name = month.name

    assert month.weekdays[0] == "domingo"
    assert {len(week) for week in month.weeks} == {7}
    assert (month.weeks[0][0].on, month.weeks[-1][-1].on) == (date(2020, 1, 26), date(2020, 2, 29))
    assert name == "febrero de 2020"


def test_what_is_long_undated_cancelled_or_postponed_fills_no_day():
    month = calendar_month(
        [
            planned(date(2020, 2, 1), date(2020, 2, 8)),
            Activity(pk=2),
            Activity(pk=3, planned_start=date(2020, 2, 3), status="cancelled"),
            Activity(pk=4, planned_start=date(2020, 2, 3), status="postponed"),
        ],
        date(2020, 2, 1),
        today=date(2020, 2, 1),
    )

    assert (marked(month), [entry.activity.pk for entry in month.long]) == ([], [1])


@pytest.mark.parametrize(
    ("spans", "month"),
    [
        ([], "2020-06"),
        ([("2020-05-30", "2020-06-01")], "2020-06"),
        ([("2019-12-31", "2019-12-31"), ("2020-09-30", "2020-10-01")], "2020-09"),
        ([("2019-12-31", "2020-02-01"), ("2018-01-01", "2018-01-01")], "2020-02"),
    ],
)
def test_the_calendar_opens_where_there_is_something(spans, month):
    rows = [planned(date.fromisoformat(a), date.fromisoformat(b)) for a, b in spans]

    assert f"{month_to_open(rows, date(2020, 6, 15)):%Y-%m}" == month


@pytest.mark.parametrize("month", ["2019-10", "2019-13", "0000-01", "x", "1900-01", "2099-12", ""])
def test_any_month_can_be_asked_for(client, world, sign_in, three, month):
    sign_in("partner")

    page = client.get(address(world, "activities-calendar"), {"month": month, "kind": "workshop"})

    wanted = month in ("2019-10", "1900-01", "2099-12")
    assert page.status_code == 200
    assert page.context["month_form"].is_bound == (
        month not in ("", *["2019-10"] * wanted, "1900-01", "2099-12")
    )
    assert ("Fait" in page.content.decode()) == (month == "2019-10")


def test_the_timeline_groups_by_result_and_says_what_it_leaves_out(client, world, sign_in, three):
    sign_in("donor")

    page = client.get(address(world, "activities-timeline"))

    assert [picture["title"] for picture in page.context["pictures"]] == [
        str(world.result),
        "Without a result",
    ]
    assert page.context["left_out"] == 1


# Export


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_no_text_becomes_a_formula(start):
    text = f"{start}1+1"

    line = csv_sheet(["A"], [[text]]).decode("utf-8-sig").split("\n", 1)[1]
    book = load_workbook(io.BytesIO(excel_sheet("A", ["A"], [[text]])))

    assert line.lstrip('"').startswith("'")
    cell = book.active["A2"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_the_list_is_exported_as_it_is_sifted_and_that_is_logged(client, world, sign_in, three):
    sign_in("donor")
    ActivityFactory(project=world.project, title_fr='=HYPERLINK("x")', participants=3)

    answer = client.get(address(world, "activities-export", "xlsx"), {"kind": "workshop"})

    page = load_workbook(io.BytesIO(answer.content)).active
    rows = {row[2]: row for row in page.iter_rows(min_row=2, values_only=True)}
    assert set(rows) == {"Fait", "Prévu", '=HYPERLINK("x")'}
    assert rows["Fait"][10].date() == date(2019, 10, 30)
    assert rows['=HYPERLINK("x")'][16] == "not shown"
    event = AccessEvent.objects.about(world.project).get()
    assert (event.kind, event.details) == ("export", {"what": "activities"})
    assert client.get(address(world, "activities-export", "pdf")).status_code == 404


# Queries


def test_no_way_asks_more_questions_about_more_activities(
    client, world, sign_in, django_assert_max_num_queries
):
    sign_in("coordinator")
    ContentType.objects.get_for_model(Project)  # is kept once it was read
    counts = []
    for numbers in (range(1), range(1, 30)):
        one = many_activities(world, numbers)
        urls = [
            address(world, "activities"),
            address(world, "activities-calendar") + "?month=2020-02",
            address(world, "activities-timeline"),
            address(world, "activities-export", "csv"),
            one.get_absolute_url(),
            address(world, "activity-participants", one.pk),
        ]
        asked = []
        for url in urls:
            with django_assert_max_num_queries(35) as statements:
                assert client.get(url).status_code == 200
            asked.append(len(statements))
        counts.append(asked)

    assert [many <= few for few, many in zip(*counts, strict=True)] == [True] * len(urls), counts


def many_activities(world, numbers):
    """An activity for each number; as many things belong to the last one."""
    for number in numbers:
        one = ActivityFactory(
            project=world.project,
            result=world.result,
            responsible=world.institutions["partner"],
            planned_start=date(2020, 2, 1 + number % 28),
            participants=20,
        )
        one.partners.set(world.institutions.values())
        ParticipantGroupFactory(activity=one, institution=world.institutions["member"], women=9)
        DeliverableFactory(activity=one)
    DeliverableFactory.create_batch(len(numbers), activity=one)
    EvidenceFactory.create_batch(len(numbers), activity=one, given_by=world.institutions["partner"])
    for number in numbers:
        one.planned_start = date(2020, 3, 1 + number)
        one.save()
    return one
