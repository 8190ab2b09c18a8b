"""The pictures of documents: charts of the data that was composed, and the code to scan."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from kernel.charts import Chart, grouped_bars, stacked
from kernel.heat_map import Field, Scales, heat_map
from kernel.qr import qr_code
from kernel.stacked_bars import Part, stacked_rows
from kernel.svg import WIDE
from kernel.timeline import Bar, pieces, span, timeline
from kernel.tree_diagram import Box, tree_diagrams
from reports.decimals import aligned

# A chapter refers to each of its figures and tables, up to so many.
MOST_LISTED = 4


@dataclass(frozen=True)
class Figure:
    caption: str
    svg: SafeString


def _numbers(written: list[str]) -> list[float]:
    return [float(value) for value in written]


def _figure(number: int, chart: Chart) -> Figure:
    """In the PDF the title is what is read aloud, so it says what the picture shows as well."""
    caption = _("Figure %(number)s – %(title)s") % {"number": number, "title": chart.title}
    spoken = f">{escape(chart.title)}. {escape(chart.description)}</title>"
    svg = chart.svg.replace(f">{escape(chart.title)}</title>", spoken, 1)
    return Figure(caption, mark_safe(svg))  # noqa: S308  a chart of ours, escaped above


def code_to_scan(address: str) -> SafeString:
    return qr_code(address, _("QR code of the address %(address)s") % {"address": address})


class Counter:
    """Numbers the figures and tables of one document, through all of its chapters."""

    def __init__(self, *, tables: bool, draws: bool = True) -> None:
        """draws: false where pictures cannot be shown; then they are left out."""
        self.counts_tables, self.draws = tables, draws
        self.figures = self.tables = 0

    def numbered(self, blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The parts as they are printed: figures drawn, and a long one cut into several that fit
        a page; boxes below the heading that they stand under; numbers aligned."""
        shown, level = [], 0
        above = _levels_above(blocks)
        for block in blocks:
            if block["type"] == "figure":
                shown += self._drawn(block) if self.draws else []
                continue
            if block["type"] == "heading":
                level = block["level"] - above
                block = block | {"level": level}
            if block["type"] == "table":
                block = aligned(block) | {"heads": _heads(block["columns"])}
            shown.append(self._with_number(block) | {"under": level})
        return shown

    def _drawn(self, block: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for chart in DRAWN[block["chart"]](block["title"], block["data"]):
            self.figures += 1
            yield block | {
                "figure": _figure(self.figures, chart),
                "id": f"figure-{self.figures}",
            }

    def _with_number(self, block: dict[str, Any]) -> dict[str, Any]:
        if not (self.counts_tables and block["type"] == "table" and block["caption"]):
            return block
        self.tables += 1
        facts = {"number": self.tables, "title": block["caption"]}
        return block | {
            "caption": _("Table %(number)s – %(title)s") % facts,
            "id": f"table-{self.tables}",
        }


def _heads(columns: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The heads of the columns, in two lines where some of them share one."""
    shared = any("group" in column for column in columns)
    first, second = [], []
    for group, members in groupby(columns, key=lambda column: column.get("group")):
        members = list(members)
        if group is None:
            lines = {"lines": 2} if shared else {}
            first += [{"label": one["label"], "num": one["num"]} | lines for one in members]
        else:
            first.append({"label": group, "num": False, "columns": len(members)})
            second += [{"label": one["name"], "num": one["num"]} for one in members]
    return [first, second] if second else [first]


def _levels_above(blocks: list[dict[str, Any]]) -> int:
    """How many levels no heading of the chapter uses: they are not skipped in print."""
    levels = [block["level"] for block in blocks if block["type"] == "heading"]
    return max(min(levels, default=1) - 1, 0)


def numbered_chapters(
    chapters: list[dict[str, Any]], *, draws: bool = True
) -> list[dict[str, Any]]:
    """The chapters of a report as they are printed, each with what refers to its figures and
    tables."""
    counter, shown = Counter(tables=True, draws=draws), []
    for chapter in chapters:
        figures, tables = counter.figures, counter.tables
        blocks = counter.numbered(chapter["blocks"])
        refers = [
            *_references("figure", figures, counter.figures),
            *_references("table", tables, counter.tables),
        ]
        # A title goes with the page that lies on its side, or would have one of its own.
        lies = bool(blocks) and blocks[0].get("landscape", False) and not chapter["narrative"]
        shown.append(chapter | {"blocks": blocks, "refers": refers, "lies": lies})
    return shown


def _references(kind: str, before: int, last: int) -> list[dict[str, str]]:
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


def _states(title: str, data: dict[str, Any]) -> Iterator[Chart]:
    yield stacked(
        title, data["labels"], data["values"], tones=data["tones"], key="states", wide=True
    )


def _timeline(title: str, data: dict[str, Any]) -> Iterator[Chart]:
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
    start, end = span(bars)
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


def _indicators(title: str, data: dict[str, Any]) -> Iterator[Chart]:
    series = {_("Target"): _numbers(data["targets"]), _("Actual"): _numbers(data["actuals"])}
    yield grouped_bars(
        title, data["labels"], series, units=data["units"], key="indicators", wide=True
    )


def _grouped(title: str, data: dict[str, Any]) -> Iterator[Chart]:
    """Bars in groups on one scale: for each label a value of each series, "" where it is missing."""
    series = {
        row["name"]: [Decimal(value) if value else None for value in row["values"]]
        for row in data["series"]
    }
    yield grouped_bars(
        title,
        data["labels"],
        series,
        units=data["unit"],
        heading=data["heading"],
        key="grouped",
        wide=True,
    )


def _progress(title: str, data: dict[str, Any]) -> Iterator[Chart]:
    parts = [Part(one["name"], one["tone"], one["counts"]) for one in data["parts"]]
    yield stacked_rows(
        title, data["labels"], parts, heading=data["heading"], key="progress", wide=True
    )


def _risk_map(title: str, data: dict[str, Any]) -> Iterator[Chart]:
    scales = Scales(data["down"], data["rows"], data["across"], data["columns"])
    fields = {
        (one["row"], one["column"]): Field(one["names"], one["number"], one["tone"], one["said"])
        for one in data["fields"]
    }
    yield heat_map(title, scales, fields, key="risk-map", wide=True)


def _tree(title: str, data: dict[str, Any]) -> Iterator[Chart]:
    yield from tree_diagrams(title, data["rows"], map(_box, data["boxes"]))


def _box(row: dict[str, Any]) -> Box:
    return Box(row["head"], row["text"], row["row"], tuple(map(_box, row["below"])))


DRAWN = {
    "grouped": _grouped,
    "indicators": _indicators,
    "progress": _progress,
    "risk_map": _risk_map,
    "states": _states,
    "timeline": _timeline,
    "tree": _tree,
}
