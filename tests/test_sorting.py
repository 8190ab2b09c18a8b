"""Lists sorted by `?sort=`, which works without JavaScript and over several pages."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.template import Context, RequestContext, Template
from django.test import RequestFactory
from django.urls import reverse

from kernel.sorting import SortedLines, SortedRows, by_label, written
from projects.models import Project
from tests.factories import (
    ActionPlanFactory,
    ActionTermsFactory,
    AmendmentFactory,
    AssignmentFactory,
    DataPointFactory,
    ExpenditureFactory,
    IndicatorFactory,
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
    ResultFactory,
    RiskRatingFactory,
    UserFactory,
)

GET = RequestFactory().get


def test_lines_without_a_value_come_last_either_way():
    columns = {"name": lambda line: line}
    lines = ["b", None, "Á", "c", ""]

    def asked(query):
        return SortedLines(GET("/", query), columns).of(lines)

    assert asked({"sort": "name"}) == ["Á", "b", "c", None, ""]
    assert asked({"sort": "-name"}) == ["c", "b", "Á", None, ""]
    assert asked({"sort": "password"}) == lines
    assert asked({}) == lines


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite sorts é behind z")
def test_rows_are_sorted_as_people_do_and_in_the_readers_language():
    for title, status in [("Beta", "active"), ("Ávila", "closed"), ("alfa", "planned")]:
        ProjectFactory(short_title_fr=title, short_title_en="", short_title_es="", status=status)
    columns = {
        "title": lambda: written("short_title"),
        "status": lambda: by_label("status", dict(Project.Status.choices)),
    }

    def titles(sort):
        rows = SortedRows(GET("/", {"sort": sort}), columns).of(Project.objects.all())
        return list(rows.values_list("short_title_fr", flat=True))

    assert titles("title") == ["alfa", "Ávila", "Beta"]
    assert titles("-title") == ["Beta", "Ávila", "alfa"]
    assert titles("status") == ["Ávila", "Beta", "alfa"]  # closed, in progress, planned


def head(query, columns=("day",)):
    request = GET("/", query)
    sorting = SortedRows(request, dict.fromkeys(columns, "starts_at"))
    template = Template('{% load portal_tags %}{% sort_head "day" "Day" "num" %}')
    return template.render(RequestContext(request, {"sorting": sorting}))


def test_the_head_of_a_column_leads_to_the_other_order_and_keeps_the_filters():
    assert head({"q": "a", "page": "3"}) == (
        '<th scope="col" class="num"><a class="sort" id="sort-day" href="?q=a&amp;sort=day">Day</a></th>'
    )
    assert 'aria-sort="ascending"><a class="sort" id="sort-day" href="?sort=-day"' in head(
        {"sort": "day"}
    )
    assert 'aria-sort="descending"><a class="sort" id="sort-day" href="?sort=day"' in head(
        {"sort": "-day"}
    )
    assert head({}, columns=()) == '<th scope="col" class="num">Day</th>'


def test_only_a_list_that_is_shown_whole_is_sorted_by_the_browser():
    template = Template("{% load portal_tags %}{% sortable %}{% sortable in_groups=True %}")

    text = template.render(Context())

    assert text.startswith(" data-sort hx-boost")


@pytest.fixture
def project(client):
    user, project = UserFactory(), ProjectFactory()
    AssignmentFactory(project=project, user=user)
    client.force_login(user)
    return project


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "sort"),
    [
        ("projects:list", "country"),
        ("projects:list", "-project"),
        ("partners:list", "name"),
        ("partners:list", "kind"),
        ("committees:meetings", "committee"),
        ("committees:meetings", "-day"),
        ("committees:plans", "project"),
        ("committees:resolutions", "state"),
        ("committees:resolutions", "due"),
        ("reports:list", "project"),
        ("reports:list", "-status"),
        ("reports:list", "period"),
    ],
)
def test_lists_of_all_projects_are_sorted(client, project, name, sort):
    ParticipationFactory(project=project)

    page = client.get(reverse(name), {"sort": sort})

    assert page.context["sorting"].asked == sort
    assert page.status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "sort"),
    [
        *(("risks", "level"), ("participations", "-name"), ("participations", "role")),
        *(("duties", "-duty"), ("duties", "period")),
    ],
)
def test_lists_of_a_project_are_sorted(client, project, name, sort):
    ParticipationFactory(project=project)
    RiskRatingFactory(risk__project=project)  # without one there is no column of levels

    page = client.get(reverse(f"projects:{name}", args=[project.code]), {"sort": sort})

    assert page.context["sorting"].asked == sort


@pytest.mark.django_db
def test_vouchers_are_sorted_over_all_pages(client, project):
    for amount in range(30):
        ExpenditureFactory(project=project, amount=Decimal(amount + 1))

    url = reverse("projects:expenditures", args=[project.code])
    page = client.get(url, {"sort": "-amount", "page": "2"})

    assert [row.amount for row in page.context["page"]] == [5, 4, 3, 2, 1]
    assert b'aria-sort="descending"' in page.content


@pytest.mark.django_db
def test_amendments_are_sorted_over_all_pages_and_those_without_a_day_come_last(client, project):
    for number in range(1, 31):
        day = date(2020, 1, 1) + timedelta(days=number) if number > 2 else None
        AmendmentFactory(project=project, number=number, donor_decided_on=day)

    url = reverse("projects:amendments", args=[project.code])
    page = client.get(url, {"sort": "-answer", "page": "2"})

    assert [row.number for row in page.context["page"]] == [5, 4, 3, 1, 2]
    assert b'aria-sort="descending"' in page.content


@pytest.mark.django_db
def test_the_framework_is_sorted_without_its_groups(client, project):
    period = PeriodFactory(project=project, start=date(2025, 1, 1), end=date(2025, 12, 31))
    for value in (3, 20, None):
        indicator = IndicatorFactory(result=ResultFactory(project=project))
        if value:
            DataPointFactory(indicator=indicator, kind="actual", period=period, numerator=value)

    url = reverse("projects:framework", args=[project.code])
    page = client.get(url, {"sort": "-actual"})

    shown = [row.own.actual if row.own else None for row in page.context["page"]]
    assert shown == [20, 3, None]
    assert b"rowgroup" not in page.content
    assert b"rowgroup" in client.get(url).content


@pytest.mark.django_db
def test_a_plan_that_is_sorted_is_one_list(client, project):
    plan = ActionPlanFactory(period__project=project)
    for title, end in [("Later", date(2019, 12, 1)), ("Sooner", date(2019, 8, 1))]:
        ActionTermsFactory(
            plan=plan, title_fr=title, ends_on=end, result=ResultFactory(project=project)
        )

    page = client.get(plan.get_absolute_url(), {"sort": "end"})

    (group,) = page.context["groups"]
    assert [row["terms"].title for row in group["rows"]] == ["Sooner", "Later"]
    assert ("?sort=-end", True) in [(url, chosen) for _, url, chosen in page.context["orders"]]
    assert len(client.get(plan.get_absolute_url()).context["groups"]) == 2


@pytest.mark.django_db
def test_the_team_is_a_table_that_the_browser_sorts(client, project):
    AssignmentFactory(project=project, user__full_name="Zeta", role="finance")

    text = client.get(reverse("projects:team", args=[project.code])).content.decode()

    assert "<thead data-sort" in text
    assert "Has not signed in yet" in text
