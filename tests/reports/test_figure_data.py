"""From a figure of a report its reader reaches the data behind it, on the page and as a file."""

import csv
import io
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import AccessEvent
from projects.models import DataPoint, Indicator
from reports.on_page import FigureData, numbered
from tests.factories import (
    DataPointFactory,
    InstitutionFactory,
    ParticipationFactory,
    PeriodFactory,
    say,
)

pytestmark = pytest.mark.django_db

SECRET = "Appel de Madame X"


@pytest.fixture
def given(world, submitted):
    """The value that the report shows, with who gave it, and how the coordination knows."""
    institution = InstitutionFactory()
    ParticipationFactory(project=world.project, institution=institution)
    point = DataPoint.objects.get(indicator=world.indicator, kind="actual")
    DataPoint.objects.filter(pk=point.pk).update(
        given_by=institution,
        received_on="2020-04-15",
        source="Registre des ateliers",
        channel="telephone",
        evidence=SECRET,
    )
    return institution


def table_with(report, anchor) -> str:
    """Return the name of the first table with that row."""
    document = report.snapshot.document("donor", "en")
    for _chapter, blocks in numbered(document):
        for block in blocks:
            if block["type"] == "table" and block["id"] and f"'{anchor}'" in str(block["rows"]):
                return block["id"]
    raise AssertionError(anchor)


@pytest.fixture
def figure(submitted):
    return table_with(submitted, "indicator-1100-1100.1")


def open_page(client, world, report, figure, role="donor"):
    client.force_login(world.people[role])
    return client.get(reverse("reports:figure", args=[report.pk, figure]))


def take(client, report, figure, kind):
    return client.get(reverse("reports:figure-file", args=[report.pk, figure, kind]))


def test_the_page_says_who_gave_the_value_when_and_from_where(
    client, world, submitted, given, figure
):
    page = open_page(client, world, submitted, figure)

    actual = next(one for one in page.context["sources"] if one.point.kind == "actual")
    assert (str(actual.institution), str(actual.day)) == (given.name, "2020-04-15")
    text = page.content.decode()
    assert "Registre des ateliers" in text
    assert SECRET not in text
    assert world.people["coordinator"].full_name not in text.partition("<main")[2]
    assert {"url": world.indicator.get_absolute_url(), "label": "Indicator 1100.1"} in (
        page.context["records"]
    )


def test_the_files_say_the_same(client, world, submitted, given, figure):
    open_page(client, world, submitted, figure)

    book = load_workbook(io.BytesIO(take(client, submitted, figure, "xlsx").content))
    rows = list(
        csv.reader(io.StringIO(take(client, submitted, figure, "csv").content.decode("utf-8-sig")))
    )

    assert book.sheetnames == ["Values", "Sources"]
    [_head, *lines] = [[cell.value for cell in row] for row in book["Sources"]]
    assert [line[0] for line in lines] == [row[0] for row in rows[1:]]
    actual = next(row for row in rows if row[2] == "Actual value")
    assert actual[5:10] == ["134.00", "", given.name, "2020-04-15", "Registre des ateliers"]
    assert SECRET not in str(lines)
    events = AccessEvent.objects.about(submitted).filter(kind=AccessEvent.Kind.EXPORT)
    assert [event.details["figure"] for event in events] == [figure, figure]


def test_the_name_of_the_file_says_project_period_and_figure(client, world, submitted, figure):
    open_page(client, world, submitted, figure)

    header = take(client, submitted, figure, "csv").headers["Content-Disposition"]

    assert f'filename="HN-1 Report 1 2019-2020 v1 {figure}.csv"' in header


def test_small_counts_are_hidden_with_all_that_was_said_of_them(
    client, world, submitted, given, figure
):
    Indicator.objects.filter(pk=world.indicator.pk).update(counts_persons=True)
    DataPoint.objects.filter(indicator=world.indicator, kind="actual").update(numerator=3)

    page = open_page(client, world, submitted, figure)

    actual = next(one for one in page.context["sources"] if one.point.kind == "actual")
    assert (actual.value, actual.source) == (None, "")
    rows = take(client, submitted, figure, "csv").content.decode("utf-8-sig")
    assert "Registre" not in rows
    assert ",3.00," not in rows
    assert "Registre" in open_page(client, world, submitted, figure, "monitoring").content.decode()


def test_drafts_of_values_are_not_shown(client, world, submitted, given, figure):
    DataPoint.objects.filter(indicator=world.indicator, kind="actual").update(status="draft")

    page = open_page(client, world, submitted, figure)

    assert [one.point.kind for one in page.context["sources"]] == ["target"]


def test_an_institution_that_hides_is_not_named(client, world, submitted, given, figure):
    say(given)

    assert given.name not in open_page(client, world, submitted, figure).content.decode()
    assert given.name not in take(client, submitted, figure, "csv").content.decode()


def test_every_figure_and_table_of_the_report_has_its_data(client, world, submitted):
    names = [
        block["id"]
        for _chapter, blocks in numbered(submitted.snapshot.document("donor", "fr"))
        for block in blocks
        if block.get("id")
    ]
    assert len(names) > 5

    for name in names:
        assert open_page(client, world, submitted, name).status_code == 200, name
        assert take(client, submitted, name, "xlsx").status_code == 200, name


@pytest.mark.parametrize(
    ("groups", "written", "value"),
    [
        (",", "380,015", Decimal(380015)),
        (",", "9,985.35", Decimal("9985.35")),
        ("", "380\u202f014,65", Decimal("380014.65")),
        (",", "+12", Decimal(12)),
        (",", "\N{MINUS SIGN}3", Decimal(-3)),
        (",", "64%", "64%"),
        (",", "–", "–"),
        (",", "35 · 18 women", "35 · 18 women"),
    ],
)
def test_numbers_of_a_file_can_be_added_up(groups, written, value):
    data = FigureData("T", "progress", ["Code", "N"], [["1.10", written]], [], {1}, groups)

    assert data.values == [["1.10", value]]


def test_a_file_has_the_numbers_of_a_table_as_numbers(client, world, submitted, figure):
    open_page(client, world, submitted, figure)

    book = load_workbook(io.BytesIO(take(client, submitted, figure, "xlsx").content))

    rows = list(book["Values"].iter_rows(values_only=True))
    assert rows == [
        ("Indicator", "Baseline", "Target", "Actual value", "Variance", "Rating"),
        ("1100.1\N{NO-BREAK SPACE} Indicateur 1100.1", "–", 120, 134, "+12%", "Target met"),
    ]


@pytest.mark.parametrize("name", ["figure-99", "table-0", "x"])
def test_there_is_no_data_of_anything_else(client, world, submitted, name):
    assert open_page(client, world, submitted, name).status_code == 404
    assert take(client, submitted, "table-1", "pdf").status_code == 404


def test_only_readers_of_the_report_see_it(client, world, submitted, figure):
    for role in ("partner", "outsider"):
        assert open_page(client, world, submitted, figure, role).status_code == 404


def test_the_number_of_statements_does_not_grow(
    client, world, submitted, figure, django_assert_max_num_queries
):
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            period = PeriodFactory(project=world.project, number=50 + number)
            DataPointFactory(
                indicator=world.indicator,
                period=period,
                kind="actual",
                given_by=InstitutionFactory(),
            )
        open_page(client, world, submitted, figure)
        with django_assert_max_num_queries(20) as statements:
            client.get(reverse("reports:figure", args=[submitted.pk, figure]))
        counts.append(len(statements))

    few, many = counts
    assert many <= few
