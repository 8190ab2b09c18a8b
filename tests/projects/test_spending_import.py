"""The accounting system's file becomes rows of the books: all of them, once, or none."""

import io
import time
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from kernel.files import CheckedFile
from kernel.refusal import Refusal
from kernel.sheets import csv_sheet, excel_sheet
from kernel.tables import read_table
from projects.models import Expenditure, ExpenditureUpload, ImportBatch
from projects.money.services.approval import lock_days
from projects.money.services.spending import adjust_expenditure
from projects.money.services.spending_import import keep_upload, preview_import, write_import
from tests.factories import BudgetCategoryFactory, ExchangeRateFactory, ExpenditureFactory

pytestmark = pytest.mark.django_db

HEADERS = ["Fecha", "Rubro", "Comprobante", "Concepto", "Monto", "Moneda", "Resultado"]
ROWS = [
    ["03/06/2019", "VOY", "HN-1", "Vuelo", "1,250.50", "CAD", ""],
    ["25/06/2019", "Capacitación", "HN-2", "Taller", "10,000.00", "HNL", "1100"],
    ["25/06/2019", "Capacitación", "HN-2", "Taller", "10,000.00", "HNL", "1100"],
]


@pytest.fixture
def finance(sign_in, world):
    BudgetCategoryFactory(project=world.project, code="VOY")
    BudgetCategoryFactory(project=world.project, code="ACT", name_es="Capacitación")
    ExchangeRateFactory(project=world.project, rate="0.05420000")
    return sign_in("finance")


def url(name, *args):
    return reverse(f"projects:{name}", args=["HN-1", *args])


def give(client, rows=ROWS, headers=HEADERS, name="libro.csv"):
    """Up to the page on which every row is seen."""
    file = SimpleUploadedFile(name, csv_sheet(headers, rows))
    client.post(url("import"), {"file": file})
    form = client.get(url("import-columns")).context["form"]
    said = {field.name: field.initial or "" for field in form}
    client.post(url("import-columns"), said)
    return client.get(url("import-check"))


def confirm(client, **said):
    seen = client.get(url("import-check")).context["preview"].fingerprint
    return client.post(url("import-check"), {"seen": seen, **said}, follow=True)


def books():
    fields = ("spent_on", "category__code", "voucher", "amount", "currency", "rate")
    return list(Expenditure.objects.order_by("pk").values_list(*fields))


def fates(page):
    preview = page.context["preview"]
    return tuple(len(rows) for rows in (preview.new, preview.known, preview.locked, preview.wrong))


def test_a_file_is_read_shown_and_written_whole(client, finance, world):
    page = give(client)
    assert (fates(page), Expenditure.objects.count()) == ((3, 0, 0, 0), 0)

    confirm(client)

    act = (date(2019, 6, 25), "ACT", "HN-2", Decimal(10000), "HNL", Decimal("0.0542"))
    assert books() == [
        (date(2019, 6, 3), "VOY", "HN-1", Decimal("1250.50"), "CAD", Decimal(1)),
        act,
        act,
    ]
    assert Expenditure.objects.filter(result=world.result).count() == 2
    kept = Expenditure.history.values_list("history_type", "history_user")
    assert list(kept) == [("+", world.people["finance"].pk)] * 3
    assert not ExpenditureUpload.objects.exists()


def test_the_same_file_again_brings_only_what_is_new(client, finance):
    give(client)
    confirm(client)
    later = [*ROWS, ["27/06/2019", "VOY", "HN-3", "Hotel", "300.00", "CAD", ""]]

    page = give(client, later)
    confirm(client)

    assert fates(page) == (1, 3, 0, 0)
    assert ImportBatch.objects.values_list("rows", "left_out").first() == (1, 3)
    assert Expenditure.objects.count() == 4


def test_what_was_entered_by_hand_is_not_taken_twice(client, finance, world):
    ExpenditureFactory(
        category=world.project.budget_categories.first(),
        spent_on=date(2019, 6, 3),
        amount="1250.50",
        voucher="hn 1",
    )

    assert fates(give(client)) == (2, 1, 0, 0)


def test_of_two_equal_payments_one_that_was_entered_by_hand_is_left_out(client, finance, world):
    """What stands in the books once, and twice in the file, is taken once more."""
    ExpenditureFactory(
        category=world.project.budget_categories.get(code="ACT"),
        spent_on=date(2019, 6, 25),
        amount=10_000,
        currency="HNL",
        voucher="HN-2",
    )

    page = give(client)
    confirm(client)

    assert fates(page) == (2, 1, 0, 0)
    assert Expenditure.objects.filter(voucher="HN-2").count() == 2
    assert ImportBatch.objects.values_list("rows", "left_out").get() == (2, 1)


