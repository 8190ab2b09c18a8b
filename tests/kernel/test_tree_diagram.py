"""The picture of a tree: what it says in boxes, words and table."""

from xml.etree import ElementTree

import pytest
from django.utils.translation import override
from hypothesis import given, settings, strategies as st

from kernel.tree_diagram import MAX_COLUMNS, MAX_STACK, Box, tree_diagrams

SVG = "{http://www.w3.org/2000/svg}"
ROWS = ["Goals", "Outcomes", "Outputs"]


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def tree(*outputs):
    """A goal, an outcome for each number, and so many outputs below it."""
    outcomes = [
        Box(f"1{n}0", f"Outcome {n}", 1, tuple(Box(f"1{n}{m}", "…", 2) for m in range(count)))
        for n, count in enumerate(outputs)
    ]
    return [Box("100", "The goal", 0, tuple(outcomes))]


def heads(chart):
    """The codes in the boxes, those of the rows' names left out."""
    texts = ElementTree.fromstring(chart.svg).iter(f"{SVG}text")
    return [one.text for one in texts if one.get("font-weight") and one.text not in ROWS]


def test_a_reader_hears_how_many_there_are_and_reads_each_in_the_table():
    (chart,) = tree_diagrams("Logic model", ROWS, tree(1, 0))

    root = ElementTree.fromstring(chart.svg)
    ids = {one.get("id"): one.text for one in root if one.get("id")}
    assert root.get("role") == "img"
    assert [ids[name] for name in root.get("aria-labelledby").split()] == [
        "Logic model",
        "Goals: 1, Outcomes: 2, Outputs: 1.",
    ]
    assert chart.rows == [
        ["Goals", "100", "The goal", ""],
        ["Outcomes", "100", "Outcome 0", "100"],
        ["Outputs", "100", "…", "100"],
        ["Outcomes", "110", "Outcome 1", "100"],
    ]


def test_a_long_text_is_cut_in_its_box_and_whole_in_the_table():
    words = "capacités accrues " * 300
    (chart,) = tree_diagrams("Tree", ROWS, [Box("1", words, 0)])

    assert "…</text>" in chart.svg
    assert chart.rows[0][2] == words.strip()


def test_a_text_for_which_the_page_has_room_is_whole_in_its_box():
    words = "capacités accrues " * 30
    (chart,) = tree_diagrams("Tree", ROWS, [Box("1", words, 0)])

    assert "…" not in chart.svg
    assert chart.svg.count("accrues") == 30


def test_what_people_typed_breaks_no_picture():
    (chart,) = tree_diagrams("<Tree> & “co”", ROWS, [Box("<1>", "a & b\x00</svg>", 0)])

    assert heads(chart) == ["<1>"]


def test_without_a_box_there_is_no_picture():
    assert tree_diagrams("Tree", ROWS, []) == []


@given(st.lists(st.integers(0, 11), min_size=1, max_size=9))
@settings(max_examples=15, deadline=None)
def test_each_box_is_drawn_and_no_picture_is_wider_or_longer_than_a_page(outputs):
    charts = tree_diagrams("Tree", ROWS, tree(*outputs))

    for chart in charts:
        root = ElementTree.fromstring(chart.svg)
        assert int(root.get("width")) <= 1000
        assert int(root.get("height")) <= 900
        assert 1 <= len(heads(chart)) <= 1 + MAX_COLUMNS * (1 + MAX_STACK)
    drawn = [code for chart in charts for code in heads(chart) if code != "100"]
    assert len(set(drawn)) == len({box.head for box in boxes(tree(*outputs))} - {"100"})


def boxes(roots):
    for box in roots:
        yield box
        yield from boxes(box.below)
