"""The values of indicators in the order in which a donor's own system asks for them, one row each.

Which donor has such a system is in the file of its preset (`values_system`), such as OPSYS of the
European Union: people copy the sheet into it, indicator by indicator.
"""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import User
from kernel.workbooks import CellValue
from projects.framework.tree import IndicatorStanding, logic_model
from projects.models import DataPoint, Indicator, Period, Project
from projects.permissions.values import may_see_small_counts, visible_values

WIDTHS = (22, 10, 44, 12, 44, 14, 12, 14, 14, 14, 14, 14, 14, 30, 44)


def values_head() -> list[str]:
    return [
        _("Level"),
        _("Code"),
        _("Result"),
        _("Code of the indicator"),
        _("Indicator"),
        _("Kind of value"),
        _("Baseline"),
        _("Date of the baseline"),
        _("Target of the period"),
        _("Final target"),
        _("Date of the final target"),
        _("Current value"),
        _("Date of the value"),
        _("Source of verification"),
        _("Comment"),
    ]


def values_rows(
    user: User, project: Project, *, through: Period | None = None
) -> Iterator[list[CellValue]]:
    """Return a row for each indicator, with its approved cumulative values as far as the person may
    see them."""
    points = list(visible_values(user, project).approved().totals().select_related("period"))
    small_counts = may_see_small_counts(user, project)
    for root in logic_model(project, points, through=through, small_counts=small_counts):
        for node in root.walk():
            for each in node.indicators:
                yield _row(project, each)


def _row(project: Project, each: IndicatorStanding) -> list[CellValue]:
    indicator, now = each.indicator, each.standing
    result, actual = indicator.result, now.actual_point
    in_words = indicator.measure == Indicator.Measure.QUALITATIVE
    return [
        result.level_name,
        result.code,
        result.statement,
        indicator.code,
        indicator.name,
        str(indicator.get_measure_display()),
        _said(now.baseline_point) if in_words else _number(now.baseline, now.baseline_is_withheld),
        None,  # a baseline has no period: nobody records its day
        _said(now.target_point) if in_words else _number(now.target),
        None if in_words else _number(now.end_target),
        project.current_end,
        _said(actual) if in_words else _number(now.actual, now.is_withheld),
        actual.period.end if actual and actual.period else None,
        (actual.source if actual else "") or indicator.source,
        "" if in_words or now.is_withheld else _said(actual),
    ]


def _said(point: DataPoint | None) -> str:
    return point.comment if point else ""


def _number(number: Decimal | None, is_withheld: bool = False) -> CellValue:
    if is_withheld:
        return _("not shown")
    return None if number is None else round(number, 2)
