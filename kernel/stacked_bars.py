"""Stacked bars: for each thing one horizontal bar of its parts, all on one scale.

For instance how many indicators of each result met their target, came close or are behind. Each
part carries its number, the legend below names the parts. A chart of `kernel.charts`, with its
table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _, ngettext

from kernel.charts import TONES, Chart, chart_of
from kernel.formats import join_list, number
from kernel.svg import FIELD, INK_2, WIDE, WIDTH, Drawing, label, shortened, text_width, wrapped

MAX_ROWS = 20  # as many as fit on a printed page; the table has all
_BAR, _GAP = 16, 8


@dataclass(frozen=True)
class StackedPart:
    """A part of the bars: its name, its tone (of `kernel.charts.TONES`), and a count of zero or
    more for each row."""

    name: str
    tone: str
    counts: Sequence[int]


def stacked_rows(
    title: str,
    labels: Sequence[object],
    parts: Sequence[StackedPart],
    *,
    heading: str = "",
    key: str = "",
    wide: bool = False,
) -> Chart:
    """Draw a horizontal bar for each label, made of its parts in order.

    The longest bar fills the line; a row without any count shows a zero. `heading` names the
    labels, for the table.
    """
    names = [label(words) for words in labels]
    kinds = [label(part.name) for part in parts]
    rows = [[max(part.counts[place], 0) for part in parts] for place in range(len(names))]
    drawing = Drawing(WIDE if wide else WIDTH)
    height = _rows(drawing, names, rows, parts)
    height = _legend(drawing, height + 4, kinds, parts)
    return chart_of(
        drawing,
        height,
        title,
        " ".join(
            f"{name} – {_counts_in_words(kinds, counts)}."
            for name, counts in zip(names[:MAX_ROWS], rows, strict=False)
        )
        or _("No data yet."),
        [heading or _("Item"), *kinds],
        [
            [name, *(number(count) for count in counts)]
            for name, counts in zip(names, rows, strict=True)
        ],
        key,
    )


def _counts_in_words(kinds: Sequence[str], counts: Sequence[int]) -> str:
    parts_in_words = [
        f"{kind}: {number(count)}" for kind, count in zip(kinds, counts, strict=True) if count
    ]
    return join_list(parts_in_words) or "0"


def _rows(
    drawing: Drawing, names: Sequence[str], rows: list[list[int]], parts: Sequence[StackedPart]
) -> float:
    beside = drawing.width > WIDTH
    left = drawing.width * 0.5 if beside else 0
    most = max(map(sum, rows), default=0) or 1
    y = 0.0
    for name, counts in zip(names[:MAX_ROWS], rows, strict=False):
        lines = wrapped(name, (left or drawing.width) - 10, 4 if beside else 2)
        ends = drawing.lines(y, lines)
        y = max(y, (y + ends - _BAR) / 2) if beside else ends + 3
        _bar(drawing, left, y, counts, parts, most)
        y = max(ends, y + _BAR) + _GAP
    if (more := len(names) - MAX_ROWS) > 0:
        sentence = ngettext(
            "%(count)s more appears only in the table.",
            "%(count)s more appear only in the table.",
            more,
        )
        y = drawing.lines(y, [sentence % {"count": more}], fill=INK_2)
    return y


def _bar(
    drawing: Drawing,
    left: float,
    y: float,
    counts: list[int],
    parts: Sequence[StackedPart],
    most: int,
) -> None:
    unit = (drawing.width - left - 1) / most
    drawing.line(left, y - 2, left, y + _BAR + 2, FIELD)
    if not any(counts):
        drawing.text(left + 6, y + 12, "0", fill=INK_2)
    x = left
    for part, count in zip(parts, counts, strict=True):
        if not count:
            continue
        fill, outline, upon = TONES[part.tone]
        width, inset = unit * count, 0.5 if outline else 0
        drawing.rect(
            x + 1 + inset, y + inset, width - 1 - 2 * inset, _BAR - 2 * inset, fill, stroke=outline
        )
        if text_width(number(count)) + 4 <= width:
            drawing.text(x + width / 2, y + 12, number(count), fill=upon, text_anchor="middle")
        x += width


def _legend(
    drawing: Drawing, y: float, kinds: Sequence[str], parts: Sequence[StackedPart]
) -> float:
    """Draw the names of the parts beside each other, as many as fit on a line."""
    x = 0.0
    for kind, part in zip(kinds, parts, strict=True):
        name = shortened(kind, drawing.width - 20)
        width = 20 + text_width(name)
        if x and x + width > drawing.width:
            x, y = 0.0, y + 20
        fill, outline, _upon = TONES[part.tone]
        drawing.rect(x + 0.5, y + 0.5, 12, 12, fill, stroke=outline or fill)
        drawing.text(x + 18, y + 11, name)
        x += width + 14
    return y + 18
