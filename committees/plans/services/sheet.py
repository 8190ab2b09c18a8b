"""A plan as a sheet to read, with the amounts that its reader may know."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from committees.models import ActionPlan
from committees.permissions.amounts import AmountsRead
from committees.plans.services.board import BoardGroup
from kernel.formats import join_list
from kernel.workbooks import CellValue

WIDTHS = (10, 60, 40, 22, 22, 14, 14, 12, 18)


def sheet_head(plan: ActionPlan) -> list[str]:
    return [
        _("No."),
        _("Action"),
        _("Deliverable"),
        _("Responsible"),
        _("With support of"),
        _("Start"),
        _("End"),
        _("Share done (%)"),
        _("Budget (%(currency)s)") % {"currency": plan.project.currency},
    ]


def sheet_rows(groups: Iterable[BoardGroup], amounts: AmountsRead) -> Iterator[list[CellValue]]:
    """Yield each result with its total, followed by its actions."""
    for group in groups:
        terms = [row.terms for row in group.rows]
        code, statement = (
            (group.result.code, group.result.statement)
            if group.result
            else ("", _("Not tied to a result"))
        )
        yield [code, statement, *[None] * 6, amounts.total(terms)]
        for one in terms:
            yield [
                one.action.reference,
                one.title,
                one.deliverable,
                str(one.responsible),
                join_list([str(each) for each in one.supported_by]),
                one.starts_on,
                one.ends_on,
                one.action.share_done,
                one.budget if amounts.reads(one) else None,
            ]
