"""Heat maps: names in a grid of two scales, such as risks by likelihood and impact.

Colour is never the only sign: each field carries its number, and the table says everything that
is in the picture. Names that do not fit into a field are counted there and listed in the table.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import pgettext

from kernel.charts import TONES, Chart, chart_of
from kernel.formats import MISSING, join_list
from kernel.svg import (
    INK_2,
    LINE_HEIGHT,
    PAPER,
    WIDE,
    WIDTH,
    Drawing,
    label,
    shortened,
    text_width,
    wrapped,
)

_LEFT, _HEAD, _ROW, _PAD = 102, 52, 52, 4
_LOW_ROW = 40  # on paper, where two lines of numbers are enough


@dataclass(frozen=True)
class HeatMapField:
    """One field of the grid: the names in it, the number in its corner, and its tone."""

    names: Sequence[str] = ()
    number: str = ""
    tone: str = "neutral"
    # The meaning of the tone, for people who hear the table.
    meaning: str = ""


@dataclass(frozen=True)
class HeatMapScales:
    """The names of both scales and of their points; rows from the top, columns from the left."""

    down: str
    rows: Sequence[str]
    across: str
    columns: Sequence[str]


def heat_map(
    title: str,
    scales: HeatMapScales,
    fields: Mapping[tuple[int, int], HeatMapField],
    *,
    legend: str = "",
    key: str = "",
    wide: bool = False,
) -> Chart:
    """Draw the grid. `fields` are given by row and column, counted from zero at the top left; a
    missing one is empty. `legend` is the sentence below it, beside the meanings of the colours."""
    drawing = Drawing(WIDE if wide else WIDTH)
    width = (drawing.width - _LEFT) / max(len(scales.columns), 1)
    # Left out in print: the fonts of documents have no arrows.
    right, below = ("", "") if wide else (" →", " ↓")
    row_height = _LOW_ROW if wide else _ROW
    drawing.text(_LEFT, 12, f"{label(scales.across)}{right}", fill=INK_2)
    drawing.text(0, 12, shortened(f"{label(scales.down)}{below}", _LEFT - 4), fill=INK_2)
    for n, name in enumerate(scales.columns):
        for m, line in enumerate(wrapped(label(name), width - 4)):
            drawing.text(_LEFT + n * width + 2, 30 + m * LINE_HEIGHT, line, fill=INK_2)
    for n, name in enumerate(scales.rows):
        for m, line in enumerate(wrapped(label(name), _LEFT - 6)):
            drawing.text(0, _HEAD + n * row_height + 22 + m * LINE_HEIGHT, line, fill=INK_2)
    for row in range(len(scales.rows)):
        for column in range(len(scales.columns)):
            here = fields.get((row, column), HeatMapField())
            place = (_LEFT + column * width, _HEAD + row * row_height)
            _draw(drawing, here, place, width, row_height)
    height: float = _HEAD + len(scales.rows) * row_height
    if legend:
        height = _legend(drawing, height + 10, legend, fields.values())
    headers, rows = table_of(scales, fields)
    return chart_of(drawing, height, title, _described(scales, fields), headers, rows, key)


def _legend(drawing: Drawing, y: float, legend: str, fields: Iterable[HeatMapField]) -> float:
    """Draw what the tones mean, the mildest first, then the sentence; return where they end."""
    meanings = {label(each.meaning): each for each in sorted(fields, key=_number) if each.meaning}
    x = 0.0
    for meaning, each in meanings.items():
        width = 20 + text_width(meaning)
        if x and x + width > drawing.width:
            x, y = 0.0, y + 20
        fill, outline, _ink = TONES[each.tone]
        drawing.rect(x + 0.5, y + 0.5, 12, 12, fill, stroke=outline or fill)
        drawing.text(x + 18, y + 11, meaning)
        x += width + 14
    return drawing.lines(y + 18, wrapped(legend, drawing.width, 3), fill=INK_2) + 4


def _number(each: HeatMapField) -> int:
    return int(each.number) if each.number.isdigit() else 0


def table_of(
    scales: HeatMapScales, fields: Mapping[tuple[int, int], HeatMapField]
) -> tuple[list[str], list[list[str]]]:
    """Return the headers and rows of the table that says everything that is in the picture."""
    headers = [f"{label(scales.down)} \\ {label(scales.across)}", *map(label, scales.columns)]
    return headers, _table(scales, fields)


def _draw(
    drawing: Drawing, here: HeatMapField, place: tuple[float, float], width: float, height: int
) -> None:
    x, y = place
    fill, outline, ink = TONES[here.tone]
    drawing.rect(x + 1, y + 1, width - 2, height - 2, fill, stroke=outline or PAPER, rx=3)
    corner = label(here.number)
    drawing.text(x + width - _PAD, y + height - 6, corner, fill=ink, text_anchor="end")
    room = width - 2 * _PAD
    rooms = [room] * (height // LINE_HEIGHT - 1) + [room - text_width(corner) - 2]
    for n, line in enumerate(_lines(here.names, rooms)):
        drawing.text(x + _PAD, y + 15 + n * LINE_HEIGHT, line, fill=ink, font_weight="bold")


def _lines(names: Sequence[str], rooms: Sequence[float]) -> list[str]:
    """Fit the names into lines, the last of which leaves room for the number; “+2” counts the
    rest."""
    lines, left = [], [label(name) for name in names]
    for line_room in rooms:
        line = ""
        while left and text_width(f"{line} {left[0]}".strip()) * 1.1 <= line_room:
            line = f"{line} {left.pop(0)}".strip()
        if line:
            lines.append(line)
    if left and lines:
        hidden = len(left) + 1
        kept = lines[-1].rpartition(" ")[0]
        lines[-1] = f"{kept} +{hidden}".strip()
    return lines


def _table(
    scales: HeatMapScales, fields: Mapping[tuple[int, int], HeatMapField]
) -> list[list[str]]:
    return [
        [label(name), *(_cell(fields.get((row, column))) for column in range(len(scales.columns)))]
        for row, name in enumerate(scales.rows)
    ]


def _cell(here: HeatMapField | None) -> str:
    if here is None:
        return MISSING
    level = " ".join(part for part in (label(here.number), label(here.meaning)) if part)
    names = ", ".join(map(label, here.names)) or MISSING
    return f"{level}{_colon()} {names}" if level else names


def _colon() -> str:
    return pgettext("between a label and its value", ":")


def _described(scales: HeatMapScales, fields: Mapping[tuple[int, int], HeatMapField]) -> str:
    descriptions = [
        f"{label(scales.down)} {label(scales.rows[row])}, {label(scales.across)} "
        f"{label(scales.columns[column])}{_colon()} {join_list(map(label, here.names))}."
        for (row, column), here in sorted(fields.items())
        if here.names
    ]
    return " ".join(descriptions) or MISSING
