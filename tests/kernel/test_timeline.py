"""Timelines: what they say in picture, words and table."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from django.utils.translation import override
from hypothesis import given, strategies as st

from kernel.svg import WIDE, WIDTH
from kernel.timeline import BROAD, MAX_BARS, Bar, pieces, span, timeline

SVG = "{http://www.w3.org/2000/svg}"
BARS = [
    Bar("1.1 Ateliers", date(2020, 9, 1), date(2020, 12, 31), done=60),
    Bar(
        "1.2 Trousse",
        date(2020, 10, 1),
        date(2020, 10, 31),
        done=10,
        is_late=True,
        note="24 days late",
    ),
    Bar("2.1 Appel à projets", date(2021, 1, 15), date(2021, 3, 31)),
]
WIDTHS = (WIDTH, WIDE, BROAD)


def texts(svg):
    return [one.text for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


@pytest.mark.parametrize("width", WIDTHS)
def test_a_timeline_names_each_bar_and_says_how_far_it_is(width):
    chart = timeline("Plan", BARS, today=date(2020, 11, 24), width=width)

    said = texts(chart.svg)
    assert {"1.1 Ateliers", "1.2 Trousse"} <= set(said)
    assert {"60%", "10%, 24 days late", "0%"} <= set(said)


def test_a_reader_hears_what_the_picture_shows():
    chart = timeline("Plan", BARS, today=date(2020, 11, 24))
    root = ElementTree.fromstring(chart.svg)

    ids = {one.get("id"): one.text for one in root if one.get("id")}
    assert root.get("role") == "img"
    assert [ids[name] for name in root.get("aria-labelledby").split()] == [
        "Plan",
        "3 bars, from Sep 1, 2020 to Mar 31, 2021. 1 is late. The dashed line is Nov 24, 2020.",
    ]


def test_the_table_says_the_same_as_the_picture():
    chart = timeline("Plan", BARS, heading="Action")

    assert [chart.headers, *chart.rows] == [
        ["Action", "Start", "End", "Done", "Note"],
        ["1.1 Ateliers", "Sep 1, 2020", "Dec 31, 2020", "60%", ""],
        ["1.2 Trousse", "Oct 1, 2020", "Oct 31, 2020", "10%", "24 days late"],
        ["2.1 Appel à projets", "Jan 15, 2021", "Mar 31, 2021", "0%", ""],
    ]


def test_what_is_done_fills_its_bar():
    rects = [
        one.attrib
        for one in ElementTree.fromstring(timeline("Plan", BARS[:1]).svg).iter(f"{SVG}rect")
    ]

    frame, filled = rects
    assert float(filled["width"]) == pytest.approx(float(frame["width"]) * 0.6, abs=0.2)


def test_months_stand_where_they_begin_and_no_name_covers_the_next():
    svg = ElementTree.fromstring(timeline("Plan", BARS, width=BROAD).svg)
    months = [one.text for one in svg.iter(f"{SVG}text") if one.get("y") == "11"]

    assert months == ["Sep 20", "Oct", "Nov", "Dec", "Jan 21", "Feb", "Mar"]


def test_a_long_plan_is_cut_into_pictures_of_about_equal_length():
    bars = [BARS[0]] * 50

    assert [len(part) for part in pieces(bars)] == [16, 17, 17]
    assert max(len(part) for part in pieces(bars)) <= MAX_BARS
    assert list(pieces([])) == []


def test_nothing_to_draw_is_said():
    chart = timeline("Plan", [])

    assert chart.description in {"No data yet.", "Pas encore de données."}
    assert chart.rows == []


bars = st.builds(
    lambda name, start, length, done, late: Bar(
        name, start, start + timedelta(days=length), done=done, is_late=late, note=name[:5]
    ),
    st.text(max_size=200),
    st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    st.integers(0, 4000),
    st.integers(0, 100),
    st.booleans(),
)


@given(st.lists(bars, min_size=1, max_size=8), st.sampled_from(WIDTHS))
def test_whatever_is_drawn_is_whole_and_stays_inside(found, width):
    chart = timeline("Plan", found, today=date(2020, 11, 24), width=width)
    root = ElementTree.fromstring(chart.svg)

    assert not re.search(r"(style|onload|<script|<a )", chart.svg.split("<g ")[0])
    for rect in root.iter(f"{SVG}rect"):
        x, wide = float(rect.get("x")), float(rect.get("width"))
        assert x >= -0.1
        assert x + wide <= width + 0.2
    assert span(found) == (min(bar.start for bar in found), max(bar.end for bar in found))


def test_equal_bars_give_equal_bytes():
    assert timeline("Plan", BARS).svg == timeline("Plan", list(BARS)).svg
