"""The pages of a project's money: who opens them, how they are headed, what they say and lock."""

import pytest

from projects.money.urls import urlpatterns
from tests.projects.money import BUDGET, address, things_of
from tests.projects.pages import PRESS, READ, SAVE, labels, methods_of
from tests.tabs import current_tabs

pytestmark = pytest.mark.django_db

TEAM = {"administrator", "coordinator", "monitoring", "finance", "reader", "auditor"}
KEEPERS = {"administrator", "coordinator", "finance"}
DONORS = {"donor", "embassy"}


@pytest.fixture
def things(world):
    return things_of(world)


# What pages take and who opens them


def test_each_page_takes_the_methods_that_it_needs():
    read = {
        "budget", "budget-categories", "budget-lines", "expenditures", "expenditures-export",
        "expenditure", "import-problems", "rates", "contributions", "scan-file", "advances",
        "advance", "advance-voucher", "advance-voucher-file", "donor-forms", "donor-form",
        "donor-form-usual", "donor-form-example", "donor-form-file", "donor-form-filled", "sample",
        "sample-export",
    }  # fmt: skip
    press = {
        "budget-usual-categories", "import-discard", "import-undo", "expenditure-approve",
        "expenditure-ask", "advance-voucher-accept",
    }  # fmt: skip

    found = methods_of(urlpatterns, "projects", code="HN-1", kind="csv")

    assert {name for name, methods in found.items() if methods == READ} == read
    assert {name for name, methods in found.items() if methods == PRESS} == press
    assert {methods for name, methods in found.items() if name not in read | press} == {SAVE}


WITH_FIGURES = [("budget",), ("budget-lines", "category"), ("rates",), ("contributions",)]
OF_BOOKS = [("expenditures",), ("expenditure", "row"), ("locks",)]
TO_WRITE = [
    ("budget-settings",),
    ("budget-approve",),
    ("budget-categories",),
    ("budget-category-create",),
    ("budget-category-edit", "category"),
    ("budget-category-delete", "category"),
    ("budget-year", "year"),
    ("budget-comment", "category", "year"),
    ("rate-create",),
    ("rate-edit", "rate"),
    ("rate-delete", "rate"),
    ("contribution-create",),
    ("contribution-edit", "contribution"),
    ("contribution-delete", "contribution"),
]
TO_KEEP_BOOKS = [
    ("expenditure-create",),
    ("expenditure-edit", "row"),
    ("expenditure-delete", "row"),
    ("expenditure-adjust", "row"),
    ("import",),
]


@pytest.mark.parametrize(
    "role",
    [
        "administrator", "coordinator", "monitoring", "finance", "reader", "auditor", "member",
        "partner", "donor", "embassy", "outsider",
    ],
)  # fmt: skip
def test_the_team_and_the_donor_see_money_the_team_sees_books_and_some_keep_them(
    client, sign_in, things, role
):
    sign_in(role)
    sees = 200 if role in TEAM | DONORS else 404
    sees_books = 200 if role in TEAM else 404
    writes = 200 if role in KEEPERS else 403 if sees == 200 else 404
    keeps_books = writes if role in TEAM else 404
    lifts = 200 if role == "finance" else 403 if role in TEAM else 404

    def statuses(pages):
        return {client.get(address(*page[:1], things, *page[1:])).status_code for page in pages}

    assert statuses(WITH_FIGURES) == {sees}
    assert statuses(OF_BOOKS) == {sees_books}
    assert statuses(TO_WRITE) == {writes}
    assert statuses(TO_KEEP_BOOKS) == {keeps_books}
    assert statuses([("lock-lift", "lock")]) == {lifts}


@pytest.mark.parametrize(
    ("role", "tabs"),
    [
        ("donor", ["Budget", "Contributions", "Rates"]),
        ("reader", ["Budget", "Expenditure", "Contributions", "Rates", "Locked periods", "Advances"]),
        (
            "finance",
            [
                "Budget", "Expenditure", "Contributions", "Rates", "Locked periods", "Advances",
                "Categories",
            ],
        ),
    ],
)  # fmt: skip
def test_pages_of_money_lead_to_those_that_one_may_open(client, sign_in, things, role, tabs):
    sign_in(role)
    names = {
        "Budget": "budget", "Contributions": "contributions", "Rates": "rates",
        "Expenditure": "expenditures", "Locked periods": "locks", "Advances": "advances",
        "Categories": "budget-categories",
    }  # fmt: skip

    for here in tabs:
        page = client.get(address(names[here], things))
        [shown] = [group["tabs"] for group in page.context["tabs"] if group["current"]]
        assert [str(tab["label"]) for tab in shown] == tabs
        assert [tab["url"] for tab in shown] == [address(names[name], things) for name in tabs]
        assert current_tabs(page.context["tabs"]) == ["Money", here]


