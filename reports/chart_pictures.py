"""Draws the charts of documents as PNG, for Word files. It knows no Django.

The PDF shows a chart as SVG. Word programs show SVG in their own ways and with other fonts, or not at
all, so a Word file has the same drawing as a picture. Only what `kernel.svg.Drawing` writes is known
here: rectangles, lines and one line of text each.
"""

import io
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring
from PIL import Image, ImageDraw, ImageFont

FONTS = Path(__file__).resolve().parent.parent / "static" / "fonts"
# Dots for each unit of the drawing: 230 to the inch where a chart fills the line of a page.
SCALE = 2.5
FONT_SIZE = 12  # as in kernel.svg
COLOURS = 32
SPOKEN = frozenset({"title", "desc"})  # read aloud, not drawn

Attributes = dict[str, str]
Point = tuple[float, float]


class UnknownShape(ValueError):
    """A shape that no chart had until now: `Canvas` must learn to draw it."""


def chart_png(svg: str) -> bytes:
    """Return the picture; equal drawings give equal bytes."""
    root = fromstring(svg)
    width, height = (float(side) for side in root.attrib["viewBox"].split()[2:])
    picture = Image.new("RGB", (round(width * SCALE), round(height * SCALE)), "white")
    Canvas(ImageDraw.Draw(picture)).draw(root, {})
    # Letters have soft edges, so there are more shades than colours.
    few = picture.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    written = io.BytesIO()
    few.save(written, "PNG", optimize=True, dpi=(96 * SCALE, 96 * SCALE))
    return written.getvalue()


def size_of(svg: str) -> tuple[float, float]:
    """Return width and height of the drawing in its own units."""
    width, height = fromstring(svg).attrib["viewBox"].split()[2:]
    return float(width), float(height)


class Canvas:
    """Draws the elements of an SVG, each with the attributes of the groups around it."""

    def __init__(self, pen: ImageDraw.ImageDraw) -> None:
        self.pen = pen
        self.shapes: dict[str, Callable[[Element, Attributes], None]] = {
            "rect": self._rect,
            "line": self._line,
            "text": self._text,
        }

    def draw(self, element: Element, around: Attributes) -> None:
        name = element.tag.rpartition("}")[2]
        known = around | element.attrib
        if name in ("svg", "g"):
            for each in element:
                self.draw(each, known if name == "g" else {})
        elif name in self.shapes:
            self.shapes[name](element, known)
        elif name not in SPOKEN:
            raise UnknownShape(name)

    def _rect(self, element: Element, known: Attributes) -> None:
        x, y = _number(element, "x"), _number(element, "y")
        width, height = _number(element, "width"), _number(element, "height")
        if width <= 0 or height <= 0:
            return
        stroke, dashes = known.get("stroke"), known.get("stroke-dasharray")
        edge = known | {"stroke": stroke} if stroke else {}
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        # The last dot belongs to the shape, so that shapes beside each other do not overlap.
        box = [x * SCALE, y * SCALE, (x + width) * SCALE - 1, (y + height) * SCALE - 1]
        self.pen.rounded_rectangle(
            box,
            _number(element, "rx") * SCALE,
            fill=_colour(known.get("fill")),
            outline=_colour(stroke) if not dashes else None,
            width=_thickness(known),
        )
        if dashes and edge:
            self._stroke([*corners, corners[0]], edge)

    def _line(self, element: Element, known: Attributes) -> None:
        start = _number(element, "x1"), _number(element, "y1")
        self._stroke([start, (_number(element, "x2"), _number(element, "y2"))], known)

    def _stroke(self, points: list[Point], known: Attributes) -> None:
        if not (colour := _colour(known.get("stroke"))):
            return
        lines = [points]
        if dashes := known.get("stroke-dasharray"):
            lines = _dashed(points, [float(each) for each in dashes.replace(",", " ").split()])
        for line in lines:
            dots = [(x * SCALE, y * SCALE) for x, y in line]
            self.pen.line(dots, fill=colour, width=_thickness(known), joint="curve")

    def _text(self, element: Element, known: Attributes) -> None:
        anchor = {"middle": "ms", "end": "rs"}.get(known.get("text-anchor", ""), "ls")
        size = float(known.get("font-size", FONT_SIZE))
        self.pen.text(
            (_number(element, "x") * SCALE, _number(element, "y") * SCALE),
            element.text or "",
            fill=_colour(known.get("fill")) or "black",
            font=_font(known.get("font-weight") == "bold", round(size * SCALE)),
            anchor=anchor,
        )


@cache
def _font(is_bold: bool, size: int) -> ImageFont.FreeTypeFont:
    name = "NotoSans-Bold.ttf" if is_bold else "NotoSans-Regular.ttf"
    # The simple layout is the same on every machine, with or without Raqm.
    return ImageFont.truetype(FONTS / name, size, layout_engine=ImageFont.Layout.BASIC)


def _number(element: Element, name: str) -> float:
    return float(element.attrib.get(name, 0))


def _colour(name: str | None) -> str | None:
    return None if name in (None, "", "none") else name


def _thickness(known: Attributes) -> int:
    return max(round(float(known.get("stroke-width", 1)) * SCALE), 1)


def _dashed(points: list[Point], dashes: list[float]) -> list[list[Point]]:
    """Return the pieces of the line that are drawn: every other one of these lengths."""
    drawn: list[list[Point]] = []
    place, left = 0, dashes[0]
    for (x1, y1), (x2, y2) in pairwise(points):
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        done = 0.0
        while done < length:
            step = min(left, length - done)
            if place % 2 == 0:
                ends = [done / length, (done + step) / length]
                drawn.append([(x1 + (x2 - x1) * at, y1 + (y2 - y1) * at) for at in ends])
            done, left = done + step, left - step
            if left <= 0:
                place += 1
                left = dashes[place % len(dashes)]
    return drawn
