"""Tile maps: the first-level regions of a country as equal tiles in a grid, about where they are on a map.

A tile is drawn for each region, so that small ones are read as well as large ones, and no shape has
to be licensed. A country without a grid here has bars instead.
"""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _, pgettext

from kernel.charts import TONES, Chart, bars, chart_of
from kernel.formats import join_list
from kernel.names import plain
from kernel.svg import FONT_SIZE, INK_2, Drawing, label, wrapped

# By country the names of its regions in rows from the north, each from the west; "" is no region.
GRIDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "HN": (
        ("", "", "", "Islas de la Bahía", "", ""),
        ("", "", "Cortés", "Atlántida", "Colón", "Gracias a Dios"),
        ("Copán", "Santa Bárbara", "Comayagua", "Yoro", "Olancho", ""),
        ("Ocotepeque", "Lempira", "Intibucá", "La Paz", "Francisco Morazán", "El Paraíso"),
        ("", "", "", "Valle", "Choluteca", ""),
    ),
}
_WIDTH, _TILE, _GAP = 420, 40, 3
_LETTERS = 10


def place_chart(
    title: str,
    country: str,
    names: Sequence[str],
    values: Sequence[int],
    *,
    heading: str = "",
    key: str = "",
    wide: bool = True,
) -> Chart:
    """Draw how much there is in each place: a map of tiles, or bars where the country has no grid or
    none of its regions is among the names."""
    counts = {label(name): value for name, value in zip(names, values, strict=True)}
    grid = GRIDS.get(country, ())
    known = {plain(name) for row in grid for name in row if name}
    if not any(plain(name) in known for name in counts):
        return bars(title, list(counts), list(counts.values()), heading=heading, key=key, wide=wide)
    return _tiles(title, grid, counts, heading or _("Place"), key)


def _tiles(
    title: str,
    grid: Sequence[Sequence[str]],
    counts: Mapping[str, int],
    heading: str,
    key: str,
) -> Chart:
    drawing = Drawing(_WIDTH)
    by_name = {plain(name): value for name, value in counts.items()}
    most = max(by_name.values(), default=0)
    width = (_WIDTH + _GAP) / max(map(len, grid)) - _GAP
    for row, names in enumerate(grid):
        for column, name in enumerate(names):
            if name:
                place = (column * (width + _GAP), row * (_TILE + _GAP))
                _tile(drawing, name, by_name.get(plain(name), 0), most, place, width)
    height: float = len(grid) * (_TILE + _GAP)
    drawn = {plain(name) for names in grid for name in names}
    others = [f"{name} ({value})" for name, value in counts.items() if plain(name) not in drawn]
    if others:
        words = _("Elsewhere: %(places)s.") % {"places": join_list(others)}
        height = drawing.lines(height + 2, wrapped(words, _WIDTH, 3), fill=INK_2)
    rows = [[name, str(value)] for name, value in counts.items()]
    described = ", ".join(f"{name}: {value}" for name, value in counts.items()) + "."
    return chart_of(
        drawing, height, title, described, [heading, pgettext("how many", "Number")], rows, key
    )


def _tile(
    drawing: Drawing, name: str, value: int, most: int, place: tuple[float, float], width: float
) -> None:
    """Draw a region: the higher its value, the darker; the number says it without the colour."""
    x, y = place
    tone = "neutral" if not value else "brand" if value * 2 > most else "sky"
    fill, outline, ink = TONES[tone]
    drawing.rect(x + 0.5, y + 0.5, width - 1, _TILE - 1, fill, stroke=outline or fill, rx=3)
    ink = ink if value else INK_2
    for number, line in enumerate(wrapped(name, (width - 4) * FONT_SIZE / _LETTERS)):
        drawing.text(x + 3, y + 12 + number * 11, line, fill=ink, font_size=_LETTERS)
    if value:
        drawing.text(
            x + width - 4,
            y + _TILE - 4,
            str(value),
            fill=ink,
            font_weight="bold",
            text_anchor="end",
        )
