"""No hidden count of persons can be computed from what is shown.

The reader is taken to know the rules and to see everything that pages and reports tell of an
indicator. For each hidden count above zero there must be another assignment of the counts that
looks the same and in which it is another one.
"""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given, strategies as st

from projects.framework.disclosure import (
    FEWEST_DISCLOSED,
    breakdown_may_be_disclosed,
    disclosable_groups,
    sum_may_be_disclosed,
)
from projects.framework.figures import by_period, standing
from projects.models import Category, DataPoint, Indicator, Period, Project, Result

RULES = Indicator.Cumulative.values
# Cells of up to three periods; small counts are the interesting ones.
counts = st.one_of(st.integers(0, 6), st.integers(0, 40))


def tables_of(cells):
    rows = st.integers(1, 3).flatmap(lambda n: st.lists(cells, min_size=n, max_size=n))
    return rows.flatmap(
        lambda row: st.lists(st.lists(cells, min_size=len(row), max_size=len(row)), max_size=3).map(
            lambda more: [row, *more]
        )
    )


tables = tables_of(counts)


def points_of(table, wholes, rule):
    """The values of an indicator of persons: a period a row, a cell a column, totals computed.

    `wholes`: of how many, as a table of the same shape; None where persons are merely counted.
    """
    measure = "percentage" if wholes else "unit"
    indicator = Indicator(measure=measure, cumulative=rule, counts_persons=True)
    indicator.result = Result(project=Project())
    points = []
    for number, row in enumerate(table):
        start = date(2020, 1, 1) + timedelta(days=100 * number)
        period = Period(pk=number + 1, number=number, start=start, end=start + timedelta(days=99))
        whole = wholes and wholes[number]
        cells = zip(row, whole or [None] * len(row), strict=True)
        for place, (part, of) in enumerate(cells):
            if of == 0:
                part = of = None  # nobody of nobody is no value
            points.append(value(indicator, period, part, of, place))
        if not wholes or sum(whole):
            points.append(value(indicator, period, sum(row), wholes and sum(whole)))
    return indicator, points


def value(indicator, period, part, of, place=None):
    category = None if place is None else Category(pk=place + 1, position=place)
    return DataPoint(
        indicator=indicator,
        kind="actual",
        period=period,
        category=category,
        numerator=None if part is None else Decimal(part),
        denominator=None if of is None else Decimal(of),
    )


def shown(table, wholes, rule):
    """All that is told of it: each period alone, by cell, cumulatively, with its rating."""
    indicator, points = points_of(table, wholes, rule)
    told = []
    for row in by_period(indicator, points):
        total = row.actual_point
        told.append(
            (
                row.is_withheld,
                total and (total.numerator, total.denominator),
                row.cells_are_withheld,
                tuple((cell.cell, cell.numerator, cell.denominator) for cell in row.cells),
                row.standing.is_withheld,
                row.standing.actual,
                row.standing.rating,
            )
        )
    now = standing(indicator, points)
    return (tuple(told), now.actual, now.is_withheld)


def hidden_cells(table, view):
    told, *_rest = view
    return [
        (row, place)
        for row, line in enumerate(told)
        for place in range(len(table[row]))
        if line[2] and table[row][place]
    ]


def other_tables(table, row, place):
    """Tables in which this cell is another, alone or at the cost of one other or of two others."""
    places = [(r, p) for r in range(len(table)) for p in range(len(table[r]))]
    here = table[row][place]
    for change in [*range(-min(here, 45), 0), *range(1, 46)]:
        for other in places:
            again = [list(line) for line in table]
            again[row][place] += change
            if other != (row, place):
                again[other[0]][other[1]] -= change
            if all(count >= 0 for line in again for count in line):
                yield again


@given(tables, st.sampled_from(RULES))
def test_a_hidden_count_of_persons_could_be_another(table, rule):
    view = shown(table, None, rule)

    for row, place in hidden_cells(table, view):
        same = (again for again in other_tables(table, row, place))
        assert any(shown(again, None, rule) == view for again in same), (row, place)
    for row in (row for row, line in enumerate(view[0]) if line[0]):
        same = (
            again for place in range(len(table[row])) for again in other_tables(table, row, place)
        )
        others = (again for again in same if sum(again[row]) != sum(table[row]))
        assert any(shown(again, None, rule) == view for again in others), row


