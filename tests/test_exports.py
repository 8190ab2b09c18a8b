"""Each workbook that an address hands out is ready to be printed, filtered and scrolled."""

import io

import pytest
from django.db import transaction
from django.urls import reverse
from openpyxl import load_workbook

from kernel.file_contents import MIME_TYPES
from kernel.workbooks import HEADER
from tests.obligations import write_all
from tests.test_access import WORKBOOKS, Scene, addresses, close

pytestmark = pytest.mark.django_db

# The donor's own form, as it came and filled in, and one that is laid out like a page of paper.
FORMS = "projects:donor-form"


@pytest.fixture(scope="module")
def workbooks(django_db_setup, django_db_blocker):
    """Every workbook that an administrator may take, by the name of its address."""
    with django_db_blocker.unblock(), transaction.atomic():
        scene, found = Scene(), {}
        write_all()
        for name, converters in addresses():
            if name not in WORKBOOKS:
                continue
            arguments = scene.arguments(name, converters)
            if arguments.get("kind") == "csv":
                arguments |= {"kind": "xlsx"}
            answer = scene.clients["administrator"].get(reverse(name, kwargs=arguments))
            assert answer.headers["Content-Type"] == MIME_TYPES["xlsx"], name
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            found[name] = load_workbook(io.BytesIO(content))
            close(answer)
        transaction.set_rollback(True)
    return found


def sheets_of(workbooks):
    for name, book in workbooks.items():
        if name.startswith(FORMS):
            continue
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                yield f"{name} · {sheet.title}", sheet


def head_of(sheet):
    """The row of the heads: the first one, or in workbooks to be filled in the marked one."""
    for row in range(1, min(sheet.max_row, 100) + 1):
        if sheet.cell(row, 1).value == HEADER:
            return row
    return 1


def test_each_is_there(workbooks):
    assert workbooks.keys() == WORKBOOKS


def test_each_sheet_is_printed_one_page_wide_lying(workbooks):
    lacking = [
        name
        for name, sheet in sheets_of(workbooks)
        if sheet.page_setup.orientation != "landscape"
        or not sheet.sheet_properties.pageSetUpPr
        or not sheet.sheet_properties.pageSetUpPr.fitToPage
        or sheet.page_setup.fitToHeight != 0
        or sheet.page_setup.fitToWidth not in (1, None)  # one where nothing is said
    ]

    assert lacking == []


def test_each_table_keeps_its_head_in_view_on_each_page_and_is_filtered_by_it(workbooks):
    lacking = {}
    for name, sheet in sheets_of(workbooks):
        head = head_of(sheet)
        if sheet.row_dimensions[1].hidden and sheet.max_column <= 2:
            continue  # of a workbook to be filled in, a sheet that only explains
        frozen = sheet.freeze_panes or ""
        told = (sheet.print_title_rows, int("".join(filter(str.isdigit, frozen)) or 0))
        is_filtered = (sheet.auto_filter.ref or "").split(":")[0].endswith(str(head))
        if told != (f"${head}:${head}", head + 1) or not is_filtered:
            lacking[name] = (*told, sheet.auto_filter.ref)

    assert lacking == {}


def test_each_sheet_can_be_read_one_page_wide(workbooks):
    """In characters of ten points beside each other, on A4 or, where they are many, on A3."""
    widths = {
        name: (
            sheet.page_setup.paperSize,
            sum(
                (one.width or 8) * ((one.max or 1) - (one.min or 1) + 1)
                for one in sheet.column_dimensions.values()
                if not one.hidden
            ),
        )
        for name, sheet in sheets_of(workbooks)
    }

    assert {name: told for name, told in widths.items() if told[1] > 295} == {}
    assert {n: told for n, told in widths.items() if told[1] > 205 and str(told[0]) != "8"} == {}
