"""Horizontal bars: a line for each label, however long, with a bar or a group of bars below it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _, ngettext

from kernel.svg import (
    BAD,
    BRAND,
    FIELD,
    INK_2,
    PAPER,
    SKY,
    WIDTH,
    Drawing,
    ValueScale,
    shortened,
    text_width,
    whole_of,
    wrapped,
    written,
)

# A printed page cannot break a picture, so it must fit on one: this is 215 mm in print.
MAX_HEIGHT = 800
BAR = 13  # thickness
LOW = 10  # of bars beside their names, and size of their numbers
BESIDE = 0.42  # of the line of a page, for names beside their bars
MOST_BESIDE = 6  # lines of such a name
BOLD = 0.84  # bold letters are wider: the share of plain ones that fits

# Fill and outline of one to four bars of a group; of three: before, aimed at, reached.
_BEFORE, _AIM, _REACHED, _MORE = (FIELD, None), (PAPER, INK_2), (BRAND, None), (SKY, BRAND)
_SERIES = {
    1: (_REACHED,),
    2: (_AIM, _REACHED),
    3: (_BEFORE, _AIM, _REACHED),
    4: (_BEFORE, _AIM, _REACHED, _MORE),
}


def draw(
    drawing: Drawing,
    names: list[str],
    numbers: list[Decimal | None],
    goal: Decimal | None,
    unit: str,
) -> float:
    """Draw one bar below its name for each number, and the goal as a dashed line. Returns the
    height used, in pixels of the drawing; bars that would make it too high are left out and
    counted."""
    axis = ValueAxis.across(drawing.width, [*numbers, goal, *whole_of(unit)], unit)
    y = _unit_line(drawing, unit)
    left_out = 0
    for name, value in zip(names, numbers, strict=True):
        if y > MAX_HEIGHT:
            left_out += 1
            continue
        y = drawing.lines(y, wrapped(name, drawing.width, lines_of(drawing)))
        axis.bar(drawing, y + 3, value, unit, (BRAND, None), goal)
        y += BAR + 12
    if goal is not None:
        drawing.line(1.5, y, 1.5, y + BAR, BAD, stroke_width=2, stroke_dasharray="3 2")
        shown = _("target %(value)s") % {"value": written(goal, unit)}
        drawing.text(8, y + 11, shown, fill=BAD)
        y += BAR + 6
    return _more(drawing, y, left_out)


def draw_groups(
    drawing: Drawing,
    groups: list[tuple[str, str, list[Decimal | None]]],
    series: list[str],
    *,
    own_scales: bool,
) -> float:
    """Draw a group of bars for each name, a bar for each series. Groups share one scale unless
    they have `own_scales`, as those with different units need. Returns the height used, as `draw`
    does."""
    if drawing.width > WIDTH:
        return _groups_beside(drawing, groups, series, own_scales=own_scales)
    left = min(max(text_width(name) for name in series), 110) + 8
    common = [value for _name, _unit, values in groups for value in values]
    y, left_out = 0.0, 0
    for name, unit, values in groups:
        if y > MAX_HEIGHT - 80:
            left_out += 1
            continue
        named = f"{name} ({unit})" if unit not in ("", "%") else name
        y = drawing.lines(
            y, wrapped(named, drawing.width * BOLD, lines_of(drawing)), font_weight="bold"
        )
        axis = ValueAxis.across(drawing.width, values if own_scales else common, unit, left)
        for shown, value, style in zip(series, values, _SERIES[len(series)], strict=True):
            drawing.text(0, y + 15, shortened(shown, left - 8), fill=INK_2)
            axis.bar(drawing, y + 4, value, unit, style)
            y += BAR + 4
        y += 14
    return _more(drawing, y - 6, left_out)


def _groups_beside(
    drawing: Drawing,
    groups: list[tuple[str, str, list[Decimal | None]]],
    series: list[str],
    *,
    own_scales: bool,
) -> float:
    """Draw the groups low, with the names beside their bars: on paper the line is long enough."""
    left = drawing.width * BESIDE
    common = [value for _name, _unit, values in groups for value in values]
    y, left_out = _series(drawing, series), 0
    if not own_scales:
        _unit_line(drawing, groups[0][1] if groups else "")
    for name, unit, values in groups:
        if y > MAX_HEIGHT - 80:
            left_out += 1
            continue
        named = f"{name} ({unit})" if unit not in ("", "%") and own_scales else name
        ends = drawing.lines(y, wrapped(named, left - 12, MOST_BESIDE))
        axis = ValueAxis.across(drawing.width, values if own_scales else common, unit, left)
        for value, style in zip(values, _SERIES[len(series)], strict=True):
            axis.bar(drawing, y + 2, value, unit, style, thickness=LOW)
            y += LOW + 2
        y = max(y, ends) + 6
    return _more(drawing, y - 3, left_out)


def _series(drawing: Drawing, series: list[str]) -> float:
    """Draw what the bars of a group are, and return where that ends."""
    x, y = drawing.width * BESIDE, 0.0
    for name, (fill, outline) in zip(series, _SERIES[len(series)], strict=True):
        width = 20 + text_width(name)
        if x > drawing.width * BESIDE and x + width > drawing.width:
            x, y = drawing.width * BESIDE, y + 18
        inset = 0.5 if outline else 0
        drawing.rect(x + inset, y + inset, 12 - 2 * inset, 12 - 2 * inset, fill, stroke=outline)
        drawing.text(x + 18, y + 11, name, fill=INK_2)
        x += width + 14
    return y + 24


def lines_of(drawing: Drawing) -> int:
    """Return how many lines a name may have: on paper nobody can ask for the rest."""
    return 4 if drawing.width > WIDTH else 2


@dataclass(frozen=True)
class ValueAxis:
    """The start and length of horizontal bars, with room for the numbers beside them."""

    scale: ValueScale
    start: float
    length: float

    @classmethod
    def across(
        cls, width: float, values: Iterable[Decimal | None], unit: str, left: float = 0
    ) -> "ValueAxis":
        known = [value for value in values if value is not None]
        below = [text_width(written(v, unit)) + 6 for v in known if v < 0]
        above = [text_width(written(v, unit)) + 6 for v in known if v >= 0]
        start = left + max(below, default=0)
        return cls(ValueScale.of(known), start, width - start - max(above, default=12))

    def at(self, value: Decimal) -> float:
        return self.start + self.scale.at(value, self.length)

    def bar(
        self,
        drawing: Drawing,
        y: float,
        value: Decimal | None,
        unit: str,
        style: tuple[str, str | None],
        goal: Decimal | None = None,
        thickness: int = BAR,
    ) -> None:
        nought = self.at(Decimal(0))
        aim = None if goal is None else self.at(goal)
        if value is not None and value:
            end = self.at(value)
            end = max(end, nought + 1) if value > 0 else min(end, nought - 1)
            fill, outline = style
            inset = 0.5 if outline else 0
            x, width = min(nought, end) + inset, abs(end - nought) - 2 * inset
            drawing.rect(x, y + inset, width, thickness - 2 * inset, fill, stroke=outline)
        else:
            end = nought
        drawing.line(nought, y - 2, nought, y + thickness + 2, FIELD)
        if aim is not None:
            drawing.line(aim, y - 3, aim, y + BAR + 3, PAPER, stroke_width=5)
            drawing.line(aim, y - 3, aim, y + BAR + 3, BAD, stroke_width=2, stroke_dasharray="3 2")
        shown = written(value, unit)
        letters = None if thickness == BAR else LOW
        foot = y + thickness - (2 if thickness == BAR else 1)
        if value is not None and value < 0:
            drawing.text(end - 4, foot, shown, text_anchor="end", font_size=letters)
            return
        if aim is not None and end - 2 < aim < end + text_width(shown) + 8:
            end = aim + 2  # beside the line of the target, not across it
        colour = INK_2 if value is None else None
        drawing.text(end + 4, foot, shown, fill=colour, font_size=letters)


def _unit_line(drawing: Drawing, unit: str) -> float:
    if unit in ("", "%"):
        return 0.0
    return drawing.lines(0, [shortened(unit, drawing.width)], fill=INK_2) + 4


def _more(drawing: Drawing, y: float, count: int) -> float:
    if count <= 0:
        return y
    shown = ngettext(
        "%(count)s more appears only in the table.",
        "%(count)s more appear only in the table.",
        count,
    )
    return drawing.lines(y, [shown % {"count": count}], fill=INK_2) + 4
