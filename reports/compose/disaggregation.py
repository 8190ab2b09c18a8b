"""Tables of an indicator's values by sex, age, place or any other dimension."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from projects.framework.spans import SpanFigures
from projects.framework.suppression import FEWEST_DISCLOSED
from projects.models import Category, DataPoint
from projects.models.value import Cell as Place
from reports.compose.blocks import Cell, column, paragraph, table
from reports.compose.measured import IndicatorValues, digits_of, written
from reports.document_types import Block


@dataclass(frozen=True)
class CellRow:
    """One cell: its name, its baseline, the value of the period, and the cumulative value."""

    name: str
    key: Place
    baseline: Decimal | None
    own: SpanFigures
    until: SpanFigures


def disaggregated(measured: IndicatorValues) -> list[Block]:
    """Return the cells of an indicator with their total for the period, or a sentence that says why
    there are none; nothing if the indicator is not broken down."""
    indicator = measured.indicator
    if not indicator.dimension_id:
        return []
    names = {"dimensions": indicator.dimension_names}
    if hides_cells(measured):
        text = _(
            "Broken down by %(dimensions)s: not disclosed, as a group has fewer than "
            "%(few)s persons."
        )
        return [paragraph(text % (names | {"few": FEWEST_DISCLOSED}), "small")]
    rows = cell_rows(measured)
    if not any(row.own.actual is not None for row in rows):
        text = _("Broken down by %(dimensions)s: no values by group for this period.")
        return [paragraph(text % names, "small")]
    caption = _("%(code)s by %(dimensions)s") % (names | {"code": indicator.code})
    return [_table(caption, measured, rows)]


def cell_rows(measured: IndicatorValues) -> list[CellRow]:
    """Return the cells that have any value, in the order of their categories."""
    period = measured.reading.report.period
    own = measured.cells_between(period.start, period.end)
    until = measured.cells_between(date.min, period.end)
    start = {
        point.cell: point.value
        for point in measured.points
        if point.kind == DataPoint.Kind.BASELINE
        and not point.is_total
        and measured.disclosed.discloses(point)
    }
    rows = []
    for categories in measured.indicator.cells():
        key = _key(categories)
        if key in own or key in until or key in start:
            name = " · ".join(str(each) for each in categories if each)
            row = own.get(key, SpanFigures()), until.get(key, SpanFigures())
            rows.append(CellRow(name, key, start.get(key), *row))
    return rows


def hides_cells(measured: IndicatorValues) -> bool:
    """Whether the period has values by cell that are withheld from the readers."""
    period = measured.reading.report.period
    cells = measured.cells_between(period.start, period.end)
    return any(cell.is_withheld for cell in cells.values())


def _key(categories: tuple[Category, Category | None]) -> Place:
    one, other = categories
    return (one.pk, other.pk if other else None)


def _table(caption: str, measured: IndicatorValues, rows: list[CellRow]) -> Block:
    """Return the table without empty columns.

    The cumulative column is left out if it equals that of the period, or if an earlier value is
    withheld.
    """
    indicator, now = measured.indicator, measured.standing
    total = measured.of(measured.reading.report.period)
    earlier_is_hidden = any(row.until.is_withheld for row in rows)
    is_first = all(row.own.actual == row.until.actual for row in rows)
    columns: list[tuple[str, list[Decimal | None]]] = [
        (_("Baseline"), [*(row.baseline for row in rows), now.baseline]),
        (_("Target of the period"), [*(row.own.target for row in rows), total.target]),
        (_("Actual value of the period"), [*(row.own.actual for row in rows), total.actual]),
    ]
    if not (earlier_is_hidden or is_first):
        columns.append((_("Cumulative"), [*(row.until.actual for row in rows), now.actual]))
    shown = [each for each in columns if any(value is not None for value in each[1][:-1])]
    digits = digits_of(value for _label, values in shown for value in values)
    cells: list[list[Cell]] = [
        [written(indicator, value, digits=digits) for value in values] for _label, values in shown
    ]
    *lines, last = zip(*cells, strict=True)
    return table(
        caption,
        [column(indicator.dimension_names), *(column(label, 18, num=True) for label, _v in shown)],
        [[row.name, *line] for row, line in zip(rows, lines, strict=True)],
        total=[_("Total"), *last],
        style="whole",
    )
