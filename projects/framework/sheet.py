"""The framework as the rows of a sheet.

A value that the page withholds from its reader is withheld here too.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import User
from kernel.workbooks import CellValue
from projects.framework.figures import PeriodFigures, by_period, standing
from projects.framework.values_due import indicators_of
from projects.models import DataPoint, Indicator, Project, Result
from projects.permissions.values import may_see_small_counts, visible_values

WIDTHS = (20, 12, 48, 22, 22, 14, 14, 14, 12, 14, 14, 14, 14, 20, 40, 24, 26, 16, 22, 12)


def sheet_head() -> list[str]:
    return [
        _("Level"),
        _("Code"),
        _("Statement or indicator"),
        _("Period"),
        _("Group"),
        _("Baseline"),
        _("Target"),
        _("Actual value"),
        _("Out of"),
        _("Cumulative target"),
        _("Cumulative actual value"),
        _("Variance"),
        _("Variance (%)"),
        _("Rating"),
        _("Comment or qualitative value"),
        _("Data source"),
        _("Data collection method"),
        _("Frequency"),
        _("Responsible"),
        _("Illustrative"),
    ]


def visible_rows(
    user: User, project: Project, *, until: date | None = None
) -> Iterator[list[CellValue]]:
    """Return the rows of a project that the person may see; `until` as in `sheet_rows`."""
    indicators, results = list(indicators_of(project)), list(project.results.all())
    for thing in results:
        thing.project = project
    for indicator in indicators:
        indicator.result.project = project
    points = visible_values(user, project).approved().filter(indicator__in=indicators).with_cells()
    small_counts = may_see_small_counts(user, project)
    return sheet_rows(results, indicators, points, small_counts=small_counts, until=until)


def sheet_rows(
    results: Iterable[Result],
    indicators: Iterable[Indicator],
    points: Iterable[DataPoint],
    *,
    small_counts: bool,
    until: date | None = None,
) -> Iterator[list[CellValue]]:
    """Return the rows of results, and of indicators with their periods and cells.

    `points`: approved, fetched `with_cells`; `small_counts` as in `figures.standing`. Percentages
    are numbers from 0 to 100, and their variance is in points.

    `until`: periods that end later are left out. They still decide which small counts are shown, so
    that nobody can compute a withheld count from two such lists.
    """
    by_result, by_indicator = defaultdict(list), defaultdict(list)
    for indicator in indicators:
        by_result[indicator.result_id].append(indicator)
    for point in points:
        by_indicator[point.indicator_id].append(point)
    for result in results:
        yield _row(
            level=result.level_name,
            code=result.code,
            text=result.statement,
            illustrative=result.illustrative,
        )
        for indicator in by_result[result.pk]:
            yield from _rows_of(indicator, by_indicator[indicator.pk], small_counts, until)


def _rows_of(
    indicator: Indicator, points: list[DataPoint], small_counts: bool, until: date | None
) -> Iterator[list[CellValue]]:
    now = standing(indicator, points, small_counts=small_counts)
    yield _row(
        level=_("Indicator"),
        code=indicator.code,
        text=indicator.name,
        baseline=_cell(now.baseline, now.baseline_is_withheld),
        comment=now.baseline_point.comment if now.baseline_point else "",
        source=indicator.source,
        method=indicator.method,
        frequency=indicator.frequency
        or (indicator.get_due_per_display() if indicator.due_per else ""),
        responsible=indicator.responsible.short_name if indicator.responsible else "",
        illustrative=indicator.illustrative,
    )
    for own in by_period(indicator, points, small_counts=small_counts):
        if until and own.period.end > until:
            continue
        yield _of_period(indicator, own)
        for cell in own.cells:
            yield _row(
                level=_("Value"),
                code=indicator.code,
                period=str(own.period),
                group=cell.cell_name,
                actual=_cell(cell.numerator),
                out_of=_cell(cell.denominator),
            )


def _of_period(indicator: Indicator, own: PeriodFigures) -> list[CellValue]:
    point, reached, variance = own.actual_point, own.standing, own.standing.variance
    group = _("not shown") if own.cells_are_withheld else ""
    return _row(
        level=_("Value"),
        code=indicator.code,
        period=str(own.period),
        group=group,
        target=_cell(own.target),
        actual=_cell(point.numerator if point else None, own.is_withheld),
        out_of=_cell(point.denominator if point else None, own.is_withheld),
        comment=point.comment if point else "",
        source=point.source if point else "",
        cumulative_target=_cell(reached.target),
        cumulative=_cell(reached.actual, reached.is_withheld),
        variance=_cell(variance.absolute if variance else None),
        share=_cell(variance.share * 100 if variance and variance.share is not None else None),
        rating=str(reached.rating.label) if reached.rating else "",
    )


def _cell(number: Decimal | None, is_withheld: bool = False) -> CellValue:
    if is_withheld:
        return _("not shown")
    return None if number is None else round(number, 2)


def _row(
    *,
    level: str,
    code: str,
    text: str = "",
    period: str = "",
    group: str = "",
    illustrative: bool = False,
    **cells: CellValue,
) -> list[CellValue]:
    names = (
        "baseline",
        "target",
        "actual",
        "out_of",
        "cumulative_target",
        "cumulative",
        "variance",
        "share",
        "rating",
        "comment",
        "source",
        "method",
        "frequency",
        "responsible",
    )
    mark = _("Yes") if illustrative else ""
    return [level, code, text, period, group, *(cells.get(name) for name in names), mark]
