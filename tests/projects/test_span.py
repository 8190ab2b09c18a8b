"""What an indicator amounts to between two days, and that this gives no hidden count away."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from projects.framework.disclosure import disclosure_of
from projects.framework.values_due import SpanFigures, span_figures, span_figures_by_cell
from projects.models import Category, DataPoint, Indicator, Period, Project, Result
from tests.projects.test_suppression import (
    RULES,
    hidden_cells,
    other_tables,
    points_of,
    shown,
    tables,
)

QUARTERS = [
    Period(pk=1, start=date(2020, 1, 1), end=date(2020, 3, 31)),
    Period(pk=2, start=date(2020, 4, 1), end=date(2020, 6, 30)),
    Period(pk=3, start=date(2020, 7, 1), end=date(2020, 9, 30)),
]


def indicator_of(rule="sum", measure="unit", *, counts_persons=False):
    indicator = Indicator(measure=measure, cumulative=rule, counts_persons=counts_persons)
    indicator.result = Result(project=Project())
    return indicator


def points(indicator, *values, kind="actual", category=None):
    return [
        DataPoint(
            indicator=indicator,
            kind=kind,
            period=period,
            category=category,
            numerator=None if value is None else Decimal(value),
        )
        for period, value in zip(QUARTERS, values, strict=False)
    ]


def between(indicator, some, start, end, *, small_counts=False):
    told = disclosure_of(indicator, some, small_counts=small_counts)
    return span_figures(indicator, some, told, start=start, end=end)


@pytest.mark.parametrize(("rule", "expected"), [("sum", 50), ("latest", 20), ("highest", 30)])
def test_the_periods_that_end_in_the_days_count_by_the_rule(rule, expected):
    indicator = indicator_of(rule)
    some = [*points(indicator, 10, 30, 20), *points(indicator, 5, 6, 7, kind="target")]

    found = between(indicator, some, date(2020, 4, 1), date(2020, 12, 31))

    targets = {"sum": 13, "latest": 7, "highest": 7}
    assert found == SpanFigures(
        target=Decimal(targets[rule]), actual=Decimal(expected), last=some[2]
    )


def test_what_is_missing_is_not_zero():
    indicator = indicator_of()

    assert between(indicator, [], date.min, date.max) == SpanFigures()
    nothing = points(indicator, None)
    assert between(indicator, nothing, date.min, date.max) == SpanFigures(last=nothing[0])


def test_few_persons_are_told_with_those_of_the_following_period():
    indicator = indicator_of(counts_persons=True)
    some = points(indicator, 10, 3, 20)

    assert between(indicator, some, QUARTERS[1].start, QUARTERS[1].end).is_withheld
    assert between(indicator, some, QUARTERS[2].start, QUARTERS[2].end).is_withheld
    both = between(indicator, some, QUARTERS[1].start, QUARTERS[2].end)
    assert (both.actual, both.is_withheld) == (23, False)
    alone = between(indicator, some, QUARTERS[1].start, QUARTERS[1].end, small_counts=True)
    assert alone.actual == 3


def test_a_cell_is_told_with_all_others_or_not_at_all():
    indicator = indicator_of(counts_persons=True)
    women, men = Category(pk=1, position=1), Category(pk=2, position=2)
    some = [
        *points(indicator, 20, 30),
        *points(indicator, 10, 28, category=women),
        *points(indicator, 10, 2, category=men),
    ]
    told = disclosure_of(indicator, some, small_counts=False)

    first = span_figures_by_cell(indicator, some, told, start=date.min, end=QUARTERS[0].end)
    both = span_figures_by_cell(indicator, some, told, start=date.min, end=QUARTERS[1].end)

    assert {key: cell.actual for key, cell in first.items()} == {(1, None): 10, (2, None): 10}
    assert {cell.actual for cell in both.values()} == {None}
    assert all(cell.is_withheld for cell in both.values())


def spans(table, rule):
    """All that can be asked of the days between the periods of a table."""
    indicator, some = points_of(table, None, rule)
    told = disclosure_of(indicator, some, small_counts=False)
    ends = sorted({point.period.end for point in some})
    found = []
    for place, end in enumerate(ends):
        for start in ends[: place + 1]:
            whole = span_figures(indicator, some, told, start=start, end=end)
            cells = span_figures_by_cell(indicator, some, told, start=start, end=end)
            told_cells = tuple((key, cells[key].actual) for key in sorted(cells, key=str))
            found.append((whole.actual, whole.is_withheld, told_cells))
    return tuple(found)


@given(tables, st.sampled_from(RULES))
def test_beside_all_else_that_is_told_a_hidden_count_could_be_another(table, rule):
    view, own = shown(table, None, rule), spans(table, rule)

    for row, place in hidden_cells(table, view):
        same = (again for again in other_tables(table, row, place))
        assert any(
            spans(again, rule) == own and shown(again, None, rule) == view for again in same
        ), (row, place)
