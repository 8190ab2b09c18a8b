"""Maps of tiles."""

import re

from kernel.tile_map import GRIDS, place_chart


def labels(chart):
    return re.findall(r">([^<>]+)</text>", chart.svg)


def test_honduras_has_its_eighteen_departments_once():
    names = [name for row in GRIDS["HN"] for name in row if name]

    assert len(names) == len(set(names)) == 18
    assert len({len(row) for row in GRIDS["HN"]}) == 1


def test_a_number_is_in_the_tile_of_its_place_however_it_is_written():
    chart = place_chart("Where", "HN", ["cortes", "YORO"], [3, 1], heading="Department")

    found = labels(chart)
    assert [word for word in found if word.isdigit()] == ["3", "1"]
    assert found[found.index("3") - 1] == "Cortés"
    assert found[found.index("1") - 1] == "Yoro"
    assert chart.rows == [["cortes", "3"], ["YORO", "1"]]


def test_no_name_is_cut():
    chart = place_chart("Where", "HN", ["Yoro"], [1])

    assert "…" not in chart.svg
    words = " ".join(labels(chart))
    for name in (name for row in GRIDS["HN"] for name in row if name):
        assert name in words


def test_what_is_not_on_the_map_is_said_below():
    chart = place_chart("Where", "HN", ["Yoro", "Ottawa"], [1, 2])

    assert "Elsewhere: Ottawa (2)." in labels(chart)


def test_a_country_without_a_map_has_bars():
    chart = place_chart("Where", "BF", ["Centre", "Sahel"], [4, 2], heading="Region")

    assert chart.rows == [["Centre", "4"], ["Sahel", "2"]]
    assert "Cortés" not in chart.svg
