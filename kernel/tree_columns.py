"""Tree diagrams for upright pages: a column for each level, and each box as high as those to its right.

A text takes as many lines as it needs, so none is cut. A high tree is drawn in several pictures, each
with the boxes to the left of its own: none is so high that a page before it would stay half empty.
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
    PAPER,
    WIDE,
    Drawing,
    label,
    wrapped,
)

ROOM = 300  # height of the boxes of a picture: a third of a page
_LETTERS, _LINE = 10, 12.5  # smaller than those of other charts: there is much to read
_HEAD, _GAP, _PAD, _BETWEEN = 34, 5, 6, 6
_MOST_LINES = 200

BOLD = 0.84  # bold letters are wider: the share of plain ones that fits
# Fill and letters of the levels from the top.
_FILLS = ((BRAND, PAPER), ("#cfe5e9", INK), ("#e3f0f2", INK))

Part = TypeVar("Part")


@dataclass(frozen=True, eq=False)
class Box:
    """One thing: its code, its text, its row, and the boxes below it."""

    head: str
    text: str
    row: int
    below: tuple["Box", ...] = ()


Path = tuple[Box, ...]


@dataclass
class _ColumnBox:
    """A box with what a picture shows to its right, and the lines of its text."""

    box: Box
    lines: list[str]
    below: list["_ColumnBox"] = field(default_factory=list)

    @property
    def height(self) -> float:
        own = 2 * _PAD + (1 + len(self.lines)) * _LINE
        return max(own, sum(one.height for one in self.below) + _GAP * (len(self.below) - 1))


def tree_columns(
    title: str, rows: Sequence[str], roots: Iterable[Box], *, key: str = "tree"
) -> list[Chart]:
    """Draw the tree, in no picture if it has no box. `rows` names the levels from the top."""
    columns = _Columns(rows)
    paths = [path for root in roots for path in _paths(root, ())]
    parts = list(_parts(paths, columns))
    return [
        _chart(part, columns, titled, f"{key}-{number}")
        for number, (part, titled) in enumerate(titled_parts(title, parts), 1)
    ]


class _Columns:
    """Where the columns begin and how wide they are: the lower a level, the more boxes it has, and
    the wider is its column."""

    def __init__(self, rows: Sequence[str]) -> None:
        self.rows = rows
        count = len(rows)
        shares = [count + 2 + 2 * place for place in range(count)]
        room = WIDE - _BETWEEN * (count - 1)
        self.widths = [room * share / sum(shares) for share in shares]
        self.lefts = [sum(self.widths[:place]) + _BETWEEN * place for place in range(count)]

    def lines(self, box: Box) -> list[str]:
        room = (self.widths[box.row] - 2 * _PAD) * FONT_SIZE / _LETTERS
        return wrapped(label(box.text), room, _MOST_LINES)


def _paths(box: Box, above: Path) -> Iterator[Path]:
    path = (*above, box)
    if not box.below:
        yield path
    for child in box.below:
        yield from _paths(child, path)


def _parts(paths: list[Path], columns: _Columns) -> Iterator[list[_ColumnBox]]:
    """Split the tree into pictures; a branch is cut only if it is too high itself."""
    part: list[Path] = []
    for _key, group in groupby(paths, key=lambda path: [id(box) for box in path[:2]]):
        branch = list(group)
        pieces = [branch] if _fits([*part, *branch], columns) else [[], *_pieces(branch, columns)]
        for piece in pieces:
            if part and not (piece and _fits([*part, *piece], columns)):
                yield _placed(part, columns)
                part = []
            part = [*part, *piece]
    if part:
        yield _placed(part, columns)


def _pieces(branch: list[Path], columns: _Columns) -> Iterator[list[Path]]:
    piece: list[Path] = []
    for path in branch:
        if piece and not _fits([*piece, path], columns):
            yield piece
            piece = []
        piece.append(path)
    yield piece


def _fits(paths: list[Path], columns: _Columns) -> bool:
    return _height(_placed(paths, columns)) <= ROOM


def _placed(paths: list[Path], columns: _Columns) -> list[_ColumnBox]:
    """Return the boxes of these paths as a tree, each box once."""
    roots: list[_ColumnBox] = []
    for path in paths:
        among = roots
        for box in path:
            if not among or among[-1].box is not box:
                among.append(_ColumnBox(box, columns.lines(box)))
            among = among[-1].below
    return roots


def _height(places: list[_ColumnBox]) -> float:
    return sum(one.height for one in places) + _GAP * max(len(places) - 1, 0)


def _chart(places: list[_ColumnBox], columns: _Columns, title: str, key: str) -> Chart:
    drawing = Drawing(WIDE)
    for name, left, width in zip(columns.rows, columns.lefts, columns.widths, strict=True):
        for number, line in enumerate(wrapped(label(name), width * BOLD * 1.15, 2)):
            drawing.text(left, 11 + number * 13, line, fill=INK_2, font_weight="bold", font_size=11)
    y: float = _HEAD
    for place in places:
        y = _draw(drawing, columns, place, y) + _GAP
    boxes = list(_boxes(places, ""))
    return tree_chart(drawing, y - _GAP + 1, title, columns.rows, boxes, key)


def _draw(drawing: Drawing, columns: _Columns, place: _ColumnBox, y: float) -> float:
    """Draw the box and those to its right, and return where they end."""
    box, bottom = place.box, y + place.height
    # Where a level is left out, the box reaches as far as the next one.
    last = min([child.box.row for child in place.below], default=box.row + 1) - 1
    left = columns.lefts[box.row]
    width = columns.lefts[last] + columns.widths[last] - left
    fill, ink = colours_of(box, columns.rows)
    drawing.rect(left, y + 0.5, width, bottom - y, fill, stroke=FIELD, rx=3)
    under = y + _PAD + _LETTERS
    drawing.text(
        left + _PAD, under, label(box.head), fill=ink, font_weight="bold", font_size=_LETTERS
    )
    for line in place.lines:
        under += _LINE
        drawing.text(left + _PAD, under, line, fill=ink, font_size=_LETTERS)
    for child in place.below:
        y = _draw(drawing, columns, child, y) + _GAP
    return bottom


def _boxes(places: list[_ColumnBox], above: str) -> Iterator[tuple[Box, str]]:
    for place in places:
        yield place.box, above
        yield from _boxes(place.below, place.box.head)


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
