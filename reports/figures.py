"""The pictures of documents: charts of the data that was composed, and the code to scan."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Literal, Required, TypedDict, assert_never

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from kernel.charts import Chart, grouped_bars, stacked
from kernel.heat_map import HeatMapField, HeatMapScales, heat_map
from kernel.qr import qr_code
from kernel.stacked_bars import StackedPart, stacked_rows
from kernel.svg import WIDE
from kernel.timeline import Bar, pieces, span, timeline
from kernel.tree_diagram import Box, tree_diagrams
from reports.decimals import aligned
from reports.document_types import (
    Block,
    BlockBase,
    BoxBlock,
    Chapter,
    ChapterHead,
    FigureBlock,
    GroupedData,
    IndicatorsData,
    PlainBlock,
    ProgressData,
    RiskMapData,
    StatesData,
    TableBlock,
    TableColumn,
    TimelineData,
    TreeBox,
)
from reports.pictures import IllustratedBlock, PrintedPicture, with_pictures

# A chapter refers to each of its figures and tables, up to so many.
MOST_LISTED = 4


@dataclass(frozen=True)
class NumberedChart:
    caption: str
    svg: SafeString


def _numbers(written: list[str]) -> list[float]:
    return [float(value) for value in written]


def _numbered(number: int, chart: Chart) -> NumberedChart:
    """In the PDF the title is what is read aloud, so it says what the picture shows as well."""
    caption = _("Figure %(number)s – %(title)s") % {"number": number, "title": chart.title}
    spoken = f">{escape(chart.title)}. {escape(chart.description)}</title>"
    svg = chart.svg.replace(f">{escape(chart.title)}</title>", spoken, 1)
    return NumberedChart(caption, mark_safe(svg))  # noqa: S308  a chart of ours, escaped above


def code_to_scan(address: str) -> SafeString:
    return qr_code(address, _("QR code of the address %(address)s") % {"address": address})


class TableHead(TypedDict, total=False):
    """A head of one or several columns, in one line or two."""

    label: Required[str]
    num: Required[bool]
    lines: int
    columns: int


class PrintedTable(TableBlock):
    """`id`: what refers to it; "" where tables are not numbered."""

    heads: list[list[TableHead]]
    id: str


class PrintedBox(BoxBlock):
    """`under`: the level of the heading above it."""

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
    """`refers`: to its figures and tables. `is_turned`: it begins on a turned page."""

    blocks: list[PrintedBlock]
    refers: list[ReferenceLink]
    is_turned: bool


class Counter:
    """Numbers the figures and tables of one document, through all of its chapters."""

    def __init__(self, *, tables: bool, draws: bool = True) -> None:
        """draws: false where pictures cannot be shown; then they are left out."""
        self.counts_tables, self.draws = tables, draws
        self.figures = self.tables = 0

    def numbered(self, blocks: Sequence[IllustratedBlock]) -> list[PrintedBlock]:
        """The blocks as they are printed: figures drawn, and a long one cut into several that fit
        a page; boxes below the heading that they belong to; numbers aligned."""
        shown: list[PrintedBlock] = []
        above, level = _levels_above(blocks), 0
        for block in blocks:
            match block["type"]:
                case "heading":
                    level = block["level"] - above
                    shown.append(block | {"level": level})
                case "box":
                    shown.append({**block, "under": level})
                case "table":
                    shown.append(self._table(block))
                case "figure":
                    shown += self._drawn(block) if self.draws else []
                case "picture" | "paragraph" | "prose" | "notice" | "list":
                    shown.append(block)
                case "facts" | "signature" | "annexes":
                    shown.append(block)
                case _:
                    assert_never(block)
        return shown

    def _drawn(self, block: FigureBlock) -> Iterator[DrawnFigure]:
        for chart in charts_of(block):
            self.figures += 1
            drawn: DrawnFigure = {
                "type": "figure",
                "figure": _numbered(self.figures, chart),
                "id": f"figure-{self.figures}",
            }
            yield drawn | {"landscape": True} if block.get("landscape") else drawn

    def _table(self, block: TableBlock) -> PrintedTable:
        table, heads = aligned(block), _heads(block["columns"])
        if not (self.counts_tables and block["caption"]):
            return {**table, "heads": heads, "id": ""}
        self.tables += 1
        facts = {"number": self.tables, "title": block["caption"]}
        caption = _("Table %(number)s – %(title)s") % facts
        return {**table, "caption": caption, "heads": heads, "id": f"table-{self.tables}"}


def _heads(columns: list[TableColumn]) -> list[list[TableHead]]:
    """The heads of the columns, in two lines where some of them share one."""
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


def _levels_above(blocks: Sequence[IllustratedBlock]) -> int:
    """How many levels no heading of the chapter uses: they are not skipped in print."""
    levels = [block["level"] for block in blocks if block["type"] == "heading"]
    return max(min(levels, default=1) - 1, 0)


def numbered_chapters(chapters: list[Chapter], *, draws: bool = True) -> list[PrintedChapter]:
    """The chapters of a report as they are printed, each with what refers to its figures and
    tables."""
    counter, shown = Counter(tables=True, draws=draws), []
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
            "blocks": blocks,
            "refers": [
                *_references("figure", figures, counter.figures),
                *_references("table", tables, counter.tables),
            ],
            # A title goes with the turned page that follows, or would have one of its own.
            "is_turned": bool(blocks)
            and blocks[0].get("landscape", False)
            and not chapter["narrative"],
        }
        shown.append(printed)
    return shown


def numbered_blocks(blocks: list[Block]) -> list[PrintedBlock]:
    """The blocks of a document without chapters as they are printed."""
    return Counter(tables=False).numbered(with_pictures(blocks))


def _references(kind: str, before: int, last: int) -> list[ReferenceLink]:
    """To each of them, or in one to many."""
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


def charts_of(block: FigureBlock) -> Iterable[Chart]:
    """The charts of a figure: one, or several where it is cut into pieces that fit a page."""
    title = block["title"]
    match block["chart"]:
        case "states":
            return [_states(title, block["data"])]
        case "timeline":
            return _timeline(title, block["data"])
        case "indicators":
            return [_indicators(title, block["data"])]
        case "grouped":
            return [_grouped(title, block["data"])]
        case "progress":
            return [_progress(title, block["data"])]
        case "risk_map":
            return [_risk_map(title, block["data"])]
        case "tree":
            return tree_diagrams(
                title, block["data"]["rows"], map(_tree_box, block["data"]["boxes"])
            )
        case _:
            assert_never(block)


def _states(title: str, data: StatesData) -> Chart:
    return stacked(
        title, data["labels"], data["values"], tones=data["tones"], key="states", wide=True
    )


def _timeline(title: str, data: TimelineData) -> Iterator[Chart]:
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
            key=f"timeline-{number}",
            width=WIDE,
        )


def _indicators(title: str, data: IndicatorsData) -> Chart:
    series = {_("Target"): _numbers(data["targets"]), _("Actual"): _numbers(data["actuals"])}
    return grouped_bars(
        title, data["labels"], series, units=data["units"], key="indicators", wide=True
    )


def _grouped(title: str, data: GroupedData) -> Chart:
    """Bars in groups on one scale: for each label a value of each series, "" where it is missing."""
    series = {
        row["name"]: [Decimal(value) if value else None for value in row["values"]]
        for row in data["series"]
    }
    return grouped_bars(
        title,
        data["labels"],
        series,
        units=data["unit"],
        heading=data["heading"],
        key="grouped",
        wide=True,
    )


def _progress(title: str, data: ProgressData) -> Chart:
    parts = [StackedPart(one["name"], one["tone"], one["counts"]) for one in data["parts"]]
    return stacked_rows(
        title, data["labels"], parts, heading=data["heading"], key="progress", wide=True
    )


def _risk_map(title: str, data: RiskMapData) -> Chart:
    scales = HeatMapScales(data["down"], data["rows"], data["across"], data["columns"])
    fields = {
        (one["row"], one["column"]): HeatMapField(
            one["names"], one["number"], one["tone"], one["said"]
        )
        for one in data["fields"]
    }
    return heat_map(title, scales, fields, key="risk-map", wide=True)


def _tree_box(row: TreeBox) -> Box:
    return Box(row["head"], row["text"], row["row"], tuple(map(_tree_box, row["below"])))