def test_what_was_sent_back_leaves_out_no_row(client, finance, world):
    """It is in no figure: the row of the accounting system would be in none either."""
    ExpenditureFactory(
        category=world.project.budget_categories.first(),
        spent_on=date(2019, 6, 3),
        amount="1250.50",
        voucher="HN-1",
        status=Expenditure.Status.RETURNED,
    )

    page = give(client)

    assert fates(page) == (3, 0, 0, 0)
    assert page.context["preview"].sent_back == 1
    assert "alert-warning" in page.content.decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"spent_on": date(2019, 6, 4)},
        {"amount": "1250.51"},
        {"currency": "HNL"},
        {"voucher": "HN-11"},
        {"voucher": ""},
    ],
)
def test_what_differs_in_one_thing_is_another_payment(client, finance, world, changes):
    facts = {"spent_on": date(2019, 6, 3), "amount": "1250.50", "voucher": "HN-1"}
    category = world.project.budget_categories.first()
    ExpenditureFactory(category=category, **facts | changes)

    assert fates(give(client)) == (3, 0, 0, 0)


def test_a_word_is_asked_about_once_and_remembered(client, finance, world):
    rows = [["25/06/2019", "Boletos", "1", "", "5.00", "CAD", "Meta 7"]]
    category = world.project.budget_categories.get(code="VOY")

    asked = give(client, rows).context["form"]
    client.post(url("import-check"), {"category_0": category.pk, "result_0": world.result.pk})
    confirm(client)
    again = give(client, [["26/06/2019", "boletos", "2", "", "6.00", "CAD", "Meta 7"]])

    assert list(asked.fields) == ["category_0", "result_0"]
    assert fates(again) == (1, 0, 0, 0)
    assert Expenditure.objects.get().result == world.result


def test_columns_that_were_said_are_remembered(client, finance):
    headers, rows = ["Quand", "Quoi", "Combien"], [["2019-06-03", "VOY", "5.00"]]
    said = {"column_0": "date", "column_1": "category", "column_2": "amount", "currency": "CAD"}
    give(client, rows, headers)
    client.post(url("import-columns"), said)

    assert fates(give(client, rows, headers)) == (1, 0, 0, 0)


def test_a_day_that_may_be_two_is_asked(client, finance):
    page = give(client, [["03/04/2019", "VOY", "1", "", "5.00", "CAD", ""]])
    assert list(page.context["form"].fields) == ["date_order"]

    client.post(url("import-check"), {"date_order": "dmy"})
    confirm(client)

    assert Expenditure.objects.get().spent_on == date(2019, 4, 3)


def test_one_wrong_row_lets_none_in_and_comes_back_explained(client, finance):
    page = give(client, [*ROWS, ["31/06/2019", "VOY", "HN-9", "", "1.005", "USD", ""]])
    confirm(client)

    book = load_workbook(io.BytesIO(client.get(url("import-problems")).content))
    cells = [cell.value for cell in book.active[2]]
    assert (fates(page), Expenditure.objects.count()) == ((3, 0, 0, 1), 0)
    assert cells[0] == "5"
    assert cells[1] == (
        "“31/06/2019” is not a date: write it as 2027-03-31. “1.005” has more than two "
        "decimals: round it to cents."
    )


def test_rows_of_a_locked_period_become_corrections_of_an_open_day(client, finance, world):
    lock_days(world.project, start=date(2019, 6, 1), end=date(2019, 6, 30), by=finance)
    page = give(client)

    confirm(client, enter_locked="on", locked_on="2019-06-15")
    assert not Expenditure.objects.exists()
    confirm(client, enter_locked="on", locked_on="2019-07-01")

    assert fates(page) == (0, 0, 3, 0)
    assert set(Expenditure.objects.values_list("spent_on", "concerns_on")) == {
        (date(2019, 7, 1), date(2019, 6, 3)),
        (date(2019, 7, 1), date(2019, 6, 25)),
    }


def test_a_correction_on_a_locked_day_is_refused_with_the_lock_that_covers_it(
    client, finance, world
):
    lock_days(world.project, start=date(2019, 6, 1), end=date(2019, 6, 30), by=finance)
    give(client)
    (upload,) = ExpenditureUpload.objects.all()
    seen = preview_import(upload).fingerprint

    for day in (date(2019, 6, 1), date(2019, 6, 30)):
        with pytest.raises(Refusal, match="2019"):
            write_import(upload, seen=seen, locked_on=day, by=finance)
    with pytest.raises(Refusal):  # left out, nothing of the file is new
        write_import(upload, seen=seen, locked_on=None, by=finance)
    batch = write_import(upload, seen=seen, locked_on=date(2019, 7, 1), by=finance)

    assert (batch.rows, batch.left_out) == (3, 0)
    assert Expenditure.objects.filter(spent_on=date(2019, 7, 1)).count() == 3


def test_rows_of_a_locked_period_are_left_out_and_counted_where_nobody_wants_them(
    client, finance, world
):
    lock_days(world.project, start=date(2019, 6, 4), end=date(2019, 6, 30), by=finance)
    page = give(client)

    confirm(client)

    assert fates(page) == (1, 0, 2, 0)
    assert [row[0] for row in books()] == [date(2019, 6, 3)]
    assert ImportBatch.objects.values_list("rows", "left_out").get() == (1, 2)


