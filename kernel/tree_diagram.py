"""Tree diagrams: a row for each level, boxes joined by lines, and the leaves of the lowest row
stacked.

A picture is as wide as a landscape page of A4. A tree with more columns than can be read is drawn
in several pictures, each with the boxes above it. A text too long for its box ends in an ellipsis:
the chart's table has all of it, as has the list that a page shows beside it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeVar

from django.utils.translation import gettext as _

from kernel.charts import Chart, chart_of
from kernel.svg import (
    BRAND,
    FIELD,
    FONT_SIZE,
    INK,
    INK_2,
    LINE_HEIGHT,
    PAPER,
    Drawing,
    label,
    wrapped,
)

MAX_COLUMNS = 6
MAX_STACK = 5

_WIDTH = 1000  # of a landscape page, in pixels of CSS
_GUTTER = 116  # width of the names of the rows
_WIDEST = 300  # a wider column is no easier to read
_GAP, _PAD, _BETWEEN, _INDENT = 6, 8, 26, 14
# As many lines of a text as the page has room for: in the boxes of a row, and in those of a stack.
_ROOM = 460
_LINES = ((24, 24), (12, 12), (8, 8), (6, 5))
BOLD = 0.84  # bold letters are wider: the share of plain ones that fits
# Fill and letters of the rows from the top.
_FILLS = ((BRAND, PAPER), ("#cfe5e9", INK), ("#e3f0f2", INK))


Part = TypeVar("Part")


@dataclass(frozen=True, eq=False)
class Box:
    """One thing: its code, its text, its row, and the boxes below it."""

    head: str
    text: str
    row: int
    below: tuple["Box", ...] = ()


@dataclass(frozen=True)
class _Column:
    """From the top down to the last box that is as wide as the column, and the leaves below."""

    path: tuple[Box, ...]
    stack: tuple[Box, ...] = ()

    def at(self, row: int) -> Box | None:
        return next((box for box in self.path if box.row == row), None)


@dataclass
class _Place:
    """The place of a box: the columns it spans, and the lines of its text."""

    box: Box
    first: int
    count: int
    lines: list[str] = field(default_factory=list)


def tree_diagrams(
    title: str, rows: Sequence[str], roots: Iterable[Box], *, key: str = "tree"
) -> list[Chart]:
    """Draw the tree, in no picture if it has no box. `rows` names the rows.

    Leaves of the last row are stacked. The pictures depend on the arguments alone.
    """
    lowest = len(rows) - 1
    columns = [column for root in roots for column in _columns(root, (), lowest)]
    parts = list(_parts(columns))
    return [
        _picture(part, rows).chart(titled, f"{key}-{number}")
        for number, (part, titled) in enumerate(titled_parts(title, parts), 1)
    ]


def titled_parts(title: str, parts: Sequence[Part]) -> Iterator[tuple[Part, str]]:
    """Return each part of a tree with the title of its picture, which counts them if there are
    several."""
    if len(parts) == 1:
        yield parts[0], title
        return
    for number, part in enumerate(parts, 1):
        facts = {"title": title, "number": number, "count": len(parts)}
        yield part, _("%(title)s, part %(number)s of %(count)s") % facts


def colours_of(box: Box, rows: Sequence[str]) -> tuple[str, str]:
    """Return the fill of a box and the colour of its letters. The lowest level is white, however many
    there are: it holds the most, and prints the best."""
    coloured = _FILLS[: len(rows) - 1]
    return coloured[box.row] if box.row < len(coloured) else (PAPER, INK)


def tree_chart(
    drawing: Drawing,
    height: float,
    title: str,
    rows: Sequence[str],
    boxes: Sequence[tuple[Box, str]],
    key: str,
) -> Chart:
    """Return the drawing with the table of its boxes, each with the code of the one above it. The
    description counts the boxes of each level."""
    counts = [sum(box.row == row for box, _above in boxes) for row in range(len(rows))]
    items = [
        _("%(name)s: %(count)s") % {"name": label(name), "count": count}
        for name, count in zip(rows, counts, strict=True)
        if count
    ]
    headers = [_("Level"), _("Code"), _("Text"), _("Belongs to")]
    cells = [
        [label(rows[box.row]), label(box.head), label(box.text), label(above)]
        for box, above in boxes
    ]
    return chart_of(drawing, height, title, ", ".join(items) + ".", headers, cells, key)


def _columns(box: Box, above: tuple[Box, ...], lowest: int) -> Iterator[_Column]:
    path = (*above, box)
    leaves = [child for child in box.below if child.row == lowest and not child.below]
    for start in range(0, len(leaves), MAX_STACK):
        yield _Column(path, tuple(leaves[start : start + MAX_STACK]))
    for child in box.below:
        if child not in leaves:
            yield from _columns(child, path, lowest)
    if not box.below:
        yield _Column(path)


def _parts(columns: list[_Column]) -> Iterator[list[_Column]]:
    """Split the tree into as many columns as can be read side by side; a branch is cut only if it
    is wider itself."""
    part: list[_Column] = []
    for _key, group in groupby(columns, key=lambda column: [id(box) for box in column.path[:2]]):
        branch = list(group)
        while branch:
            if part and len(part) + len(branch) > MAX_COLUMNS:
                yield part
                part = []
            part = part + branch[:MAX_COLUMNS]
            branch = branch[MAX_COLUMNS:]
    if part:
        yield part


def _picture(columns: list[_Column], rows: Sequence[str]) -> "_Picture":
    """Return the picture with the longest texts that fit a page."""
    pictures = (_Picture(columns, rows, *lines) for lines in _LINES)
    return next((one for one in pictures if one.height <= _ROOM), None) or _Picture(
        columns, rows, *_LINES[-1]
    )


class _Picture:
    def __init__(
        self, columns: list[_Column], rows: Sequence[str], lines: int, stacked_lines: int
    ) -> None:
        self.columns, self.rows = columns, rows
        self.lines, self.stacked_lines = lines, stacked_lines
        self.wide = min(_WIDEST, (_WIDTH - _GUTTER) // len(columns))
        self.drawing = Drawing(_GUTTER + self.wide * len(columns))
        self.places = [list(self._row(row)) for row in range(len(rows))]
        self.tops: dict[int, float] = {}
        self.bottoms: dict[int, float] = {}
        self.height = self._draw()

    def chart(self, title: str, key: str) -> Chart:
        return tree_chart(self.drawing, self.height, title, self.rows, list(self._boxes()), key)

    def _row(self, row: int) -> Iterator[_Place]:
        boxes = [column.at(row) for column in self.columns]
        for _key, group in groupby(enumerate(boxes), key=lambda pair: id(pair[1])):
            pairs = list(group)
            (first, box), count = pairs[0], len(pairs)
            if box:
                room = self.wide * count - 2 * (_GAP + _PAD)
                yield _Place(box, first, count, wrapped(label(box.text), room, self.lines))

    def _draw(self) -> float:
        y = 0.0
        for row, places in enumerate(self.places):
            stacks = [column.stack for column in self.columns if column.stack]
            is_stacked = row == len(self.rows) - 1 and stacks
            if not (places or is_stacked):
                continue
            self.tops[row] = y
            tallest = max((len(place.lines) for place in places), default=0)
            self.bottoms[row] = y + 2 * _PAD + (1 + tallest) * LINE_HEIGHT
            self._name(row, y)
            for place in places:
                self._join(place, row)
                self._box(place.box, self._left(place), y, self._width(place), place.lines)
            y = self.bottoms[row] + _BETWEEN
            if is_stacked:
                y = max(y, self._stacks(self.tops[row]))
        return y - _BETWEEN + 1

    def _left(self, place: _Place) -> float:
        return _GUTTER + place.first * self.wide + _GAP

    def _width(self, place: _Place) -> float:
        return place.count * self.wide - 2 * _GAP

    def _name(self, row: int, y: float) -> None:
        for line in wrapped(label(self.rows[row]), (_GUTTER - 8) * BOLD, 4):
            y += LINE_HEIGHT
            self.drawing.text(0, y + _PAD / 2, line, fill=INK_2, font_weight="bold")

    def _box(
        self, box: Box, x: float, y: float, width: float, lines: list[str], height: float = 0
    ) -> None:
        fill, ink = colours_of(box, self.rows)
        height = height or self.bottoms[box.row] - y
        self.drawing.rect(x, y + 0.5, width, height, fill, stroke=FIELD, rx=4)
        y += _PAD + FONT_SIZE - 1
        self.drawing.text(x + _PAD, y, label(box.head), fill=ink, font_weight="bold")
        for line in lines:
            y += LINE_HEIGHT
            self.drawing.text(x + _PAD, y, line, fill=ink)

    def _join(self, place: _Place, row: int) -> None:
        """Draw a line from the middle of the box above to that of this one."""
        above = next(
            (
                other
                for upper in range(row - 1, -1, -1)
                for other in self.places[upper]
                if any(child is place.box for child in other.box.below)
            ),
            None,
        )
        if above is None:
            return
        start = self._left(above) + self._width(above) / 2
        end = self._left(place) + self._width(place) / 2
        top = self.tops[row]
        turn = top - _BETWEEN / 2
        points = [(start, self.bottoms[above.box.row]), (start, turn), (end, turn), (end, top)]
        self._line(points)

    def _stacks(self, top: float) -> float:
        """Draw the leaves below their columns, and return where the longest stack ends."""
        lowest = top
        for number, column in enumerate(self.columns):
            y, left = top, _GUTTER + number * self.wide + _GAP
            trunk = left + _INDENT / 2
            for box in column.stack:
                width = self.wide - 2 * _GAP - _INDENT
                lines = wrapped(label(box.text), width - 2 * _PAD, self.stacked_lines)
                height = 2 * _PAD + (1 + len(lines)) * LINE_HEIGHT
                middle = y + height / 2
                start = self.bottoms[column.path[-1].row]
                self._line([(trunk, start), (trunk, middle), (left + _INDENT, middle)])
                self._box(box, left + _INDENT, y, width, lines, height)
                y += height + _GAP + 2
            lowest = max(lowest, y)
        return lowest - _GAP - 2 + _BETWEEN

    def _line(self, points: list[tuple[float, float]]) -> None:
        written = [f"{x:.1f},{y:.1f}" for x, y in points]
        self.drawing.polyline(written, stroke=FIELD)

    def _boxes(self) -> Iterator[tuple[Box, str]]:
        """Return each box of the picture once, from the top down, with the code of the one above
        it."""
        seen: set[int] = set()
        for column in self.columns:
            above = ""
            for box in (*column.path, *column.stack):
                if id(box) not in seen:
                    seen.add(id(box))
                    yield box, above
                if box in column.path:
                    above = box.head
