"""Single cells of the accounting system's file: what each is taken for, and what is said of it."""

from datetime import date
from decimal import Decimal

import pytest

from kernel.refusal import Refusal
from kernel.tables import TableLine
from projects.money.accounting_file import (
    AccountingColumn,
    AccountingLayout,
    AmountError,
    find_columns,
    parse_amount,
    parse_entries,
)

pytestmark = pytest.mark.usefixtures("in_english")

FIELDS = {0: "date", 1: "category", 2: "amount", 3: "rate", 4: "currency", 5: "description"}


def entry(day="2020-04-03", amount="12.00", **cells):
    row = [day, "VOY", amount, *(cells.get(name) for name in ("rate", "currency", "description"))]
    (found,) = parse_entries([TableLine(2, row)], AccountingLayout(FIELDS, "CAD")).entries
    return found


# What is wrong with a row, in a sentence

NO_DATE = "“%s” is not a date: write it as 2027-03-31."
NO_AMOUNT = "“%s” is not an amount."
DECIMALS = "“%s” has more than two decimals: round it to cents."


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"day": None}, "The date is missing."),
        ({"day": "mañana"}, NO_DATE % "mañana"),
        ({"day": 12}, NO_DATE % "12"),
        ({"day": "x" * 50}, NO_DATE % ("x" * 40)),
        ({"amount": None}, "The amount is missing."),
        ({"amount": "0.00"}, "An amount of zero is not an expenditure."),
        ({"amount": Decimal(0)}, "An amount of zero is not an expenditure."),
        ({"amount": "-1000000000000.00"}, "This amount is too large."),
        ({"amount": "doce"}, NO_AMOUNT % "doce"),
        ({"amount": True}, NO_AMOUNT % "True"),
        ({"amount": "9" * 41}, NO_AMOUNT % ("9" * 40)),
        ({"amount": "x" * 40}, NO_AMOUNT % ("x" * 40)),
        ({"amount": "12.3456"}, DECIMALS % "12.3456"),
        ({"amount": Decimal("1.234")}, DECIMALS % "1.234"),
        ({"rate": "cinco"}, "“cinco” is not a rate: enter a number above zero."),
        ({"rate": "x" * 50}, f"“{'x' * 40}” is not a rate: enter a number above zero."),
        ({"rate": "1234567890"}, "“1234567890” is not a rate: enter a number above zero."),
        ({"currency": "L."}, "Use the three letters of the currency, such as CAD or HNL."),
        ({"currency": "CADX"}, "Use the three letters of the currency, such as CAD or HNL."),
    ],
)
def test_a_row_says_what_is_wrong_with_it(cells, sentence):
    assert entry(**cells).problems == [sentence]


def test_a_row_says_all_that_is_wrong_with_it():
    found = entry(day="x", amount="y", rate="z", currency="$")

    assert len(found.problems) == 4
    assert (found.on, found.amount, found.rate, found.currency) == (None, None, None, "")


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        ({"day": date(2020, 4, 3)}, {"on": date(2020, 4, 3)}),
        ({"day": "13/04/2020"}, {"on": date(2020, 4, 13)}),
        ({"day": "04/13/2020"}, {"on": date(2020, 4, 13)}),
        ({"amount": "9" * 12 + ".00"}, {"amount": Decimal("9" * 12)}),
        ({"amount": " " * 30 + "5.00"}, {"amount": Decimal(5)}),
        ({"amount": Decimal("99999999999.99")}, {"amount": Decimal("99999999999.99")}),
        ({"amount": Decimal("-0.01")}, {"amount": Decimal("-0.01")}),
        ({"rate": "123456789"}, {"rate": Decimal(123456789)}),
        ({"rate": " 24,5 "}, {"rate": Decimal("24.5")}),
        ({"rate": "0.00000001"}, {"rate": Decimal("0.00000001")}),
        ({"rate": None}, {"rate": None}),
        ({"currency": " hnl "}, {"currency": "HNL"}),
        ({"currency": None}, {"currency": "CAD"}),
    ],
)
def test_a_cell_is_taken_as_it_is_meant(cells, kept):
    found = entry(**cells)

    assert found.problems == []
    assert {name: getattr(found, name) for name in kept} == kept


def test_words_are_kept_on_one_line_and_missing_ones_are_empty():
    assert entry(description=" Vuelo \n a  Copán ").words == {
        "category": "VOY",
        "result": "",
        "voucher": "",
        "description": "Vuelo a Copán",
    }


# Amounts


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,234", "1234"),
        ("12,345,678.9", "12345678.9"),
        ("+5.00", "5"),
        ("\u22125.00", "-5"),
        ("\u20135.00", "-5"),
        ("(-5.00)", "5"),
        ("-(5.00)", "5"),
        ("CAD (5.00)", "-5"),
        ("5.00 CAD", "5"),
        ("Lps. 5.00", "5"),
        ("€5.00", "5"),
        ("1'234.50", "1234.5"),
        ("5.0", "5"),
        ("5.", "5"),
        ("5.100", "5.1"),
        ("0", "0"),
    ],
)
def test_signs_brackets_and_currencies_are_read_in_any_order(text, amount):
    assert parse_amount(text, ".") == Decimal(amount)


