"""What the database holds of a project's money, as the rows that the figures are computed from."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from projects.models import BudgetRevision, Expenditure, Period
from projects.money.budget_figures import PeriodBounds, ReportingPoint, total_figures
from projects.money.budget_tables import current_figures
from projects.money.ledger import (
    Books,
    books_total,
    budget_periods,
    ledger_transactions,
    planned_amounts,
    published_budgets,
    reporting_point,
    spent_amounts,
)
from tests.factories import (
    AmendmentFactory,
    BudgetCategoryFactory,
    BudgetLineFactory,
    ContributionFactory,
    ExpenditureFactory,
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
)

pytestmark = pytest.mark.django_db

START = date(2019, 4, 1)


@pytest.fixture
def project():
    """From April 1, 2019 to March 31, 2022: 1,096 days."""
    return ProjectFactory()


@pytest.fixture
def years(project):
    return [
        PeriodFactory(
            project=project, number=n, start=date(2018 + n, 4, 1), end=date(2019 + n, 3, 31)
        )
        for n in (1, 2)
    ]


@pytest.fixture
def category(project):
    return BudgetCategoryFactory(project=project)


# Periods and the place in them


def test_a_budget_is_by_project_years_or_else_by_the_years_of_the_donor(project):
    kinds = (Period.Kind.QUARTER, Period.Kind.FISCAL_YEAR, Period.Kind.PROJECT_YEAR)
    quarter, fiscal, own = (
        PeriodFactory(project=project, kind=kind, start=START, end=date(2019, 6, 30))
        for kind in kinds
    )

    assert budget_periods(project) == [own]
    assert budget_periods(project, [quarter, fiscal, own]) == [own]
    own.delete()
    assert budget_periods(project) == [fiscal]
    assert budget_periods(project, [quarter, fiscal]) == [fiscal]
    fiscal.delete()
    assert budget_periods(project) == budget_periods(project, [quarter]) == []


def test_the_years_of_a_budget_come_in_their_order(project, years):
    early = PeriodFactory(project=project, number=9, start=date(2018, 4, 1), end=date(2019, 3, 31))

    assert budget_periods(project) == [early, *years]


@pytest.mark.parametrize(
    ("today", "days"),
    [
        (date(2019, 3, 31), 0),
        (date(2019, 4, 1), 1),
        (date(2020, 3, 31), 366),
        (date(2022, 3, 31), 1096),
        (date(2030, 1, 1), 1096),
    ],
)
def test_the_time_that_passed_counts_the_first_day_and_the_last(project, years, today, days):
    position = reporting_point(project, years, None, today=today)

    assert position.elapsed == Decimal(days) / 1096


def test_a_period_that_is_over_is_told_as_of_its_end_and_a_running_one_as_of_today(project, years):
    over = reporting_point(project, years, years[0], today=date(2020, 9, 3))
    running = reporting_point(project, years, years[1], today=date(2020, 9, 3))

    assert over.elapsed == Decimal(366) / 1096
    assert running.elapsed == Decimal(522) / 1096
    assert (over.year, over.running) == (years[0].pk, None)
    assert (running.year, running.running) == (years[1].pk, years[1].pk)


@pytest.mark.parametrize(
    ("today", "reached", "running"),
    [
        (date(2019, 3, 31), set(), None),
        (date(2019, 4, 1), {1}, 1),
        (date(2020, 3, 31), {1}, 1),
        (date(2020, 4, 1), {1, 2}, 2),
        (date(2021, 3, 31), {1, 2}, 2),
        (date(2021, 4, 1), {1, 2}, None),
    ],
)
def test_a_period_runs_from_its_first_day_through_its_last(today, reached, running):
    two = [
        PeriodBounds(1, START, date(2020, 3, 31)),
        PeriodBounds(2, date(2020, 4, 1), date(2021, 3, 31)),
    ]

    position = ReportingPoint.of(two, None, today=today, elapsed=Decimal(0))

    assert (position.reached, position.running) == (reached, running)
    assert position.to_come == {1, 2} - reached


def test_on_the_last_day_of_a_period_what_is_left_of_its_budget_is_still_forecast(
    project, years, category
):
    for period in years:
        BudgetLineFactory(period=period, category=category, original=100)
    ExpenditureFactory(category=category, amount=60)
    rows = planned_amounts(project), spent_amounts(project.expenditures.all(), years)

    def forecast(today):
        return total_figures(*rows, reporting_point(project, years, None, today=today)).forecast

    assert [forecast(date(2020, 3, 31)), forecast(date(2020, 4, 1))] == [200, 160]


# What was spent


def test_a_day_belongs_to_the_period_that_begins_or_ends_with_it(project, years, category):
    edges = [years[0].start, years[0].end, years[1].start, years[1].end]
    outside = [years[0].start - timedelta(days=1), years[1].end + timedelta(days=1)]
    for amount, day in enumerate([*edges, *outside], start=1):
        ExpenditureFactory(category=category, spent_on=day, amount=10**amount)

    spent = spent_amounts(project.expenditures.all(), years)

    assert {one.year: one.amount for one in spent} == {
        years[0].pk: 110,
        years[1].pk: 11_000,
        None: 1_100_000,
    }


def test_amounts_are_summed_by_currency_and_rate_and_never_across(project, years, category):
    for currency, rate in (("CAD", 1), ("HNL", "0.05"), ("HNL", "0.05"), ("HNL", "0.06")):
        ExpenditureFactory(category=category, amount=100, currency=currency, rate=rate)

    spent = spent_amounts(project.expenditures.all(), years)

    assert sorted((one.amount, one.rate, one.value) for one in spent) == [
        (100, Decimal("0.06"), 6),
        (100, 1, 100),
        (200, Decimal("0.05"), 10),
    ]


def test_a_total_is_rounded_once_and_a_refund_is_taken_off(category):
    """Three times 0.005 are 0.015, hence two cents and not three."""
    for _n in range(3):
        ExpenditureFactory(category=category, amount="0.01", currency="HNL", rate="0.5")
    assert books_total(Expenditure.objects.all()).counted == Decimal("0.02")

    ExpenditureFactory(category=category, amount=-5)

    assert books_total(Expenditure.objects.all()).counted == Decimal(
        "-4.99"
    )  # 4.985, away from nought
    assert books_total(Expenditure.objects.none()).counted == 0


def test_what_lies_outside_all_periods_counts_in_all_together(project, years, category):
    """As much for the card of the project as for its page."""
    BudgetLineFactory(period=years[0], category=category, original=1000)
    ExpenditureFactory(category=category, amount=30)
    ExpenditureFactory(category=category, amount=7, spent_on=date(2018, 1, 1))

    row = current_figures(project)

    assert (row.revised, row.cumulative, row.remaining) == (1000, 37, 963)


# What was planned


def test_an_amount_that_was_revised_later_is_planned_as_it_was_before_the_first_of_these(
    project, years, category
):
    line = BudgetLineFactory(period=years[0], category=category, original=100, revised=300)
    amendment = AmendmentFactory(project=project)
    for on, before, after in ((date(2019, 6, 1), 100, 200), (date(2019, 7, 1), 200, 300)):
        BudgetRevision.objects.create(
            line=line, before=before, after=after, on=on, reason="…", amendment=amendment
        )

    def planned(day):
        (found,) = planned_amounts(project, known_on=day)
        return found.original, found.amount

    assert [planned(None), planned(date(2019, 7, 1))] == [(100, 300)] * 2
    assert [planned(date(2019, 6, 30)), planned(date(2019, 6, 1))] == [(100, 200)] * 2
    assert planned(date(2019, 5, 31)) == (100, 100)


# What is published


def test_a_sum_is_dated_on_the_last_day_of_its_period_or_of_what_is_told(project, years, category):
    for day in (date(2019, 6, 1), date(2020, 6, 1), date(2020, 6, 2)):
        ExpenditureFactory(category=category, spent_on=day, amount=10)

    told = ledger_transactions(Books(project), through=date(2020, 6, 1))
    later = ledger_transactions(Books(project), through=date(2022, 1, 1))

    assert [(one.on, one.amount, one.start) for one in told] == [
        (date(2020, 3, 31), 10, years[0].start),
        (date(2020, 6, 1), 10, years[1].start),
    ]
    assert [(one.on, one.amount) for one in later] == [
        (date(2020, 3, 31), 10),
        (date(2021, 3, 31), 20),
    ]


def test_what_cancels_out_to_the_cent_is_not_published(project, years, category):
    ExpenditureFactory(category=category, amount=10)
    ExpenditureFactory(category=category, amount=-10)
    ExpenditureFactory(category=category, amount="0.01", currency="HNL", rate="0.4")

    assert ledger_transactions(Books(project), through=date(2022, 1, 1)) == []


def test_money_is_published_from_the_day_on_which_it_came(project, years):
    donor = ParticipationFactory(project=project, role="funding")
    ContributionFactory(
        participation=donor,
        currency="USD",
        rate="1.33335",
        received=100,
        received_on=date(2019, 5, 2),
    )

    before = ledger_transactions(Books(project), through=date(2019, 5, 1))
    (incoming,) = ledger_transactions(Books(project), through=date(2019, 5, 2))

    assert before == []
    assert (incoming.on, incoming.amount, incoming.institution) == (
        date(2019, 5, 2),
        Decimal("133.34"),
        donor.institution,
    )


def test_a_budget_that_was_revised_back_is_published_once(project, years, category):
    """What one category lost the other got: the period has the amount that it had."""
    other = BudgetCategoryFactory(project=project)
    BudgetLineFactory(period=years[0], category=category, original=100, revised=150)
    BudgetLineFactory(period=years[0], category=other, original=100, revised=50)
    BudgetLineFactory(period=years[1], category=other, original=100, revised=101)

    told = published_budgets(project)

    assert [(one.start, one.amount, one.is_revised) for one in told] == [
        (years[0].start, 200, False),
        (years[1].start, 100, False),
        (years[1].start, 101, True),
    ]
