"""Heat maps: every name is in the table, whatever fits into the picture."""

from xml.etree import ElementTree

from hypothesis import given, strategies as st

from kernel.heat_map import HeatMapField, HeatMapScales, heat_map
from kernel.svg import label

GRID = HeatMapScales("Likelihood", ["High", "Low"], "Impact", ["Small <b>", "Great"])


def test_what_is_in_a_field_stands_in_picture_words_and_table():
    chart = heat_map("Risks", GRID, {(0, 1): HeatMapField(["3", "7"], "9", "bad", "Very high")})

    texts = [text.text for text in ElementTree.fromstring(chart.svg).iter() if text.text]
    assert {"3 7", "9"} <= set(texts)
    assert chart.description == "Likelihood High, Impact Great: 3 and 7."
    assert chart.rows == [["High", "–", "9 Very high: 3, 7"], ["Low", "–", "–"]]
    assert chart.headers == ["Likelihood \\ Impact", "Small <b>", "Great"]


@given(st.lists(st.text(max_size=30), max_size=60))
def test_any_number_of_names_fits_and_none_is_lost(names):
    chart = heat_map("Risks", GRID, {(1, 0): HeatMapField(names, "4")})

    ElementTree.fromstring(chart.svg)
    assert chart.rows[1][1] == f"4: {', '.join(map(label, names)) or '–'}"


def test_the_legend_names_each_colour_from_the_mildest_and_explains_the_signs():
    fields = {
        (0, 0): HeatMapField(["1"], "9", "bad", "Very high"),
        (0, 1): HeatMapField([], "2", "ok", "Low"),
        (1, 0): HeatMapField([], "1", "ok", "Low"),
    }

    with_legend = heat_map("Risks", GRID, fields, legend="Bold: risks.", wide=True)

    texts = [text.text for text in ElementTree.fromstring(with_legend.svg).iter() if text.text]
    assert texts[-3:] == ["Low", "Very high", "Bold: risks."]
    assert "Low" not in heat_map("Risks", GRID, fields, wide=True).svg.split("</desc>")[1].replace(
        ">Low</text>", "", 1
    )
