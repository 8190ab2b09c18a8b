"""The currency of a project stays once there are amounts in it: they would not be converted."""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from projects.models.project import Project

# What a project has in its currency, or has converted into it.
IN_CURRENCY = (
    *("budget_lines", "expenditures", "exchange_rates", "advances", "grants__project_amount"),
    *("participations__amount", "participations__contributions", "actions__terms__budget"),
    *("amendments__amount_before", "amendments__amount_after"),
)


def refuse_other_currency(project: "Project") -> None:
    """Raises ValidationError for another currency than the stored one, if there are amounts."""
    own = type(project).objects.filter(pk=project.pk)
    before = own.values_list("currency", flat=True).get()
    if project.currency == before:
        return
    if any(own.filter(**{f"{path}__isnull": False}).exists() for path in IN_CURRENCY):
        message = _(
            "Amounts of this project are in %(currency)s, and they would not be converted. "
            "Leave it: what is paid in another currency is entered with its rate. If "
            "%(currency)s is wrong, first remove these amounts."
        )
        raise ValidationError({"currency": message % {"currency": before}})
