"""Burn-up charts: how much should be done by a day and how much was, as two lines over months."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kernel.charts import Chart, chart_of
from kernel.formats import Number, day_short, number
from kernel.svg import (
    BRAND,
    INK_2,
    LINE,
    NEUTRAL,
    WARN,
    WIDE,
    WIDTH,
    Drawing,
    ValueScale,
    exact,
    label,
    text_width,
    written,
)
from kernel.timeline import TimeAxis, draw_months

_TOP, _TALL = 24, 170
# One dashed, one solid, so that the lines differ without their colours.
_LOOKS: tuple[dict[str, Any], ...] = (
    {"stroke_width": 2, "stroke": WARN, "stroke_dasharray": "6 4"},
    {"stroke_width": 2.5, "stroke": BRAND},
)
Values = Sequence[Decimal | None]


def burn_up(
    title: str,
    days: Sequence[date],
    series: Mapping[str, Sequence[Number | None]],
    *,
    today: date | None = None,
    heading: str = "",
    key: str = "",
    wide: bool = False,
) -> Chart:
    """Draw at most two series over the same ascending days: first the plan, then the outcome.

    A line ends where its values end (None), so that the future is not drawn as if it were done.
    """
    drawing = Drawing(WIDE if wide else WIDTH)
    lines = {label(name): [exact(value) for value in values] for name, values in series.items()}
    known = [value for values in lines.values() for value in values if value is not None]
    headers = [heading or _("Day"), *lines]
    columns = [[_cell(value) for value in values] for values in lines.values()]
    rows = [[day_short(day), *cells] for day, *cells in zip(days, *columns, strict=True)]
    if not known:
        drawing.text(0, 14, _("No data yet"), fill=INK_2)
        return chart_of(drawing, 20, title, _("No data yet."), headers, rows, key)

    scale = ValueScale.of(known)
    left = max(text_width(written(tick)) for tick in scale.ticks()) + 6
    axis = TimeAxis.over(days[0], days[-1], left, drawing.width - left - 8)
    bottom = _TOP + _TALL
    draw_months(drawing, axis, bottom, today, NEUTRAL)
    for tick in scale.ticks():
        y = bottom - scale.at(tick, _TALL)
        drawing.line(left, y, drawing.width, y, LINE if tick == 0 else NEUTRAL)
        drawing.text(left - 6, y + 4, written(tick), text_anchor="end", fill=INK_2)
    height = _legend(drawing, lines, bottom + 8)
    xs = [axis.at(day) for day in days]
    for look, values in zip(_LOOKS, lines.values(), strict=False):
        places = zip(xs, values, strict=True)
        known_places = [(x, bottom - scale.at(y, _TALL)) for x, y in places if y is not None]
        drawing.polyline([f"{x:.1f},{y:.1f}" for x, y in known_places], **look)
    return chart_of(drawing, height, title, _described(days, lines), headers, rows, key)


def _legend(drawing: Drawing, lines: Mapping[str, Values], y: float) -> float:
    for look, name in zip(_LOOKS, lines, strict=False):
        drawing.line(0, y + 8, 24, y + 8, **look)
        drawing.text(32, y + 12, name)
        y += 18
    return y


def _described(days: Sequence[date], lines: Mapping[str, Values]) -> str:
    sentences = []
    for name, values in lines.items():
        known = [(day, value) for day, value in zip(days, values, strict=True) if value is not None]
        if known:
            day, value = known[-1]
            sentences.append(
                _("%(name)s: %(value)s on %(day)s.")
                % {"name": name, "value": number(value), "day": day_short(day)}
            )
    return " ".join(sentences)


def _cell(value: Decimal | None) -> str:
    return _("no data") if value is None else number(round(value, 1))
