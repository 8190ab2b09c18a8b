"""What budget and spending amount to: exact sums, rounded once, and nothing missing made nought."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from projects.money.budget_figures import (
    BudgetFigures,
    BudgetPart,
    PeriodBounds,
    PlannedAmount,
    ReportingPoint,
    SpentAmount,
    cents,
    figures_by,
    figures_by_period,
    split_by_year,
    total_figures,
)

YEARS = [
    PeriodBounds(1, date(2019, 4, 1), date(2020, 3, 31)),
    PeriodBounds(2, date(2020, 4, 1), date(2021, 3, 31)),
    PeriodBounds(3, date(2021, 4, 1), date(2022, 3, 31)),
]

amounts = st.decimals(-10_000_000, 10_000_000, places=2).filter(bool)
rates = st.decimals("0.00000001", 2000, places=8).filter(bool)
keys = st.integers(1, 4)
planned = st.builds(
    PlannedAmount,
    keys,
    st.none() | keys,
    st.integers(1, 3),
    st.decimals(0, 10_000_000, places=2),
    st.none() | st.decimals(0, 10_000_000, places=2),
)
spent = st.builds(
    SpentAmount, keys, st.none() | keys, st.none() | st.integers(1, 3), amounts, rates
)


def at(today, shown=None):
    return ReportingPoint.of(YEARS, shown, today=today, elapsed=Decimal("0.5"))


def category(one):
    return one.category


def add(rows, name):
    values = [value for row in rows if (value := getattr(row, name)) is not None]
    return sum(values, Decimal(0)) if values else None


@given(
    plans=st.lists(planned, max_size=12),
    payments=st.lists(spent, max_size=12),
    shown=st.sampled_from([None, 1, 2, 3]),
    random=st.randoms(),
)
def test_sums_by_category_and_by_result_are_the_total_whatever_the_order(
    plans, payments, shown, random
):
    position = at(date(2020, 9, 3), shown)
    whole = total_figures(plans, payments, position)
    random.shuffle(plans)
    random.shuffle(payments)

    by_category = figures_by(category, plans, payments, position).values()
    by_result = figures_by(lambda one: one.result, plans, payments, position).values()

    for name in ("original", "revised", "budget"):
        assert add(by_category, name) == add(by_result, name) == getattr(whole, name)
    for name in ("actual", "cumulative"):
        expected = getattr(whole, name) or 0
        assert (add(by_category, name) or 0) == (add(by_result, name) or 0) == expected


@given(payments=st.lists(spent, min_size=1, max_size=20))
def test_amounts_of_one_rate_may_be_added_before_they_are_converted(payments):
    grouped = {}
    for one in payments:
        place = (one.category, one.result, one.year, one.rate)
        grouped[place] = grouped.get(place, Decimal(0)) + one.amount
    summed = [SpentAmount(c, r, y, amount, rate) for (c, r, y, rate), amount in grouped.items()]
    position = at(date(2022, 3, 1))

    one_by_one, by_rate = total_figures([], payments, position), total_figures([], summed, position)

    assert cents(one_by_one.cumulative) == cents(by_rate.cumulative)


@given(payment=spent, right=amounts)
def test_an_adjustment_at_the_rate_of_its_original_leaves_what_is_right(payment, right):
    difference = SpentAmount(1, None, 2, right - payment.amount, payment.rate)
    original = SpentAmount(1, None, 1, payment.amount, payment.rate)

    row = total_figures([], [original, difference], at(date(2022, 3, 1)))

    assert row.cumulative == right * payment.rate


@given(amount=st.decimals(0, 10_000_000, places=2), days=st.integers(0, 2000))
def test_parts_of_at_most_a_year_make_the_whole(amount, days):
    start = date(2019, 4, 1)
    parts = split_by_year(start, start + timedelta(days=days), amount)

    assert sum(part.amount for part in parts) == amount
    assert all((part.end - part.start).days < 366 for part in parts)
    assert [part.start for part in parts[1:]] == [p.end + timedelta(days=1) for p in parts[:-1]]


def test_a_year_from_the_29th_of_february_ends_on_the_28th():
    parts = split_by_year(date(2020, 2, 29), date(2021, 3, 31), Decimal(397))

    assert parts == [
        BudgetPart(date(2020, 2, 29), date(2021, 2, 28), Decimal(366)),
        BudgetPart(date(2021, 3, 1), date(2021, 3, 31), Decimal(31)),
    ]


def test_cents_are_rounded_half_away_from_zero():
    assert [cents(Decimal(text)) for text in ("0.125", "-0.125", "2.675", "1")] == [
        Decimal("0.13"),
        Decimal("-0.13"),
        Decimal("2.68"),
        Decimal("1.00"),
    ]


def test_the_figures_of_a_period_under_way():
    plans = [PlannedAmount("A", None, year, Decimal(100)) for year in (1, 2)]
    plans.append(PlannedAmount("A", None, 3, Decimal(100), Decimal(150)))
    payments = [
        SpentAmount("A", None, 1, Decimal(80)),
        SpentAmount("A", None, 2, Decimal(30), Decimal("1.5")),
    ]

    row = figures_by(category, plans, payments, at(date(2020, 9, 3), 2))["A"]

    # Forecast: 125 spent, 55 left of year 2, 150 of year 3; what year 1 left over is gone.
    assert row == BudgetFigures(
        key="A",
        original=Decimal(300),
        revised=Decimal(350),
        budget=Decimal(100),
        actual=Decimal("45.0"),
        cumulative=Decimal("125.0"),
        forecast=Decimal("330.0"),
        straight_line=Decimal("250.0"),
    )
    assert (row.variance, row.variance_share) == (Decimal("-55.0"), Decimal("-0.55"))
    assert row.remaining == Decimal("225.0")


def test_what_was_overspent_is_not_saved_again():
    plans = [PlannedAmount("A", None, 1, Decimal(100)), PlannedAmount("A", None, 2, Decimal(100))]
    payments = [SpentAmount("A", None, 1, Decimal(140))]

    assert total_figures(plans, payments, at(date(2019, 9, 3))).forecast == Decimal(240)


def test_a_past_period_forecasts_from_its_end():
    plans = [PlannedAmount("A", None, year, Decimal(100)) for year in (1, 2, 3)]
    payments = [SpentAmount("A", None, 1, Decimal(80)), SpentAmount("A", None, 2, Decimal(10))]

    row = total_figures(plans, payments, at(date(2020, 9, 3), 1))

    assert (row.cumulative, row.forecast) == (Decimal(80), Decimal(280))


def test_nothing_entered_is_missing_and_not_nought():
    row = total_figures([PlannedAmount("A", None, 1, Decimal(100))], [], at(date(2019, 9, 3), 1))

    missing = (row.actual, row.variance, row.cumulative, row.remaining, row.forecast)
    assert missing == (None, None, None, None, None)


def test_a_category_without_a_row_spent_nothing_where_others_did():
    plans = [PlannedAmount("A", None, 1, Decimal(100)), PlannedAmount("B", None, 1, Decimal(50))]

    rows = figures_by(
        category, plans, [SpentAmount("A", None, 1, Decimal(60))], at(date(2019, 9, 3), 1)
    )

    assert (rows["B"].actual, rows["B"].variance) == (Decimal(0), Decimal(-50))


@pytest.mark.parametrize(
    ("budget", "actual", "deviates"),
    [("100", "110", False), ("100", "110.01", True), ("100", "89.99", True), (None, "1", True)],
)
def test_a_comment_is_asked_for_beyond_the_threshold(budget, actual, deviates):
    plans = [PlannedAmount("A", None, 1, Decimal(budget))] if budget else []
    row = total_figures(
        plans, [SpentAmount("A", None, 1, Decimal(actual))], at(date(2019, 9, 3), 1)
    )

    assert row.deviates(Decimal("0.1")) is deviates


def test_years_tell_their_own_budget_and_what_was_spent_till_their_end():
    plans = [
        PlannedAmount("A", None, 1, Decimal(100), Decimal(90)),
        PlannedAmount("A", None, 2, Decimal(70)),
    ]
    payments = [SpentAmount("A", None, 1, Decimal(80)), SpentAmount("A", None, 2, Decimal(20))]

    told = [
        (row.original, row.revised, row.actual, row.cumulative)
        for row in figures_by_period(plans, payments, YEARS)
    ]

    assert told == [
        (Decimal(100), Decimal(90), Decimal(80), Decimal(80)),
        (Decimal(70), Decimal(70), Decimal(20), Decimal(100)),
        (None, None, None, Decimal(100)),
    ]
