"""The budget as it is written, approved and revised, and what its page tells of it."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.urls import reverse

from projects.models import (
    Budget,
    BudgetCategory,
    BudgetLine,
    BudgetRevision,
    Period,
)
from projects.money.services.budget import (
    BudgetLineKey,
    RevisionGrounds,
    agreed_amount,
    write_budget,
)
from tests.factories import (
    AmendmentFactory,
    BudgetCategoryFactory,
    BudgetLineFactory,
    PeriodFactory,
    ResultFactory,
)

pytestmark = pytest.mark.django_db

DAY = date(2020, 5, 4)


@pytest.fixture
def category(world):
    return BudgetCategoryFactory(project=world.project, code="VOY")


def url(name, *args):
    return reverse(f"projects:{name}", args=["HN-1", *args])


# Written


def test_one_press_gives_the_usual_categories_once(client, sign_in, world):
    sign_in("finance")

    for _press in range(2):
        client.post(url("budget-usual-categories"))

    assert list(world.project.budget_categories.values_list("code", flat=True)) == [
        "PERS", "VOY", "EQP", "ACT", "SUB", "BUR", "S&E", "ADM",
    ]  # fmt: skip


def year(client, world, **amounts):
    page = client.get(url("budget-year", world.year.pk))
    seen = page.context["form"]["seen"].value()
    return client.post(url("budget-year", world.year.pk), {"seen": seen, **amounts})


def test_the_amounts_of_a_year_are_entered_in_one_grid(client, coordinator, world, category):
    year(
        client,
        world,
        **{
            f"amount_{category.pk}_0": "10 000",
            "category_0": category.pk,
            "result_0": world.result.pk,
            "amount_0": "2500,75",
        },
    )

    lines = BudgetLine.objects.order_by("original").values_list("result", "original", "revised")
    assert list(lines) == [
        (world.result.pk, Decimal("2500.75"), None),
        (None, Decimal("10000.00"), None),
    ]


def test_more_than_two_decimals_are_refused_at_the_field(client, coordinator, world, category):
    page = year(client, world, **{f"amount_{category.pk}_0": "10,2345"})

    assert page.context["form"].errors == {
        f"amount_{category.pk}_0": [
            "Un montant a deux décimales au plus\u00a0: arrondissez-le au cent."
        ]
    }


def test_who_saves_second_is_told(client, coordinator, world, category):
    seen = client.get(url("budget-year", world.year.pk)).context["form"]["seen"].value()
    BudgetLineFactory(period=world.year, category=category, original=5)

    page = client.post(
        url("budget-year", world.year.pk), {"seen": seen, f"amount_{category.pk}_0": "7"}
    )

    assert page.status_code == 200
    assert BudgetLine.objects.get().original == 5


@pytest.fixture
def approved(world, category):
    line = BudgetLineFactory(period=world.year, category=category, original=1000)
    Budget.objects.create(project=world.project, approved_on=date(2019, 4, 1))
    return line


def test_an_approved_amount_is_revised_within_the_tolerance_with_a_reason(
    client, coordinator, world, approved
):
    name = f"amount_{approved.category_id}_0"

    refused = year(client, world, **{name: "1100"})
    year(client, world, **{name: "1100", "reason": "Vols plus chers."})

    approved.refresh_from_db()
    assert list(refused.context["form"].errors) == ["reason"]
    assert (approved.original, approved.revised) == (1000, 1100)
    assert BudgetRevision.objects.values_list("before", "after", "is_within_tolerance").get() == (
        1000,
        1100,
        True,
    )


def test_many_small_revisions_are_not_a_large_one(client, coordinator, world, approved):
    name = f"amount_{approved.category_id}_0"
    year(client, world, **{name: "1090", "reason": "…"})

    page = year(client, world, **{name: "1180", "reason": "…"})

    assert list(page.context["form"].errors) == ["amendment"]


@pytest.mark.parametrize(("status", "revised"), [("approved", 2000), ("submitted", None)])
def test_beyond_the_tolerance_an_amendment_that_the_donor_approved_is_named(
    client, coordinator, world, approved, status, revised
):
    amendment = AmendmentFactory(
        project=world.project, status=status, donor_decided_on=date(2019, 9, 1)
    )

    year(
        client,
        world,
        **{
            f"amount_{approved.category_id}_0": "2000",
            "reason": "…",
            "amendment": amendment.pk,
        },
    )

    approved.refresh_from_db()
    assert approved.revised == revised


def test_a_revision_without_reason_or_leave_is_refused_by_the_database(approved):
    with pytest.raises(IntegrityError):
        BudgetRevision.objects.create(line=approved, before=1, after=2, reason="…", on=DAY)


# Written, at the service


def an_amendment(project, status):
    return AmendmentFactory(project=project, status=status, donor_decided_on=date(2019, 9, 1))


def write(world, amounts, **because):
    """Amounts by category, of the project's year and without a result."""
    return write_budget(
        world.year,
        {BudgetLineKey(category, None): amount for category, amount in amounts.items()},
        by=world.people["finance"],
        on=DAY,
        grounds=RevisionGrounds(**because),
    )


