"""The pages on which the accounting system's file becomes rows: what each shows, asks and refuses."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from accounts.models import AccessEvent
from kernel.files import CheckedFile
from kernel.refusal import Refusal
from kernel.sheets import csv_sheet
from projects.models import Expenditure, ExpenditureUpload, ImportBatch, ImportMapping
from projects.money.services.approval import lock_days
from projects.money.services.spending_import import (
    keep_upload,
    preview_import,
    read_lines,
)
from tests.factories import (
    BudgetCategoryFactory,
    ExpenditureFactory,
    ResultFactory,
)
from tests.projects.pages import labels, said, written_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

HEADERS = ["Date", "Category", "Voucher", "Description", "Amount", "Currency", "Result"]
LOCKED = (date(2019, 4, 1), date(2019, 6, 30))


@pytest.fixture
def category(world):
    return BudgetCategoryFactory(project=world.project, code="VOY", name_fr="Voyages")


@pytest.fixture
def finance(sign_in, category):
    return sign_in("finance")


def url(name, *args):
    return reverse(f"projects:{name}", args=["HN-1", *args])


def row(voucher="1", day="2020-04-13", amount="5.00", currency="CAD", word="VOY", **more):
    return [day, word, voucher, more.get("text", "Taxi"), amount, currency, more.get("result", "")]


def waiting(world, *rows, by="finance", headers=HEADERS):
    content = csv_sheet(headers, [list(each) for each in rows])
    checked = CheckedFile(ContentFile(content), "books.csv", "csv", len(content), "a" * 64)
    return keep_upload(world.project, checked, owner=world.people[by])


# Given


def test_who_gives_a_file_is_told_what_waits_and_what_was_taken_before(client, finance, world):
    before = [
        ImportBatch.objects.create(
            project=project, original_name=name, sha256="0" * 64, rows=1, by=finance
        )
        for project, name in (
            (world.project, "a.csv"),
            (world.project, "b.csv"),
            (world.neighbour, "c.csv"),
        )
    ]
    first = client.get(url("import")).context
    mine = waiting(world, row())
    waiting(world, row(), by="coordinator")

    page = client.get(url("import")).context

    assert (first["waiting"], first["has_categories"]) == (None, True)
    assert (page["waiting"], list(page["page"])) == (mine, [before[1], before[0]])
    assert not page["form"].is_bound


def test_a_project_without_categories_takes_no_file(client, sign_in, world):
    sign_in("finance")

    page = client.get(url("import"))

    assert page.context["has_categories"] is False
    assert "No category yet." in page.content.decode()
    assert "See its columns" not in page.content.decode()


def test_a_file_leads_to_its_columns_and_one_without_a_header_is_discarded(client, finance):
    def give(name, content):
        return client.post(url("import"), {"file": SimpleUploadedFile(name, content)})

    none = client.post(url("import"), {})
    refused = give("a.csv", csv_sheet(["1", "2"], [["3", "4"]]))
    left = ExpenditureUpload.objects.count()
    taken = give("books.csv", csv_sheet(HEADERS, [row()]))

    assert list(none.context["form"].errors) == ["file"]
    assert "No row of this file looks like a header" in str(refused.context["form"].errors["file"])
    assert (left, taken.url) == (0, url("import-columns"))
    assert ExpenditureUpload.objects.get().owner == finance


@pytest.mark.parametrize("name", ["import-columns", "import-check", "import-problems"])
def test_where_no_file_waits_one_is_asked_for(client, finance, world, name):
    waiting(world, row(), by="coordinator")

    answer = client.get(url(name))

    assert answer.url == url("import")
    assert said(answer) == ["No file is waiting here: upload one."]


@pytest.mark.parametrize("name", ["import-columns", "import-check", "import-problems"])
def test_a_file_that_is_gone_is_asked_for_again(client, finance, world, name):
    upload = waiting(world, row())
    upload.file.storage.delete(upload.file.name)

    answer = client.get(url(name))

    assert answer.url == url("import")
    assert said(answer) == ["This file can no longer be read: upload it again."]
    with pytest.raises(Refusal):
        read_lines(upload)


def test_what_is_discarded_is_gone_and_nothing_was_written(client, finance, world):
    waiting(world, row())

    answer, again = client.post(url("import-discard")), client.post(url("import-discard"))

    assert answer.url == again.url == url("import")
    assert said(again) == ["The file was deleted and nothing was saved."]  # said once
    assert not ExpenditureUpload.objects.exists()
    assert not Expenditure.objects.exists()


def test_a_new_file_takes_the_place_of_an_earlier_one_alone_under_the_project_s_lock(world):
    _earlier, other = waiting(world, row()), waiting(world, row(), by="coordinator")

    upload, written = written_by(lambda: waiting(world, row(), row("2")))

    assert set(ExpenditureUpload.objects.all()) == {other, upload}
    assert (upload.original_name, upload.kind, upload.sha256) == ("books.csv", "csv", "a" * 64)
    assert len(read_lines(upload)) == 3
    assert (written.locked, written.loose) == ({"projects_project"}, set())


# Columns


def test_each_column_is_shown_with_what_it_is_taken_for(client, finance, world):
    waiting(world, row(), headers=["Fecha", "Rubro", "Nada", "Concepto", "Monto", "Moneda", "Meta"])

    page = client.get(url("import-columns")).context

    fields = [(column.header, field.initial or "") for column, field in page["fields"]]
    assert fields == [
        ("Fecha", "date"),
        ("Rubro", "category"),
        ("Nada", ""),
        ("Concepto", "description"),
        ("Monto", "amount"),
        ("Moneda", "currency"),
        ("Meta", ""),
    ]
    with translation.override("en"):
        choices = dict(page["form"].fields["column_0"].choices)
        assert [choices[name] for name in ("", "voucher")] == ["not used", "Voucher number"]
    assert page["form"]["currency"].initial == "CAD"
    assert labels(page["crumbs"])[1:] == ["Budget", "Expenditure", "Import"]


def test_what_is_said_of_the_columns_is_remembered_and_leads_to_the_rows(client, finance, world):
    waiting(world, row(), headers=["Fecha", "Rubro", "Nada", "Concepto", "Monto", "x1", "x2"])
    form = client.get(url("import-columns")).context["form"]
    typed = {field.name: field.initial or "" for field in form}

    refused = client.post(url("import-columns"), typed | {"currency": "$"})
    answer = client.post(url("import-columns"), typed | {"column_2": "voucher", "currency": "hnl"})

    mapping = ImportMapping.of(world.project)
    assert list(refused.context["form"].errors) == ["currency"]
    assert answer.url == url("import-check")
    assert (mapping.columns["nada"], mapping.columns["x1"]) == ("voucher", "")
    assert mapping.currency == "HNL"
    assert client.get(url("import-columns")).context["form"]["currency"].initial == "HNL"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (["date", "date"], "Two columns cannot contain the same thing: choose one."),
        (["date", "amount"], "Say which columns contain the date and the category."),
        (["date", "category"], "Say which column contains the amount, or the debit."),
        (
            ["date", "category", "amount", "debit"],
            "Choose either the amount, or debit and credit.",
        ),
    ],
)
def test_columns_that_do_not_make_a_table_are_refused_in_a_sentence(
    client, finance, world, fields, sentence
):
    waiting(world, row())
    typed = {f"column_{n}": name for n, name in enumerate(fields)}

    page = client.post(url("import-columns"), typed | {"currency": "CAD"})

    with translation.override("en"):
        told = [str(error) for errors in page.context["form"].errors.values() for error in errors]
    assert sentence in told


# Rows


def test_rows_that_need_somebody_come_first_fifty_to_a_page(client, finance, world):
    lock = lock_days(world.project, start=LOCKED[0], end=LOCKED[1], by=finance)
    ExpenditureFactory(
        project=world.project,
        category__project=world.project,
        voucher="K",
        amount=5,
        spent_on=date(2020, 4, 13),
    )
    rows = [row(str(n)) for n in range(50)]
    waiting(world, *rows, row("K"), row("L", day="2019-06-30"), row("W", amount="x"))

    first = client.get(url("import-check"))
    second = client.get(url("import-check"), {"page": 2}).context["page"].object_list

    page = first.context["page"]
    assert (page.paginator.count, len(page.object_list), len(second)) == (53, 50, 3)
    fates = [each["fate"] for each in page.object_list]
    assert fates[:3] == ["wrong", "locked", "new"]
    assert [each["fate"] for each in second] == ["new", "new", "known"]
    assert page.object_list[1]["importable"].entry == page.object_list[1]["entry"]
    assert "importable" not in page.object_list[0]
    assert [each["importable"].lock for each in page.object_list[1:3]] == [lock, None]
    assert first.context["asks"] is False
    assert labels(first.context["crumbs"])[1:] == ["Budget", "Expenditure", "Import"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"word": ""}, "The category is missing."),
        ({"currency": "USD"}, "No rate of USD for April 13, 2020: enter it under Rates."),
        ({"day": ""}, "The date is missing."),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(world, category, changes, sentence):
    preview = preview_import(waiting(world, row(**changes)))

    assert [entry.problems for entry in preview.wrong] == [[sentence]]
    assert (preview.new, preview.categories, preview.is_clear) == ([], [], False)


def test_the_rows_that_cannot_be_taken_leave_as_a_workbook_with_their_reasons(
    client, finance, world
):
    waiting(world, row("1"), row("2", amount="x", currency="$"), row("3", day="y"))

    answer = client.get(url("import-problems"))

    sheet = load_workbook(io.BytesIO(answer.content)).active
    table = [[cell or "" for cell in line] for line in sheet.iter_rows(values_only=True)]
    assert sheet.title == "What is wrong"
    assert table[0] == ["Row", "What is wrong", *HEADERS]
    assert table[1] == [
        "3",
        "“x” is not an amount. Use the three letters of the currency, such as CAD or HNL.",
        *row("2", amount="x", currency="$"),
    ]
    assert [line[0] for line in table[2:]] == ["4"]
    assert AccessEvent.objects.get(kind="export").details["what"] == "problems"
    assert "HN-1-problems" in answer.headers["Content-Disposition"]


def test_what_the_file_leaves_open_is_asked_before_anything_is_written(client, finance, world):
    result = ResultFactory(project=world.project, code="1300")
    day = {"day": "03/04/2020", "amount": "1,234"}
    waiting(world, row("1", word="Boletos", result="Meta 7", **day), row("2", **day))

    page = client.get(url("import-check")).context
    form = page["form"]
    asked = [str(field.label) for field in form]
    unanswered = client.post(url("import-check"), {"seen": "x"})
    typed = {
        "date_order": "mdy",
        "decimal_mark": ".",
        "category_0": form.fields["category_0"].choices[1][0],
    }
    answer = client.post(url("import-check"), typed | {"result_0": result.pk})

    assert page["asks"] is True
    assert asked == [
        "Which day is “03/04/2020”?",
        "Which sign comes before the cents? The file says “1,234”.",
        "Which category is “Boletos”?",
        "Which result is “Meta 7”?",
    ]
    assert [label for _order, label in form.fields["date_order"].choices] == [
        "April 3, 2020",
        "March 4, 2020",
    ]
    assert sorted(unanswered.context["form"].errors) == ["category_0", "date_order", "decimal_mark"]
    assert answer.url == url("import-check")
    preview = client.get(url("import-check")).context["preview"]
    read = [(found.entry.on, found.entry.amount, found.result) for found in preview.new]
    assert read == [
        (date(2020, 3, 4), Decimal(1234), result.pk),
        (date(2020, 3, 4), Decimal(1234), None),
    ]
    assert not Expenditure.objects.exists()


def test_no_more_than_sixty_words_are_asked_about_at_once(client, finance, world):
    waiting(world, *(row(str(n), word=f"Word{n}") for n in range(61)))

    form = client.get(url("import-check")).context["form"]

    assert [name for name in form.fields if name.startswith("category_")][-1] == "category_59"
