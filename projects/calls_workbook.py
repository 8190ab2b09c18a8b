"""The proposals of a call as a workbook, without personal data and without formulas."""

import io
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from projects.models import Proposal
from projects.scoring import Outcome

Row = tuple[Proposal, Outcome | None]


def workbook_of(rows: Iterable[Row], currency: str) -> bytes:
    """Number, organisation and figures; nobody is named. Marks stand where the reader sees them."""
    book = Workbook()
    page = book.active
    page.title = "Proposals"
    heads = [
        _("Number"),
        _("Organisation"),
        _("Kind"),
        _("Department"),
        _("Title"),
        _("Amount asked for (%(currency)s)") % {"currency": currency},
        _("Months"),
        _("People reached"),
        _("Marks"),
        _("Spread"),
        _("Rank"),
        _("Status"),
        _("Amount awarded (%(currency)s)") % {"currency": currency},
    ]
    for number, head in enumerate(heads, start=1):
        _put(page.cell(1, number), head).font = Font(bold=True)
    for line, (proposal, outcome) in enumerate(rows, start=2):
        for number, value in enumerate(_cells(proposal, outcome), start=1):
            _put(page.cell(line, number), value)
    page.freeze_panes = "A2"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _cells(proposal: Proposal, outcome: Outcome | None) -> list[Any]:
    return [
        proposal.reference,
        proposal.organisation,
        proposal.get_kind_display(),
        proposal.department,
        proposal.title,
        proposal.requested,
        proposal.months,
        proposal.beneficiaries,
        outcome and outcome.mean,
        outcome and outcome.spread,
        outcome and outcome.rank,
        str(proposal.get_status_display()),
        proposal.amount_awarded,
    ]


def _put(cell: Any, value: str | int | Decimal | None) -> Any:
    """A text stays a text, whatever it begins with: also when somebody edits it later."""
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) or None
        if cell.value is not None:
            cell.data_type = "s"
            cell.quotePrefix = cell.value[0] in "=+-@"
    else:
        cell.value = value
    return cell
