"""What is due as a table for Excel: days are days, and every text stays a text."""

import io
from collections.abc import Iterable

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ibcr_portal.owed.due import Due

WIDTHS = (14, 22, 26, 60, 30, 18, 40)


def workbook_of(found: Iterable[Due]) -> bytes:
    book = Workbook()
    page = book.active
    page.title = "1"
    heads = (
        _("Due on"),
        _("Project"),
        _("Kind"),
        _("What"),
        _("Responsible"),
        _("State"),
        _("Note"),
    )
    for column, (head, width) in enumerate(zip(heads, WIDTHS, strict=True), start=1):
        _put(page, 1, column, head).font = Font(bold=True)
        page.column_dimensions[get_column_letter(column)].width = width
    for row, due in enumerate(found, start=2):
        if due.on:
            page.cell(row, 1, due.on).number_format = "yyyy-mm-dd"
        words = (
            str(due.project),
            due.kind.label,
            due.title,
            due.owner.label,
            due.state.label,
            due.note,
        )
        for column, text in enumerate(words, start=2):
            _put(page, row, column, str(text))
    page.freeze_panes = "A2"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _put(page: Worksheet, row: int, column: int, text: str):
    """A text, whatever it begins with: “=1+1” is no formula, nor is it for who edits it later."""
    cell = page.cell(row, column)
    cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", text)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
