"""What a person says of the accounting system's file: its columns, words, days; and its undoing."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from kernel.refusal import Refusal
from kernel.sheets import csv_sheet
from kernel.tables import TableLine
from projects.models import (
    Budget,
    ExchangeRate,
    Expenditure,
    ExpenditureUpload,
    ImportBatch,
    ImportMapping,
)
from projects.money.accounting_file import (
    AccountingColumn,
    AccountingLayout,
    find_columns,
    parse_entries,
)
from projects.money.budget_tables import budget_tables, spending_bars
from projects.money.forms.spending_import import (
    AccountingColumnsForm,
    ImportConfirmForm,
    ImportQuestionsForm,
)
from projects.money.services.spending import undo_import
from projects.money.services.spending_import import preview_import
from tests.factories import (
    BudgetCategoryFactory,
    BudgetLineFactory,
    ExchangeRateFactory,
    ExpenditureFactory,
    ResultFactory,
)

pytestmark = pytest.mark.django_db

HEADERS = ["Date", "Category", "Voucher", "Description", "Amount", "Result"]


def url(name, *args):
    return reverse(f"projects:{name}", args=["HN-1", *args])


def give(client, *rows, headers=HEADERS):
    file = SimpleUploadedFile("books.csv", csv_sheet(headers, [list(row) for row in rows]))
    client.post(url("import"), {"file": file})
    form = client.get(url("import-columns")).context["form"]
    client.post(url("import-columns"), {field.name: field.initial or "" for field in form})
    (upload,) = ExpenditureUpload.objects.all()
    return preview_import(upload)


@pytest.fixture
def category(world):
    return BudgetCategoryFactory(
        project=world.project, code="VOY", name_fr="Déplacements", name_es="Viajes"
    )


@pytest.fixture
def finance(sign_in, category):
    return sign_in("finance")


# Columns


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        (["date", "category", "amount"], []),
        (["date", "category", "debit"], []),
        (["date", "category", "debit", "credit"], []),
        (["date", "category", "credit"], ["__all__"]),
        (["date", "category", "amount", "credit"], ["__all__"]),
        (["date", "amount"], ["__all__"]),
        (["category", "amount"], ["__all__"]),
        (["date", "category", "amount", "", ""], []),
        (["date", "date", "category", "amount"], ["column_0", "column_1"]),
    ],
)
def test_the_columns_hold_a_date_a_category_and_an_amount_each_once(world, fields, errors):
    columns = [AccountingColumn(n, f"Titre {n}", "", ()) for n in range(len(fields))]
    said = {f"column_{n}": name for n, name in enumerate(fields)} | {"currency": "cad"}

    form = AccountingColumnsForm(said, columns=columns, mapping=ImportMapping.of(world.project))

    assert list(form.errors) == errors
    if not errors:
        assert form.answers() == {
            "columns": {f"titre {n}": name for n, name in enumerate(fields)},
            "currency": "CAD",
        }


def test_a_header_is_the_first_row_that_knows_most_and_a_field_is_held_once():
    lines = [
        TableLine(1, ["Total", "2020"]),
        TableLine(2, ["Date", "Fecha", "Amount", None, "Category"]),
        TableLine(3, ["2020-04-03", "2020-04-03", "5.00", None, "VOY"]),
        TableLine(4, ["Date", "Amount", "Category", "Voucher"]),
    ]

    head, columns = find_columns(lines[:3], {})

    assert head == 1
    assert [(column.place, column.field, column.samples) for column in columns] == [
        (0, "date", ("2020-04-03",)),
        (1, "", ("2020-04-03",)),
        (2, "amount", ("5.00",)),
        (4, "category", ("VOY",)),
    ]
    assert find_columns(lines, {})[0] == 3


@pytest.mark.parametrize(("before", "is_found"), [(29, True), (30, False)])
def test_a_header_is_looked_for_in_the_first_thirty_rows(before, is_found):
    lines = [TableLine(n, [1, 2]) for n in range(before)] + [
        TableLine(99, ["Date", "Amount", "Category"])
    ]

    if is_found:
        assert find_columns(lines, {})[0] == before
    else:
        with pytest.raises(Refusal):
            find_columns(lines, {})


def test_where_no_header_is_known_the_first_row_of_three_words_is_it():
    lines = [
        TableLine(1, ["Livre", None]),
        TableLine(2, ["Quand", "Quoi", "Combien"]),
        TableLine(3, ["a", 1, 2]),
    ]

    head, columns = find_columns(lines, {})

    assert (head, [column.field for column in columns]) == (1, ["", "", ""])


@pytest.mark.parametrize(
    ("cells", "is_row"),
    [
        ([None, "Total", "5.00"], False),
        ([None, "Sub-total", "5.00"], False),
        ([None, "Saldo", "5.00"], False),
        (["2020-04-03", "Total", "5.00"], True),
        ([None, "Totalement", "5.00"], True),
        ([None, None, None], False),
    ],
)
def test_a_sum_at_the_foot_is_no_row(cells, is_row):
    layout = AccountingLayout({0: "date", 1: "category", 2: "amount"}, "CAD")

    assert len(parse_entries([TableLine(2, cells)], layout).entries) == is_row


# Words


def test_a_word_names_a_category_by_its_code_or_any_of_its_names(client, finance, world, category):
    names = ["VOY", "voy", "Deplacements", " viajes "]

    preview = give(client, *(["2020-04-03", name, n, "", "5", ""] for n, name in enumerate(names)))

    assert [found.category for found in preview.new] == [category.pk] * 4
    assert preview.is_clear


@pytest.mark.parametrize(
    ("word", "is_known"),
    [("1100", True), ("1100 – Plus de moyens", True), ("", None), ("11", False), ("x 1100", False)],
)
def test_a_word_names_a_result_by_its_code_or_what_follows_it(
    client, finance, world, word, is_known
):
    ResultFactory(project=world.neighbour, code="11")

    preview = give(client, ["2020-04-03", "VOY", "1", "", "5", word])

    assert preview.results == ([word] if is_known is False else [])
    assert preview.new[0].result == (world.result.pk if is_known else None)


def test_a_category_that_was_deleted_since_is_asked_for_again(client, finance, world):
    other = BudgetCategoryFactory(project=world.project, code="HOT")
    mapping = ImportMapping.of(world.project)
    mapping.learn(categories={"boletos": other.pk}, results={"meta 7": None})
    row = ["2020-04-03", "Boletos", "1", "", "5", "Meta 7"]

    known = give(client, row)
    other.delete()

    assert (known.categories, known.results) == ([], [])
    (upload,) = ExpenditureUpload.objects.all()
    assert preview_import(upload).categories == ["Boletos"]


def test_what_is_open_is_asked_for_and_nothing_else(world, category):
    said = {"project": world.project, "open_day": "", "open_amount": "", "categories": []}

    def fields(**changes):
        return list(ImportQuestionsForm(**said | {"results": []} | changes).fields)

    assert fields() == []
    assert fields(open_day="03/04/2020") == ["date_order"]
    assert fields(open_amount="1.234") == ["decimal_mark"]
    assert fields(categories=["a", "b"], results=["c"]) == ["category_0", "category_1", "result_0"]
    form = ImportQuestionsForm(
        {"category_0": category.pk, "result_0": ""},
        **said | {"categories": ["Á b"], "results": ["C"]},
    )
    assert form.is_valid()
    mapping = ImportMapping(project=world.project, categories={"x": 1}, results={"y": 2})
    assert form.answers(mapping) == {
        "categories": {"x": 1, "a b": category.pk},
        "results": {"y": 2, "c": None},
    }


def test_a_row_without_a_voucher_is_known_by_all_that_it_says(client, finance):
    rows = [
        ["2020-04-03", "VOY", "", "Vuelo", "5", ""],
        ["2020-04-03", "VOY", "", "Hotel", "5", ""],
        ["2020-04-03", "VOY", "7", "Hotel", "5", ""],
    ]
    preview = give(client, *rows)
    client.post(url("import-check"), {"seen": preview.fingerprint})

    again = give(
        client,
        rows[0],
        ["2020-04-03", "VOY", "", "Taxi", "5", ""],
        ["2020-04-03", "VOY", "7", "Other words", "5", ""],
    )

    assert [entry.words["description"] for entry in again.known] == ["Vuelo", "Other words"]
    assert [found.entry.words["description"] for found in again.new] == ["Taxi"]


# Confirmed and undone


@pytest.mark.parametrize("changed", ["rate", "category", "result", "nothing"])
def test_what_is_confirmed_is_what_was_shown(client, finance, world, category, changed):
    """Of the same rows the rate, the category or the result became another meanwhile."""
    rate = ExchangeRateFactory(project=world.project)
    other = BudgetCategoryFactory(project=world.project, code="HOT")
    second = ResultFactory(project=world.project, code="1200")
    words = {"categories": {"boletos": category.pk}, "results": {"meta 7": world.result.pk}}
    mapping = ImportMapping.of(world.project)
    mapping.learn(**words, currency="HNL")
    seen = give(client, ["2019-06-03", "Boletos", "1", "", "5", "Meta 7"]).fingerprint
    if changed == "rate":
        ExchangeRate.objects.filter(pk=rate.pk).update(rate="0.06")
    mapping = ImportMapping.of(world.project)
    if changed == "category":
        mapping.learn(categories={"boletos": other.pk})
    if changed == "result":
        mapping.learn(results={"meta 7": second.pk})

    client.post(url("import-check"), {"seen": seen})

    assert Expenditure.objects.exists() is (changed == "nothing")


def test_corrections_have_their_day_where_they_are_wanted():
    today = timezone.localdate()

    def form(locked=1, **said):
        made = ImportConfirmForm({"seen": "x"} | said, locked=locked)
        made.is_valid()
        return list(made.errors), made.day_of_corrections

    assert form() == ([], None)
    assert form(locked_on=today) == ([], None)
    assert form(enter_locked="on") == (["locked_on"], None)
    assert form(enter_locked="on", locked_on=today) == ([], today)
    assert form(enter_locked="on", locked_on=date(2999, 1, 1))[0] == ["locked_on"]
    assert form(locked=0, enter_locked="on", locked_on=today) == ([], None)


def test_each_has_a_file_of_their_own_waiting_and_a_new_one_takes_its_place(
    client, sign_in, world, finance
):
    row = ["2020-04-03", "VOY", "1", "", "5", ""]
    give(client, row)
    give(client, row, row)
    sign_in("coordinator")
    assert client.get(url("import-check")).status_code == 302

    client.post(url("import-discard"))

    assert ExpenditureUpload.objects.get().owner == finance


def test_an_import_is_undone_once(world, category):
    batch = ImportBatch.objects.create(
        project=world.project, original_name="a.csv", sha256="0" * 64, rows=2
    )
    ExpenditureFactory.create_batch(2, category=category, batch=batch)
    ExpenditureFactory(category=category)

    assert undo_import(batch) == 2
    with pytest.raises(Refusal):
        undo_import(batch)

    batch.refresh_from_db()
    assert (batch.undone_at is None, Expenditure.objects.count()) == (False, 1)


def test_the_books_leave_in_both_currencies_with_what_is_corrected(
    client, sign_in, world, category
):
    row = ExpenditureFactory(
        category=category,
        result=world.result,
        amount="100.50",
        currency="HNL",
        rate="0.05",
        voucher="V-1",
        description="Vuelo",
    )
    ExpenditureFactory(
        category=category, spent_on=date(2019, 5, 1), adjusts=row, voucher="V-1", amount=-5
    )
    sign_in("reader")

    text = client.get(url("expenditures-export", "csv")).content.decode("utf-8-sig")

    cells = [line.split(",") for line in text.splitlines()[1:]]
    assert cells[0][:6] == ["2019-06-01", "V-1", "Déplacements", "1100", "100.50", "HNL"]
    assert Decimal(cells[0][6]) == Decimal("0.05")
    assert cells[0][7:] == ["5.03", "Vuelo", "", "Recorded"]
    assert (cells[1][4], cells[1][-2:]) == ("-5.00", ["V-1", "Recorded"])
    assert client.get(url("expenditures-export", "pdf")).status_code == 404


# Charts


def test_a_chart_shows_the_period_or_the_whole_and_no_empty_category(world, category):
    for code, original, spent in (("A", "10.50", None), ("B", None, "0.49"), ("C", None, None)):
        made = BudgetCategoryFactory(project=world.project, code=code, name_fr=code)
        if original:
            BudgetLineFactory(category=made, period=world.year, original=original)
        if spent:
            ExpenditureFactory(category=made, amount=spent)
    budget = Budget.of(world.project)

    whole = spending_bars(budget_tables(world.project, budget))
    shown = spending_bars(budget_tables(world.project, budget, shown=world.year))

    assert whole.labels == shown.labels == ["A", "B"]
    assert list(whole.series.values()) == [[11, None], [0, 0]]
    assert whole.title != shown.title
    assert str(world.year) in shown.title
