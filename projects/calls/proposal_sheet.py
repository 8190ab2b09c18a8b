"""The proposals of a call as rows for a spreadsheet: nobody is named."""

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
        _("Amount asked for (%(currency)s)") % {"currency": currency},
        _("Months"),
        _("People reached"),
        _("Marks"),
        _("Spread"),
        _("Rank"),
        _("Status"),
        _("Amount awarded (%(currency)s)") % {"currency": currency},
    ]


def sheet_rows(told: Iterable[tuple[Proposal, ScoringOutcome | None]]) -> Iterable[list[CellValue]]:
    """Marks stand where the reader sees them."""
    for proposal, outcome in told:
        yield [
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
