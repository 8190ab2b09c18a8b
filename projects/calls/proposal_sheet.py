"""The rows of a call's proposals for a spreadsheet, without personal data."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from kernel.workbooks import CellValue
from projects.calls.scoring import ScoringOutcome
from projects.models import Proposal


def sheet_head(currency: str) -> list[str]:
    return [
        _("Number"),
        _("Organisation"),
        _("Kind"),
        _("Department"),
        _("Title"),
        _("Amount requested (%(currency)s)") % {"currency": currency},
        _("Months"),
        _("People reached"),
        _("Marks"),
        _("Spread"),
        _("Rank"),
        _("Status"),
        _("Amount awarded (%(currency)s)") % {"currency": currency},
    ]


def sheet_rows(
    proposals: Iterable[tuple[Proposal, ScoringOutcome | None]],
) -> Iterable[list[CellValue]]:
    """Yields a row for each proposal, with its marks where the reader may see them."""
    for proposal, outcome in proposals:
        yield [
            proposal.reference,
            proposal.organisation,
            proposal.get_kind_display(),
            proposal.department,
            proposal.title,
            proposal.requested,
            proposal.months,
            proposal.beneficiaries,
            outcome.mean if outcome else None,
            outcome.spread if outcome else None,
            outcome.rank if outcome else None,
            str(proposal.get_status_display()),
            proposal.amount_awarded,
        ]
