"""What the pages of the budget show, and how its tables and charts tell it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from projects.models import (
    Budget,
    BudgetCategory,
    BudgetComment,
    BudgetRevision,
)
from projects.money.budget_tables import (
    budget_tables,
    spending_chart,
)
from projects.money.services.approval import lift_lock, lock_days
from projects.money.services.budget import (
    add_usual_categories,
)
from tests.factories import (
    BudgetCategoryFactory,
    BudgetLineFactory,
    ContributionFactory,
    ExpenditureFactory,
    ParticipationFactory,
    PeriodFactory,
    ResultFactory,
)
from tests.projects.pages import labels

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

DAY = date(2019, 6, 1)
ON = timedelta(days=1)


@pytest.fixture
def category(world):
    return BudgetCategoryFactory(project=world.project, code="VOY", name_fr="Voyages", position=1)


def url(name, *args):
    return reverse(f"projects:{name}", args=["HN-1", *args])


# The page of the budget


def test_the_budget_page_adds_up_what_was_promised_and_received_in_the_project_s_currency(
    client, sign_in, world, category
):
    giver = world.project.participations.get(role="funding")
    ContributionFactory(participation=giver, promised=100, currency="USD", rate="1.5")
    ContributionFactory(participation=giver, promised=None, received=7, received_on=DAY)
    ContributionFactory(participation=ParticipationFactory(role="funding"), promised=999)
    lock = lock_days(world.project, start=DAY, end=DAY, by=world.people["finance"])
    lifted = lock_days(world.project, start=DAY + ON, end=DAY + ON, by=world.people["finance"])
    lift_lock(lifted, reason="…", by=world.people["finance"])
    sign_in("donor")

    page = client.get(url("budget")).context

    assert (page["promised"], page["received"]) == (Decimal(150), Decimal(7))
    assert (page["locks"], page["has_contributions"]) == ([lock], True)
    assert (page["may_keep"], page["may_see_books"]) == (False, False)
    assert [str(crumb.label) for crumb in page["crumbs"]] == [str(world.project)]
    assert page["tables"].shown is None


def test_a_budget_page_without_contributions_says_nothing_of_them(client, sign_in, world):
    sign_in("finance")

    page = client.get(url("budget"))

    assert (page.context["has_contributions"], page.context["received"]) == (False, 0)
    assert (page.context["may_keep"], page.context["may_see_books"]) == (True, True)
    assert "Contributions received" not in page.content.decode()


def test_figures_are_of_a_period_of_the_budget_or_of_all(client, sign_in, world, category):
    """A quarter is no period of a budget that has years, and one of a neighbour is none at all."""
    quarter = PeriodFactory(project=world.project, kind="quarter", start=DAY, end=DAY + ON)
    foreign = PeriodFactory(project=world.neighbour)
    sign_in("reader")

    def shown(period):
        page = client.get(url("budget"), {"period": period.pk}).context
        assert list(page["form"].fields["period"].queryset) == [world.year]
        return page["tables"].shown

    assert [shown(period) for period in (world.year, quarter, foreign)] == [world.year, None, None]


def test_the_lines_of_a_category_are_shown_with_how_they_were_revised(
    client, sign_in, world, category
):
    line = BudgetLineFactory(category=category, period=world.year, original=5, revised=6)
    BudgetRevision.objects.create(
        line=line, before=5, after=6, reason="Retard", is_within_tolerance=True, on=DAY
    )
    BudgetLineFactory(period=world.year)
    elsewhere = BudgetCategoryFactory(project=world.neighbour)
    sign_in("donor")

    page = client.get(url("budget-lines", category.pk))

    assert (page.context["category"], page.context["lines"]) == (category, [line])
    assert labels(page.context["crumbs"])[1:] == ["Budget"]
    assert "Retard" in page.content.decode()
    assert client.get(url("budget-lines", elsewhere.pk)).status_code == 404


def test_a_new_category_stands_last_and_those_of_the_project_are_listed(
    client, sign_in, world, category
):
    BudgetCategoryFactory(project=world.neighbour)
    sign_in("finance")

    form = client.get(url("budget-category-create")).context["form"]
    page = client.get(url("budget-categories")).context

    assert form["position"].value() == 2
    assert list(page["page"]) == [category]


def test_one_press_adds_the_eight_usual_categories_in_three_languages(client, sign_in, world):
    sign_in("finance")

    client.post(url("budget-usual-categories"))

    rows = list(world.project.budget_categories.all())
    assert [row.position for row in rows] == list(range(1, 9))
    assert [row.code for row in rows if row.is_passed_on] == ["SUB"]
    assert (rows[1].name_fr, rows[1].name_es, rows[1].name_en) == (
        "Déplacements",
        "Viajes",
        "Travel",
    )
    assert not any(row.stale_translations for row in rows)
    assert add_usual_categories(world.project) == 0
    assert (
        add_usual_categories(world.neighbour)
        == BudgetCategory.objects.filter(project=world.neighbour).count()
        == 8
    )


def test_a_comment_is_of_one_category_and_period_of_the_project(client, sign_in, world, category):
    comment = BudgetComment.objects.create(
        category=category, period=world.year, text="Vols chers.", language="fr"
    )
    sign_in("finance")

    form = client.get(url("budget-comment", category.pk, world.year.pk)).context["form"]

    assert (form.instance, form["text"].value()) == (comment, "Vols chers.")
    foreign = PeriodFactory(project=world.neighbour)
    other = BudgetCategoryFactory(project=world.neighbour)
    assert client.get(url("budget-comment", category.pk, foreign.pk)).status_code == 404
    assert client.get(url("budget-comment", other.pk, world.year.pk)).status_code == 404


def test_an_approval_is_dated_today_unless_another_day_is_said(client, sign_in, world):
    sign_in("finance")

    form = client.get(url("budget-approve")).context["form"]

    assert form["on"].value() == world.project.today


@pytest.mark.parametrize(("count", "sentence"), [(0, "0 amounts were"), (2, "2 amounts were")])
def test_how_many_amounts_were_changed_is_said(client, sign_in, world, category, count, sentence):
    other = BudgetCategoryFactory(project=world.project)
    sign_in("finance")
    seen = client.get(url("budget-year", world.year.pk)).context["form"]["seen"].value()
    typed = {f"amount_{each.pk}_0": "5" for each in (category, other)[:count]}

    page = client.post(url("budget-year", world.year.pk), typed | {"seen": seen}, follow=True)

    assert sentence in page.content.decode()
    assert world.project.budget_lines.count() == count


# Tables and charts


def test_tables_name_what_has_no_result_and_ask_for_what_is_not_explained(world, category):
    other = BudgetCategoryFactory(project=world.project, code="EQP", position=2)
    ResultFactory(project=world.project, code="1900")
    BudgetLineFactory(category=category, period=world.year, original=100, result=world.result)
    BudgetLineFactory(category=other, period=world.year, original=100)
    for each in (category, other):
        ExpenditureFactory(category=each, amount=150)
    comment = BudgetComment.objects.create(
        category=other, period=world.year, text="…", language="fr"
    )
    budget = Budget.of(world.project)

    whole = budget_tables(world.project, budget)
    shown = budget_tables(world.project, budget, shown=world.year)

    assert [line.label for line in whole.results] == [str(world.result), "Not assigned to a result"]
    assert [line.thing for line in shown.categories] == [category, other]
    assert [line.comment for line in shown.categories] == [None, comment]
    assert [line.thing for line in shown.unexplained] == [category]
    assert (whole.unexplained, whole.is_empty) == ([], False)
    assert [(line.label, line.thing) for line in whole.years] == [(str(world.year), world.year)]
    assert whole.total.revised == 200
    wide = spending_chart(shown, "CAD", wide=True)
    assert wide.title == "Budget and spending by category: Project year 1"
    assert str(wide.svg) != str(spending_chart(shown, "CAD").svg)
