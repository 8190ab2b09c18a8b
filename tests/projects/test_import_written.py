"""The accounting system's file once it is confirmed: written as it was shown, or refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from kernel.refusal import Refusal
from projects.models import Expenditure, ExpenditureUpload, ImportBatch
from projects.money.services.approval import lock_days
from projects.money.services.spending_import import ImportPreview, preview_import, write_import
from tests.factories import BudgetCategoryFactory, ExchangeRateFactory, ExpenditureFactory
from tests.projects.pages import said, written_by
from tests.projects.test_import_pages import LOCKED, row, url, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def category(world):
    return BudgetCategoryFactory(project=world.project, code="VOY", name_fr="Voyages")


@pytest.fixture
def finance(sign_in, category):
    return sign_in("finance")


def written_after(world, change=lambda upload: None, *rows, seen=None, locked_on=None):
    upload = waiting(world, *(rows or [row()]))
    seen = seen or preview_import(upload).fingerprint
    change(upload)
    with pytest.raises(Refusal) as refused:
        write_import(upload, seen=seen, locked_on=locked_on, by=world.people["finance"])
    assert not Expenditure.objects.filter(batch__isnull=False).exists()
    return str(refused.value)


def test_a_file_that_is_not_what_was_shown_is_refused_in_a_sentence(world, category):
    def taken(upload):
        ExpenditureUpload.objects.filter(pk=upload.pk).delete()

    def entered(upload):
        ExpenditureFactory(category=category, voucher="1", amount=5, spent_on=date(2020, 4, 13))

    again = "The books have changed in the meantime: look at the rows again."
    assert written_after(world, taken) == "This file has already been confirmed or discarded."
    assert written_after(world, seen="other") == again
    assert written_after(world, lambda upload: None, row(amount="x")) == (
        "Some rows cannot be imported: answer the questions and correct the rows first."
    )
    assert written_after(world, entered) == again
    assert written_after(world) == "This file contains nothing new: discard it."


def test_corrections_of_locked_days_are_not_dated_on_a_locked_day(world, category):
    lock_days(world.project, start=LOCKED[0], end=LOCKED[1], by=world.people["finance"])
    late = row(day="2019-06-30")

    assert written_after(world, lambda upload: None, late, locked_on=LOCKED[1]) == (
        "June 30, 2019 is in a locked period (April 1 – June 30, 2019). Enter a "
        "correction dated in an open one."
    )
    assert written_after(world, lambda upload: None, late) == (
        "This file contains nothing new: discard it."
    )


def test_what_was_taken_keeps_its_file_s_name_its_words_and_who_took_it(client, finance, world):
    ExchangeRateFactory(project=world.project, currency="HNL", rate="0.05")
    long = {"text": "x" * 400, "currency": "HNL", "day": "2020-03-31"}
    waiting(world, row("v" * 70, **long), row("2"), row("2"))
    preview = client.get(url("import-check")).context["preview"]

    def confirm():
        return client.post(url("import-check"), {"seen": preview.fingerprint})

    answer, written = written_by(confirm)

    batch = ImportBatch.objects.get()
    first = batch.expenditures.get(currency="HNL")
    assert answer.url == url("expenditures")
    assert said(answer) == ["3 rows were imported."]
    assert (batch.original_name, batch.sha256, batch.by) == ("books.csv", "a" * 64, finance)
    assert (batch.rows, batch.left_out, batch.undone_at) == (3, 0, None)
    assert (len(first.description), len(first.voucher), first.rate) == (300, 60, Decimal("0.05"))
    assert (first.concerns_on, first.result, first.project) == (None, None, world.project)
    assert written.locked == {"projects_project", "projects_expenditureupload"}
    assert not ExpenditureUpload.objects.exists()


def test_a_refusal_leads_back_to_the_rows(client, finance, world):
    waiting(world, row())

    answer = client.post(url("import-check"), {"seen": "other"})
    unseen = client.post(url("import-check"), {})

    assert answer.url == url("import-check")
    assert said(answer) == ["The books have changed in the meantime: look at the rows again."]
    assert list(unseen.context["form"].errors) == ["seen"]


def test_locked_rows_are_entered_today_unless_another_day_is_said(client, finance, world):
    lock_days(world.project, start=LOCKED[0], end=LOCKED[1], by=finance)
    waiting(world, row(day="2019-06-30"))

    form = client.get(url("import-check")).context["form"]
    typed = {"seen": form["seen"].value(), "enter_locked": "on"}
    without_day = client.post(url("import-check"), typed)
    client.post(url("import-check"), typed | {"locked_on": "2020-05-04"})

    assert form["locked_on"].initial == timezone.localdate()
    assert list(without_day.context["form"].errors) == ["locked_on"]
    entered = Expenditure.objects.get()
    assert (entered.spent_on, entered.concerns_on) == (date(2020, 5, 4), date(2019, 6, 30))
    assert entered.is_adjustment


def test_an_undone_import_says_how_many_rows_it_had_and_one_that_is_not_there_is_not_found(
    client, finance, world, category
):
    batch = ImportBatch.objects.create(
        project=world.project, original_name="a.csv", sha256="0" * 64, rows=1
    )
    ExpenditureFactory(category=category, batch=batch)
    foreign = ImportBatch.objects.create(
        project=world.neighbour, original_name="a.csv", sha256="0" * 64, rows=1
    )

    done, again = (client.post(url("import-undo", batch.pk)) for _press in range(2))

    assert done.url == again.url == url("import")
    assert said(again) == ["1 row was removed.", "This import has already been undone."]
    assert client.post(url("import-undo", foreign.pk)).status_code == 404


def test_nothing_is_clear_while_something_is_asked_or_wrong():
    assert ImportPreview().is_clear
    for open_thing in (
        {"categories": ["x"]},
        {"results": ["x"]},
        {"open_day": "x"},
        {"open_amount": "x"},
        {"wrong": [None]},
    ):
        assert not ImportPreview(**open_thing).is_clear
