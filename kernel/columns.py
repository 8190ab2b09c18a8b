"""Columns, for periods and other short labels: their layout, if they fit, and the drawing."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from kernel.svg import (
    BAD,
    BRAND,
    FIELD,
    INK_2,
    LINE,
    LINE_HEIGHT,
    PAPER,
    Drawing,
    ValueScale,
    shortened,
    text_width,
    whole_of,
    wrapped,
    written,
)

MAX_BARS = 60
FEW = 12  # up to here each label is written; above, labels are steps of a scale
HEIGHT = 130


@dataclass(frozen=True)
class ColumnsLayout:
    """The room that the labels leave: margins, labels in lines, and every how many is written."""

    left: float
    right: float
    slot: float
    lines: Sequence[Sequence[str]]
    every: int
    shows_values: bool


def layout(
    width: float,
    names: list[str],
    numbers: list[Decimal | None],
    goal: Decimal | None,
    unit: str,
) -> ColumnsLayout | None:
    """Return a layout, or None if a label would have to be cut: horizontal bars have room for
    it."""
    if len(names) > MAX_BARS:
        return None
    right = 0.0
    if goal is not None:
        right = max(text_width(_("target")), text_width(written(goal, unit))) + 8
    slot = (width - right) / len(names)
    widest = max(text_width(written(value, unit)) for value in numbers)
    shows_values, left = widest <= slot - 2, 0.0
    if not shows_values:
        ticks = ValueScale.of([*numbers, goal, *whole_of(unit)]).ticks()
        left = max(text_width(written(tick, unit)) for tick in ticks) + 8
        slot = (width - right - left) / len(names)

    lines = [wrapped(name, slot - 3) for name in names]
    if not any(parts[-1].endswith("…") for parts in lines):
        return ColumnsLayout(left, right, slot, lines, 1, shows_values)
    widest_label = max(text_width(name) for name in names)
    if len(names) <= FEW or widest_label > 90:
        return None
    every = math.ceil((widest_label + 8) / slot)
    return ColumnsLayout(left, right, slot, [[name] for name in names], every, shows_values)


def draw(
    drawing: Drawing,
    names: list[str],
    numbers: list[Decimal | None],
    goal: Decimal | None,
    unit: str,
    layout: ColumnsLayout,
) -> float:
    """Draw the columns and return the height of the picture."""
    # What is missing has a dash above the axis, even where the numbers have no room.
    top = 18.0 if layout.shows_values or None in numbers else 8.0
    if unit not in ("", "%"):
        drawing.text(0, 12, shortened(unit, drawing.width), fill=INK_2)
        top += LINE_HEIGHT + 3
    scale = ValueScale.of([*numbers, goal, *whole_of(unit)])
    height = HEIGHT if any([*numbers, goal]) else 8  # no empty space above bars that are all zero

    def height_of(value: Decimal) -> float:
        return top + height - scale.at(value, height)

    if not layout.shows_values:
        _grid(drawing, scale, layout, unit, height_of)
    nought = height_of(Decimal(0))
    thickness = min(layout.slot * 0.64, 56)
    for n, value in enumerate(numbers):
        if value:
            end = height_of(value)
            end = min(end, nought - 1) if value > 0 else max(end, nought + 1)
            x = layout.left + layout.slot * (n + 0.5) - thickness / 2
            drawing.rect(x, min(end, nought), thickness, abs(end - nought), BRAND)
    drawing.line(layout.left, nought, drawing.width - layout.right, nought, FIELD)
    aim = None if goal is None else height_of(goal)
    if aim is not None:
        _target(drawing, aim, layout, written(goal, unit))
    _values(drawing, numbers, unit, layout, height_of, aim)
    bottom = top + height + (16 if scale.low < 0 and layout.shows_values else 0)
    return _labels(drawing, names, layout, bottom)


def _grid(
    drawing: Drawing,
    scale: ValueScale,
    layout: ColumnsLayout,
    unit: str,
    height_of: Callable[[Decimal], float],
) -> None:
    for tick in scale.ticks():
        y = height_of(tick)
        drawing.line(layout.left, y, drawing.width - layout.right, y, LINE)
        drawing.text(layout.left - 6, y + 4, written(tick, unit), text_anchor="end", fill=INK_2)


def _target(drawing: Drawing, aim: float, layout: ColumnsLayout, shown: str) -> None:
    end = drawing.width - layout.right
    drawing.line(layout.left, aim, end, aim, PAPER, stroke_width=4)
    drawing.line(layout.left, aim, end, aim, BAD, stroke_width=1.5, stroke_dasharray="5 3")
    drawing.text(end + 5, aim - 3, _("target"), fill=BAD)
    drawing.text(end + 5, aim + 12, shown, fill=BAD)


def _values(
    drawing: Drawing,
    numbers: list[Decimal | None],
    unit: str,
    layout: ColumnsLayout,
    height_of: Callable[[Decimal], float],
    aim: float | None,
) -> None:
    for n, value in enumerate(numbers):
        if value is not None and not layout.shows_values:
            continue
        x = layout.left + layout.slot * (n + 0.5)
        shown = written(value, unit)
        y = height_of(value or Decimal(0)) + (15 if value is not None and value < 0 else -5)
        if aim is not None and y - 12 < aim < y + 3:
            width = text_width(shown) + 6  # hides the line of the target behind the number
            drawing.rect(x - width / 2, y - 11, width, 14, PAPER)
        drawing.text(x, y, shown, text_anchor="middle", fill=INK_2 if value is None else None)


def _labels(drawing: Drawing, names: list[str], layout: ColumnsLayout, bottom: float) -> float:
    """Write the labels under the columns. If not all fit, write the last and then every so many."""
    last = len(names) - 1
    for n, lines in enumerate(layout.lines):
        if (last - n) % layout.every:
            continue
        x, anchor = layout.left + layout.slot * (n + 0.5), "middle"
        half = text_width(max(lines, key=text_width)) / 2
        if x - half < 0:
            x, anchor = 0.0, "start"
        elif x + half > drawing.width:
            x, anchor = float(drawing.width), "end"
        for at, line in enumerate(lines):
            y = bottom + 16 + at * LINE_HEIGHT
            drawing.text(x, y, line, text_anchor=anchor, fill=INK_2)
    return bottom + 6 + LINE_HEIGHT * max(len(lines) for lines in layout.lines)
