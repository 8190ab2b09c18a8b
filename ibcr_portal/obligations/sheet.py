"""Obligations as rows of a spreadsheet."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from ibcr_portal.obligations.due import Due
from kernel.workbooks import CellValue

WIDTHS = (14, 22, 26, 60, 30, 18, 40)


def sheet_head() -> list[str]:
    return [
        _("Due on"),
        _("Project"),
        _("Kind"),
        _("What"),
        _("Responsible"),
        _("State"),
        _("Note"),
    ]


def sheet_rows(found: Iterable[Due]) -> Iterable[list[CellValue]]:
    for due in found:
        words = (due.project, due.kind.label, due.title, due.owner.label, due.state.label, due.note)
        yield [due.on, *(str(word) for word in words)]
