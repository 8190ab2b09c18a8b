"""The financial report: the figures of the books as of a day, for who sees money."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.utils import translation

from projects.models import Budget, BudgetComment, BudgetLine, BudgetRevision, Expenditure
from projects.money.budget_tables import budget_tables
from reports.compose.evolution import reallocations
from reports.compose.finances import finances
from tests.factories import (
    AmendmentFactory,
    BudgetCategoryFactory,
    BudgetLineFactory,
    ContributionFactory,
    ExchangeRateFactory,
    ExpenditureFactory,
    PeriodFactory,
)
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

LATER = SIGNED_ON + timedelta(days=10)
PERIOD, WHOLE = "Project year 1 (CAD)", "Whole project (CAD)"
RATE = Decimal("0.05420000")


@pytest.fixture
def books(world, report):
    """Two categories and two years; a voucher in lempiras, one on a result, one of year 2."""
    project = world.project
    second = PeriodFactory(project=project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31))
    staff = BudgetCategoryFactory(project=project, name_fr="Personnel", name_en="Staff", code="P")
    travel = BudgetCategoryFactory(project=project, name_fr="Voyages", name_en="Travel", code="V")
    for period, amounts in ((world.year, (1000, 400)), (second, (1200, 300))):
        BudgetLineFactory(category=staff, period=period, original=amounts[0])
        BudgetLineFactory(category=travel, period=period, result=world.result, original=amounts[1])
    ExpenditureFactory(category=staff, spent_on=date(2019, 6, 1), amount="950.25")
    ExpenditureFactory(
        category=travel,
        result=world.result,
        spent_on=date(2019, 9, 1),
        amount="12345.67",
        currency="HNL",
        rate=RATE,
    )
    ExpenditureFactory(category=staff, spent_on=date(2020, 5, 1), amount="300.10")
    Budget.objects.create(project=project, approved_on=date(2019, 4, 15))
    BudgetComment.objects.create(
        category=travel, period=world.year, text="Les avions ont coûté plus.", language="fr"
    )
    return {"staff": staff, "travel": travel, "second": second}


def test_period_and_whole_project_by_category(report, books):
    blocks = told(finances, report)

    assert heads(blocks, PERIOD) == ["Category", "Budget", "Spent", "Variance", "Relative variance"]
    assert table(blocks, PERIOD)[:3] == [
        ["Staff", "1,000.00", "950.25", "−49.75", "−5.0%"],
        ["Travel", "400.00", "669.14", "+269.14", "+67.3%"],
        ["Total", "1,400.00", "1,619.39", "+219.39", "+15.7%"],
    ]
    assert heads(blocks, WHOLE) == [
        "Category",
        "Approved budget",
        "Spent since the beginning",
        "Remaining",
        "Forecast",
    ]
    assert table(blocks, WHOLE) == [
        ["Staff", "2,200.00", "950.25", "1,249.75", "2,150.25"],
        ["Travel", "700.00", "669.14", "30.86", "969.14"],
        ["Total", "2,900.00", "1,619.39", "1,280.61", "3,119.39"],
    ]


def test_by_result_and_by_period(world, report, books):
    blocks = told(finances, report)
    _by_category, by_result = [
        one for one in blocks if one["type"] == "table" and one["caption"] == PERIOD
    ]

    assert table([by_result], PERIOD) == [
        ["Énoncé 1100 | Intermediate outcome: 1100", "400.00", "669.14", "+269.14", "+67.3%"],
        ["Not assigned to a result", "1,000.00", "950.25", "−49.75", "−5.0%"],
        ["Total", "1,400.00", "1,619.39", "+219.39", "+15.7%"],
    ]
    assert table(blocks, "By period (CAD)") == [
        [
            "Project year 1 | April 1, 2019 – March 31, 2020",
            "1,400.00",
            "1,619.39",
            "+219.39",
            "1,619.39",
        ],
        # Under way: how far it deviates is not known yet.
        ["Project year 2 | April 1, 2020 – March 31, 2021", "1,500.00", "300.10", "–", "1,919.49"],
    ]


def test_what_deviates_has_its_explanation_or_lacks_it(report, books):
    caption = "Deviations of more than 10% from the budget of the period"
    assert table(told(finances, report), caption) == [
        ["Travel", "+67.3%", "Les avions ont coûté plus."]
    ]

    BudgetComment.objects.all().delete()

    assert table(told(finances, report), caption) == [["Travel", "+67.3%", "No explanation yet"]]


def test_the_threshold_is_that_of_the_project(report, books):
    BudgetComment.objects.all().delete()
    Budget.objects.update(threshold=70)

    assert "No category deviates by more than 70% from its budget." in sentences(
        told(finances, report)
    )


def test_the_sums_stand_above_and_the_chart_holds_whole_amounts(report, books):
    blocks = told(finances, report)
    (sums,) = [one["rows"] for one in blocks if one["type"] == "facts"]

    assert {one["label"]: one["value"] for one in sums} == {
        "Approved budget": "2,900\u00a0CAD",
        "Spent since the beginning": "1,619.39\u00a0CAD",
        "Remaining": "1,280.61\u00a0CAD",
        "Forecast at the end": "3,119.39\u00a0CAD",
    }
    assert figure(blocks, "grouped")["data"] == {
        "labels": ["Staff", "Travel"],
        "series": [
            {"name": "Budget", "values": ["1000", "400"]},
            {"name": "Spent", "values": ["950", "669"]},
        ],
        "unit": "CAD",
        "heading": "Category",
    }
    (picture,) = drawn(blocks)
    assert picture.caption == "Figure 1 – Budget and spending by category: Project year 1"
    assert ">Travel</text>" in picture.svg
    assert picture.svg.count(">CAD</text>") == 1  # one unit for all, above the bars


def test_the_figures_are_those_of_the_budget_page(world, report, books):
    """Once everything of the books is known, page and chapter are one."""
    page = budget_tables(world.project, Budget.of(world.project), shown=world.year)
    today = world.project.today
    rows = table(told(finances, report, as_of=today), WHOLE)

    def plain(written):
        return Decimal(written.replace(",", "").replace("−", "-"))

    shown = [*(line.figures for line in page.categories), page.total]
    assert [[plain(each) for each in row[1:]] for row in rows] == [
        [
            each.quantize(Decimal("0.01"), ROUND_HALF_UP)
            for each in (row.revised, row.cumulative, row.remaining, row.forecast)
        ]
        for row in shown
    ]


def test_the_total_is_the_sum_of_the_vouchers(world, report, books):
    """Added up here from the rows themselves, by hand."""
    last = world.year.end
    spent = sum(one.amount * one.rate for one in Expenditure.objects.filter(spent_on__lte=last))
    planned = sum(line.original for line in BudgetLine.objects.filter(period=world.year))

    total = table(told(finances, report), PERIOD)[2]

    assert Decimal(total[2].replace(",", "")) == spent.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert Decimal(total[1].replace(",", "")) == planned


def test_what_was_spent_revised_or_received_later_is_not_known(world, report, books):
    ContributionFactory(
        participation=world.project.participations.get(role="funding"), received=None
    )
    before = told(finances, report), told(reallocations, report)
    amendment = AmendmentFactory(project=world.project, number=7)
    for amount in (1111, 2222):
        line = BudgetLine.objects.get(category=books["staff"], period=world.year)
        BudgetRevision.objects.create(
            line=line,
            before=line.amount,
            after=amount,
            reason="PLUS-TARD",
            amendment=amendment,
            on=LATER,
        )
        BudgetLine.objects.filter(pk=line.pk).update(revised=amount)
    ExpenditureFactory(category=books["staff"], spent_on=LATER, amount=77)
    participation = world.project.participations.get(role="funding")
    participation.contributions.update(received=4321, received_on=LATER)

    assert (told(finances, report), told(reallocations, report)) == before
    later = told(finances, report, as_of=LATER)
    assert table(later, PERIOD)[0][1] == "2,222.00"
    assert table(later, "Contributions of the donors")[0][3:] == ["4,321\u00a0CAD", "Oct 10, 2020"]


def test_a_later_revision_leaves_what_was_revised_before(world, report, books):
    line = BudgetLine.objects.get(category=books["staff"], period=world.year)
    for day, before, after in ((date(2019, 8, 1), 1000, 1050), (LATER, 1050, 9999)):
        BudgetRevision.objects.create(
            line=line, before=before, after=after, reason="R", is_within_tolerance=True, on=day
        )
    BudgetLine.objects.filter(pk=line.pk).update(revised=9999)

    blocks = told(finances, report)

    assert table(blocks, PERIOD)[0][:2] == ["Staff", "1,050.00"]
    assert table(told(reallocations, report), "Revisions of the approved budget (CAD)") == [
        [
            "Staff | Project year 1 | Aug 1, 2019",
            "1,000",
            "1,050",
            "+50",
            "R | within the tolerance",
        ],
        ["Total", "", "", "+50", ""],
    ]


def test_contributions_in_their_currency_and_in_the_projects(world, report, books):
    donor = world.project.participations.get(role="funding")
    type(donor).objects.filter(pk=donor.pk).update(amount=9000)
    ContributionFactory(participation=donor, received=4900, received_on=date(2019, 5, 20))
    ContributionFactory(
        participation=donor,
        currency="USD",
        rate="1.33",
        promised=1000,
        expected_on=date(2020, 5, 1),
        reference="V2",
    )
    name = str(donor.institution.names.get())

    blocks = told(finances, report)

    assert table(blocks, "What institutions contribute to the project, in money or in kind") == [
        [name, "Funding", "9,000\u00a0CAD"],
        ["Total", "", "9,000\u00a0CAD"],
    ]
    assert table(blocks, "Contributions of the donors") == [
        [name, "5,000\u00a0CAD", "May 1, 2019", "4,900\u00a0CAD", "May 20, 2019"],
        [f"{name} | V2", "1,000\u00a0USD | 1,330\u00a0CAD", "May 1, 2020", "–", "–"],
        ["Total", "6,330\u00a0CAD", "", "4,900\u00a0CAD", ""],
    ]


def test_rates_of_the_period_with_all_their_decimals(world, report, books):
    ExchangeRateFactory(project=world.project, rate="0.00001234")
    ExchangeRateFactory(
        project=world.project, starts_on=date(2021, 4, 1), ends_on=date(2022, 3, 31), rate=9
    )

    assert table(told(finances, report), "") == [
        [
            "1\u00a0HNL = 0.00001234\u00a0CAD",
            "April 1, 2019 – March 31, 2020",
            "Banque centrale",
        ]
    ]


@pytest.mark.parametrize("audience", ["committee", "voting", "partners", "public"])
def test_others_have_neither_the_chapter_nor_the_reallocations(world, report, books, audience):
    assert told(finances, report, audience=audience) == []
    assert told(reallocations, report, audience=audience) == []


def test_vouchers_and_their_words_are_never_told(world, report, books):
    Expenditure.objects.update(description="SECRET-ACHAT", voucher="SECRET-PIECE")
    BudgetLine.objects.update(note="SECRET-NOTE")

    for audience in ("coordination", "donor"):
        assert "SECRET" not in words(told(finances, report, audience=audience))


def test_a_project_without_money_has_no_chapter(world, report):
    assert told(finances, report) == []


def test_a_period_of_another_kind_tells_the_year_around_it(world, report, books):
    quarter = PeriodFactory(
        project=world.project,
        kind="quarter",
        start=date(2019, 10, 1),
        end=date(2019, 12, 31),
    )
    type(report).objects.filter(pk=report.pk).update(period=quarter)

    blocks = told(finances, report)

    assert captions(blocks)[0] == PERIOD
    assert (
        "Period covered: Project year 1 (April 1, 2019 – March 31, 2020)." in sentences(blocks)[0]
    )


def test_whole_amounts_have_no_cents_and_each_language_its_notation(world, report, books):
    Expenditure.objects.all().delete()
    ExpenditureFactory(category=books["staff"], spent_on=date(2019, 6, 1), amount=1500)

    assert table(told(finances, report), PERIOD)[0][1:4] == ["1,000", "1,500", "+500"]
    with translation.override("fr"):
        blocks = told(finances, report, language="fr")
    (first, *_others) = [one for one in blocks if one["type"] == "table"]
    texts = [cell["text"] for cell in first["rows"][0]["cells"]]
    assert texts == ["Personnel", "1\u202f000", "1\u202f500", "+500", "+50,0\u00a0%"]


def test_more_lines_are_not_more_queries(world, report, books, django_assert_max_num_queries):
    donor = world.project.participations.get(role="funding")
    counts = []
    for count in (1, 30):
        for _each in range(count):
            category = BudgetCategoryFactory(project=world.project)
            BudgetLineFactory(category=category, period=world.year, result=world.result)
            ExpenditureFactory(category=category, result=world.result)
            ContributionFactory(participation=donor)
        reading = reading_of(report)
        with django_assert_max_num_queries(18) as statements:
            assert finances(reading)
        counts.append(len(statements))

    few, many = counts
    assert many <= few
