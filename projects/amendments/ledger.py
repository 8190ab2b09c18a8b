"""The ledger of amendments as a sheet: what was agreed, what changed, and who approved it when."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from kernel.sheets import SheetOfRows
from kernel.workbooks import CellValue
from projects.models import Amendment


def ledger(amendments: Iterable[Amendment], *, amounts: bool) -> SheetOfRows:
    """Return the sheet; `amounts`: with those of the budget. Amendments come `with_dates`."""
    rows = [_cells(each, amounts=amounts) for each in amendments]
    return SheetOfRows(_("Amendments"), _headers(), rows)


def _headers() -> list[str]:
    return [
        _("Number"),
        _("Kind"),
        _("Title"),
        _("Reason"),
        _("Before"),
        _("After"),
        _("Committee's recommendation"),
        _("Submitted to the donor on"),
        _("Donor's answer"),
        _("Reference"),
        _("Status"),
    ]


def _cells(amendment: Amendment, *, amounts: bool) -> list[CellValue]:
    before, after = amendment.amount_before, amendment.amount_after
    if not amounts:
        before = after = None
    return [
        amendment.number,
        amendment.get_kind_display(),
        amendment.title,
        amendment.reason,
        _side(amendment.end_before, before, amendment.before),
        _side(amendment.end_after, after, amendment.after),
        amendment.recommended_on,
        amendment.submitted_on,
        amendment.donor_decided_on,
        amendment.donor_reference,
        amendment.get_status_display(),
    ]


def _side(end: date | None, amount: CellValue, words: str) -> CellValue:
    """Returns a day or amount as itself if there are no words, else as text before them."""
    value = end if end is not None else amount
    if value is None or not words:
        return words if value is None else value
    return f"{value} · {words}"
