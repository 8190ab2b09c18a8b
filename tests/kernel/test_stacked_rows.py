"""Rows of parts: picture, words and table say the same, whatever the counts."""

from xml.etree import ElementTree

from hypothesis import given, strategies as st

from kernel.stacked_bars import MAX_ROWS, StackedPart, stacked_rows

RECT = "{http://www.w3.org/2000/svg}rect"


def parts(met, behind):
    return [StackedPart("Met", "brand", met), StackedPart("Behind <b>", "sun", behind)]


def texts_of(chart):
    return [text.text for text in ElementTree.fromstring(chart.svg).iter() if text.text]


def test_each_part_stands_in_picture_words_and_table():
    chart = stacked_rows("Progress", ["1100", "1200"], parts([2, 0], [1, 3]), heading="Result")

    assert {"2", "1", "3", "Met", "Behind <b>"} <= set(texts_of(chart))
    assert chart.description == "1100 – Met: 2 and Behind <b>: 1. 1200 – Behind <b>: 3."
    assert chart.headers == ["Result", "Met", "Behind <b>"]
    assert chart.rows == [["1100", "2", "1"], ["1200", "0", "3"]]


def test_all_bars_are_on_one_scale():
    chart = stacked_rows("Progress", ["a", "b"], parts([1, 3], [0, 0]), wide=True)

    bars = [r for r in ElementTree.fromstring(chart.svg).iter(RECT) if r.get("height") == "16"]
    short, long = (float(bar.get("width")) + 1 for bar in bars)
    assert abs(long / short - 3) < 0.01


def test_a_row_without_counts_is_a_nought_and_no_bar():
    chart = stacked_rows("Progress", ["a"], parts([0], [0]))

    assert "0" in texts_of(chart)
    assert chart.description == "a – 0."


def test_more_rows_than_a_page_shows_stand_in_the_table_only():
    chart = stacked_rows("Progress", range(MAX_ROWS + 2), parts([1] * 22, [0] * 22))

    assert "2 more appear only in the table." in texts_of(chart)
    assert len(chart.rows) == MAX_ROWS + 2


@given(
    st.lists(st.tuples(st.text(max_size=40), st.integers(-5, 10**9)), max_size=25), st.booleans()
)
def test_any_rows_are_a_picture_with_a_table(rows, wide):
    names, counts = [name for name, _n in rows], [n for _name, n in rows]
    chart = stacked_rows("Progress", names, parts(counts, counts), wide=wide)

    ElementTree.fromstring(chart.svg)
    assert len(chart.rows) == len(rows)
