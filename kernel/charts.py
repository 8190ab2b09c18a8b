"""Charts as SVG of about 3 kB, the same in the browser and in the PDF, each with its table.

They are pure functions of labels and numbers. The picture never says more than the table: a
missing value is a gap with a dash, never zero, and what does not fit is in the table only. Colour
is never the only sign: each bar carries its number, each part its name.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import wraps
from typing import Any, TypeVar, cast

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext as _, ngettext, pgettext

from kernel import columns, horizontal_bars
from kernel.formats import Number, join_list, number, percent
from kernel.svg import (
    BAD,
    BRAND,
    FIELD,
    INFO,
    INK,
    INK_2,
    NEUTRAL,
    OK,
    PAPER,
    SKY,
    SUN,
    WARN,
    WIDE,
    WIDTH,
    Drawing,
    exact,
    label,
    shortened,
    text_width,
    with_unit,
    written,
)

MAX_PARTS = 8
MAX_DESCRIBED = 12

# Fill, outline (of pale fills), and the colour of text on it.
TONES = {
    "brand": (BRAND, None, PAPER),
    "sky": (SKY, BRAND, INK),
    "sun": (SUN, WARN, INK),
    "info": (INFO, None, PAPER),
    "ok": (OK, None, PAPER),
    "warn": (WARN, None, PAPER),
    "bad": (BAD, None, PAPER),
    "neutral": (NEUTRAL, FIELD, INK),
}


@dataclass(frozen=True)
class Chart:
    """A picture, a description of it in words, and its table, for `components/chart.html`."""

    svg: SafeString
    title: str
    description: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    # What a page made of it, by language: the picture with its table.
    figures: dict[str, SafeString] = field(default_factory=dict, compare=False, repr=False)


Draw = TypeVar("Draw", bound=Callable[..., Chart])
_drawn: dict[str, Chart] = {}
MOST_DRAWN = 500


def drawn_once(draw: Draw) -> Draw:
    """Keep the charts that were drawn last: most pages show the figures of yesterday."""

    @wraps(draw)
    def kept(title: str, labels: Sequence[object], *figures: Any, **options: Any) -> Chart:
        names = [label(words) for words in labels]
        key = repr((draw.__name__, get_language(), str(title), names, figures, options))
        if key not in _drawn:
            if len(_drawn) >= MOST_DRAWN:
                _drawn.clear()
            _drawn[key] = draw(title, labels, *figures, **options)
        return _drawn[key]

    return cast(Draw, kept)


@drawn_once
def bars(
    title: str,
    labels: Sequence[object],
    values: Sequence[Number | None],
    *,
    target: Number | None = None,
    unit: str = "",
    heading: str = "",
    key: str = "",
    wide: bool = False,
) -> Chart:
    """Draw a bar for each label: columns if the labels are short, horizontal bars if they need
    room.

    `unit="%"` follows each number (31 is 31 %), another unit is written above the bars. A `target`
    is a dashed line. `heading` names the labels, for the table. Every chart has a `key` for its
    ids, needed if two charts of the same title are on one page, and a `wide` form for print.
    """
    names = [label(words) for words in labels]
    numbers = [exact(value) for value in values]
    goal = exact(target)
    drawing = Drawing(WIDE if wide else WIDTH)
    if _nothing_in(numbers):
        height = _no_data(drawing)
    elif layout := columns.layout(drawing.width, names, numbers, goal, unit):
        height = columns.draw(drawing, names, numbers, goal, unit, layout)
    else:
        height = horizontal_bars.draw(drawing, names, numbers, goal, unit)

    headers = [heading or _("Item"), _value_heading(unit)]
    rows = [[name, _cell(value, unit)] for name, value in zip(names, numbers, strict=True)]
    if goal is not None:
        headers.append(_("Target"))
        rows = [[*row, _cell(goal, unit)] for row in rows]
    description = _described(names, numbers, unit)
    if goal is not None:
        description += " " + _("Target: %(value)s.") % {"value": _cell(goal, unit)}
    return chart_of(drawing, height, title, description, headers, rows, key)


def grouped_bars(
    title: str,
    labels: Sequence[object],
    series: Mapping[str, Sequence[Number | None]],
    *,
    units: str | Sequence[str] = "",
    heading: str = "",
    key: str = "",
    wide: bool = False,
) -> Chart:
    """Draw groups of horizontal bars: for each indicator its baseline, target and actual value.

    With one unit for all there is one scale for all. With a unit for each label, each group has its
    own scale, since persons and per cent cannot be compared.
    """
    names = [label(words) for words in labels]
    table = {label(name): [exact(value) for value in values] for name, values in series.items()}
    unit_of = [units] * len(names) if isinstance(units, str) else list(units)
    groups = [
        (name, unit, [values[n] for values in table.values()])
        for n, (name, unit) in enumerate(zip(names, unit_of, strict=True))
    ]
    drawing = Drawing(WIDE if wide else WIDTH)
    if _nothing_in(value for _name, _unit, values in groups for value in values):
        height = _no_data(drawing)
    else:
        height = horizontal_bars.draw_groups(
            drawing, groups, list(table), own_scales=not isinstance(units, str)
        )
    described = [
        f"{name} – {_pairs(table, values, unit)}." for name, unit, values in groups[:MAX_DESCRIBED]
    ]
    description = " ".join(described) or _("No data yet.")
    headers = [heading or _("Item"), *table]
    rows = [[name, *(_cell(value, unit) for value in values)] for name, unit, values in groups]
    return chart_of(drawing, height, title, description, headers, rows, key)


@drawn_once
def stacked(
    title: str,
    labels: Sequence[object],
    values: Sequence[Number | None],
    *,
    tones: Sequence[str] = (),
    heading: str = "",
    key: str = "",
    wide: bool = False,
) -> Chart:
    """Draw one bar of all the parts that make a whole (actions by status), with its legend.

    `tones` says what each part means: ok, info, warn, bad, neutral, brand, sky or sun.
    """
    names = [label(words) for words in labels]
    numbers = [exact(value) for value in values]
    colours = list(tones) or [list(TONES)[n % len(TONES)] for n in range(len(names))]
    parts = list(zip(names, numbers, colours, strict=True))
    total = sum((_counted(value) for value in numbers), Decimal(0))
    drawing = Drawing(WIDE if wide else WIDTH)
    height = _no_data(drawing) if _nothing_in(numbers) else _parts(drawing, _folded(parts), total)
    return chart_of(
        drawing,
        height,
        title,
        _described(names, numbers, ""),
        [heading or _("Item"), pgettext("how many", "Number"), _("Share")],
        [
            [name, _cell(value, ""), _share(value, total)]
            for name, value in zip(names, numbers, strict=True)
        ],
        key,
    )


# Parts of a whole


def _folded(parts: list[tuple[str, Decimal | None, str]]) -> list[tuple[str, Decimal | None, str]]:
    """Keep as many parts as there are colours and add up the rest, since they are counts."""
    if len(parts) <= MAX_PARTS:
        return parts
    rest = parts[MAX_PARTS - 1 :]
    count = len(rest)
    name = ngettext("%(count)s other", "%(count)s others", count) % {"count": count}
    together = sum((_counted(part[1]) for part in rest), Decimal(0))
    return [*parts[: MAX_PARTS - 1], (name, together, "neutral")]


def _parts(drawing: Drawing, parts: list[tuple[str, Decimal | None, str]], total: Decimal) -> float:
    filled = [(value, tone) for _name, value, tone in parts if value is not None and value > 0]
    if not filled:
        drawing.rect(0.5, 0.5, drawing.width - 1, 27, PAPER, stroke=FIELD, stroke_dasharray="3 3")
    room = drawing.width - 4 * len(filled) + 2
    x = 0.0
    for value, tone in filled:
        fill, outline, upon = TONES[tone]
        width = 2 + float(value / total) * room  # 2 px so that none is too thin to be seen
        inset = 0.5 if outline else 0
        drawing.rect(x + inset, inset, width - 2 * inset, 28 - 2 * inset, fill, stroke=outline)
        if text_width(written(value)) + 8 <= width:
            drawing.text(x + width / 2, 18, written(value), fill=upon, text_anchor="middle")
        x += width + 2

    y = 38.0
    for name, count, tone in parts:
        fill, outline, _upon = TONES[tone]
        shown = written(count)
        if _counted(count):
            shown += f" ({_share(count, total)})"
        drawing.rect(0.5, y + 0.5, 12, 12, fill, stroke=outline or fill)
        drawing.text(20, y + 11, shortened(name, drawing.width - 28 - text_width(shown)))
        drawing.text(drawing.width, y + 11, shown, text_anchor="end")
        y += 20
    return y


def _counted(value: Decimal | None) -> Decimal:
    """Return what a part adds to the whole; a negative number adds nothing."""
    return max(value or Decimal(0), Decimal(0))


def _share(value: Decimal | None, total: Decimal) -> str:
    return percent(value / total if total and value is not None and value >= 0 else None)


# What all charts have


def chart_of(
    drawing: Drawing,
    height: float,
    title: str,
    description: str,
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    key: str,
) -> Chart:
    """Return the drawing as a chart with its words for those who do not see it. `height` is in
    pixels of the drawing. The `key` makes ids unique on a page; without one the title does."""
    title = label(title)
    key = re.sub(r"[^\w-]+", "-", key) or f"chart-{hashlib.sha256(title.encode()).hexdigest()[:8]}"
    svg = drawing.render(height, title=title, description=description, key=key)
    return Chart(svg, title, description, headers, rows)


def _no_data(drawing: Drawing) -> float:
    drawing.rect(0.5, 0.5, drawing.width - 1, 55, PAPER, stroke=FIELD, stroke_dasharray="3 3", rx=4)
    drawing.text(drawing.width / 2, 32, _("No data yet"), text_anchor="middle", fill=INK_2)
    return 56


def _nothing_in(values: Iterable[Decimal | None]) -> bool:
    return all(value is None for value in values)


def _value_heading(unit: str) -> str:
    return unit if unit not in ("", "%") else _("Value")


def _cell(value: Decimal | None, unit: str) -> str:
    if value is None:
        return _("no data")
    if 0 < abs(value) < Decimal("0.000001"):
        return written(value, unit)  # not “0”
    return with_unit(number(value), unit)


def _pairs(series: Iterable[str], values: Sequence[Decimal | None], unit: str) -> str:
    return join_list(f"{name}: {_cell(v, unit)}" for name, v in zip(series, values, strict=True))


def _described(names: list[str], numbers: list[Decimal | None], unit: str) -> str:
    known = [value for value in numbers if value is not None]
    if not known:
        return _("No data yet.")
    if len(names) <= MAX_DESCRIBED:
        return _pairs(names, numbers, unit) + "."
    return _("%(count)s values, from %(lowest)s to %(highest)s.") % {
        "count": len(known),
        "lowest": _cell(min(known), unit),
        "highest": _cell(max(known), unit),
    }