def test_the_rate_of_the_file_goes_before_that_of_the_table(client, finance, world):
    """The table holds from April 1, 2019 to March 31, 2020."""
    headers = [*HEADERS, "Tipo de cambio"]
    rows = [
        ["2019-04-01", "VOY", "1", "", "5.00", "HNL", "", ""],
        ["2020-03-31", "VOY", "2", "", "5.00", "HNL", "", "0,055"],
        ["2020-04-01", "VOY", "3", "", "5.00", "HNL", "", ""],
    ]

    page = give(client, rows, headers)
    (wrong,) = page.context["preview"].wrong
    assert wrong.problems == ["No rate of HNL for April 1, 2020: enter it under Rates."]
    give(client, rows[:2], headers)
    confirm(client)

    assert [row[-1] for row in books()] == [Decimal("0.0542"), Decimal("0.055")]


def test_the_own_currency_has_the_rate_of_one_whatever_the_file_says(client, finance):
    rows = [["2019-04-01", "VOY", "1", "", "5.00", "CAD", "", "1.25"]]

    give(client, rows, [*HEADERS, "Tipo de cambio"])
    confirm(client)

    assert [row[-2:] for row in books()] == [("CAD", 1)]


def test_an_import_is_undone_while_its_periods_are_open(client, finance, world):
    give(client)
    confirm(client)
    batch = ImportBatch.objects.get()
    lock = lock_days(world.project, start=date(2019, 6, 1), end=date(2019, 6, 30), by=finance)
    client.post(url("import-undo", batch.pk))
    assert Expenditure.objects.count() == 3

    lock.delete()
    client.post(url("import-undo", batch.pk))

    assert (Expenditure.objects.count(), fates(give(client))) == (0, (3, 0, 0, 0))


def test_an_import_that_was_corrected_is_not_undone(client, finance, world):
    give(client)
    confirm(client)
    row = Expenditure.objects.first()
    on = date(2019, 8, 1)
    adjust_expenditure(
        row, category=row.category, result=None, amount=Decimal(1), on=on, reason="…", by=None
    )

    client.post(url("import-undo", ImportBatch.objects.get().pk))

    assert Expenditure.objects.filter(batch__isnull=False).count() == 3


def test_what_changed_since_it_was_shown_is_shown_again(client, finance, world):
    seen = give(client).context["preview"].fingerprint
    lock_days(world.project, start=date(2019, 6, 1), end=date(2019, 6, 10), by=finance)

    client.post(url("import-check"), {"seen": seen})

    assert not Expenditure.objects.exists()


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"a;b\nc;d\n", b"<html>", b"\xff\xfe\xff"])
def test_a_file_that_is_no_table_gets_a_sentence(client, finance, content):
    page = client.post(url("import"), {"file": SimpleUploadedFile("a.csv", content)})

    assert list(page.context["form"].errors) == ["file"]
    assert not ExpenditureUpload.objects.exists()


def test_a_table_is_read_as_it_was_written():
    rows = [[date(2019, 6, 3), "=1+1", Decimal("1250.50")], [None, "é; ,", Decimal(-3)]]
    book = excel_sheet("Libro", ["a", "b", "c"], rows, [9, 9, 9])

    lines = read_table(io.BytesIO(book), "xlsx", max_rows=10)

    assert [line.cells for line in lines[1:]] == rows


def test_ten_thousand_rows_take_seconds_and_few_queries(
    finance, world, django_assert_max_num_queries
):
    rows = [
        [f"2019-06-{n % 28 + 1:02}", "VOY", f"V-{n}", "Vuelo", f"{n + 1}.25", "HNL", "1100"]
        for n in range(10_000)
    ]
    content = ContentFile(csv_sheet(HEADERS, rows), "libro.csv")
    checked = CheckedFile(content, "libro.csv", "csv", content.size, "0" * 64)
    upload = keep_upload(world.project, checked, owner=finance)
    began = time.monotonic()

    with django_assert_max_num_queries(43):
        seen = preview_import(upload).fingerprint
        write_import(upload, seen=seen, locked_on=None, by=finance)

    assert Expenditure.objects.count() == 10_000
    assert time.monotonic() - began < 60


def test_a_number_without_end_is_no_amount(client, finance):
    """A workbook may say 1e999, which is read as infinity."""
    row = ["2019-06-03", "VOY", "1", "", Decimal("5.5"), "CAD", ""]
    book, hostile = io.BytesIO(excel_sheet("A", HEADERS, [row])), io.BytesIO()
    with zipfile.ZipFile(book) as parts, zipfile.ZipFile(hostile, "w") as written:
        for name in parts.namelist():
            written.writestr(name, parts.read(name).replace(b"<v>5.5</v>", b"<v>1e999</v>"))
    client.post(url("import"), {"file": SimpleUploadedFile("a.xlsx", hostile.getvalue())})
    form = client.get(url("import-columns")).context["form"]

    client.post(url("import-columns"), {field.name: field.initial or "" for field in form})
    (wrong,) = client.get(url("import-check")).context["preview"].wrong

    assert wrong.problems == ["“inf” is not an amount."]
