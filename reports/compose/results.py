"""Results with their indicators as rows in words, for `reports.compose.progress` and for the fields
of a donor's template, and the tables of values by sex, age, place or any other dimension.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from kernel.formats import MISSING, number, percent
from projects.framework.disclosure import FEWEST_DISCLOSED
from projects.framework.figures import Standing
from projects.framework.tree import IndicatorStanding, Node
from projects.framework.values_due import SpanFigures
from projects.models import Category, DataPoint, Indicator
from projects.models.value import Cell as Place
from reports.compose.blocks import Cell, column, paragraph, table
from reports.compose.measured import (
    IndicatorValues,
    digits_of,
    is_qualitative,
    measured_of,
    share_of_end,
    with_sign,
    withheld_text,
    written,
)
from reports.compose.reading import ReportReading, local_text
from reports.document_types import Block, LocalText, TableBlock

# Values by sex, age, place or any other dimension


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


# Results


@dataclass(frozen=True)
class IndicatorRow:
    """An indicator in words.

    `period_…` concerns the period alone; the other values are cumulative until its end. `by_group`
    holds tables of values by group, `no_groups` why there are none.
    """

    anchor: str
    code: str
    name: LocalText | None
    baseline: str
    target: str
    actual: str
    period_target: str
    period_actual: str
    end_target: str
    variance: str
    rating: str
    rating_label: str
    comment: str
    share_of_end: str
    by_group: list[TableBlock]
    no_groups: list[str]
    is_words: bool
    illustrative: bool


@dataclass(frozen=True)
class ResultRow:
    """A result in words, with its own indicators."""

    anchor: str
    code: str
    level: str
    statement: LocalText | None
    illustrative: bool
    indicators: list[IndicatorRow]


def results_of(reading: ReportReading, *, outputs: bool) -> list[ResultRow]:
    """Return the results of the project with their figures, in the order of the tree: outputs (the
    lowest level of the donor's preset), or all others."""
    lowest = reading.project.donor_preset.results[-1].key
    measured = measured_of(reading)
    return reading.once_for_such_readers(
        f"results, {outputs}",
        lambda: [
            _result(measured, node)
            for node in downwards(reading.tree)
            if (node.result.level == lowest) == outputs
        ],
    )


def downwards(nodes: list[Node]) -> Iterator[Node]:
    """Yield each node before those below it."""
    for node in nodes:
        yield from node.walk()


def _result(measured: dict[int, IndicatorValues], node: Node) -> ResultRow:
    return ResultRow(
        anchor=f"result-{node.result.code}",
        code=node.result.code,
        level=node.result.level_name,
        statement=local_text(node.result, "statement"),
        illustrative=node.result.illustrative,
        indicators=[_indicator(measured[each.indicator.pk], each) for each in node.indicators],
    )


def _indicator(measured: IndicatorValues, each: IndicatorStanding) -> IndicatorRow:
    indicator, standing = each.indicator, each.standing
    own = measured.between(measured.reading.start, measured.reading.end)
    by_group = disaggregated(measured)
    points = (standing.baseline_point, standing.target_point, standing.actual_point)
    return IndicatorRow(
        anchor=f"indicator-{indicator.result.code}-{indicator.code}",
        code=indicator.code,
        name=local_text(indicator, "name"),
        baseline=_actual(
            indicator, standing.baseline, standing.baseline_point, standing.baseline_is_withheld
        ),
        target=_value(indicator, standing.target, standing.target_point),
        actual=_actual(indicator, standing.actual, standing.actual_point, standing.is_withheld),
        period_target=_value(indicator, own.target, standing.target_point),
        period_actual=_actual(indicator, own.actual, own.last, own.is_withheld),
        end_target=_value(indicator, standing.end_target, None),
        variance=_variance(indicator, standing),
        rating=str(standing.rating or ""),
        rating_label=str(standing.rating.label) if standing.rating else "",
        comment=_comment(indicator, standing),
        share_of_end=share_of_end(indicator, standing),
        by_group=[block for block in by_group if block["type"] == "table"],
        # The reason if there is no such table.
        no_groups=[block["text"] for block in by_group if block["type"] == "paragraph"],
        is_words=is_qualitative(indicator),
        illustrative=indicator.illustrative or any(p.illustrative for p in points if p),
    )


def _value(indicator: Indicator, value: Decimal | None, point: DataPoint | None) -> str:
    if is_qualitative(indicator):
        return point.comment if point else MISSING
    return written(indicator, value)


def _actual(
    indicator: Indicator, value: Decimal | None, point: DataPoint | None, is_withheld: bool
) -> str:
    return withheld_text() if is_withheld else _value(indicator, value, point)


def _variance(indicator: Indicator, standing: Standing) -> str:
    """Return the variance: in points for percentages, otherwise as a share of the target unless it
    is zero."""
    if standing.variance is None:
        return ""
    if indicator.measure == Indicator.Measure.PERCENTAGE:
        points = Decimal(round(standing.variance.absolute))
        return _("%(number)s pts") % {"number": with_sign(number(points), points)}
    if standing.variance.share is None:
        return with_sign(number(round(standing.variance.absolute, 2)), standing.variance.absolute)
    share = round(standing.variance.share, 2)
    return with_sign(percent(share), share)


def _comment(indicator: Indicator, standing: Standing) -> str:
    """Return the explanation of the variance; of a qualitative indicator the value itself."""
    point = standing.actual_point
    if point is None or is_qualitative(indicator):
        return ""
    return point.comment
