"""Lists for a spreadsheet: set up so that they can be filtered, and printed one page wide."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from kernel.sheets import (
    NARROWEST,
    NARROWEST_TEXT,
    READABLE_ON_A3,
    READABLE_ON_A4,
    SheetOfRows,
    column_widths,
    excel_book,
    excel_sheet,
)
from projects.framework import sheet as framework_sheet

A3 = "8"


def read(content, name=None):
    book = load_workbook(io.BytesIO(content))
    return book[name] if name else book.active


def widths_of(page):
    return [each.width for _letter, each in sorted(page.column_dimensions.items())]


def test_a_list_has_its_head_on_each_page_a_filter_and_one_page_in_width():
    rows = [["A", date(2020, 9, 3), Decimal("12.5"), None], ["=1+1", None, 3, "text"]]

    page = read(excel_sheet("Due", ["What", "Due on", "Amount", "Note"], rows))

    setup = page.page_setup
    assert (setup.orientation, setup.fitToWidth, setup.fitToHeight) == ("landscape", 1, 0)
    assert setup.paperSize is None  # the printer's own: A4 or Letter
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert (page.print_title_rows, page.freeze_panes, page.auto_filter.ref) == (
        "$1:$1",
        "A2",
        "A1:D3",
    )
    assert (page.oddFooter.left.text, page.oddFooter.right.text) == ("&A", "&P / &N")
    assert (page["A3"].value, page["A3"].data_type, page["A3"].quotePrefix) == ("=1+1", "s", True)
    assert widths_of(page) == [9, 12, 11, 9]


@pytest.mark.parametrize("rows", [[], [["x"] * 3]])
def test_the_filter_covers_what_there_is(rows):
    page = read(excel_sheet("Title", ["a", "b", "c"], rows))

    assert page.auto_filter.ref == f"A1:C{1 + len(rows)}"


@pytest.mark.parametrize(
    ("needed", "wished", "widths"),
    [
        ([1], [], [NARROWEST]),
        ([500], [], [22]),
        ([500, 500], [60], [60, 22]),
        ([10, 30], [60, 60], [12, 32]),
        ([500], [4], [NARROWEST]),
        ([500] * 5, [100, 100, 100, 100, 10], [71, 71, 71, 71, 10]),
        ([500] * 30, [100] * 30, [NARROWEST_TEXT] * 30),
    ],
)
def test_a_column_is_as_wide_as_its_text_needs_and_the_page_can_be_read(needed, wished, widths):
    assert column_widths(dict(enumerate(needed, start=1)), wished) == widths


@pytest.mark.parametrize(("columns", "paper"), [(9, None), (10, A3)])
def test_a_wide_list_is_printed_on_a3(columns, paper):
    page = read(excel_sheet("Title", ["word"] * columns, [["x " * 30] * columns]))

    assert sum(widths_of(page)) == 22 * columns
    assert (sum(widths_of(page)) > READABLE_ON_A4) is bool(paper)
    assert page.page_setup.paperSize == (paper and int(paper))


def test_the_framework_can_be_read_one_page_wide():
    head = framework_sheet.sheet_head()
    rows = [["Long words in many a cell " * 10] * len(head)]

    page = read(excel_sheet("Framework", head, rows, framework_sheet.WIDTHS))

    assert sum(framework_sheet.WIDTHS) > READABLE_ON_A3 >= sum(widths_of(page))
    assert page.page_setup.paperSize == int(A3)


def test_a_book_has_every_sheet_set_up_and_the_same_bytes_each_time():
    def book():
        pages = [SheetOfRows(name, ["a", "b"], [["x", "y"]]) for name in ("One", "Two")]
        return excel_book(pages, made_at=datetime(2020, 9, 3, tzinfo=UTC))

    assert book() == book()
    for name in ("One", "Two"):
        page = read(book(), name)
        assert (page.print_title_rows, page.auto_filter.ref) == ("$1:$1", "A1:B2")
