"""Marks, means and ranks of proposals, whatever the numbers."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from projects.calls.scoring import CriterionScale, ScoringOutcome, marks, ranking, scoring_outcome


def cents(number):
    return Decimal(number) / 100


points_of = st.integers(0, 500).map(cents)
sheets_of = st.lists(st.fractions(0, 100, max_denominator=1000), max_size=8)


@given(st.lists(st.tuples(st.integers(1, 99_900).map(cents), points_of), min_size=1, max_size=6))
def test_marks_lie_between_the_lowest_and_the_highest_share(pairs):
    scales = {key: CriterionScale(weight, 5) for key, (weight, _points) in enumerate(pairs)}
    points = {key: given for key, (_weight, given) in enumerate(pairs)}

    shares = [Fraction(given) / 5 * 100 for given in points.values()]

    assert min(shares) <= marks(points, scales) <= max(shares)


@given(sheets_of, st.randoms())
def test_the_order_of_the_sheets_changes_nothing(sheets, random):
    shuffled = list(sheets)
    random.shuffle(shuffled)

    assert scoring_outcome(1, sheets) == scoring_outcome(1, shuffled)


@given(sheets_of.filter(bool))
def test_the_mean_lies_between_the_sheets_and_equals_them_where_they_agree(sheets):
    found = scoring_outcome(1, sheets)

    assert min(sheets) - Fraction(1, 100) <= found.mean <= max(sheets) + Fraction(1, 100)
    assert (found.spread == 0) == (max(sheets) - min(sheets) < Fraction(1, 200))


@given(st.lists(st.none() | st.integers(0, 10_000).map(cents), max_size=12), st.randoms())
def test_ranks_follow_the_means_alone_and_ties_share_one(means, random):
    outcomes = [ScoringOutcome(key, mean, None, 0) for key, mean in enumerate(means)]
    shuffled = list(outcomes)
    random.shuffle(shuffled)

    ranked = ranking(outcomes)

    assert ranked == ranking(shuffled)
    for one in ranked:
        higher = [each for each in ranked if each.mean is not None and each.mean > (one.mean or 0)]
        assert one.rank == (None if one.mean is None else len(higher) + 1)
        assert one.is_tied == (one.mean is not None and means.count(one.mean) > 1)


def test_weights_count_against_each_other():
    scales = {1: CriterionScale(Decimal(3), 5), 2: CriterionScale(Decimal(1), 10)}

    given = marks({1: Decimal(5), 2: Decimal(0)}, scales)

    assert scoring_outcome(7, [given, Fraction(50)]) == ScoringOutcome(
        7, Decimal("62.50"), Decimal("25.00"), 2
    )


def test_three_and_a_tie_and_one_without_scores():
    means = [Decimal(80), Decimal(90), Decimal(80), None]

    ranked = ranking(ScoringOutcome(key, mean, None, 1) for key, mean in enumerate(means))

    assert [(each.key, each.rank, each.is_tied) for each in ranked] == [
        (1, 1, False),
        (0, 2, True),
        (2, 2, True),
        (3, None, False),
    ]


@pytest.mark.parametrize("points", [{}, {1: Decimal(6)}, {1: Decimal(-1)}, {2: Decimal(1)}])
def test_a_sheet_that_is_not_whole_has_no_marks(points):
    with pytest.raises(ValueError, match="oints"):
        marks(points, {1: CriterionScale(Decimal(1), 5)})


@pytest.mark.parametrize(
    ("sheets", "mean", "spread"),
    [
        ([Fraction(1, 200)], "0.01", "0.00"),
        ([Fraction(1, 201)], "0.00", "0.00"),
        ([Fraction(200, 3)], "66.67", "0.00"),
        ([Fraction(100, 3)], "33.33", "0.00"),
        ([Fraction(50), Fraction(50) + Fraction(1, 100)], "50.01", "0.01"),
        ([Fraction(100), Fraction(0), Fraction(100)], "66.67", "100.00"),
    ],
)
def test_marks_are_rounded_once_half_up(sheets, mean, spread):
    assert scoring_outcome(1, sheets) == ScoringOutcome(
        1, Decimal(mean), Decimal(spread), len(sheets)
    )


@pytest.mark.parametrize(("points", "given"), [("0", 0), ("5", 100), ("2.5", 50)])
def test_nothing_and_the_highest_score_are_points(points, given):
    assert marks({1: Decimal(points)}, {1: CriterionScale(Decimal(7), 5)}) == given


def test_without_criteria_there_are_no_marks():
    with pytest.raises(ValueError, match="criterion"):
        marks({}, {})
