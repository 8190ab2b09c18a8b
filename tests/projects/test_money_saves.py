"""What is saved of a project's money is said, shown, and kept from whoever saves at the same moment."""

from datetime import date

import pytest

from projects.models import Budget
from tests.projects.money import BUDGET, address, things_of
from tests.projects.pages import labels, said, written_by

pytestmark = pytest.mark.django_db

PROJECT = "projects_project"


@pytest.fixture
def things(world):
    return things_of(world)


def expenditure(things, **changes):
    typed = {"spent_on": "2020-05-04", "amount": "5", "currency": "CAD", "voucher": "V-2"}
    return typed | {"category": things.category.pk} | changes


SAVES = [
    (
        ("budget-settings",),
        lambda things: {"threshold": 5, "tolerance": 5},
        ("The settings were saved.", "budget"),
        {PROJECT},
    ),
    (
        ("budget-approve",),
        lambda things: {"on": "2019-04-01"},
        ("The budget is approved: its original amounts can no longer change.", "budget"),
        {PROJECT},
    ),
    (
        ("budget-usual-categories",),
        lambda things: {},
        ("The project already has categories.", "budget"),
        {PROJECT},
    ),
    (
        ("budget-category-create",),
        lambda things: {"code": "X", "name_fr": "X", "position": 3},
        ("The category was saved.", "budget-categories"),
        set(),
    ),
    (
        ("budget-category-edit", "category"),
        lambda things: {"code": "X", "name_fr": "X", "position": 3},
        ("The category was saved.", "budget-categories"),
        {"projects_budgetcategory"},
    ),
    (
        ("budget-category-delete", "unused"),
        lambda things: {},
        (None, "budget-categories"),
        {"projects_budgetcategory"},
    ),
    (
        ("budget-comment", "category", "year"),
        lambda things: {"text": "…"},
        ("The comment was saved.", "budget?period"),
        {"projects_budgetcategory"},
    ),
    (
        ("expenditure-create",),
        expenditure,
        ("The expenditure was saved.", "row"),
        {PROJECT},
    ),
    (
        ("expenditure-edit", "row"),
        expenditure,
        ("The expenditure was saved.", "row"),
        {PROJECT, "projects_expenditure"},
    ),
    (
        ("expenditure-delete", "row"),
        lambda things: {},
        ("The expenditure was deleted.", "expenditures"),
        {PROJECT},
    ),
    (
        ("expenditure-adjust", "row"),
        lambda things: expenditure(things, reason="…"),
        ("The correction was entered.", "row"),
        {PROJECT},
    ),
    (
        ("locks",),
        lambda things: {"starts_on": "2019-01-01", "ends_on": "2019-02-01"},
        ("The period is locked.", "locks"),
        {PROJECT},
    ),
    (
        ("lock-lift", "lock"),
        lambda things: {"reason": "…"},
        ("The period is unlocked.", "locks"),
        set(),
    ),
    (
        ("rate-create",),
        lambda things: rate(currency="USD"),
        ("The rate was saved.", "rates"),
        {PROJECT},
    ),
    (
        ("rate-edit", "rate"),
        lambda things: rate(currency="USD"),
        ("The rate was saved.", "rates"),
        {PROJECT, "projects_exchangerate"},
    ),
    (("rate-delete", "rate"), lambda things: {}, (None, "rates"), {"projects_exchangerate"}),
    (
        ("contribution-create",),
        lambda things: contribution(things),
        ("The contribution was saved.", "contributions"),
        set(),
    ),
    (
        ("contribution-edit", "contribution"),
        lambda things: contribution(things),
        ("The contribution was saved.", "contributions"),
        {"projects_contribution"},
    ),
    (
        ("contribution-delete", "contribution"),
        lambda things: {},
        (None, "contributions"),
        {"projects_contribution"},
    ),
    (
        ("import-undo", "batch"),
        lambda things: {},
        ("0 rows were removed.", "import"),
        {PROJECT},
    ),
]


def rate(**changes):
    typed = {"starts_on": "2019-04-01", "ends_on": "2019-05-01", "rate": "1,3", "source": "…"}
    return typed | changes


def contribution(things):
    giver = things.contribution.participation.pk
    return {
        "participation": giver,
        "currency": "CAD",
        "promised": "7",
        "expected_on": "2020-01-01",
    }


@pytest.mark.parametrize(
    ("page", "typed", "outcome", "locked"), SAVES, ids=[save[0][0] for save in SAVES]
)
def test_what_is_saved_is_said_and_nobody_else_writes_meanwhile(
    client, sign_in, things, page, typed, outcome, locked
):
    sign_in("finance")
    name, *keys = page
    sentence, to = outcome
    made_before = things.category.expenditures.latest("pk").pk

    answer, written = written_by(lambda: client.post(address(name, things, *keys), typed(things)))

    row = things.category.expenditures.order_by("pk").last()
    if name == "expenditure-create":
        assert row.pk > made_before
    leads_to = {
        "row": (row if name == "expenditure-create" else things.row).get_absolute_url(),
        "budget?period": f"{BUDGET}?period={things.year.pk}",
    }
    assert answer.status_code == 302, answer.context["form"].errors
    assert answer.url == (leads_to.get(to) or address(to, things))
    messages = said(answer)
    assert messages == [sentence] if sentence else messages[0].startswith("Deleted: ")
    assert written.locked == locked
    assert written.loose <= {"projects_accountinglock"}


def test_an_approved_year_is_revised_under_the_lock_of_its_project(client, sign_in, things, world):
    sign_in("finance")
    Budget.objects.create(project=world.project, approved_on=date(2019, 4, 1))
    page = address("budget-year", things, "year")
    shown = client.get(page).context
    field = f"amount_{things.category.pk}_0"
    typed = {"seen": shown["form"]["seen"].value(), field: "1 001", "reason": "…"}

    answer, written = written_by(lambda: client.post(page, typed))

    assert answer.url == BUDGET
    messages = said(answer)
    assert (messages, written.locked) == (["1 amount was changed."], {PROJECT})
    assert (shown["period"], shown["budget"].is_approved) == (things.year, True)
    assert labels(shown["crumbs"])[1:] == ["Budget"]
