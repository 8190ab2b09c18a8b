"""The portfolio: what it says of each project, what it adds up, and that nobody reads there what they
may not read elsewhere."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from ibcr_portal.models import ProjectStanding, SavedFilter
from ibcr_portal.obligations.writing import Obligations
from ibcr_portal.portfolio.forms import PortfolioFilterForm
from ibcr_portal.portfolio.lines import late_first, totals_of
from ibcr_portal.portfolio.reading import project_figures
from ibcr_portal.reader import Reader
from projects.models import Amendment, BudgetLine, Direction, Participation, Project
from reports.models import Report
from tests.factories import (
    AmendmentFactory,
    AssignmentFactory,
    BudgetCategoryFactory,
    BudgetLineFactory,
    ContactFactory,
    DataPointFactory,
    ExpenditureFactory,
    IndicatorFactory,
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
    ReportFactory,
    ReportingDutyFactory,
    RepresentationFactory,
    ResultFactory,
    RiskFactory,
    RiskRatingFactory,
    SnapshotFactory,
    UserFactory,
)
from tests.obligations import write_all
from tests.world import World

pytestmark = pytest.mark.django_db

URL = "/portfolio/"
TODAY = timezone.localdate


@pytest.fixture
def world():
    return World()


def fill(project, *, budget=1000, spent=250, actual=10, target=10):
    """Give a project money, a rated indicator, two risks, and a year that is over."""
    year = project.periods.first() or PeriodFactory(project=project)
    category = BudgetCategoryFactory(project=project)
    BudgetLineFactory(project=project, period=year, category=category, original=budget)
    ExpenditureFactory(category=category, amount=spent, currency=project.currency)
    indicator = IndicatorFactory(result=ResultFactory(project=project))
    for kind, number in (("target", target), ("actual", actual)):
        DataPointFactory(indicator=indicator, kind=kind, period=year, numerator=number)
    for is_shared, impact in ((True, 2), (False, 4)):
        risk = RiskFactory(project=project, is_shared=is_shared)
        RiskRatingFactory(risk=risk, likelihood=2 if is_shared else 4, impact=impact)
    return indicator


def submitted_report(period):
    report = ReportFactory(period=period)
    Report.objects.filter(pk=report.pk).update(
        status=Report.Status.SUBMITTED,
        snapshot=SnapshotFactory(report=report),
        signed_off_by=UserFactory(),
        signed_off_on=date(2020, 5, 1),
    )
    return report


def figures_of(person):
    write_all()
    return {one.project.code: one for one in project_figures(Obligations(Reader(person)))}


def second_project(person, **values):
    """Another project that is funded by the institution of the person."""
    project = ProjectFactory(**values)
    contact = person.contacts.get()
    place = ParticipationFactory(
        project=project, institution=contact.institution, role=Participation.Role.FUNDING
    )
    RepresentationFactory(participation=place, contact=contact)
    return project


# What it says


def test_the_donor_reads_money_results_risks_and_what_waits_for_it(world):
    donor, project = world.people["donor"], world.project
    fill(project)
    report = submitted_report(world.year)
    AmendmentFactory(project=project, status=Amendment.Status.SUBMITTED)
    late = ReportingDutyFactory(project=project, days=30)

    one = figures_of(donor)["HN-1"]

    assert (one.budget, one.spent, one.percent_spent) == (1000, 250, 25)
    assert (one.ratings, one.on_track, one.rated) == ({"met": 1, "no_target": 1}, 1, 2)
    assert (one.risks, one.waiting) == ({"open": 2, "grave": 1}, 2)
    assert (one.last_report.key, one.last_report.status) == (report.pk, "submitted")
    assert [donor.contacts.get().institution] == one.donors
    assert late.project == project


def test_late_things_are_those_of_what_is_due(world, client):
    period = PeriodFactory(
        project=world.project,
        number=2,
        start=TODAY() - timedelta(400),
        end=TODAY() - timedelta(40),
    )
    ReportingDutyFactory(project=world.project, days=30, title_en="Annual report")
    client.force_login(world.people["donor"])

    one = figures_of(world.people["donor"])["HN-1"]
    listed = client.get("/due/?state=late").context["page"].paginator.count

    assert one.late == listed > 0
    assert one.report_late_since is not None
    assert period.end < TODAY()


@pytest.mark.parametrize(
    ("role", "money", "risks", "waiting"),
    [
        ("direction", True, {"open": 2, "grave": 1}, 3),
        ("administrator", True, {"open": 2, "grave": 1}, 3),
        ("auditor", True, {"open": 2, "grave": 1}, 3),
        ("reader", True, None, 3),
        ("donor", True, {"open": 2, "grave": 1}, 1),
        ("embassy", True, {"open": 2, "grave": 1}, 1),
        ("member", False, {"open": 1, "grave": 0}, None),
        ("partner", False, None, None),
    ],
)
def test_what_a_person_may_not_see_is_neither_shown_nor_counted(
    world, client, role, money, risks, waiting
):
    indicator = fill(world.project, budget=987_654, spent=123_456)
    # Two things wait inside the team: a value, and a report in review. One waits for the donor.
    year = PeriodFactory(
        project=world.project, number=9, start=date(2020, 4, 1), end=date(2021, 3, 31)
    )
    DataPointFactory(indicator=indicator, period=year, status="submitted")
    ReportFactory(period=world.year, status=Report.Status.IN_REVIEW)
    AmendmentFactory(project=world.project, status=Amendment.Status.SUBMITTED)
    person = world.people.get(role) or UserFactory()
    if role == "direction":
        Direction.objects.create(user=person)
    client.force_login(person)

    one = figures_of(person)["HN-1"]
    page = client.get(URL).content.decode()
    totals = totals_of([one])

    assert (one.sees_money, one.budget) == (money, Decimal(987_654) if money else None)
    assert (one.risks, one.waiting) == (risks, waiting)
    assert bool(totals.currencies) == money
    assert (totals.grave_risks, totals.waiting) == (risks and risks["grave"], waiting)
    assert ("987" in page or "123" in page) == money


def test_a_rating_that_reveals_a_small_count_is_for_those_who_may_see_it(world):
    indicator = fill(world.project, actual=3, target=10)
    type(indicator).objects.filter(pk=indicator.pk).update(counts_persons=True)

    seen = {role: figures_of(world.people[role])["HN-1"].ratings for role in ("auditor", "member")}

    assert seen == {"auditor": {"behind": 1, "no_target": 1}, "member": {"no_target": 1}}


def test_somebody_without_a_project_reads_that_there_is_none(client):
    client.force_login(UserFactory())

    response = client.get(URL)

    assert response.status_code == 200
    assert response.context["has_projects"] is False


def test_what_is_for_learning_is_left_out_unless_there_is_nothing_else(world):
    Project.objects.filter(code="HN-2").update(training=True)
    assert set(figures_of(world.people["administrator"])) == {"HN-1"}

    Project.objects.update(training=True)

    assert set(figures_of(world.people["administrator"])) == {"HN-1", "HN-2"}


# Totals, filters and order


def test_money_is_added_by_currency_and_never_across(world):
    donor = world.people["donor"]
    fill(world.project, budget=1000, spent=250)
    fill(second_project(donor, code="B", currency="CAD"), budget=3000, spent=750)
    fill(second_project(donor, code="C", currency="USD"), budget=500, spent=1)

    totals = totals_of(figures_of(donor).values())

    assert [
        (one.currency, one.projects, one.budget, one.spent, one.share_spent, one.left)
        for one in totals.currencies
    ] == [("CAD", 2, 4000, 1000, Decimal("0.25"), 3000), ("USD", 1, 500, 1, Decimal("0.002"), 499)]
    assert (totals.projects, totals.on_track, totals.rated) == (3, 3, 4)


def test_what_was_spent_without_a_budget_is_no_share_of_the_others_budget(client, world):
    donor = world.people["donor"]
    fill(world.project, budget=1000, spent=250)
    other = second_project(donor, code="B", currency="CAD")
    fill(other, spent=900)
    BudgetLine.objects.filter(category__project=other).delete()

    (one,) = totals_of(figures_of(donor).values()).currencies
    client.force_login(donor)
    page = " ".join(client.get(URL).content.decode().split())

    assert (one.projects, one.with_budget, one.budget, one.spent) == (2, 1, 1000, 1150)
    assert (one.share_spent, one.left) == (Decimal("0.25"), 750)
    assert "CAD: the share and what is left are of the 1 project that has a budget." in page


def chosen(person, **filters):
    form = PortfolioFilterForm(filters, figures=figures_of(person).values())
    return [one.project.code for one in late_first(form.chosen)]


def test_filters_narrow_the_list_and_nonsense_filters_nothing(world):
    donor = world.people["donor"]
    funding = donor.contacts.get().institution
    Project.objects.filter(code="HN-1").update(country="HN", status="closed")
    second_project(
        donor,
        code="B",
        country="SN",
        currency="EUR",
        starts_on=date(2010, 1, 1),
        original_end=date(2011, 12, 31),
        current_end=date(2011, 12, 31),
        short_title_fr="Centres",
    )

    assert chosen(donor, country="SN") == ["B"]
    assert chosen(donor, status="closed") == ["HN-1"]
    assert chosen(donor, currency="EUR") == ["B"]
    assert chosen(donor, year="2011") == ["B"]
    assert chosen(donor, q="centres") == ["B"]
    assert sorted(chosen(donor, donor=str(funding.pk))) == ["B", "HN-1"]
    assert sorted(chosen(donor, country="nonsense", year="x", donor="-1")) == ["B", "HN-1"]


def test_many_filters_are_folded_until_one_is_used(world, client):
    fill(world.project)
    client.force_login(world.people["coordinator"])

    assert '<details class="more w-100">' in client.get(URL).text
    assert '<details class="more w-100" open>' in client.get(URL, {"country": "HN"}).text


def test_the_list_is_sorted_by_its_columns(world, client):
    donor = world.people["donor"]
    fill(world.project, budget=1000, spent=900)
    fill(second_project(donor, code="B"), budget=1000, spent=100)
    second_project(donor, code="C")
    write_all()
    client.force_login(donor)

    def order(word):
        page = client.get(URL, {"sort": word}).context["page"]
        return [one.project.code for one in page]

    assert order("spent") == ["B", "HN-1", "C"]
    assert order("-spent") == ["HN-1", "B", "C"]
    assert len(order("nonsense")) == 3


# Saved filters


def test_a_filter_is_kept_under_a_name_and_replaced_by_the_same_name(world, client):
    person = world.people["donor"]
    client.force_login(person)

    for query in ("country=HN&page=2&csrf=x", "status=active"):
        response = client.post(
            f"{reverse('portfolio-filter')}?{query}", {"name": "Mine", "query": query}
        )

    assert response.url == "/portfolio/?status=active"
    assert [(row.name, row.query) for row in SavedFilter.objects.filter(user=person)] == [
        ("Mine", "status=active")
    ]
    assert "/portfolio/?status=active" in client.get(URL).content.decode()


def test_only_filters_of_the_portfolio_are_kept(world, client):
    client.force_login(world.people["donor"])

    client.post(
        reverse("portfolio-filter"), {"name": "A", "query": "country=HN&next=//evil.example"}
    )
    refused = client.post(
        reverse("portfolio-filter"), {"name": "B", "query": "next=//evil.example"}
    )

    assert [row.query for row in SavedFilter.objects.all()] == ["country=HN"]
    assert refused.status_code == 200


def test_a_person_keeps_so_many_filters_at_most(world, client):
    person = world.people["donor"]
    SavedFilter.objects.bulk_create(
        SavedFilter(user=person, name=f"{n}", query="late=any") for n in range(SavedFilter.MOST)
    )
    client.force_login(person)

    client.post(reverse("portfolio-filter"), {"name": "One more", "query": "late=any"})

    assert SavedFilter.objects.count() == SavedFilter.MOST


def test_nobody_removes_or_reads_the_filter_of_another(world, client):
    theirs = SavedFilter.objects.create(
        user=world.people["donor"], name="Of the donor", query="late=any"
    )
    remove = reverse("portfolio-filter-delete", args=[theirs.pk])
    client.force_login(world.people["coordinator"])

    assert client.post(remove).status_code == 404
    assert "Of the donor" not in client.get(URL).content.decode()

    client.force_login(world.people["donor"])
    assert client.post(remove).status_code == 302
    assert not SavedFilter.objects.exists()


# The workbook


def test_the_workbook_has_what_the_page_has_and_prints_well(world, client):
    donor = world.people["donor"]
    fill(world.project)
    fill(second_project(donor, code="C", currency="USD"), budget=500, spent=100)
    write_all()
    client.force_login(donor)

    book = load_workbook(io.BytesIO(client.get("/portfolio/export/?currency=USD").content))
    projects, totals = book.worksheets[0], book.worksheets[1]

    assert [row[0].value for row in projects.iter_rows(min_row=2)] == ["C"]
    assert [cell.value for cell in totals[2]] == ["USD", 1, 500, 100, 1, 20, 400]
    assert len(book.worksheets) == 4
    assert projects.freeze_panes == "A2"
    assert projects.auto_filter.ref is not None
    assert (projects.page_setup.orientation, projects.print_title_rows) == ("landscape", "$1:$1")


def test_a_member_exports_no_money(world, client):
    fill(world.project, budget=987_654, spent=123_456)
    write_all()
    client.force_login(world.people["member"])

    book = load_workbook(io.BytesIO(client.get("/portfolio/export/").content))
    cells = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}

    assert not cells & {987_654, 123_456}


# How often it asks


def many(numbers, person):
    for number in numbers:
        project = second_project(person, code=f"M-{number}")
        fill(project)
        submitted_report(project.periods.get())
        ReportingDutyFactory(project=project, days=30)


@pytest.mark.parametrize(
    ("url", "most"),
    [(URL, 30), ("/portfolio/indicators/", 3), ("/portfolio/export/", 3)],
)
def test_it_asks_as_often_for_any_number_of_projects(
    client, django_assert_max_num_queries, url, most
):
    person = UserFactory()
    ContactFactory(user=person)
    client.force_login(person)
    counts = []
    for numbers in (range(1), range(1, most)):
        many(numbers, person)
        write_all()
        client.get(url)  # statements are compiled

        with django_assert_max_num_queries(25) as statements:
            response = client.get(url)
        counts.append(len(statements))

        if url == URL:
            assert response.context["totals"].projects == numbers.stop

    few, more = counts
    assert more <= few


def test_the_direction_asks_no_more_for_many(client, django_assert_max_num_queries):
    other, person = UserFactory.create_batch(2)
    ContactFactory(user=other)
    Direction.objects.create(user=person)
    AssignmentFactory(project=ProjectFactory(), user=person, role="coordinator")
    client.force_login(person)
    counts = []
    for numbers in (range(1), range(1, 12)):
        many(numbers, other)
        write_all()
        client.get(URL)  # statements are compiled

        with django_assert_max_num_queries(25) as statements:
            response = client.get(URL)
        counts.append(len(statements))

        assert response.context["totals"].projects == numbers.stop + 1

    few, more = counts
    assert more <= few


def test_what_is_stored_follows_each_change(world):
    indicator = fill(world.project)
    write_all()
    kept = ProjectStanding.objects.get(project=world.project)
    assert kept.facts["values"]["everything"]["ratings"] == {"met": 1, "no_target": 1}

    indicator.data_points.filter(kind="actual").update(numerator=1)
    write_all()

    kept.refresh_from_db()
    assert kept.facts["values"]["everything"]["ratings"] == {"behind": 1, "no_target": 1}