def test_before_approval_an_amount_is_changed_and_taken_away(world, category):
    other = BudgetCategoryFactory(project=world.project)

    counts = [
        write(world, {category: Decimal(100), other: None}),
        write(world, {category: Decimal(100)}),
        write(world, {category: Decimal(70), other: Decimal(0)}),
        write(world, {category: None}),
    ]

    assert counts == [1, 0, 2, 1]
    lines = BudgetLine.objects.values_list("category", "original", "revised")
    assert list(lines) == [(other.pk, 0, None)]
    assert not BudgetRevision.objects.exists()


@pytest.mark.parametrize(
    ("tolerance", "after", "is_within"),
    [
        (10, "1100.00", True),
        (10, "1100.01", False),
        (10, "900.00", True),
        (10, "899.99", False),
        (0, "1000.01", False),
        (100, "2000.00", True),
        (100, "0", True),
    ],
)
def test_the_tolerance_is_a_share_of_what_was_agreed_up_and_down(
    world, approved, tolerance, after, is_within
):
    Budget.objects.update(tolerance=tolerance)
    change = {approved.category: Decimal(after)}

    if is_within:
        assert write(world, change, reason="Vols") == 1
    else:
        with pytest.raises(ValidationError, match="1") as refused:
            write(world, change, reason="Vols")
        assert list(refused.value.message_dict) == ["amendment"]

    approved.refresh_from_db()
    assert approved.amount == (Decimal(after) if is_within else 1000)


def test_a_line_that_nobody_agreed_to_needs_an_amendment(world, approved):
    new = BudgetCategoryFactory(project=world.project)

    with pytest.raises(ValidationError):
        write(world, {new: Decimal("0.01")}, reason="Imprévu")
    amendment = an_amendment(world.project, "effective")
    write(world, {new: Decimal(50)}, reason="Imprévu", amendment=amendment)

    line = BudgetLine.objects.get(category=new)
    assert (line.original, line.revised, line.amount) == (0, 50, 50)
    revision = line.revisions.get()
    assert (revision.amendment, revision.is_within_tolerance) == (amendment, False)


def test_the_latest_amendment_says_what_is_agreed(world, approved):
    """1,000 was approved, two amendments made it 2,000 and then 3,000."""
    for amount in (2000, 3000):
        amendment = an_amendment(world.project, "effective")
        write(world, {approved.category: Decimal(amount)}, reason="Avenant", amendment=amendment)
    assert agreed_amount(approved) == 3000

    write(world, {approved.category: Decimal(3300)}, reason="Vols")
    with pytest.raises(ValidationError, match="3"):
        write(world, {approved.category: Decimal(3301)}, reason="Vols")

    assert agreed_amount(approved) == 3000
    told = approved.revisions.values_list("before", "after", "is_within_tolerance")
    assert list(told) == [(1000, 2000, False), (2000, 3000, False), (3000, 3300, True)]


def test_an_amount_that_stays_needs_no_reason_and_one_taken_away_becomes_nought(world, approved):
    Budget.objects.update(tolerance=100)

    assert write(world, {approved.category: Decimal(1000)}) == 0
    with pytest.raises(ValidationError):
        write(world, {approved.category: None}, reason="  ")
    assert write(world, {approved.category: None}, reason=" Annulé ") == 1

    approved.refresh_from_db()
    assert (approved.original, approved.revised) == (1000, 0)
    assert approved.revisions.get().reason == "Annulé"


def test_what_was_refused_leaves_nothing_of_the_other_amounts(world, approved):
    other = BudgetLineFactory(period=world.year, category__project=world.project, original=1000)

    with pytest.raises(ValidationError):
        write(world, {other.category: Decimal(1050), approved.category: Decimal(5)}, reason="Vols")

    other.refresh_from_db()
    assert (other.revised, BudgetRevision.objects.count()) == (None, 0)


def test_amounts_of_another_project_are_refused(world, category):
    foreign = ResultFactory(project=world.neighbour)

    with pytest.raises(ValidationError) as refused:
        write_budget(
            world.year,
            {BudgetLineKey(category, foreign): Decimal(5)},
            by=world.people["finance"],
            on=DAY,
        )

    assert list(refused.value.message_dict) == ["result"]


# Offered and refused on the page


