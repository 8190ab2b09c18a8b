"""The data behind the reports: what each reader is told, in cells that are no formulas."""

import io
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from accounts.models import AccessEvent
from projects.models import DataPoint, Result
from reports.services.data_book import data_book
from tests.factories import (
    ActivityFactory,
    BudgetLineFactory,
    DataPointFactory,
    PeriodFactory,
    RiskFactory,
)
from tests.reports.shelves import standing_report

pytestmark = pytest.mark.django_db

AT = datetime(2020, 10, 26, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def book(world, role, **options):
    content = data_book(world.people[role], world.project, at=AT, **options)
    return load_workbook(io.BytesIO(content))


def rows(page):
    return [[cell.value for cell in row] for row in page.iter_rows()]


@pytest.fixture
def data(world):
    """Values of two years, money, an activity in each year, a risk that is shared and one not."""
    later = PeriodFactory(
        project=world.project, number=2, start=date(2020, 10, 1), end=date(2021, 9, 30)
    )
    for period, value in ((world.year, 134), (later, 77)):
        for kind in ("target", "actual"):
            DataPointFactory(
                indicator=world.indicator, period=period, kind=kind, numerator=value, comment=""
            )
        ActivityFactory(
            project=world.project, title_fr=f"Atelier {value}", planned_start=period.start
        )
    BudgetLineFactory(period=world.year)
    RiskFactory(project=world.project, definition_fr="Risque commun", is_shared=True)
    RiskFactory(project=world.project, definition_fr="Risque interne")
    return later


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        ("donor", ["Identification", "Framework", "Finances", "Activities", "Risks"]),
        ("embassy", ["Identification", "Framework", "Finances", "Activities", "Risks"]),
        ("finance", ["Identification", "Framework", "Finances", "Activities", "Risks"]),
        ("reader", ["Identification", "Framework", "Finances", "Activities"]),
        ("member", ["Identification", "Framework", "Activities", "Risks"]),
        ("partner", ["Identification", "Framework", "Activities"]),
    ],
)
def test_each_reader_has_the_pages_that_they_may_see(world, data, role, pages):
    assert book(world, role).sheetnames == pages


def test_a_member_reads_the_shared_risks_alone(world, data):
    def told(role):
        return sorted(row[3] for row in rows(book(world, role)["Risks"])[1:])

    assert told("member") == ["Risque commun"]
    assert told("donor") == ["Risque commun", "Risque interne"]


def test_the_data_of_a_year_ends_with_it(world, data):
    told = book(world, "donor", period=world.year)

    periods = {row[3] for row in rows(told["Framework"])[1:] if row[3]}
    assert periods == {str(world.year)}
    titles = [row[2] for row in rows(told["Activities"])[1:]]
    assert titles == ["Atelier 134"]
    whole = book(world, "donor")
    assert {row[3] for row in rows(whole["Framework"])[1:] if row[3]} == {
        str(world.year),
        str(data),
    }


def test_small_counts_are_as_on_the_page(world, data):
    world.indicator.counts_persons = True
    world.indicator.save()
    DataPoint.objects.filter(indicator=world.indicator, kind="actual").update(numerator=3)

    def actuals(role):
        return [row[7] for row in rows(book(world, role)["Framework"])[1:] if row[3]]

    assert actuals("donor") == ["not shown", "not shown"]
    assert actuals("monitoring") == [3, 3]


def test_money_stands_by_category_result_and_year(world, data):
    told = rows(book(world, "donor", period=world.year)["Finances"])

    assert [row[:5] for row in told[1:]] == [
        ["Category", str(world.project.budget_categories.get()), 1000, 1000, 1000],
        ["Result", "Not assigned to a result", 1000, 1000, 1000],
        ["Period", str(world.year), 1000, 1000, 1000],
        ["Period", str(data), None, None, None],
        ["Total", None, 1000, 1000, 1000],
    ]


def test_a_text_never_becomes_a_formula(world, data):
    Result.objects.filter(pk=world.result.pk).update(statement_fr="=HYPERLINK(1)")

    cells = [
        cell
        for page in book(world, "donor").worksheets
        for row in page.iter_rows()
        for cell in row
        if isinstance(cell.value, str)
    ]

    assert "=HYPERLINK(1)" in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells} == {"s"}


def test_equal_data_are_equal_bytes(world, data):
    donor = world.people["donor"]

    assert data_book(donor, world.project, at=AT) == data_book(donor, world.project, at=AT)


def test_it_is_taken_from_the_page_of_the_report_and_logged(client, world, data):
    report = standing_report(world)
    client.force_login(world.people["coordinator"])
    url = reverse("reports:data", args=[world.project.code]) + f"?period={world.year.pk}"
    assert url in client.get(report.get_absolute_url()).content.decode()

    answer = client.get(url)

    assert answer["Content-Disposition"] == 'attachment; filename="HN-1 data 2019-2020 en.xlsx"'
    event = AccessEvent.objects.about(world.project).get(kind="export")
    assert event.details == {"what": "data", "period": world.year.pk}


@pytest.mark.parametrize("period", ["neighbour", "x", "0"])
def test_a_period_of_another_project_is_not_there(client, world, period):
    if period == "neighbour":
        period = PeriodFactory(project=world.neighbour).pk
    client.force_login(world.people["donor"])
    url = reverse("reports:data", args=[world.project.code])

    assert client.get(f"{url}?period={period}").status_code == 404


OPSYS = "Values for OPSYS"


def test_a_donor_with_its_own_system_gets_a_sheet_in_its_order(world, data):
    assert OPSYS not in book(world, "coordinator").sheetnames
    type(world.project).objects.filter(pk=world.project.pk).update(preset="eu")
    world.project.refresh_from_db()

    DataPointFactory(indicator=world.indicator, kind="baseline", period=None, numerator=5)

    head, *found = rows(book(world, "coordinator", period=world.year)[OPSYS])

    (row,) = (dict(zip(head, one, strict=True)) for one in found)
    assert (row["Code of the indicator"], row["Current value"]) == ("1100.1", 134)
    assert (row["Target of the period"], row["Final target"]) == (134, 211)
    assert row["Date of the value"].date() == world.year.end
    assert row["Kind of value"] == "Number"
    assert (row["Baseline"], row["Date of the baseline"]) == (5, None)


def test_that_sheet_withholds_what_the_page_withholds(world, data):
    type(world.project).objects.filter(pk=world.project.pk).update(preset="eu")
    world.project.refresh_from_db()
    type(world.indicator).objects.filter(pk=world.indicator.pk).update(counts_persons=True)
    DataPoint.objects.filter(kind="actual").update(numerator=3)

    def value(role):
        head, row = rows(book(world, role, period=world.year)[OPSYS])
        return dict(zip(head, row, strict=True))["Current value"]

    assert (value("coordinator"), value("donor")) == (3, "not shown")
