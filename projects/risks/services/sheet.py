"""The rows of the register of risks for a spreadsheet, with a column for each date of ratings."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.utils.translation import gettext as _

from kernel.formats import day, join_list
from kernel.workbooks import CellValue
from projects.models import Risk
from projects.risks.register import register_rows


def sheet_head(days: list[date]) -> list[str]:
    return [
        _("Number"),
        _("Category"),
        _("Kind"),
        _("Risk"),
        _("Cause or trigger"),
        _("Results affected"),
        _("Strategy"),
        _("Response"),
        _("Owner"),
        _("Status"),
        *(_("Likelihood × impact, %(day)s") % {"day": day(each)} for each in days),
        _("Trend"),
    ]


def sheet_rows(risks: Iterable[Risk], days: list[date]) -> Iterator[list[CellValue]]:
    """Yields the rows, the gravest risk first. `risks`: fetched `with_ratings`."""
    for row in register_rows(risks, days):
        risk = row.risk
        yield [
            risk.number,
            str(risk.category.label),
            risk.get_kind_display(),
            risk.definition,
            risk.cause,
            join_list(result.code for result in risk.results.all()),
            risk.get_strategy_display(),
            risk.response,
            risk.owner_name,
            risk.get_status_display(),
            *(str(rating) if rating else "" for rating in row.ratings),
            str(risk.trend.label),
        ]
