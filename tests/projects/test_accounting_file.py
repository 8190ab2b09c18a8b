"""What accounting systems write, in three customs, and what is asked where it can be two things."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from kernel.refusal import Refusal
from kernel.tables import TableLine
from projects.money.accounting_file import (
    AccountingLayout,
    AmountError,
    find_columns,
    parse_amount,
    parse_entries,
)

FIELDS = {0: "date", 1: "category", 2: "amount"}


def read(*rows, **layout):
    lines = [TableLine(number, list(row)) for number, row in enumerate(rows, start=2)]
    return parse_entries(lines, AccountingLayout(FIELDS, "CAD", **layout))


@pytest.mark.parametrize(
    "headers",
    [
        ["Date", "Account", "Description", "Debit", "Credit", "Currency"],
        ["Date de l’écriture", "Compte", "Libellé", "Débit", "Crédit", "Devise"],
        ["Fecha", "Cuenta", "Concepto", "Debe", "Haber", "Moneda"],
    ],
)
def test_columns_are_known_by_their_headers_in_three_languages(headers):
    lines = [TableLine(1, ["Rapport 2020", None]), TableLine(3, headers)]

    head, columns = find_columns(lines, {})

    fields = [column.field for column in columns]
    assert (head, fields) == (
        1,
        ["date", "category", "description", "debit", "credit", "currency"],
    )


def test_what_was_said_of_a_header_goes_before_its_words():
    _head, columns = find_columns(
        [TableLine(1, ["Date", "Total", "Rubrique"])], {"rubrique": "result"}
    )

    assert [column.field for column in columns] == ["date", "amount", "result"]


def test_a_file_without_a_header_is_refused_in_words():
    with pytest.raises(Refusal):
        find_columns([TableLine(1, ["a", "b"])], {})


@pytest.mark.parametrize(
    ("text", "mark", "amount"),
    [
        ("1,234.50", ".", "1234.50"),
        ("1.234,50", ",", "1234.50"),
        ("1 234,5", ",", "1234.50"),
        ("1\u202f234\u00a0567,89 $", ",", "1234567.89"),
        ("(1,234.50)", ".", "-1234.50"),
        ("1.234,50-", ",", "-1234.50"),
        ("-L 1,234.50", ".", "-1234.50"),
        ("(CAD 12.00)", ".", "-12.00"),
        ("$12.500", ".", "12.50"),
        (".75", ".", "0.75"),
    ],
)
def test_amounts_are_read_in_every_custom(text, mark, amount):
    assert parse_amount(text, mark) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "12.345", "1,23,4", "douze", "1.2.3", "--", "()", "1e5"])
def test_what_is_no_amount_is_refused_in_words(text):
    with pytest.raises(AmountError):
        parse_amount(text, ".")


@given(st.decimals(-10_000_000, 10_000_000, places=2), st.sampled_from(["., ", ",.", ", "]))
def test_an_amount_that_was_written_is_read_again(amount, marks):
    mark, group = marks[0], marks[1]
    text = f"{amount:,.2f}".replace(",", "g").replace(".", mark).replace("g", group)

    assert parse_amount(text, mark) == amount


@given(st.text(max_size=60), st.sampled_from([".", ","]))
def test_whatever_stands_in_a_cell_is_an_amount_in_cents_or_refused(text, mark):
    try:
        amount = parse_amount(text, mark)
    except AmountError:
        return
    assert amount == amount.quantize(Decimal("0.01"))


def test_the_file_as_a_whole_tells_day_and_decimal_mark():
    reading = read(["03/04/2020", "VOY", "1.234"], ["25/04/2020", "VOY", "1.234,50"])

    assert (reading.open_day, reading.open_amount) == ("", "")
    assert [(entry.on, entry.amount) for entry in reading.entries] == [
        (date(2020, 4, 3), Decimal("1234.00")),
        (date(2020, 4, 25), Decimal("1234.50")),
    ]


def test_what_the_file_leaves_open_is_asked():
    reading = read(["03/04/2020", "VOY", "1.234"])

    assert (reading.open_day, reading.open_amount) == ("03/04/2020", "1.234")


def test_an_answer_settles_what_is_open_but_never_what_the_file_shows():
    answers = {"date_order": "mdy", "decimal_mark": ","}

    settled = read(["03/04/2020", "VOY", "1.234"], **answers).entries[0]
    shown = read(["13/04/2020", "VOY", "1.5"], ["03/04/2020", "VOY", "1.5"], **answers).entries[1]

    assert (settled.on, settled.amount) == (date(2020, 3, 4), Decimal(1234))
    assert (shown.on, shown.amount) == (date(2020, 4, 3), Decimal("1.50"))


def test_each_row_says_what_is_wrong_with_it_and_sums_are_no_rows():
    reading = read(
        [None, "VOY", "12.00"],
        ["le 3", "VOY", "12.00"],
        ["2020-04-03", "VOY", "12.345"],
        ["2020-04-03", "VOY", Decimal("0")],
        [None, "Total", "999.00"],
        ["2020-04-03", "VOY", Decimal("0.30000000000000004")],
    )

    assert [(entry.number, len(entry.problems)) for entry in reading.entries] == [
        (2, 1),
        (3, 1),
        (4, 1),
        (5, 1),
        (7, 0),
    ]


def test_the_days_of_the_file_itself_go_before_what_an_earlier_file_taught():
    """The earlier one was by month and day; this one shows a day that is no month."""
    reading = read(["13/04/2020", "VOY", "1.50"], ["03/04/2020", "VOY", "1.50"], date_order="mdy")

    assert [entry.on for entry in reading.entries] == [date(2020, 4, 13), date(2020, 4, 3)]
    assert [entry.problems for entry in reading.entries] == [[], []]


@pytest.mark.parametrize(
    ("debit", "credit", "amount"),
    [
        ("10.00", None, "10.00"),
        (None, "10.00", "-10.00"),
        ("10.00", "2.50", "7.50"),
        ("0.00", "4.00", "-4.00"),
    ],
)
def test_what_was_credited_is_taken_off_what_was_debited(debit, credit, amount):
    fields = {0: "date", 1: "category", 2: "debit", 3: "credit"}
    line = TableLine(2, ["2020-04-03", "VOY", debit, credit])

    (entry,) = parse_entries([line], AccountingLayout(fields, "CAD")).entries

    assert (entry.amount, entry.problems) == (Decimal(amount), [])


@pytest.mark.parametrize(
    ("rate", "kept"),
    [("0,0542", "0.0542"), ("1", "1"), ("0.123456785", "0.12345678"), (Decimal("24.5"), "24.5")],
)
def test_a_rate_is_kept_to_eight_decimals(rate, kept):
    line = TableLine(2, ["2020-04-03", "VOY", "1.00", rate])

    (entry,) = parse_entries([line], AccountingLayout(FIELDS | {3: "rate"}, "CAD")).entries

    assert (entry.rate, entry.problems) == (Decimal(kept), [])


@pytest.mark.parametrize("rate", ["0", "-1", "x", "1e3", "0.000000001", "1,000.5"])
def test_what_is_no_rate_above_zero_is_told(rate):
    line = TableLine(2, ["2020-04-03", "VOY", "1.00", rate])

    (entry,) = parse_entries([line], AccountingLayout(FIELDS | {3: "rate"}, "CAD")).entries

    assert (entry.rate, len(entry.problems)) == (None, 1)


def test_a_row_without_a_currency_is_of_that_of_the_file():
    fields = FIELDS | {3: "currency"}
    lines = [
        TableLine(n, ["2020-04-03", "VOY", "1.00", said])
        for n, said in enumerate([None, " hnl ", "L."])
    ]

    reading = parse_entries(lines, AccountingLayout(fields, "USD"))

    assert [entry.currency for entry in reading.entries] == ["USD", "HNL", ""]
    assert [len(entry.problems) for entry in reading.entries] == [0, 0, 1]


def test_an_amount_of_a_thousand_billion_is_too_large():
    reading = read(
        ["2020-04-03", "VOY", "999999999999.99"], ["2020-04-03", "VOY", "1000000000000.00"]
    )

    assert [entry.amount for entry in reading.entries] == [Decimal("999999999999.99"), None]


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1.10", "1.10"),
        ("1.1000000000000001", "1.10"),
        ("1.1000009", "1.10"),
        ("1.101", None),
        ("1.105", None),
        ("-1.10", "-1.10"),
    ],
)
def test_a_number_of_a_workbook_has_two_decimals_but_for_what_it_cannot_help(cell, amount):
    (entry,) = read(["2020-04-03", "VOY", Decimal(cell)]).entries

    assert entry.amount == (amount and Decimal(amount))
    assert bool(entry.problems) is (amount is None)
