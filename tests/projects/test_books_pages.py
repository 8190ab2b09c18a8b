"""What the pages of the books show of each row, and what is said of what stands."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from kernel.refusal import Refusal
from projects.models import (
    AccountingLock,
    Budget,
    BudgetRevision,
    Expenditure,
    ImportBatch,
)
from projects.money.services.approval import lift_lock, lock_days, refuse_locked
from projects.money.services.budget import (
    BudgetLineKey,
    RevisionGrounds,
    approve_budget,
    revisable_amendments,
    write_budget,
)
from projects.money.services.spending import (
    adjust_expenditure,
    delete_expenditure,
    save_expenditure,
    undo_import,
)
from tests.factories import (
    AmendmentFactory,
    BudgetCategoryFactory,
    BudgetLineFactory,
    ExpenditureFactory,
)
from tests.projects.pages import written_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

DAY = date(2019, 6, 1)
ON = timedelta(days=1)


@pytest.fixture
def category(world):
    return BudgetCategoryFactory(project=world.project, code="VOY", name_fr="Voyages", position=1)


def url(name, *args):
    return reverse(f"projects:{name}", args=["HN-1", *args])


def refusal(action):
    with pytest.raises((ValidationError, Refusal)) as refused:
        action()
    error = refused.value
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


# What the services refuse, in words


def test_a_revision_beyond_what_is_allowed_says_what_would_allow_it(world, category):
    BudgetLineFactory(category=category, period=world.year, original=1000)
    Budget.objects.create(project=world.project, approved_on=DAY)

    def write(amount, because=None):
        place = BudgetLineKey(category, None)
        finance = world.people["finance"]
        return write_budget(world.year, {place: amount}, by=finance, on=DAY, grounds=because)

    assert refusal(lambda: write(Decimal(1001))) == "The budget is approved: say why it changes."
    assert refusal(lambda: write(Decimal(1001), RevisionGrounds("  "))) == (
        "The budget is approved: say why it changes."
    )
    assert refusal(lambda: write(Decimal(1101), RevisionGrounds("Retard"))) == (
        "Voyages · Project year 1: from 1,000\xa0CAD agreed to 1,101\xa0CAD is more than 10 %: "
        "choose the amendment approved by the donor."
    )
    assert write(Decimal(1100), RevisionGrounds("  Retard ")) == 1
    assert write(Decimal(1100)) == 0
    revision = BudgetRevision.objects.get()
    assert (revision.reason, revision.before, revision.after) == ("Retard", 1000, 1100)
    assert (revision.by, revision.on, revision.amendment) == (world.people["finance"], DAY, None)
    assert revision.is_within_tolerance


def test_an_approval_is_recorded_once_and_of_something(world, category):
    assert refusal(lambda: approve_budget(world.project, on=DAY)) == (
        "The budget is empty: enter its amounts first."
    )
    BudgetLineFactory(category=category, period=world.year, original=1)
    assert approve_budget(world.project, on=DAY).approved_on == DAY
    assert refusal(lambda: approve_budget(world.project, on=DAY)) == (
        "The budget is already approved: change it by a revision."
    )


def test_amendments_that_allow_a_revision_are_of_the_project(world):
    agreed = AmendmentFactory(
        project=world.project, status="effective", donor_decided_on="2020-10-01"
    )
    AmendmentFactory(project=world.project)

    assert list(revisable_amendments(world.project)) == [agreed]


def test_what_stands_says_why_and_how_it_is_corrected(world, category):
    finance = world.people["finance"]
    batch = ImportBatch.objects.create(
        project=world.project, original_name="a.csv", sha256="0" * 64, rows=1
    )
    imported = ExpenditureFactory(category=category, batch=batch)
    row = ExpenditureFactory(category=category)
    (correction,) = adjust_expenditure(
        row,
        category=category,
        result=None,
        amount=Decimal(5),
        on=DAY + ON,
        reason="x" * 400,
        by=None,
    )
    free = ExpenditureFactory(category=category)
    lock = lock_days(world.project, start=DAY, end=DAY, by=finance)
    stays = "A correction is kept, with what it corrects: correct it once more."
    locked = (
        "June 1, 2019 is in a locked period (June 1, 2019). Enter a correction dated in "
        "an open one."
    )

    assert len(correction.description) == 300
    for change in (lambda row: save_expenditure(row, by=None), delete_expenditure):
        assert refusal(lambda change=change: change(imported)) == (
            "It was imported as it is in the accounting system. Correct it by an adjustment."
        )
        assert refusal(lambda change=change: change(row)) == stays
        assert refusal(lambda change=change: change(correction)) == stays
        assert refusal(lambda change=change: change(free)) == locked
    assert refusal(lambda: refuse_locked(world.project, DAY - ON, DAY)) == locked
    refuse_locked(world.project, DAY - ON)
    same = {"category": category, "result": None, "reason": "…"}
    assert (
        refusal(lambda: adjust_expenditure(free, amount=Decimal(1), on=DAY, **same, by=None))
        == locked
    )
    assert refusal(
        lambda: adjust_expenditure(free, amount=Decimal(100), on=DAY + ON, **same, by=None)
    ) == ("It is already like this: there is nothing to correct.")
    assert refusal(
        lambda: adjust_expenditure(free, amount=Decimal(1), on=DAY - ON, **same, by=None)
    ) == ("A correction cannot be dated before what it corrects.")
    assert refusal(lambda: undo_import(batch)) == (
        "Rows of this import are in a locked period (June 1, 2019): correct them instead."
    )
    assert refusal(lambda: lock_days(world.project, start=DAY, end=DAY, by=finance)) == (
        "“June 1, 2019” already covers part of these dates."
    )
    lift_lock(lock, reason="…", by=finance)
    assert refusal(lambda: lift_lock(lock, reason="…", by=finance)) == (
        "This period has already been unlocked."
    )
    adjust_expenditure(imported, amount=Decimal(1), on=DAY + ON, **same, by=None)
    assert refusal(lambda: undo_import(batch)) == (
        "Rows of this import have since been corrected: it can no longer be undone."
    )


def test_a_lock_says_who_locked_it_and_when(world):
    lock, written = written_by(
        lambda: lock_days(world.project, start=DAY, end=DAY + ON, by=world.people["finance"])
    )

    kept = AccountingLock.objects.get()
    assert (kept, kept.locked_by, kept.locked_on) == (
        lock,
        world.people["finance"],
        timezone.localdate(),
    )
    assert [kept.covers(DAY + n * ON) for n in (-1, 0, 1, 2)] == [False, True, True, False]
    assert written.locked == {"projects_project"}


# One expenditure, and the list of them


def test_a_row_may_be_changed_until_it_stands(client, sign_in, world, category):
    free, corrected, late = ExpenditureFactory.create_batch(3, category=category)
    (correction,) = adjust_expenditure(
        corrected,
        category=category,
        result=None,
        amount=Decimal(5),
        on=DAY + ON,
        reason="Erreur",
        by=None,
    )
    batch = ImportBatch.objects.create(
        project=world.project, original_name="a.csv", sha256="0" * 64, rows=1
    )
    imported = ExpenditureFactory(category=category, batch=batch)
    concerning = ExpenditureFactory(category=category, concerns_on=DAY)
    lock = lock_days(world.project, start=DAY - ON, end=DAY - ON, by=world.people["finance"])
    Expenditure.objects.filter(pk=late.pk).update(spent_on=DAY - ON)
    sign_in("coordinator")

    def shown(row):
        page = client.get(url("expenditure", row.pk)).context
        return page["may_change"], page["lock"], page["corrections"]

    assert client.get(url("expenditure", free.pk)).context["may_keep"] is True
    assert shown(free) == (True, None, [])
    assert shown(corrected) == (False, None, [correction])
    assert shown(correction) == (False, None, [])
    assert shown(imported) == (False, None, [])
    assert shown(concerning) == (False, None, [])
    assert shown(late) == (False, lock, [])


def test_a_correction_begins_with_how_the_row_is_and_ends_at_the_original(
    client, sign_in, world, category
):
    row = ExpenditureFactory(category=category, result=world.result)
    sign_in("finance")
    typed = {"category": category.pk, "amount": "5", "spent_on": "2020-05-04", "reason": "…"}

    form = client.get(url("expenditure-adjust", row.pk)).context["form"]
    client.post(url("expenditure-adjust", row.pk), typed)
    again = client.post(
        url("expenditure-adjust", row.adjustments.first().pk), typed | {"amount": "6"}
    )

    initial = (form["category"].value(), form["result"].value(), form["amount"].value())
    assert initial == (category.pk, world.result.pk, "100,00")
    assert form["spent_on"].value() == world.project.today
    assert again.url == row.get_absolute_url()


def test_the_list_shows_the_locks_and_keeps_its_filter_beside_the_page(
    client, sign_in, world, category
):
    rows = [ExpenditureFactory(category=category, spent_on=on) for on in (DAY, DAY + ON)]
    ExpenditureFactory(category__project=world.neighbour, currency="EUR")
    lock_days(world.project, start=DAY, end=DAY, by=world.people["finance"])
    sign_in("reader")

    whole = client.get(url("expenditures")).context
    found = client.get(url("expenditures"), {"q": "V", "page": "1"}).context

    assert list(whole["page"]) == [rows[1], rows[0]]
    [(_day, open_day), *_rest], [(_day, locked_day), *_rest] = whole["table"].lines
    assert (len(open_day.chips), len(locked_day.chips)) == (0, 1)
    file = url("expenditures-export", "xlsx")
    assert (whole["is_filtered"], whole["exports"][0].url) == (False, file)
    assert (found["is_filtered"], found["exports"][0].url) == (True, f"{file}?q=V")
    currencies = [currency for currency, _label in whole["form"].fields["currency"].choices]
    assert currencies == ["", "CAD"]
    assert list(whole["form"].fields["period"].queryset) == [world.year]
    assert whole["total"].counted == Decimal(200)


def test_a_refused_deletion_leads_back_to_the_row_and_a_foreign_row_is_not_found(
    client, sign_in, world, category
):
    row = ExpenditureFactory(category=category)
    foreign = ExpenditureFactory(category__project=world.neighbour)
    lock_days(world.project, start=DAY, end=DAY, by=world.people["finance"])
    sign_in("finance")

    refused = client.post(url("expenditure-delete", row.pk))

    assert refused.url == row.get_absolute_url()
    for name in (
        "expenditure",
        "expenditure-edit",
        "expenditure-delete",
        "expenditure-adjust",
    ):
        assert client.get(url(name, foreign.pk)).status_code == 404


def test_what_leaves_of_the_books_is_headed_in_words(client, sign_in, world, category):
    ExpenditureFactory(category=category, concerns_on=DAY - ON, illustrative=True)
    sign_in("reader")

    answer = client.get(url("expenditures-export", "csv"))

    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == (
        "Date,Voucher number,Category,Result,Amount,Currency,Rate,Amount in CAD,Description,"
        "Corrects,Status"
    )
    assert lines[1].endswith(",2019-05-31,Recorded")
    assert "HN-1-books" in answer.headers["Content-Disposition"]


def test_the_locks_are_all_listed_and_the_next_one_is_proposed(client, sign_in, world):
    finance = world.people["finance"]
    lifted = lock_days(world.project, start=date(2019, 4, 1), end=DAY, by=finance)
    lift_lock(lifted, reason="…", by=finance)
    kept = lock_days(world.project, start=date(2019, 4, 1), end=DAY - ON, by=finance)

    sign_in("coordinator")
    seen = client.get(url("locks")).context
    sign_in("finance")
    form = client.get(url("locks")).context["form"]

    assert (set(seen["locks"]), seen["may_lock"]) == ({lifted, kept}, False)
    assert form["starts_on"].value() == DAY
    foreign = lock_days(world.neighbour, start=DAY, end=DAY, by=finance)
    assert client.get(url("lock-lift", foreign.pk)).status_code == 404
