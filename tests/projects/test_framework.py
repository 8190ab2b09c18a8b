"""The framework: eight columns, actual values and their rating, whatever its size."""

import gzip
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from projects.models import DataPoint, Indicator
from tests.factories import (
    AssignmentFactory,
    CategoryFactory,
    DataPointFactory,
    DimensionFactory,
    IndicatorFactory,
    PeriodFactory,
    ProjectFactory,
    ResultFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def url_of(project):
    return reverse("projects:framework", args=[project.code])


def rows(response):
    return {row.indicator.code: row for row in response.context["page"].object_list}


@pytest.fixture
def years(world):
    return [
        world.year,
        PeriodFactory(
            project=world.project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31)
        ),
    ]


@pytest.fixture
def measured(world, years):
    for year, target, actual in zip(years, (10, 20), (8, 15), strict=True):
        for kind, number in (("target", target), ("actual", actual)):
            DataPointFactory(indicator=world.indicator, kind=kind, period=year, numerator=number)
    return world.indicator


def test_a_period_tells_its_own_values_and_the_sum_so_far(client, world, sign_in, years, measured):
    sign_in("partner")
    fiscal = PeriodFactory(
        project=world.project,
        kind="fiscal_year",
        number=1,
        start=date(2019, 7, 1),
        end=date(2020, 6, 30),
    )

    def told(period):
        row = rows(client.get(url_of(world.project), {"period": period.pk}))["1100.1"]
        return (row.own.target, row.own.actual, row.standing.target, row.standing.actual)

    assert told(years[0]) == (10, 8, 10, 8)
    assert told(years[1]) == (20, 15, 30, 23)
    assert told(fiscal) == (10, 8, 10, 8)  # of another kind: as it stood on its last day


def test_thresholds_are_a_setting_of_the_project(client, world, coordinator, measured):
    settings = reverse("projects:framework-settings", args=[world.project.code])
    assert rows(client.get(url_of(world.project)))["1100.1"].rating == "behind"

    refused = client.post(settings, {"met_from": "50", "close_from": "60", "values_due_days": "5"})
    assert list(refused.context["form"].errors) == ["close_from"]
    client.post(settings, {"met_from": "95", "close_from": "70", "values_due_days": "5"})

    assert rows(client.get(url_of(world.project)))["1100.1"].rating == "close"
    world.project.refresh_from_db()
    assert (world.project.met_from, world.project.values_due_days) == (Decimal("0.95"), 5)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["1100.1", "2.1"]),
        ({"rating": "behind"}, ["1100.1"]),
        ({"rating": "no_target"}, ["2.1"]),
        ({"result": "level:output"}, ["2.1"]),
        ({"rating": "met"}, []),
        ({"period": "0", "rating": "nonsense"}, ["1100.1", "2.1"]),
    ],
)
def test_filters(client, world, sign_in, measured, filters, found):
    IndicatorFactory(
        result=ResultFactory(project=world.project, code="2", level="output"), code="2.1"
    )
    sign_in("reader")

    assert list(rows(client.get(url_of(world.project), filters))) == found


def test_what_is_missing_is_said_and_never_zero(client, world, sign_in):
    DataPointFactory(
        indicator=world.indicator,
        period=world.year,
        numerator=None,
        nothing_to_report=True,
        comment="Enquête reportée",
    )
    sign_in("partner")

    text = client.get(url_of(world.project)).text

    for words in ("Not stated", "No target", "Nothing to report: Enquête reportée"):
        assert words in text
    assert ">0<" not in text


def test_a_project_without_indicators_says_what_to_do(client, world, sign_in):
    world.indicator.delete()
    sign_in("reader")

    assert "No indicator yet." in client.get(url_of(world.project)).text


def a_framework(indicators, years, cells):
    """A project with that many indicators, each measured in each year by that many cells."""
    project = ProjectFactory()
    dimension = DimensionFactory()
    categories = [CategoryFactory(dimension=dimension) for _ in range(cells)]
    periods = [
        PeriodFactory(
            project=project,
            number=number,
            start=project.starts_on + timedelta(days=100 * number),
            end=project.starts_on + timedelta(days=100 * number + 99),
        )
        for number in range(1, years + 1)
    ]
    results = [ResultFactory(project=project) for _ in range(min(indicators, 20))]
    made = Indicator.objects.bulk_create(
        Indicator(
            result=results[number % len(results)],
            code=f"{number:03}",
            name_fr=f"Personnes formées {number:03}",
            dimension=dimension,
        )
        for number in range(indicators)
    )
    DataPoint.objects.bulk_create(
        DataPoint(
            indicator=indicator,
            kind=kind,
            period=period,
            category=category,
            numerator=10 if category else 10 * cells,
            status="approved",
        )
        for indicator in made
        for period in periods
        for kind in ("target", "actual")
        for category in (None, *categories)
        if kind == "actual" or category is None
    )
    return project


@pytest.mark.parametrize("filters", [{}, {"rating": "no_target"}])
def test_a_framework_of_any_size_takes_as_many_queries(
    client, django_assert_max_num_queries, filters
):
    counts = []
    for size in ((1, 1, 1), (200, 5, 6)):
        project = a_framework(*size)
        user = UserFactory()
        AssignmentFactory(project=project, user=user)
        client.force_login(user)

        # Session, user, project, roles; what the filters, tabs and buttons show; the number of
        # indicators, these, and their values.
        with django_assert_max_num_queries(20) as statements:
            response = client.get(url_of(project), filters)
        counts.append(len(statements))

        assert response.status_code == 200
        response = client.get(url_of(project))
        assert len(gzip.compress(response.content)) < 20_000
        page = response.context["page"]
        assert (page.paginator.count, len(page.object_list)) == (size[0], min(size[0], 25))

    few, many = counts
    assert many <= few


@pytest.mark.parametrize("name", ["values", "requests"])
def test_lists_of_requests_and_of_values(
    client, world, sign_in, django_assert_max_num_queries, name
):
    sign_in("monitoring")
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            indicator = IndicatorFactory(
                result=world.result, code=f"V{number}", due_per="project_year"
            )
            DataPointFactory(
                indicator=indicator,
                period=world.year,
                status="submitted",
                given_by=world.institutions["partner"],
            )
            period = PeriodFactory(
                project=world.project, kind="quarter", number=number, start=date(2019, 4, 1)
            )
            world.project.value_requests.create(
                institution=world.institutions["partner"], period=period, due_on=date(2020, 5, 1)
            )

        # session, user, project, roles (2), count, page, names, files, cells, contact's names …
        with django_assert_max_num_queries(20) as statements:
            client.get(reverse(f"projects:{name}", args=[world.project.code]))
        counts.append(len(statements))

    few, many = counts
    assert many <= few
