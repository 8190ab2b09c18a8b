"""Drawn pictures in place of photographs, on which nobody can be recognised: each says that it is an
illustration. Equal names give equal bytes."""

import io
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFont

Pen = ImageDraw.ImageDraw
WIDTH, HEIGHT = 900, 600
INK, BRAND, SKY, SUN, PALE, WOOD = "#083d48", "#0b5563", "#6fb7c4", "#f2b544", "#e3f0f2", "#c9b48f"
WALL, FLOOR, LEAF, HEART = "#f4f1ea", "#d9d3c5", "#5f8f6a", "#235a97"
SIZE = (720, 480)  # in pixels: sharp at half a page, and small in every report
SMOOTH = 2  # drawn twice as large, then made smaller, so that edges are soft


def illustration(name: str = "") -> bytes:
    """Return the picture of that name; a plain poster for any other."""
    picture = Image.new("RGB", (WIDTH * SMOOTH, HEIGHT * SMOOTH), PALE)
    pen = ImageDraw.Draw(picture)
    SCENES.get(name, _poster)(pen)
    _ribbon(pen)
    written = io.BytesIO()
    small = picture.resize(SIZE, Image.Resampling.LANCZOS)
    small.quantize(128, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return written.getvalue()


def _box(pen: Pen, left: float, top: float, right: float, bottom: float, fill: str) -> None:
    pen.rectangle([side * SMOOTH for side in (left, top, right, bottom)], fill=fill)


def _shape(pen: Pen, points: list[tuple[float, float]], fill: str) -> None:
    pen.polygon([(x * SMOOTH, y * SMOOTH) for x, y in points], fill=fill)


def _disc(pen: Pen, x: float, y: float, radius: float, fill: str) -> None:
    pen.circle((x * SMOOTH, y * SMOOTH), radius * SMOOTH, fill=fill)


def _ribbon(pen: Pen) -> None:
    """The word that nobody may overlook, at the lower edge."""
    _box(pen, 0, HEIGHT - 54, WIDTH, HEIGHT, INK)
    font = ImageFont.load_default(size=30 * SMOOTH)
    place = (WIDTH // 2 * SMOOTH, (HEIGHT - 27) * SMOOTH)
    pen.text(place, "ILLUSTRATION", fill="#ffffff", font=font, anchor="mm")


def _poster(pen: Pen) -> None:
    _box(pen, 60, 50, 840, 500, BRAND)
    _box(pen, 68, 58, 832, 492, PALE)
    _disc(pen, 450, 275, 90, SUN)


def _room(pen: Pen) -> None:
    _box(pen, 0, 0, WIDTH, 380, WALL)
    _box(pen, 0, 380, WIDTH, HEIGHT, FLOOR)


def _workshop(pen: Pen) -> None:
    """A room with a flip chart and tables in a half circle, before anybody has come in."""
    _room(pen)
    for left in (60, 640):  # windows with hills
        _box(pen, left, 60, left + 200, 240, SKY)
        _shape(
            pen,
            [(left, 240), (left, 190), (left + 80, 140), (left + 200, 210), (left + 200, 240)],
            LEAF,
        )
        _box(pen, left + 97, 60, left + 103, 240, WALL)
    _shape(pen, [(370, 400), (385, 90), (392, 90), (380, 400)], WOOD)
    _shape(pen, [(530, 400), (515, 90), (508, 90), (520, 400)], WOOD)
    _box(pen, 375, 80, 525, 300, "#ffffff")
    for number, width in enumerate((110, 80, 100, 60)):
        top = 110 + number * 42
        _disc(pen, 395, top + 6, 6, SUN)
        _box(pen, 410, top, 410 + width - 10, top + 12, BRAND)
    for left, top in ((40, 400), (290, 440), (540, 400)):
        _box(pen, left, top, left + 310, top + 26, WOOD)
        _box(pen, left + 14, top + 26, left + 26, top + 110, INK)
        _box(pen, left + 284, top + 26, left + 296, top + 110, INK)
        for seat in (60, 150, 240):
            _box(pen, left + seat - 26, top - 12, left + seat + 26, top - 2, "#ffffff")


def _cards(pen: Pen) -> None:
    """A wall on which groups pinned their cards in columns."""
    _room(pen)
    _box(pen, 90, 50, 810, 440, "#e9dfc9")
    colours = (SUN, SKY, "#ffffff")
    for column in range(5):
        left = 120 + column * 136
        _box(pen, left, 74, left + 112, 108, BRAND)
        for row in range(4 if column % 2 else 3):
            top = 126 + row * 76
            _box(pen, left, top, left + 112, top + 62, colours[(row + column) % 3])
            for line in range(3):
                _box(
                    pen,
                    left + 12,
                    top + 14 + line * 15,
                    left + 100 - 18 * line,
                    top + 19 + line * 15,
                    INK,
                )


def _pact(pen: Pen) -> None:
    """A signed sheet with a blue heart on a table, and pens."""
    _box(pen, 0, 0, WIDTH, HEIGHT, WOOD)
    _box(pen, 250, 40, 650, 520, "#ffffff")
    _disc(pen, 415, 140, 42, HEART)
    _disc(pen, 485, 140, 42, HEART)
    _shape(pen, [(377, 158), (523, 158), (450, 244)], HEART)
    for line in range(5):
        top = 280 + line * 24
        _box(pen, 300, top, 600 - 60 * (line == 4), top + 8, "#8fa3a9")
    for left in (300, 470):
        _box(pen, left, 470, left + 130, 473, INK)
    for left, colour in ((700, BRAND), (735, SUN), (170, HEART)):
        _box(pen, left, 150, left + 14, 400, colour)
        _shape(pen, [(left, 400), (left + 14, 400), (left + 7, 430)], INK)


def _hills(pen: Pen) -> None:
    """Hills, the sun and a community centre."""
    _box(pen, 0, 0, WIDTH, HEIGHT, "#cfe6ea")
    _disc(pen, 700, 130, 62, SUN)
    _shape(
        pen, [(0, 330), (180, 190), (380, 320), (560, 210), (900, 350), (900, 600), (0, 600)], LEAF
    )
    _shape(pen, [(0, 420), (260, 330), (620, 420), (900, 380), (900, 600), (0, 600)], "#7fae84")
    _box(pen, 330, 350, 600, 500, WALL)
    _shape(pen, [(305, 355), (465, 270), (625, 355)], BRAND)
    _box(pen, 440, 410, 490, 500, WOOD)
    for left in (360, 530):
        _box(pen, left, 400, left + 44, 444, SKY)


SCENES: dict[str, Callable[[Pen], None]] = {
    "workshop": _workshop,
    "cards": _cards,
    "pact": _pact,
    "hills": _hills,
}
