"""Trees in columns, for upright pages."""

import re
from xml.etree import ElementTree

import pytest
from django.utils.translation import override

from kernel.tree_columns import ROOM, Box, tree_columns

ROWS = ("Ultimate", "Intermediate", "Immediate", "Outputs")
LONG = "Increased access of women, indigenous and Afro-Honduran organisations to decisions " * 4


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def tree(*, branches=3, leaves=3, text="A result"):
    return Box(
        "1000",
        text,
        0,
        tuple(
            Box(
                f"1{branch + 1}00",
                text,
                1,
                (
                    Box(
                        f"1{branch + 1}10",
                        text,
                        2,
                        tuple(Box(f"1{branch + 1}1{leaf + 1}", text, 3) for leaf in range(leaves)),
                    ),
                ),
            )
            for branch in range(branches)
        ),
    )


def words_in(charts):
    return " ".join(" ".join(re.findall(r">([^<>]+)</text>", chart.svg)) for chart in charts)


def heights(charts):
    return [int(re.search(r'viewBox="0 0 \d+ (\d+)"', chart.svg)[1]) for chart in charts]


def test_no_text_is_cut_however_long():
    charts = tree_columns("Logic model", ROWS, [tree(text=LONG)])

    assert "…" not in words_in(charts)
    assert words_in(charts).count("indigenous") >= 4 * 16


def test_a_small_tree_is_one_picture_with_every_box_once():
    (chart,) = tree_columns("Logic model", ROWS, [tree(leaves=2)])

    assert len(chart.rows) == 1 + 3 + 3 + 6
    assert chart.rows[1] == ["Intermediate", "1100", "A result", "1000"]


def test_a_high_tree_is_cut_between_branches_into_pictures_that_share_a_page():
    charts = tree_columns("Logic model", ROWS, [tree(branches=8, leaves=4)])

    assert len(charts) > 1
    assert max(heights(charts)) <= ROOM + 40
    assert [chart.title for chart in charts][-1].endswith(f"part {len(charts)} of {len(charts)}")


def test_a_level_that_is_left_out_and_an_empty_tree():
    skipped = Box("1", "Top", 0, (Box("2", "Bottom", 3),))

    (chart,) = tree_columns("Logic model", ROWS, [skipped])
    assert chart.rows[1] == ["Outputs", "2", "Bottom", "1"]
    assert tree_columns("Logic model", ROWS, []) == []


def test_a_reader_hears_how_many_there_are_on_each_level():
    (chart,) = tree_columns("Logic model", ROWS, [tree(branches=2, leaves=1)])

    root = ElementTree.fromstring(chart.svg)
    ids = {one.get("id"): one.text for one in root if one.get("id")}
    assert root.get("role") == "img"
    assert [ids[name] for name in root.get("aria-labelledby").split()] == [
        "Logic model",
        "Ultimate: 1, Intermediate: 2, Immediate: 2, Outputs: 2.",
    ]


def test_what_people_typed_breaks_no_picture():
    (chart,) = tree_columns("<Tree> & “co”", ROWS, [Box("<1>", "a & b\x00</svg>", 0)])

    assert "&lt;1&gt;" in chart.svg
    assert ElementTree.fromstring(chart.svg).tag.endswith("svg")
