"""Cumulative values, variance and rating: what the pages and the report compute by."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from projects.framework.figures import (
    Figure,
    Rating,
    by_period,
    cumulative,
    rating,
    share_of_way,
    standing,
    variance,
)
from projects.models import Indicator
from tests.factories import DataPointFactory, IndicatorFactory, PeriodFactory

Rule = Indicator.Cumulative
DAY = date(2020, 3, 31)

numbers = st.decimals(-100_000, 100_000, places=2)
counts = st.decimals(0, 100_000, places=2)
days = st.dates(date(2015, 1, 1), date(2030, 1, 1))
figures = st.lists(
    st.builds(Figure, on=days, numerator=st.none() | numbers), unique_by=lambda f: f.on
)
directions = st.booleans()


def wholes():
    """Parts of wholes: a numerator at most as large as its denominator."""
    pair = st.tuples(st.integers(0, 500), st.integers(1, 500)).filter(lambda p: p[0] <= p[1])
    return st.lists(
        st.builds(
            lambda on, pair: Figure(on, Decimal(pair[0]), Decimal(pair[1])), on=days, pair=pair
        ),
        min_size=1,
        unique_by=lambda f: f.on,
    )


# Cumulative values


@given(figures, st.sampled_from(Rule.values))
def test_the_order_in_which_values_come_does_not_matter(values, rule):
    assert cumulative(values, rule) == cumulative(reversed(values), rule)


@given(figures, days, st.sampled_from(Rule.values))
def test_a_missing_value_changes_nothing(values, day, rule):
    assert cumulative([*values, Figure(day, None)], rule) == cumulative(values, rule)


@pytest.mark.parametrize("rule", Rule.values)
def test_without_any_value_nothing_is_told_not_even_zero(rule):
    assert cumulative([], rule) is None
    assert cumulative([Figure(DAY, None)], rule) is None


@given(figures)
def test_numbers_add_up(values):
    told = [figure.numerator for figure in values if figure.numerator is not None]

    assert cumulative(values, Rule.SUM) == (sum(told) if told else None)


@given(figures, numbers)
def test_by_the_rule_of_the_latest_only_the_last_value_counts(values, last):
    newest = Figure(date(2031, 1, 1), last)

    assert cumulative([newest, *values], Rule.LATEST) == last


@given(figures.filter(lambda values: any(f.numerator is not None for f in values)))
def test_the_highest_is_one_of_the_values_and_none_is_above_it(values):
    told = [figure.numerator for figure in values if figure.numerator is not None]

    highest = cumulative(values, Rule.HIGHEST)

    assert highest in told
    assert all(value <= highest for value in told)


@given(wholes())
def test_pooled_parts_lie_between_the_lowest_and_the_highest_percentage(values):
    shares = [figure.value for figure in values]

    pooled = cumulative(values, Rule.SUM, percentage=True)

    assert round(min(shares), 9) <= round(pooled, 9) <= round(max(shares), 9)


def test_parts_of_a_whole_are_pooled_not_averaged():
    values = [
        Figure(date(2020, 3, 31), Decimal(12), Decimal(40)),
        Figure(date(2021, 3, 31), Decimal(30), Decimal(60)),
    ]

    assert cumulative(values, Rule.SUM, percentage=True) == 42


def test_percentages_without_their_parts_are_not_added_up():
    values = [
        Figure(date(2020, 3, 31), Decimal(60)),
        Figure(date(2021, 3, 31), Decimal(70)),
    ]

    assert cumulative(values, Rule.SUM, percentage=True) == 70
    assert cumulative(values, Rule.SUM) == 130


# Variance


@given(st.none() | numbers, st.none() | numbers, directions)
def test_there_is_a_variance_exactly_where_both_values_are_told(actual, target, ascending):
    found = variance(actual, target, ascending=ascending)

    assert (found is None) == (actual is None or target is None)


@given(numbers, numbers, directions)
def test_a_variance_leads_from_the_target_to_the_actual_value(actual, target, ascending):
    found = variance(actual, target, ascending=ascending)

    assert target + found.absolute == actual
    if target:
        assert round(found.share * abs(target), 6) == round(found.absolute, 6)
    else:
        assert found.share is None


@given(numbers, numbers.filter(bool))
def test_what_is_favourable_in_one_direction_is_not_in_the_other(target, difference):
    up = variance(target + difference, target, ascending=True)
    down = variance(target + difference, target, ascending=False)

    assert up.is_favourable != down.is_favourable
    assert (up.absolute, up.share) == (down.absolute, down.share)


# Rating


@given(numbers, numbers, st.none() | numbers, directions)
def test_met_is_said_exactly_where_the_target_is_reached(actual, target, baseline, ascending):
    reached = actual >= target if ascending else actual <= target

    rated = rating(actual, target, ascending=ascending, baseline=baseline)

    assert (rated == Rating.MET) == reached


@given(counts, counts, counts, st.none() | counts, directions)
def test_a_better_value_is_never_rated_worse(one, other, target, baseline, ascending):
    worse, better = sorted((one, other), reverse=not ascending)
    order = [Rating.BEHIND, Rating.CLOSE, Rating.MET]

    rated = [
        order.index(rating(value, target, ascending=ascending, baseline=baseline))
        for value in (worse, better)
    ]

    assert rated == sorted(rated)


@given(st.none() | numbers, directions)
def test_without_a_target_or_a_value_that_is_what_is_said(actual, ascending):
    assert rating(actual, None, ascending=ascending) == Rating.NO_TARGET
    assert rating(None, Decimal(5), ascending=ascending) == Rating.NOT_MEASURED


@pytest.mark.parametrize(
    ("actual", "target", "baseline", "ascending", "expected"),
    [
        (8, 10, None, True, Rating.CLOSE),  # exactly at the threshold
        (Decimal("7.99"), 10, None, True, Rating.BEHIND),
        (50, 60, 40, True, Rating.BEHIND),  # half of the way from 40 to 60
        (58, 60, 40, True, Rating.CLOSE),
        (31, 30, 40, False, Rating.CLOSE),  # nine tenths of the way from 40 down to 30
        (39, 30, 40, False, Rating.BEHIND),
        (60, 50, None, False, Rating.CLOSE),  # 50 / 60
        (5, 0, None, False, Rating.BEHIND),  # none was wanted, no scale
        (0, 0, None, True, Rating.MET),
        (50, 60, 70, True, Rating.CLOSE),  # a baseline beyond the target says nothing
    ],
)
def test_thresholds(actual, target, baseline, ascending, expected):
    values = [Decimal(value) if value is not None else None for value in (actual, target)]
    start = Decimal(baseline) if baseline is not None else None

    assert rating(*values, ascending=ascending, baseline=start) == expected


@given(numbers, numbers, st.none() | numbers, directions)
def test_the_share_of_the_way_stays_below_the_whole(actual, target, baseline, ascending):
    if variance(actual, target, ascending=ascending).is_favourable:
        return

    share = share_of_way(actual, target, ascending=ascending, baseline=baseline)

    assert share is None or share < 1


# Of an indicator


@pytest.fixture
def indicator(db):
    return IndicatorFactory()


@pytest.fixture
def years(indicator):
    project = indicator.result.project
    return [
        PeriodFactory(
            project=project,
            number=number + 1,
            start=date(2019 + number, 4, 1),
            end=date(2020 + number, 3, 31),
        )
        for number in range(3)
    ]


def tell(indicator, kind, period, numerator, denominator=None):
    return DataPointFactory(
        indicator=indicator,
        kind=kind,
        period=period,
        numerator=numerator,
        denominator=denominator,
    )


def test_an_indicator_stands_where_it_was_last_measured(indicator, years):
    points = [
        tell(indicator, "baseline", None, 0),
        tell(indicator, "target", years[0], 2),
        tell(indicator, "target", years[1], 4),
        tell(indicator, "target", years[2], 4),
        tell(indicator, "actual", years[0], 2),
        tell(indicator, "actual", years[1], 3),
    ]

    now = standing(indicator, points)

    assert now.period == years[1]
    assert (now.baseline, now.target, now.actual, now.end_target) == (0, 6, 5, 10)
    assert (now.variance.absolute, now.rating) == (-1, Rating.CLOSE)


def test_later_values_do_not_count_for_an_earlier_period(indicator, years):
    points = [
        tell(indicator, "target", years[0], 2),
        tell(indicator, "actual", years[0], 1),
        tell(indicator, "target", years[1], 4),
        tell(indicator, "actual", years[1], 9),
    ]

    then = standing(indicator, points, through=years[0])

    assert (then.target, then.actual, then.rating) == (2, 1, Rating.BEHIND)


def test_an_indicator_not_yet_measured_says_so(indicator, years):
    now = standing(indicator, [tell(indicator, "target", years[0], 2)])

    assert (now.period, now.actual, now.variance) == (years[0], None, None)
    assert now.rating == Rating.NOT_MEASURED


def test_an_indicator_without_values_stands_nowhere(indicator):
    now = standing(indicator, [])

    assert (now.period, now.baseline, now.target, now.actual) == (None, None, None, None)
    assert now.rating == Rating.NO_TARGET


def test_words_are_not_rated(indicator, years):
    indicator.measure = Indicator.Measure.QUALITATIVE
    point = DataPointFactory(
        indicator=indicator, kind="actual", period=years[0], numerator=None, comment="Régulière"
    )

    now = standing(indicator, [point])

    assert (now.rating, now.actual_point) == (None, point)


def test_a_sum_is_counted_from_nothing_whatever_there_was_before(indicator, years):
    points = [
        tell(indicator, "baseline", None, 9),
        tell(indicator, "target", years[0], 10),
        tell(indicator, "actual", years[0], 8),
    ]

    assert standing(indicator, points).rating == Rating.CLOSE


def test_each_period_has_its_row_the_earliest_first(indicator, years):
    points = [
        tell(indicator, "actual", years[1], 3),
        tell(indicator, "target", years[2], 4),
        tell(indicator, "target", years[0], 2),
        tell(indicator, "baseline", None, 0),
    ]

    rows = by_period(indicator, points)

    assert [(row.period, row.target, row.actual) for row in rows] == [
        (years[0], 2, None),
        (years[1], None, 3),
        (years[2], 4, None),
    ]


def test_the_next_target_is_shown_before_the_first_measurement(indicator):
    project = indicator.result.project
    project.starts_on, project.current_end = date(2020, 1, 1), date(2099, 1, 1)
    today = date.today()
    ahead = [
        PeriodFactory(
            project=project,
            number=number,
            start=today + timedelta(days=100 * number),
            end=today + timedelta(days=100 * number + 90),
        )
        for number in (1, 2)
    ]
    points = [tell(indicator, "target", period, 5) for period in reversed(ahead)]

    assert standing(indicator, points).period == ahead[0]