@pytest.mark.parametrize(
    "text", ["1,2345", "12,34", ",5", ".", "(", "1 2345", "5.00 pesos", "1,234,56"]
)
def test_what_is_not_written_as_an_amount_is_none(text):
    with pytest.raises(AmountError):
        parse_amount(text, ".")


# The decimal mark, and the day, that the file itself shows


def opened(*amounts, mark=""):
    lines = [TableLine(n, ["2020-04-03", "VOY", amount]) for n, amount in enumerate(amounts)]
    reading = parse_entries(lines, AccountingLayout(FIELDS, "CAD", decimal_mark=mark))
    read = [each.amount and float(each.amount) for each in reading.entries]
    return reading.open_amount, read


@pytest.mark.parametrize(
    ("amounts", "asked", "read"),
    [
        (["1,234", "5.00"], "", [1234, 5]),
        (["1,234", "5,00"], "", [None, 5]),
        (["1,234", "1.234,50"], "", [None, 1234.5]),
        (["1,234", "1,234,567"], "", [1234, 1234567]),
        (["1.234", "1.234.567"], "", [1234, 1234567]),
        (["1,234", "7"], "1,234", [1234, 7]),
        (["7", "0,123", "999,999"], "", [7, None, None]),
        (["5,00", "5.00"], "", [5, 5]),
        (["5,00", "5.00", "1,234"], "1,234", [5, 5, 1234]),
        (["7"], "", [7]),
        ([Decimal("7.5"), "1,234"], "1,234", [7.5, 1234]),
        (["0,12"], "", [0.12]),
        (["1234,567"], "", [None]),
    ],
)
def test_the_decimal_mark_is_the_one_that_the_amounts_of_the_file_show(amounts, asked, read):
    assert opened(*amounts) == (asked, read)


def test_an_answer_about_the_mark_counts_where_the_file_shows_none():
    assert opened("1,234", mark=".") == ("", [1234])
    assert opened("12,5", mark=".") == ("", [12.5])


def test_the_first_day_that_may_be_two_is_asked_about_in_the_words_of_the_file():
    rows = [
        ["2020-04-13", "VOY", "1.00"],
        ["03/04/2020", "VOY", "1.00"],
        ["05/06/20", "VOY", "1.00"],
    ]

    reading = parse_entries(
        [TableLine(n, row) for n, row in enumerate(rows)], AccountingLayout(FIELDS, "CAD")
    )

    assert reading.open_day == "03/04/2020"
    assert [each.on for each in reading.entries][:2] == [date(2020, 4, 13), date(2020, 4, 3)]


# Columns


def test_a_column_shows_its_header_and_three_different_samples_of_the_next_rows():
    rows = [["Amount", "x" * 90, None, "Voucher"]]
    rows += [[None, "b", "c", None], ["1.00", "b"], ["1.00"], ["2.00"], ["3.00"], ["4.00"]]
    lines = [TableLine(n, row) for n, row in enumerate(rows)]
    lines += [TableLine(n, [None]) for n in range(32)] + [
        TableLine(98, [None, "z"]),
        TableLine(99, [None, "late"]),
    ]

    _head, columns = find_columns(lines, {})

    assert columns == [
        AccountingColumn(0, "Amount", "amount", ("1.00", "2.00", "3.00")),
        AccountingColumn(1, "x" * 80, "", ("b", "z")),
        AccountingColumn(3, "Voucher", "voucher", ()),
    ]


@pytest.mark.parametrize(
    ("row", "is_head"),
    [
        (["Quand", "Quoi", "Combien"], True),
        (["Quand", None, "Quoi", "Combien"], True),
        (["Quand", "Quoi"], False),
        (["Quand", "Quoi", 5], False),
        (["Quand", "Quoi", "–"], False),
    ],
)
def test_three_words_and_nothing_else_may_be_a_header(row, is_head):
    lines = [TableLine(1, row), TableLine(2, [1, 2, 3])]

    if is_head:
        assert find_columns(lines, {})[0] == 0
        return
    with pytest.raises(Refusal) as refused:
        find_columns(lines, {})
    assert str(refused.value).startswith("No row of this file looks like a header with a date and")


def test_a_header_has_eighty_signs_at_most():
    known = {"x" * 80: "date", "x" * 81: "amount"}

    _head, columns = find_columns([TableLine(1, ["x" * 80, "x" * 81, "Rate"])], known)

    assert [column.field for column in columns] == ["date", "", "rate"]


@pytest.mark.parametrize(
    ("row", "is_row"),
    [
        (["2020-04-03", "Total", "5.00"], True),
        ([None, "Subtotal", "5.00"], False),
        (["Saldo", "VOY", "5.00"], False),
        ([None, "Totalement", "5.00"], True),
        ([None, None, None, None, None, None, "elsewhere"], False),
    ],
)
def test_a_row_is_a_sum_where_a_word_says_so_and_no_day_does(row, is_row):
    reading = parse_entries([TableLine(2, row)], AccountingLayout(FIELDS, "CAD"))

    assert bool(reading.entries) is is_row
