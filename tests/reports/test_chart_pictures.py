"""Charts as pictures for Word files: they show what the PDF shows, and always in the same bytes."""

import io
import re

import pytest
from PIL import Image

from reports.chart_pictures import SCALE, UnknownShape, chart_png, size_of
from reports.figures import charts_of

BOX = {"head": "1000", "text": "Un résultat", "row": 0, "below": []}
FIELD = {"row": 0, "column": 0, "names": ["1"], "number": "9", "tone": "bad", "said": "Haut"}
BAR = {"name": "Un atelier", "start": "2020-01-01", "end": "2020-06-30", "done": 40, "note": ""}
# Each chart of documents with the data of one.
DATA = {
    "states": {"labels": ["Faites"], "values": [3], "tones": ["ok"]},
    "timeline": {"bars": [BAR | {"is_late": True}], "today": "2020-03-01"},
    "indicators": {"labels": ["A"], "units": ["%"], "targets": ["40"], "actuals": ["31"]},
    "grouped": {
        "labels": ["A"],
        "series": [{"name": "S", "values": ["1"]}, {"name": "T", "values": [""]}],
        "unit": "CAD",
        "heading": "Ligne",
    },
    "progress": {
        "labels": ["A"],
        "parts": [{"name": "ok", "tone": "ok", "counts": [2]}],
        "heading": "Résultat",
    },
    "risk_map": {
        "down": "Vers le bas",
        "rows": ["Haut"],
        "across": "De côté",
        "columns": ["Bas", "Haut"],
        "fields": [FIELD],
    },
    "tree": {
        "rows": ["But", "Effet"],
        "boxes": [BOX | {"below": [BOX | {"head": "1100", "row": 1}]}],
    },
}


def drawing(shapes, width=40, height=20):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<title>t</title><desc>d</desc><g fill="#17252f" font-size="12">{shapes}</g></svg>'
    )


def picture(shapes):
    return Image.open(io.BytesIO(chart_png(drawing(shapes)))).convert("RGB")


def colour_at(shown, x, y):
    """The colour at a place of the drawing, near enough for a picture of few colours."""
    return tuple(round(part / 16) for part in shown.getpixel((int(x * SCALE), int(y * SCALE))))


RED, WHITE = (16, 0, 0), (16, 16, 16)


@pytest.mark.parametrize("chart", sorted(set(DATA) - {"tree"}))
def test_two_charts_of_one_kind_share_no_id(chart):
    block = {"type": "figure", "chart": chart, "data": DATA[chart]}
    (first,), (second,) = (charts_of(block | {"title": title}) for title in ("Un", "Deux"))

    def ids(svg):
        return set(re.findall(r' id="([^"]+)"', svg))

    assert ids(first.svg)
    assert ids(first.svg).isdisjoint(ids(second.svg))


@pytest.mark.every_case
@pytest.mark.parametrize("chart", DATA)
def test_each_chart_of_documents_is_drawn_with_nothing_left_out(chart):
    block = {"type": "figure", "title": "Titre", "chart": chart, "data": DATA[chart]}

    (drawn,) = charts_of(block)

    content = chart_png(drawn.svg)
    shown = Image.open(io.BytesIO(content))
    assert shown.size == tuple(round(side * SCALE) for side in size_of(drawn.svg))
    assert len(shown.convert("RGB").getcolors(100_000)) > 2  # not an empty sheet
    assert len(content) < 40_000
    assert chart_png(drawn.svg) == content


def test_a_rectangle_is_where_it_belongs_and_one_without_width_is_not_drawn():
    shown = picture(
        '<rect x="10" y="5" width="20" height="10" fill="#ff0000"/>'
        '<rect x="0" y="0" width="0" height="9" fill="#ff0000"/>'
    )

    assert colour_at(shown, 11, 6) == colour_at(shown, 29, 14) == RED
    assert colour_at(shown, 9, 6) == colour_at(shown, 0, 1) == colour_at(shown, 31, 6) == WHITE


def test_a_dashed_line_has_gaps():
    shown = picture(
        '<line x1="0" y1="10" x2="40" y2="10" stroke="#ff0000" stroke-width="4" '
        'stroke-dasharray="10 10"/>'
    )

    assert [colour_at(shown, x, 10) for x in (5, 15, 25, 35)] == [RED, WHITE, RED, WHITE]


@pytest.mark.parametrize(
    ("anchor", "from_", "to"), [("start", 20, 40), ("middle", 10, 30), ("end", 0, 20)]
)
def test_words_begin_or_end_at_their_anchor(anchor, from_, to):
    """Two letters H are 18 units wide."""
    shown = picture(f'<text x="20" y="15" text-anchor="{anchor}">HH</text>')

    row = [shown.getpixel((x, int(12 * SCALE))) for x in range(shown.width)]
    places = [x / SCALE for x, colour in enumerate(row) if sum(colour) < 300]
    assert from_ <= min(places) <= from_ + 4
    assert to - 4 <= max(places) <= to


@pytest.mark.parametrize("shape", ['<image href="a.png"/>', '<path d="M0,0 C1,1 2,2 3,3"/>'])
def test_a_shape_that_is_not_known_is_not_left_out_silently(shape):
    with pytest.raises(UnknownShape):
        chart_png(drawing(shape))