def test_a_refusal_says_who_does_this(client, sign_in, things):
    sign_in("reader")
    for name in ("budget-settings", "expenditure-create"):
        refused = client.get(address(name, things))
        assert "Only coordination and finance can do this." in refused.content.decode()
    sign_in("coordinator")
    for refused in (
        client.post(address("locks", things), {}),
        client.get(address("lock-lift", things, "lock")),
    ):
        assert refused.status_code == 403
        assert "Only finance can lock the books." in refused.content.decode()


# How pages with a form are headed


FORM_PAGES = [
    (("budget-settings",), "Settings of the budget", "", [], "budget", ""),
    (
        ("budget-approve",),
        "Record the approval of the budget",
        "From then on, the original amounts can no longer change. A change is a revision "
        "with its reason, and beyond the tolerance it needs an amendment approved by the "
        "donor.",
        [],
        "budget",
        "",
    ),
    (("budget-category-create",), "New category", "", ["Categories"], "budget-categories", ""),
    (
        ("budget-category-edit", "category"),
        "Edit the category",
        "",
        ["Categories"],
        "budget-categories",
        "budget-category-delete",
    ),
    (
        ("budget-category-delete", "category"),
        "Delete “Voyages”?",
        "This cannot be undone.",
        ["Categories"],
        "budget-categories",
        "",
    ),
    (
        ("budget-comment", "category", "year"),
        "Comment on the variance",
        "Voyages · Project year 1",
        [],
        "budget?period",
        "",
    ),
    (("expenditure-create",), "New expenditure", "", ["Expenditure"], "expenditures", ""),
    (
        ("expenditure-edit", "row"),
        "Edit the expenditure",
        "",
        ["Expenditure"],
        "row",
        "expenditure-delete",
    ),
    (
        ("expenditure-delete", "row"),
        "Delete “V-1”?",
        "This cannot be undone.",
        ["Expenditure"],
        "row",
        "",
    ),
    (
        ("expenditure-adjust", "row"),
        "Correct the expenditure",
        "Say what it should have been. The original is kept; the difference is entered "
        "on the day of the correction.",
        ["Expenditure", "V-1"],
        "row",
        "",
    ),
    (
        ("lock-lift", "lock"),
        "Unlock the period",
        "January 1 – December 31, 2018",
        ["Locked periods"],
        "locks",
        "",
    ),
    (
        ("rate-create",),
        "New rate",
        "Amounts entered before keep the rate they were entered with.",
        ["Rates"],
        "rates",
        "",
    ),
    (
        ("rate-edit", "rate"),
        "Edit the rate",
        "Amounts entered before keep the rate they were entered with.",
        ["Rates"],
        "rates",
        "rate-delete",
    ),
    (("contribution-create",), "New contribution", "", ["Contributions"], "contributions", ""),
    (
        ("contribution-edit", "contribution"),
        "Edit the contribution",
        "",
        ["Contributions"],
        "contributions",
        "contribution-delete",
    ),
]


@pytest.mark.parametrize(
    ("page", "title", "intro", "crumbs", "back", "delete"),
    FORM_PAGES,
    ids=[page[0][0] for page in FORM_PAGES],
)
def test_a_page_with_a_form_is_headed_and_leads_back(
    client, sign_in, things, page, title, intro, crumbs, back, delete
):
    sign_in("finance")
    name, *keys = page

    shown = client.get(address(name, things, *keys)).context

    backs = {
        "row": things.row.get_absolute_url(),
        "budget?period": f"{BUDGET}?period={things.year.pk}",
    }
    assert (str(shown["title"]), str(shown.get("intro", ""))) == (title, intro)
    assert labels(shown["crumbs"])[1:] == ["Budget", *crumbs]
    assert shown["cancel_url"] == (backs.get(back) or address(back, things))
    assert shown.get("delete_url", "") == (delete and address(delete, things, *keys))
    assert bool(shown.get("danger")) is name.endswith("-delete")