def with_others(table, row, place):
    """Tables in which this cell is another: the reader does not know it either."""
    for count in range(10):
        yield [
            [count if (r, p) == (row, place) else each for p, each in enumerate(line)]
            for r, line in enumerate(table)
        ]


@given(tables_of(st.tuples(counts, counts)), st.sampled_from(RULES))
@example([[(4, 5)], [(5, 7)]], "highest")
def test_a_hidden_part_or_rest_of_a_whole_could_be_another(table, rule):
    parts, rests = ([[pair[side] for pair in row] for row in table] for side in (0, 1))

    def view_of(some, others):
        wholes = [
            [a + b for a, b in zip(*rows, strict=True)] for rows in zip(some, others, strict=True)
        ]
        return shown(some, wholes, rule)

    view = view_of(parts, rests)
    for row, place in hidden_cells(parts, view):
        same = [*other_tables(parts, row, place)]
        assert any(view_of(again, rests) == view for again in same) or any(
            view_of(again, beside) == view
            for beside in with_others(rests, row, place)
            for again in same
        ), (row, place)
    for row, place in hidden_cells(rests, view):
        same = [*other_tables(rests, row, place)]
        assert any(view_of(parts, again) == view for again in same) or any(
            view_of(beside, again) == view
            for beside in with_others(parts, row, place)
            for again in same
        ), (row, place)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("part", "whole", "is_withheld"),
    [
        (4, 50, True),
        (5, 50, False),
        (45, 50, False),
        (46, 50, True),  # four who were not reached
        (49, 50, True),
        (50, 50, False),  # nobody is no secret
    ],
)
def test_the_rest_of_a_whole_is_a_count_of_persons_too(rule, part, whole, is_withheld):
    (row,) = by_period(*points_of([[part]], [[whole]], rule))

    assert (row.is_withheld, row.standing.is_withheld) == (is_withheld, is_withheld)


def test_the_rest_of_a_cell_is_a_count_of_persons_too():
    def cells_are_withheld(*parts):
        (row,) = by_period(*points_of([list(parts)], [[50, 50]], "latest"))
        return (row.is_withheld, row.cells_are_withheld)

    assert cells_are_withheld(45, 20) == (False, False)
    assert cells_are_withheld(46, 20) == (False, True)


@given(tables, st.sampled_from(RULES))
def test_nothing_that_is_shown_is_small(table, rule):
    told, actual, _withheld = shown(table, None, rule)

    numbers = [total[0] for _a, total, *_rest in told if total]
    numbers += [cell[1] for line in told for cell in line[3]]
    numbers += [line[5] for line in told if line[5] is not None]
    assert not [number for number in [*numbers, actual or 0] if 0 < number < FEWEST_DISCLOSED]


@given(tables)
def test_who_may_know_all_is_told_all(table):
    indicator, points = points_of(table, None, "sum")

    rows = by_period(indicator, points, small_counts=True)

    assert [[int(cell.numerator) for cell in row.cells] for row in rows] == table
    assert standing(indicator, points, small_counts=True).actual == sum(map(sum, table))


@given(st.lists(st.tuples(counts), max_size=8))
def test_periods_are_told_together_until_they_are_enough(series):
    found = disclosable_groups(series)

    assert [position for group in found for position in group] == list(range(len(series)))
    assert all(sum_may_be_disclosed(series, group) for group in found[:-1])


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ([10, 3, 20], [[0], [1, 2]]),
        ([10, 0, 5], [[0], [1], [2]]),
        ([2, 2, 1], [[0, 1, 2]]),
        ([7, 3], [[0], [1]]),
    ],
)
def test_small_periods_join_the_following_ones(series, expected):
    assert disclosable_groups([(count,) for count in series]) == expected


def test_what_cells_leave_of_the_total_is_a_count_as_well():
    assert breakdown_may_be_disclosed([(10,), (12,)], (22,))
    assert not breakdown_may_be_disclosed([(10,), (12,)], (24,))
    assert not breakdown_may_be_disclosed([(10,)], (12,))


def test_things_are_counted_aloud():
    indicator, points = points_of([[1, 2]], None, "sum")
    indicator.counts_persons = False

    assert standing(indicator, points).actual == 3


def test_a_comment_is_not_told_with_a_hidden_number():
    indicator, points = points_of([[2, 1]], None, "sum")
    points[-1].comment = "Deux femmes"

    assert standing(indicator, points).actual_point is None
    assert by_period(indicator, points)[0].actual_point is None
