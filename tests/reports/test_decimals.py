"""Where the numbers of a column stand in print: their decimal marks below each other."""

import re
from io import BytesIO
from itertools import pairwise

import pytest
from django.utils import translation
from pypdf import PdfReader

from kernel.formats import MISSING, money, number, percent
from reports.compose.blocks import cell, column, table
from reports.decimals import aligned, width_of
from reports.pdf import html_of, rendered
from tests.reports.reading_blocks import document_of


def ends_of(*texts, language="fr"):
    lines = [[text] for text in texts]
    with translation.override(language):
        block = aligned(table("", [column("A", num=True)], lines, head=-1))
    return [float(row["cells"][0]["end"] or 0) for row in block["rows"]]


@pytest.mark.parametrize("language", ["fr", "es", "en"])
def test_a_number_gives_way_by_the_decimals_and_the_unit_that_it_lacks(language):
    with translation.override(language):
        texts = [number(1200), number(1234.5, 1), percent(0.31), MISSING, money(5, "CAD")]

    ends = ends_of(*texts, language=language)

    behind = ["", texts[1][-2:], texts[2].lstrip("31"), "", texts[4].lstrip("5")]
    longest = max(map(width_of, behind))
    assert ends == pytest.approx([longest - width_of(end) for end in behind], abs=0.001)
    assert ends[4] == 0


def test_what_is_no_number_stays_at_the_right():
    assert ends_of("4 sur 7", "12,5", "non communiqué", "3")[::2] == [0, 0]


def test_a_comma_parts_thousands_in_english_and_decimals_in_french():
    assert ends_of("1,234", "7", language="en") == [0, 0]
    assert ends_of("1,234", "7", language="fr") == [0, pytest.approx(width_of(",234"), abs=0.001)]


def test_a_sign_in_bold_is_as_wide_as_it_is():
    assert ends_of(cell("3 %", tone="bad"), "3 %")[1] > 0


def test_the_points_stand_below_each_other_on_the_page():
    numbers = ["1.25", "1,234.5", "7", "31%"]
    blocks = [table("", [column("A"), column("B", 30, num=True)], [["x", n] for n in numbers])]

    places = units_on_the_page(blocks)

    assert len(places) == 4
    assert all(abs(one - other) < 0.05 for one, other in pairwise(places)), places


def units_on_the_page(blocks):
    """Where the whole part of each number ends, in points from the left."""
    html = html_of(document_of(blocks), code="", is_draft=False)
    with rendered(html, lambda stage, page: None) as pdf:
        page = PdfReader(BytesIO(pdf.content.read())).pages[0]
    places = []

    def visit(text, matrix, placed, font, size):
        if re.fullmatch(r"[\d,.]+%?", text.strip()):
            whole = text.strip().split(".")[0].rstrip("%")
            scale = placed[0] * matrix[0] * size
            places.append(placed[4] * matrix[0] + matrix[4] + width_of(whole) * scale)

    page.extract_text(visitor_text=visit)
    return places
