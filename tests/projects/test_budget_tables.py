"""What the page of the budget tells: its tables, and comments where a category deviates."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from projects.models import Budget, BudgetComment
from projects.money.budget_tables import budget_tables
from projects.money.services.budget import BudgetLineKey, RevisionGrounds, write_budget
from tests.factories import (
    BudgetCategoryFactory,
    BudgetLineFactory,
    ExpenditureFactory,
    PeriodFactory,
    ResultFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def category(world):
    return BudgetCategoryFactory(project=world.project, code="VOY")


@pytest.fixture
def approved(world, category):
    line = BudgetLineFactory(period=world.year, category=category, original=1000)
    Budget.objects.create(project=world.project, approved_on=date(2019, 4, 1))
    return line


def url(name, *args):
    return reverse(f"projects:{name}", args=["HN-1", *args])


# Comments


@pytest.mark.parametrize("language", ["fr", "es", "en"])
def test_a_comment_is_kept_in_the_language_of_who_writes_it(
    client, sign_in, world, category, language
):
    person = sign_in("finance")
    person.language = language
    person.save()

    client.post(url("budget-comment", category.pk, world.year.pk), {"text": "Vols plus chers."})

    comment = BudgetComment.objects.get()
    assert (comment.text, comment.language) == ("Vols plus chers.", language)
    assert (comment.category, comment.period) == (category, world.year)


def test_who_writes_a_comment_anew_writes_it_in_their_language(client, sign_in, world, category):
    page = url("budget-comment", category.pk, world.year.pk)
    for role, language, text in (
        ("finance", "fr", "Vols chers."),
        ("coordinator", "es", "Vuelos."),
    ):
        person = sign_in(role)
        person.language = language
        person.save()
        client.post(page, {"text": text})

    comment = BudgetComment.objects.get()
    assert (comment.text, comment.language) == ("Vuelos.", "es")


def test_a_comment_is_asked_for_where_a_category_deviates_in_the_period_shown(world, approved):
    """Threshold 10 %: of 1,000 planned, 1,100 spent is still within it."""
    within = BudgetLineFactory(period=world.year, category__project=world.project, original=1000)
    unplanned = BudgetCategoryFactory(project=world.project)
    for category, amount in ((approved.category, 1101), (within.category, 1100), (unplanned, 1)):
        ExpenditureFactory(category=category, amount=amount, spent_on=world.year.end)
    budget = Budget.of(world.project)

    shown = budget_tables(world.project, budget, shown=world.year)
    whole = budget_tables(world.project, budget)

    assert [line.thing for line in shown.unexplained] == [approved.category, unplanned]
    assert whole.unexplained == []
    BudgetComment.objects.create(
        category=approved.category, period=world.year, text="Vols", language="fr"
    )
    again = budget_tables(world.project, budget, shown=world.year)
    assert [line.thing for line in again.unexplained] == [unplanned]
    assert again.categories[0].comment.text == "Vols"


def test_a_comment_is_of_its_own_period(world, approved):
    following = PeriodFactory(
        project=world.project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31)
    )
    for period, text in ((world.year, "Vols"), (following, "Hôtels")):
        BudgetComment.objects.create(
            category=approved.category, period=period, text=text, language="fr"
        )
    budget = Budget.of(world.project)

    told = [
        budget_tables(world.project, budget, shown=period).categories[0].comment
        for period in (world.year, following, None)
    ]

    assert [comment and comment.text for comment in told] == ["Vols", "Hôtels", None]


# The tables


def test_the_budget_is_told_as_it_was_known_on_a_day(world, approved):
    """Revised on June 1 and on August 1; spent on May 10 and on July 15."""
    Budget.objects.update(tolerance=100)
    for on, amount in ((date(2019, 6, 1), 1200), (date(2019, 8, 1), 1300)):
        place = {BudgetLineKey(approved.category, None): Decimal(amount)}
        grounds = RevisionGrounds("Vols")
        write_budget(world.year, place, by=world.people["finance"], on=on, grounds=grounds)
    for on, amount in ((date(2019, 5, 10), 10), (date(2019, 7, 15), 20)):
        ExpenditureFactory(category=approved.category, spent_on=on, amount=amount)

    def known(*on):
        told = budget_tables(
            world.project, Budget.of(world.project), known_on=date(2019, *on)
        ).total
        return told.original, told.revised, told.cumulative

    assert [known(5, 9), known(5, 10), known(5, 31)] == [
        (1000, 1000, None),
        (1000, 1000, 10),
        (1000, 1000, 10),
    ]
    assert [known(6, 1), known(7, 15), known(7, 31), known(8, 1)] == [
        (1000, 1200, 10),
        (1000, 1200, 30),
        (1000, 1200, 30),
        (1000, 1300, 30),
    ]


def test_the_tables_hold_every_category_and_each_result_that_money_is_for(world, approved):
    """What stands at no result has its own row; a result without money has none."""
    ResultFactory(project=world.project, code="1200")
    ExpenditureFactory(category=approved.category, result=world.result, amount=30)
    empty = BudgetCategoryFactory(project=world.project)

    tables = budget_tables(world.project, Budget.of(world.project))

    assert [(line.thing, line.figures.cumulative) for line in tables.categories] == [
        (approved.category, 30),
        (empty, None),
    ]
    assert [
        (line.thing, line.figures.revised, line.figures.cumulative) for line in tables.results
    ] == [
        (world.result, None, 30),
        (None, 1000, 0),
    ]
    assert [(line.thing, line.figures.actual) for line in tables.years] == [(world.year, 30)]
    assert (tables.total.remaining, tables.is_empty) == (970, False)


def test_a_project_without_money_has_an_empty_budget(world):
    tables = budget_tables(world.project, Budget.of(world.project))

    assert (tables.is_empty, tables.categories, tables.results) == (True, [], [])
    assert Budget.of(world.project).pk is None
