"""Draws the figures of documents: charts of composed data, and the QR code for verification."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, Literal, Required, TypedDict

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from kernel.charts import Chart, bars, grouped_bars, stacked
from kernel.heat_map import HeatMapField, HeatMapScales, heat_map
from kernel.qr import qr_code
from kernel.stacked_bars import StackedPart, stacked_rows
from kernel.svg import WIDE, WIDTH
from kernel.timeline import Bar, pieces, span, timeline
from kernel.tree_columns import Box, tree_columns
from reports.decimals import aligned
from reports.document_types import (
    Block,
    BlockBase,
    BoxBlock,
    Chapter,
    ChapterHead,
    FigureBlock,
    PlainBlock,
    TableBlock,
    TableColumn,
)
from reports.pictures import IllustratedBlock, PrintedPicture, with_pictures

ChartData = dict[str, Any]
# A chapter with more figures or tables refers to them in one sentence.
MOST_LISTED = 4


@dataclass(frozen=True)
class NumberedChart:
    caption: str
    svg: SafeString


def described(chart: Chart) -> SafeString:
    """Return the picture with its description in its title, which screen readers read aloud in a PDF."""
    spoken = f">{escape(chart.title)}. {escape(chart.description)}</title>"
    svg = chart.svg.replace(f">{escape(chart.title)}</title>", spoken, 1)
    return mark_safe(svg)  # noqa: S308  a chart of ours, escaped above


def code_to_scan(address: str) -> SafeString:
    return qr_code(address, _("QR code of the address %(address)s") % {"address": address})


class TableHead(TypedDict, total=False):
    """The head of one column or of several, in one line or two."""

    label: Required[str]
    num: Required[bool]
    lines: int
    columns: int


class PrintedTable(TableBlock):
    """`id` is the anchor for references; "" if tables are not numbered."""

    heads: list[list[TableHead]]
    id: str


class PrintedBox(BoxBlock):
    """`under` is the level of the heading above it."""

    under: int


class DrawnFigure(BlockBase):
    type: Literal["figure"]
    figure: NumberedChart
    id: str


PrintedBlock = PlainBlock | PrintedBox | PrintedTable | PrintedPicture | DrawnFigure


class ReferenceLink(TypedDict):
    label: str
    to: str


class PrintedChapter(ChapterHead):
    """`refers` is the sentence on its figures and tables; `is_turned` means that it begins in
    landscape."""

    blocks: list[PrintedBlock]
    refers: list[ReferenceLink]
    is_turned: bool


class FigureCounter:
    """Numbers the figures and tables of one document, through all of its chapters: in print as on a page."""

    def __init__(self, *, tables: bool) -> None:
        self.counts_tables = tables
        self.figures = self.tables = 0

    def next_figure(self, chart: Chart) -> tuple[str, str]:
        """Return the anchor of the next figure, and its caption with its number."""
        self.figures += 1
        facts = {"number": self.figures, "title": chart.title}
        return f"figure-{self.figures}", _("Figure %(number)s – %(title)s") % facts

    def next_table(self, block: TableBlock) -> tuple[str, str]:
        """Return the same of the next table; no anchor and no number if tables have none, or if this
        one has no caption."""
        if not (self.counts_tables and block["caption"]):
            return "", block["caption"]
        self.tables += 1
        facts = {"number": self.tables, "title": block["caption"]}
        return f"table-{self.tables}", _("Table %(number)s – %(title)s") % facts

    def numbered(self, blocks: Sequence[IllustratedBlock]) -> list[PrintedBlock]:
        """Return the blocks as they are printed.

        Figures are drawn, and long ones cut into several that fit a page; boxes are below the
        heading that they belong to; numbers are aligned.
        """
        shown: list[PrintedBlock] = []
        above, level = levels_above(blocks), 0
        for block in blocks:
            if block["type"] == "heading":
                level = block["level"] - above
                shown.append(block | {"level": level})
            elif block["type"] == "box":
                shown.append({**block, "under": level})
            elif block["type"] == "table":
                shown.append(self._table(block))
            elif block["type"] == "figure":
                shown += self._drawn(block)
            else:
                shown.append(block)
        return shown

    def _drawn(self, block: FigureBlock) -> Iterator[DrawnFigure]:
        for chart in charts_of(block):
            anchor, caption = self.next_figure(chart)
            figure = NumberedChart(caption, described(chart))
            drawn: DrawnFigure = {"type": "figure", "figure": figure, "id": anchor}
            yield drawn | {"landscape": True} if block.get("landscape") else drawn

    def _table(self, block: TableBlock) -> PrintedTable:
        table, heads = aligned(block), _heads(block["columns"])
        anchor, caption = self.next_table(block)
        return {**table, "caption": caption, "heads": heads, "id": anchor}


def _heads(columns: list[TableColumn]) -> list[list[TableHead]]:
    """Return the heads of the columns, in two lines if some columns share a head."""
    shared = any("group" in column for column in columns)
    first: list[TableHead] = []
    second: list[TableHead] = []
    for group, found in groupby(columns, key=lambda column: column.get("group")):
        members = list(found)
        if group is not None:
            first.append({"label": group, "num": False, "columns": len(members)})
            second += [{"label": one.get("name", ""), "num": one["num"]} for one in members]
            continue
        for one in members:
            head: TableHead = {"label": one["label"], "num": one["num"]}
            first.append(head | {"lines": 2} if shared else head)
    return [first, second] if second else [first]


def levels_above(blocks: Sequence[IllustratedBlock | Block]) -> int:
    """Return how many levels no heading of the chapter uses, so that print does not skip them."""
    levels = [block["level"] for block in blocks if block["type"] == "heading"]
    return max(min(levels, default=1) - 1, 0)


def numbered_chapters(chapters: list[Chapter]) -> list[PrintedChapter]:
    """Return the chapters of a report as they are printed, each with the sentence that refers to
    its figures and tables."""
    counter, shown = FigureCounter(tables=True), []
    for chapter in chapters:
        figures, tables = counter.figures, counter.tables
        blocks = counter.numbered(with_pictures(chapter["blocks"]))
        printed: PrintedChapter = {
            "kind": chapter["kind"],
            "number": chapter["number"],
            "title": chapter["title"],
            "is_annex": chapter["is_annex"],
            "narrative": chapter["narrative"],
            "is_missing": chapter["is_missing"],
            "is_short": chapter["is_short"],
            "cites": chapter["cites"],
            "blocks": blocks,
            "refers": [
                *_references("figure", figures, counter.figures),
                *_references("table", tables, counter.tables),
            ],
            # The title belongs on the landscape page that follows, or it would have a page of its
            # own.
            "is_turned": bool(blocks)
            and blocks[0].get("landscape", False)
            and not chapter["narrative"],
        }
        shown.append(printed)
    return shown


def numbered_blocks(blocks: list[Block]) -> list[PrintedBlock]:
    """Return the blocks of a document without chapters as they are printed."""
    return FigureCounter(tables=False).numbered(with_pictures(blocks))


def _references(kind: str, before: int, last: int) -> list[ReferenceLink]:
    """Return a sentence that refers to each of them, or to a range if there are many."""
    one = {"figure": _("Figure %(number)s"), "table": _("Table %(number)s")}[kind]
    many = {"figure": _("Figures %(first)s–%(last)s"), "table": _("Tables %(first)s–%(last)s")}
    first = before + 1
    if last - before > MOST_LISTED:
        label = many[kind] % {"first": first, "last": last}
        return [{"label": label, "to": f"{kind}-{first}"}]
    return [
        {"label": one % {"number": number}, "to": f"{kind}-{number}"}
        for number in range(first, last + 1)
    ]


def charts_of(block: FigureBlock, *, wide: bool = True) -> Iterable[Chart]:
    """Return the charts of a figure: one, or several if it is cut into pieces that fit a page.

    They are as wide as a printed page, or else as a telephone, but for trees."""
    title, data = block["title"], block["data"]
    if block["chart"] == "tree":
        return tree_columns(title, data["rows"], map(_tree_box, data["boxes"]))
    if block["chart"] == "timeline":
        return _timeline(title, data, wide=wide)
    return [CHARTS[block["chart"]](title, data, wide=wide)]


def _states(title: str, data: ChartData, *, wide: bool) -> Chart:
    """`data`: labels, values, tones."""
    return stacked(title, data["labels"], data["values"], tones=data["tones"], wide=wide)


def _timeline(title: str, data: ChartData, *, wide: bool) -> Iterator[Chart]:
    """`data`: bars, each with name, start and end as ISO days, done as a percentage or None, is_late
    and note; today as an ISO day to mark, or ""."""
    bars = [
        Bar(
            row["name"],
            date.fromisoformat(row["start"]),
            date.fromisoformat(row["end"]),
            done=row["done"],
            is_late=row["is_late"],
            note=row["note"],
        )
        for row in data["bars"]
    ]
    if (edges := span(bars)) is None:
        return
    start, end = edges
    today = date.fromisoformat(data["today"]) if data["today"] else None
    for number, piece in enumerate(pieces(bars), 1):
        yield timeline(
            title,
            piece,
            start=start,
            end=end,
            today=today if today and start <= today <= end else None,
            key=f"{title}-{number}",
            width=WIDE if wide else WIDTH,
        )


def _indicators(title: str, data: ChartData, *, wide: bool) -> Chart:
    """`data`: labels, units, and targets and actuals as they are written in JSON."""
    targets, actuals = ([float(one) for one in data[name]] for name in ("targets", "actuals"))
    series = {_("Target"): targets, _("Actual value"): actuals}
    return grouped_bars(title, data["labels"], series, units=data["units"], wide=wide)


def _grouped(title: str, data: ChartData, *, wide: bool) -> Chart:
    """Draw bars in groups on one scale. `data`: labels, unit, heading; series, each with its name and
    a value for each label, "" if it is missing."""
    series = {
        row["name"]: [Decimal(value) if value else None for value in row["values"]]
        for row in data["series"]
    }
    more = {"units": data["unit"], "heading": data["heading"]}
    return grouped_bars(title, data["labels"], series, wide=wide, **more)


def _progress(title: str, data: ChartData, *, wide: bool) -> Chart:
    """`data`: labels, heading; parts, each with name, tone, and a count for each label."""
    parts = [StackedPart(one["name"], one["tone"], one["counts"]) for one in data["parts"]]
    return stacked_rows(title, data["labels"], parts, heading=data["heading"], wide=wide)


def _risk_map(title: str, data: ChartData, *, wide: bool) -> Chart:
    """`data`: the names of both scales and of their steps; fields, each with its place, the names of
    the risks in it, its level, tone, and what it means."""
    scales = HeatMapScales(data["down"], data["rows"], data["across"], data["columns"])
    fields = {
        (one["row"], one["column"]): HeatMapField(
            one["names"], one["number"], one["tone"], one["said"]
        )
        for one in data["fields"]
    }
    legend = _("In bold: the numbers of the risks. In the corner of each field: its level.")
    return heat_map(title, scales, fields, legend=legend, wide=wide)


def _places(title: str, data: ChartData, *, wide: bool) -> Chart:
    """`data`: names and values of the places, and the heading of these."""
    names, values, heading = data["names"], data["values"], data["heading"]
    return bars(title, names, values, heading=heading, wide=wide)


def _tree_box(row: ChartData) -> Box:
    return Box(row["head"], row["text"], row["row"], tuple(map(_tree_box, row["below"])))


CHARTS: dict[str, Callable[..., Chart]] = {
    "states": _states,
    "indicators": _indicators,
    "grouped": _grouped,
    "progress": _progress,
    "risk_map": _risk_map,
    "places": _places,
}
