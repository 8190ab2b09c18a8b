"""The pictures of documents: charts of the data that was composed, and the code to scan."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from kernel.charts import Chart, grouped_bars, stacked
from kernel.qr import qr_code
from kernel.svg import WIDE
from kernel.timeline import Bar, pieces, span, timeline
from kernel.tree_diagram import Box, tree_diagrams


@dataclass(frozen=True)
class Figure:
    caption: str
    svg: SafeString


def charts_of(document: dict[str, Any]) -> dict[str, Figure]:
    parts = {chapter["kind"]: chapter["part"] for chapter in document["chapters"]}
    figures = {}
    if (progress := parts.get("progress")) and progress["chart"]["labels"]:
        chart = progress["chart"]
        series = {_("Target"): _numbers(chart["targets"]), _("Actual"): _numbers(chart["actuals"])}
        figures["progress"] = grouped_bars(
            _("Indicators against their targets"),
            chart["labels"],
            series,
            units=chart["units"],
            key="progress",
            wide=True,
        )
    if (plan := parts.get("plan")) and plan["chart"]["labels"]:
        chart = plan["chart"]
        figures["plan"] = stacked(
            _("Actions of the plan by state"),
            chart["labels"],
            chart["values"],
            tones=chart["tones"],
            key="plan",
            wide=True,
        )
    return {name: _figure(number, chart) for number, (name, chart) in enumerate(figures.items(), 1)}


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


def with_figures(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parts of a document, its figures drawn and numbered; a long timeline is cut into
    several that fit a page."""
    shown, number = [], 0
    for block in blocks:
        if block["type"] != "figure":
            shown.append(block)
            continue
        for chart in DRAWN[block["chart"]](block["title"], block["data"]):
            number += 1
            shown.append(block | {"figure": _figure(number, chart)})
    return shown


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


def _tree(title: str, data: dict[str, Any]) -> Iterator[Chart]:
    yield from tree_diagrams(title, data["rows"], map(_box, data["boxes"]))


def _box(row: dict[str, Any]) -> Box:
    return Box(row["head"], row["text"], row["row"], tuple(map(_box, row["below"])))


DRAWN = {"states": _states, "timeline": _timeline, "tree": _tree}
