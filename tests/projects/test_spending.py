"""Rows of the books entered, changed, corrected, found again; days that are locked."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from kernel.refusal import Refusal
from projects.models import AccountingLock, Budget, BudgetLine, Expenditure, ImportBatch
from projects.money.forms.spending import suggested_lock_days
from projects.money.services.approval import lift_lock, lock_days
from projects.money.services.budget import BudgetLineKey, approve_budget, write_budget
from projects.money.services.spending import (
    adjust_expenditure,
    delete_expenditure,
    net_amounts,
    save_expenditure,
    undo_import,
)
from tests.factories import (
    ActivityFactory,
    BudgetCategoryFactory,
    BudgetLineFactory,
    ExpenditureFactory,
    ResultFactory,
)

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2019, 4, 1), date(2019, 6, 30)
DAY = timedelta(days=1)


@pytest.fixture
def category(world):
    return BudgetCategoryFactory(project=world.project, code="VOY")


@pytest.fixture
def locked(world):
    return lock_days(world.project, start=FIRST, end=LAST, by=world.people["finance"])


def url(name, *args):
    return reverse(f"projects:{name}", args=["HN-1", *args])


# Single rows


@pytest.mark.parametrize("day", [FIRST, LAST])
def test_a_row_is_moved_neither_out_of_a_locked_period_nor_into_one(category, locked, day):
    inside = ExpenditureFactory(category=category, spent_on=day)
    outside = ExpenditureFactory(category=category, spent_on=LAST + DAY)

    inside.spent_on, outside.spent_on = LAST + DAY, day
    for row in (inside, outside):
        with pytest.raises(ValidationError) as refused:
            save_expenditure(row, by=None)
        assert list(refused.value.message_dict) == ["spent_on"]

    assert set(Expenditure.objects.values_list("pk", "spent_on")) == {
        (inside.pk, day),
        (outside.pk, LAST + DAY),
    }


@pytest.mark.parametrize("day", [FIRST - DAY, LAST + DAY])
def test_beside_a_locked_period_the_books_are_open(category, locked, day):
    row = ExpenditureFactory(category=category, spent_on=day)

    row.amount = 5
    save_expenditure(row, by=None)
    kept = Expenditure.objects.get().amount
    delete_expenditure(row)

    assert (kept, Expenditure.objects.exists()) == (5, False)


def test_a_lock_of_a_neighbour_locks_nothing_here(world, category):
    lock_days(world.neighbour, start=FIRST, end=LAST, by=world.people["outsider"])

    save_expenditure(
        Expenditure(
            project=world.project, category=category, spent_on=FIRST, amount=5, currency="CAD"
        ),
        by=None,
    )

    assert Expenditure.objects.count() == 1


def test_what_was_imported_or_corrected_is_neither_changed_nor_deleted(world, category):
    batch = ImportBatch.objects.create(
        project=world.project, original_name="a.csv", sha256="0" * 64, rows=1
    )
    imported = ExpenditureFactory(category=category, batch=batch)
    corrected = ExpenditureFactory(category=category)
    (correction,) = adjust_expenditure(
        corrected, category=category, result=None, amount=Decimal(5), on=LAST, reason="…", by=None
    )

    for row in (imported, corrected, correction):
        for act in (lambda row: save_expenditure(row, by=None), delete_expenditure):
            with pytest.raises(ValidationError):
                act(row)

    assert Expenditure.objects.count() == 3


@pytest.mark.parametrize("name", ["category", "result", "activity"])
def test_money_is_put_under_things_of_its_own_project_alone(world, category, name):
    makers = {
        "category": BudgetCategoryFactory,
        "result": ResultFactory,
        "activity": ActivityFactory,
    }
    row = ExpenditureFactory(category=category)

    setattr(row, name, makers[name](project=world.neighbour))

    with pytest.raises(ValidationError) as refused:
        save_expenditure(row, by=None)
    assert list(refused.value.message_dict) == [name]


# Corrections


def test_a_correction_keeps_currency_rate_and_voucher_of_what_it_corrects(world, category):
    """10,000 lempiras at 0.05 should have been 8,000: 100 Canadian dollars less."""
    row = ExpenditureFactory(
        category=category, amount=10_000, currency="HNL", rate="0.05", voucher="V-1"
    )

    (correction,) = adjust_expenditure(
        row,
        category=category,
        result=None,
        amount=Decimal(8000),
        on=LAST,
        reason="Facture",
        by=None,
    )

    correction.refresh_from_db()
    kept = (correction.amount, correction.currency, correction.rate, correction.voucher)
    assert kept == (-2000, "HNL", Decimal("0.05"), "V-1")
    assert (correction.value, correction.adjusts, correction.spent_on) == (-100, row, LAST)
    assert (correction.description, correction.is_adjustment) == ("Facture", True)


def test_a_correction_of_a_correction_is_one_of_the_original(world, category):
    row = ExpenditureFactory(category=category, amount=100)
    to = {"category": category, "on": LAST, "reason": "…"}
    (first,) = adjust_expenditure(row, result=world.result, amount=Decimal(100), **to, by=None)[1:]

    adjust_expenditure(first, result=world.result, amount=Decimal(70), **to, by=None)

    assert {one.adjusts for one in Expenditure.objects.exclude(pk=row.pk)} == {row}
    assert net_amounts(row) == {(category.pk, world.result.pk): 70}


def test_what_should_not_have_been_entered_is_taken_out_whole(category):
    row = ExpenditureFactory(category=category, amount=100)

    adjust_expenditure(
        row, category=category, result=None, amount=Decimal(0), on=LAST, reason="Doublon", by=None
    )

    assert net_amounts(row) == {}
    with pytest.raises(ValidationError):
        adjust_expenditure(
            row, category=category, result=None, amount=Decimal(0), on=LAST, reason="…", by=None
        )


def test_a_correction_has_its_day_on_or_after_that_of_the_original(category):
    row = ExpenditureFactory(category=category, spent_on=LAST)
    said = {"category": category, "result": None, "reason": "…"}

    with pytest.raises(ValidationError) as refused:
        adjust_expenditure(row, amount=Decimal(1), on=LAST - DAY, **said, by=None)
    adjust_expenditure(row, amount=Decimal(1), on=LAST, **said, by=None)

    assert list(refused.value.message_dict) == ["spent_on"]
    assert row.adjustments.count() == 1


# The list


@pytest.fixture
def listed(world, category):
    """A row by hand, one imported, a correction, and one that concerns a locked day."""
    project = world.project
    batch = ImportBatch.objects.create(
        project=project, original_name="a.csv", sha256="0" * 64, rows=1
    )
    by_hand = ExpenditureFactory(category=category, voucher="HN-7", spent_on=world.year.end)
    imported = ExpenditureFactory(category=category, batch=batch, description="Vuelo a Copán")
    (correction,) = adjust_expenditure(
        by_hand,
        category=category,
        result=None,
        amount=Decimal(5),
        on=world.year.end + DAY,
        reason="Error",
        by=None,
    )
    late = ExpenditureFactory(
        category=BudgetCategoryFactory(project=project),
        currency="HNL",
        rate="0.05",
        batch=batch,
        concerns_on=FIRST,
        spent_on=world.year.start - DAY,
    )
    return {"hand": by_hand, "imported": imported, "correction": correction, "late": late}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, {"hand", "imported", "correction", "late"}),
        ({"q": "hn-7"}, {"hand", "correction"}),
        ({"q": "copán"}, {"imported"}),
        ({"source": "entered"}, {"hand"}),
        ({"source": "imported"}, {"imported", "late"}),
        ({"source": "corrections"}, {"correction", "late"}),
        ({"currency": "HNL"}, {"late"}),
        ({"period": "year"}, {"hand", "imported"}),
        ({"category": "VOY"}, {"hand", "imported", "correction"}),
        ({"category": "VOY", "source": "imported"}, {"imported"}),
        ({"q": "nothing of the kind"}, set()),
        ({"source": "other"}, {"hand", "imported", "correction", "late"}),
    ],
)
def test_the_books_are_searched_by_each_thing_and_all_together(
    client, sign_in, world, category, listed, said, found
):
    ExpenditureFactory(category__project=world.neighbour, voucher="HN-7")
    keys = {"year": world.year.pk, "VOY": category.pk}
    sign_in("auditor")

    page = client.get(
        url("expenditures"), {name: keys.get(value, value) for name, value in said.items()}
    )

    names = {row.pk: name for name, row in listed.items()}
    assert {names[row.pk] for row in page.context["page"].object_list} == found


@pytest.mark.parametrize("role", ["partner", "member", "donor", "embassy", "outsider"])
def test_single_vouchers_are_for_the_team(client, sign_in, category, role):
    row = ExpenditureFactory(category=category)
    sign_in(role)

    for page in (url("expenditures"), url("expenditure", row.pk), url("locks")):
        assert client.get(page).status_code == 404


def test_who_reads_the_books_does_not_write_them(client, sign_in, category):
    row = ExpenditureFactory(category=category)

    for role in ("reader", "monitoring", "auditor"):
        sign_in(role)
        page = client.get(url("expenditure", row.pk))
        assert (page.context["may_keep"], page.context["may_change"]) == (False, False)
        assert client.post(url("expenditure-delete", row.pk)).status_code == 403

    assert Expenditure.objects.get() == row


# Locks


@pytest.mark.parametrize(
    ("start", "end", "is_free"),
    [
        (FIRST - 9 * DAY, FIRST - DAY, True),
        (FIRST - 9 * DAY, FIRST, False),
        (LAST, LAST + 9 * DAY, False),
        (LAST + DAY, LAST + 9 * DAY, True),
        (FIRST + DAY, LAST - DAY, False),
        (FIRST - DAY, LAST + DAY, False),
        (LAST + DAY, LAST + DAY, True),
    ],
)
def test_two_locks_share_no_day(client, sign_in, world, locked, start, end, is_free):
    sign_in("finance")

    page = client.post(url("locks"), {"starts_on": start, "ends_on": end})

    if is_free:
        assert page.status_code == 302
    else:
        assert "April 1 – June 30, 2019" in page.content.decode()
    assert AccountingLock.objects.count() == 1 + is_free


@pytest.mark.parametrize(
    ("start", "end"), [("2019-07-02", "2019-07-01"), ("2019-07-01", "2999-01-01")]
)
def test_days_that_are_locked_are_over_and_in_their_order(client, sign_in, start, end):
    sign_in("finance")

    page = client.post(url("locks"), {"starts_on": start, "ends_on": end})

    assert list(page.context["form"].errors) == ["ends_on"]
    assert not AccountingLock.objects.exists()


def test_a_lock_is_lifted_once(world, locked):
    finance, again = world.people["finance"], AccountingLock.objects.get()
    lift_lock(locked, reason="  Audit  ", by=finance)

    with pytest.raises(Refusal):
        lift_lock(again, reason="Encore", by=world.people["coordinator"])

    again.refresh_from_db()
    assert (again.lift_reason, again.lifted_by, again.lifted_on) == (
        "Audit",
        finance,
        timezone.localdate(),
    )


def test_the_next_lock_begins_where_the_last_one_ended(world, locked):
    project = world.project  # which ended on March 31, 2022

    assert suggested_lock_days(project, []) == {"starts_on": FIRST, "ends_on": date(2022, 3, 31)}
    assert suggested_lock_days(project, [locked]) == {
        "starts_on": LAST + DAY,
        "ends_on": date(2022, 3, 31),
    }
    project.current_end = timezone.localdate() + timedelta(days=400)
    last_month = timezone.localdate().replace(day=1) - DAY
    assert suggested_lock_days(project, [locked])["ends_on"] == last_month
    locked.ends_on = last_month
    assert suggested_lock_days(project, [locked]) == {
        "starts_on": last_month + DAY,
        "ends_on": last_month + DAY,
    }


# One after another


@pytest.mark.django_db(transaction=True)
def test_what_is_approved_and_locked_meanwhile_counts_for_whoever_waits(world, category):
    """Each of these would be taken, had nobody approved the budget and locked the days first."""
    project, finance = world.project, world.people["finance"]
    BudgetLineFactory(category=category, period=world.year, original=5)
    rows = ExpenditureFactory.create_batch(3, category=category, spent_on=LAST)
    batch = ImportBatch.objects.create(
        project=project, original_name="a.csv", sha256="0" * 64, rows=1
    )
    ExpenditureFactory(category=category, spent_on=LAST, batch=batch)
    line = {BudgetLineKey(category, None): Decimal(7)}
    to = {"category": category, "result": None, "on": LAST, "reason": "…"}
    changes = [
        lambda: write_budget(world.year, line, by=finance, on=LAST),
        lambda: approve_budget(project, on=LAST),
        lambda: save_expenditure(rows[0], by=None),
        lambda: delete_expenditure(rows[1]),
        lambda: adjust_expenditure(rows[2], amount=Decimal(1), **to, by=None),
        lambda: lock_days(project, start=LAST, end=LAST, by=finance),
        lambda: undo_import(batch),
    ]

    with ThreadPoolExecutor(len(changes)) as pool, transaction.atomic():
        approve_budget(project, on=FIRST)
        lock_days(project, start=FIRST, end=LAST, by=finance)
        running = [pool.submit(in_its_own_connection, change) for change in changes]
        done, _waiting = wait(running, timeout=2)
        through = [running.index(each) for each in done]

    assert through == []
    refused = [isinstance(each.exception(), ValidationError | Refusal) for each in running]
    assert refused == [True] * len(changes)
    assert (BudgetLine.objects.get().amount, Budget.objects.get().approved_on) == (5, FIRST)
    assert Expenditure.objects.count() == 4


def in_its_own_connection(change):
    try:
        return change()
    finally:
        connection.close()
