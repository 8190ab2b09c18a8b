"""How periods grow with an extension: whatever the days, no gap, no overlap, nothing lost."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, strategies as st

from projects.amendments.periods import (
    ADD,
    DAY,
    EXTEND,
    HALF_A_MONTH,
    MONTHS_OF,
    PeriodSpan,
    default_way,
    grow_periods,
    months_later,
    possible_ways,
)

STARTS = st.dates(date(2000, 1, 1), date(2040, 1, 1))
KINDS = st.sampled_from(sorted(MONTHS_OF))


@st.composite
def extensions(draw):
    """Periods of one kind that follow each other, the last perhaps cut short, and a new end."""
    kind, cursor, spans = draw(KINDS), draw(STARTS), []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        end = months_later(cursor, MONTHS_OF[kind]) - DAY
        spans.append(PeriodSpan(kind, number, cursor, end, pk=number))
        cursor = end + DAY
    cut = draw(st.integers(0, 60))
    last = spans[-1]
    spans[-1] = PeriodSpan(kind, last.number, last.start, last.end - timedelta(days=cut), last.pk)
    new_end = spans[-1].end + timedelta(days=draw(st.integers(1, 1500)))
    return spans, new_end, draw(st.sampled_from(possible_ways(kind)))


@given(extensions())
def test_periods_reach_the_new_end_without_gap_or_overlap(extension):
    spans, new_end, way = extension
    growth = grow_periods(spans, new_end, way)

    grown = [*spans[:-1], *growth.after]
    for earlier, later in pairwise(grown):
        assert later.start == earlier.end + DAY
        assert later.number > earlier.number
    assert all(span.start < span.end for span in grown)
    is_fiscal = growth.before.kind == "fiscal_year"
    assert growth.last.end >= new_end if is_fiscal else growth.last.end == new_end


@given(extensions())
def test_what_was_there_keeps_its_start_and_never_shrinks(extension):
    spans, new_end, way = extension
    growth = grow_periods(spans, new_end, way)

    before, after = growth.before, growth.after[0]
    assert before == spans[-1]
    assert (after.pk, after.number, after.start) == (before.pk, before.number, before.start)
    assert after.end >= before.end
    assert all(span.pk is None for span in growth.added)
    assert growth.added == () or way == ADD


# What is left over is fifteen days, first and last counted: as much as joins the one before.
CUT = PeriodSpan("project_year", 1, date(2000, 1, 1), date(2000, 12, 16), pk=1)


@given(extensions())
@example(([CUT], date(2003, 1, 15), ADD))
@example(([CUT], date(2003, 1, 16), ADD))
def test_what_is_added_has_the_length_of_its_kind_or_ends_with_the_project(extension):
    spans, new_end, _way = extension

    for span in grow_periods(spans, new_end, ADD).added:
        natural = months_later(span.start, MONTHS_OF[span.kind]) - DAY
        assert span.end >= natural - timedelta(days=3) or span.end == new_end
        assert span.end - natural <= HALF_A_MONTH
        assert span.end - span.start >= HALF_A_MONTH


@given(extensions())
def test_grown_once_there_is_nothing_left_to_grow(extension):
    spans, new_end, way = extension
    growth = grow_periods(spans, new_end, way)

    assert grow_periods([*spans[:-1], *growth.after], new_end, way) is None


@pytest.mark.parametrize(
    ("new_end", "way", "ends"),
    [
        (date(2022, 8, 31), EXTEND, [date(2022, 8, 31)]),
        (date(2022, 8, 31), ADD, [date(2022, 3, 31), date(2022, 8, 31)]),
        (date(2023, 4, 5), ADD, [date(2022, 3, 31), date(2023, 4, 5)]),
        (date(2022, 4, 10), ADD, [date(2022, 4, 10)]),
        (date(2023, 9, 30), ADD, [date(2022, 3, 31), date(2023, 3, 31), date(2023, 9, 30)]),
        (date(2022, 3, 31), ADD, None),
    ],
)
def test_a_project_year_that_ended_in_march(new_end, way, ends):
    year = PeriodSpan("project_year", 3, date(2021, 4, 1), date(2022, 3, 31), pk=3)

    growth = grow_periods([year], new_end, way)

    assert growth is None if ends is None else [span.end for span in growth.after] == ends


@pytest.mark.parametrize(
    ("kind", "new_end", "way"),
    [
        ("project_year", date(2022, 9, 30), EXTEND),
        ("project_year", date(2022, 10, 1), ADD),
        ("quarter", date(2022, 5, 31), ADD),
        ("fiscal_year", date(2022, 5, 31), ADD),
    ],
)
def test_up_to_six_months_prolong_the_last_year(kind, new_end, way):
    assert default_way(kind, date(2022, 3, 31), new_end) == way