@pytest.mark.parametrize(
    ("status", "is_offered"),
    [
        ("draft", False),
        ("submitted", False),
        ("approved", True),
        ("effective", True),
        ("rejected", False),
    ],
)
def test_a_revision_may_name_an_amendment_that_the_donor_agreed_to(
    client, coordinator, world, approved, status, is_offered
):
    amendment = an_amendment(world.project, status)
    an_amendment(world.neighbour, "effective")

    form = client.get(url("budget-year", world.year.pk)).context["form"]

    assert list(form.fields["amendment"].queryset) == ([amendment] if is_offered else [])


@pytest.mark.parametrize(
    ("row", "errors"),
    [
        ({"amount_0": "5"}, ["category_0"]),
        ({"category_0": "VOY", "result_0": "1100"}, ["amount_0"]),
        ({"category_0": "VOY", "amount_0": "5"}, ["category_0"]),
        ({"category_0": "VOY", "amount_0": "-5", "result_0": "1100"}, ["amount_0"]),
    ],
)
def test_a_further_row_of_the_grid_is_whole_and_stands_once(
    client, coordinator, world, category, row, errors
):
    """A category has its own row without a result already."""
    keys = {"VOY": category.pk, "1100": world.result.pk}
    typed = {name: keys.get(said, said) for name, said in row.items()}

    page = year(client, world, **typed)

    assert list(page.context["form"].errors) == errors
    assert not BudgetLine.objects.exists()


def test_a_period_that_is_no_year_of_the_budget_has_no_grid(client, coordinator, world):
    quarter = PeriodFactory(
        project=world.project, kind=Period.Kind.QUARTER, start=DAY, end=date(2020, 6, 30)
    )
    foreign = PeriodFactory(project=world.neighbour)

    for period in (quarter, foreign):
        assert client.get(url("budget-year", period.pk)).status_code == 404


def test_an_empty_budget_is_not_approved_nor_a_full_one_twice(client, sign_in, world, category):
    sign_in("finance")
    BudgetLineFactory(period=world.year, category=category, original=0)
    said = {"on": "2019-04-01"}

    empty = client.post(url("budget-approve"), said)
    BudgetLine.objects.update(original=1)
    ahead = client.post(url("budget-approve"), {"on": "2999-01-01"})
    done = client.post(url("budget-approve"), said)
    twice = client.post(url("budget-approve"), {"on": "2019-05-01"})

    assert [page.status_code for page in (empty, ahead, done, twice)] == [200, 200, 302, 200]
    assert [list(page.context["form"].errors) for page in (empty, ahead, twice)] == [
        ["__all__"],
        ["on"],
        ["__all__"],
    ]
    assert Budget.objects.get().approved_on == date(2019, 4, 1)


def test_settings_keep_the_approval_and_stay_within_a_hundred(client, coordinator, world, approved):
    page = client.get(url("budget-settings"))
    seen = {"seen": page.context["form"]["seen"].value()}

    refused = client.post(url("budget-settings"), seen | {"threshold": "101", "tolerance": "-1"})
    client.post(url("budget-settings"), seen | {"threshold": "25", "tolerance": "0"})

    kept = Budget.objects.get()
    assert sorted(refused.context["form"].errors) == ["threshold", "tolerance"]
    assert (kept.approved_on, kept.threshold, kept.tolerance) == (date(2019, 4, 1), 25, 0)
    assert kept.threshold_share == Decimal("0.25")


@pytest.mark.parametrize(
    ("who", "kept"),
    [("finance", 1000), ("coordinator", 50_000), ("administrator", 50_000)],
)
def test_finance_alone_does_not_set_what_a_second_person_approves(
    client, sign_in, world, who, kept
):
    Budget.objects.create(project=world.project, approval_above=1000)
    sign_in(who)
    page = client.get(url("budget-settings"))
    said = {"seen": page.context["form"]["seen"].value(), "threshold": "25", "tolerance": "5"}

    client.post(url("budget-settings"), said | {"approval_above": "50000"})

    budget = Budget.objects.get()
    assert page.context["form"].fields["approval_above"].disabled == (who == "finance")
    assert (budget.approval_above, budget.threshold) == (kept, 25)


def test_a_category_that_is_used_is_not_deleted_nor_its_code_taken_twice(
    client, coordinator, world, approved
):
    free = BudgetCategoryFactory(project=world.project, code="EQP")
    elsewhere = BudgetCategoryFactory(project=world.neighbour, code="ADM")

    client.post(url("budget-category-delete", approved.category_id))
    client.post(url("budget-category-delete", free.pk))
    foreign = client.post(url("budget-category-delete", elsewhere.pk))
    typed = {"code": "VOY", "name_fr": "Voyages", "position": "1"}
    twice = client.post(url("budget-category-create"), typed)
    client.post(url("budget-category-create"), typed | {"code": "ADM"})

    assert (foreign.status_code, bool(twice.context["form"].errors)) == (404, True)
    codes = BudgetCategory.objects.filter(project=world.project).values_list("code", flat=True)
    assert sorted(codes) == ["ADM", "VOY"]
