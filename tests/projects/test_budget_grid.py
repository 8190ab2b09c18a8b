"""The amounts of a period as a grid: its rows, what it asks, and what was changed meanwhile."""

from datetime import date
from decimal import Decimal

import pytest
from django.http import QueryDict

from projects.models import Budget, BudgetCategory, Result
from projects.money.forms.budget import BudgetCategoryForm, BudgetYearForm
from projects.money.services.budget import BudgetLineKey, RevisionGrounds
from tests.factories import BudgetCategoryFactory, BudgetLineFactory, ResultFactory
from tests.projects.test_money_forms import errors

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def category(world):
    return BudgetCategoryFactory(project=world.project, code="VOY", name_fr="Voyages")


def grid(world, data=None, *, approved=None, lines=(), categories=(), amendments=None):
    budget = Budget(project=world.project, approved_on=approved, tolerance=15)
    return BudgetYearForm(
        data,
        budget=budget,
        lines=lines,
        categories=list(categories),
        amendments=world.project.amendments.none() if amendments is None else amendments,
    )


def test_a_year_has_a_row_for_each_line_and_each_category_and_three_more(world, category):
    other = BudgetCategoryFactory(project=world.project, code="EQP", name_fr="Équipement")
    long = ResultFactory(project=world.project, code="1200", statement_fr="x" * 80)
    line = BudgetLineFactory(
        category=category, period=world.year, result=world.result, original=5, revised=7
    )

    form = grid(world, lines=[line], categories=[category, other])

    rows = [(place, str(field.label), field.initial) for place, field in form.rows()]
    assert rows == [
        (BudgetLineKey(category, world.result), "Voyages · 1100", 7),
        (BudgetLineKey(other, None), "Équipement", None),
    ]
    extra = form.extra_rows()
    assert [len(row) for row in extra] == [3, 3, 3]
    assert [bound.name for bound in extra[0]] == ["category_0", "result_0", "amount_0"]
    categories = form.fields["category_2"].choices
    assert categories == [("", "–"), (str(category.pk), "Voyages"), (str(other.pk), "Équipement")]
    results = dict(form.fields["result_0"].choices)
    assert results[str(long.pk)] == f"{str(long)[:69]}…"
    assert len(results[str(long.pk)]) == 70
    assert results[str(world.result.pk)] == str(world.result)
    assert not any(field.required for name, field in form.fields.items() if name != "seen")
    assert "reason" not in form.fields


def test_without_results_or_categories_there_are_no_further_rows(world, category):
    assert grid(world).extra_rows() == []
    assert len(grid(world, categories=[category]).extra_rows()) == 3
    Result.objects.update(project=world.neighbour)
    assert grid(world, categories=[category]).extra_rows() == []


def test_an_approved_year_asks_why_and_tells_the_tolerance(world, category):
    form = grid(world, approved=date(2020, 1, 1), categories=[category])

    assert form.fields["amendment"].help_text == "Needed beyond 15 % of what was agreed for a line."
    assert (form.fields["reason"].required, form.fields["amendment"].required) == (False, False)
    assert form.fields["amendment"].empty_label == "none: within the tolerance"
    data = {"seen": form.fingerprint, "reason": "Retard"}
    answered = grid(world, data, approved=date(2020, 1, 1), categories=[category])
    assert answered.is_valid()
    assert (answered.grounds(), answered.amounts()) == (RevisionGrounds("Retard", None), {})
    before = grid(world, {"seen": form.fingerprint}, categories=[category])
    assert before.is_valid()
    assert before.grounds() == RevisionGrounds("", None)


def test_what_was_changed_since_is_told_and_a_second_press_overwrites_it(world, category):
    line = BudgetLineFactory(category=category, period=world.year, original=5)
    field = f"amount_{category.pk}_0"
    typed = QueryDict(mutable=True)
    typed.update({"seen": "old", field: "6"})

    form = grid(world, typed, lines=[line], categories=[category])

    (sentence,) = errors(form)["__all__"]
    assert sentence.startswith("Somebody has changed this since you opened the page.")
    again = grid(world, form.data, lines=[line], categories=[category])
    assert again.is_valid()
    assert again.amounts() == {BudgetLineKey(category, None): Decimal(6)}
    assert typed["seen"] == "old"


@pytest.mark.parametrize(
    ("row", "sentences"),
    [
        ({"amount_1": "5"}, {"category_1": ["Choose the category of this amount."]}),
        (
            {"category_1": "VOY", "result_1": "1100"},
            {"amount_1": ["Enter the amount of this row."]},
        ),
        (
            {"category_1": "VOY", "amount_1": "-1", "result_1": "1100"},
            {"amount_1": ["An amount cannot be negative."]},
        ),
        (
            {"category_1": "VOY", "amount_1": "5"},
            {"category_1": ["This already has a row: change its amount there."]},
        ),
        ({"category_1": "VOY", "amount_1": "5", "result_1": "1100"}, {}),
        ({"category_1": "VOY", "amount_1": "0", "result_1": "1100"}, {}),
        (
            {
                "category_0": "VOY", "amount_0": "5", "result_0": "1100",
                "category_2": "VOY", "amount_2": "6", "result_2": "1100",
            },
            {"category_2": ["This already has a row: change its amount there."]},
        ),
    ],
)  # fmt: skip
def test_a_further_row_is_whole_and_has_no_twin(world, category, row, sentences):
    keys = {"VOY": category.pk, "1100": world.result.pk}
    empty = grid(world, categories=[category])
    typed = {name: keys.get(said, said) for name, said in row.items()}

    form = grid(world, typed | {"seen": empty.fingerprint}, categories=[category])

    assert errors(form) == sentences
    if not sentences:
        assert form.amounts() == {BudgetLineKey(category, world.result): Decimal(row["amount_1"])}


def test_a_category_is_typed_in_three_languages():
    fields = list(BudgetCategoryForm(instance=BudgetCategory()).fields)
    assert fields[:6] == ["code", "name_en", "name_fr", "name_es", "position", "is_passed_on"]
