"""Computes averages, spread and ranking from the scores of a panel, without the database.

Each member's points are weighted into marks out of 100. The result of a proposal is the mean of the
marks of all members who scored it and have no conflict of interest. Equal results are shown as a
tie; nothing here decides between them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

CENT = Decimal("0.01")


@dataclass(frozen=True)
class CriterionScale:
    """The weight and the highest score of a criterion."""

    weight: Decimal
    max_points: int


@dataclass(frozen=True)
class ScoringOutcome:
    """The result of one proposal; marks are out of 100, with two decimals."""

    key: int
    mean: Decimal | None
    spread: Decimal | None
    sheets: int
    rank: int | None = None
    is_tied: bool = False


def marks(points: Mapping[int, Decimal], scales: Mapping[int, CriterionScale]) -> Fraction:
    """Returns the exact marks out of 100 that one member gave.

    `points` and `scales` are by criterion. Raises ValueError where a criterion has no points, more
    than its highest score or fewer than none, and where there is no criterion.
    """
    if not scales or points.keys() != scales.keys():
        raise ValueError("A sheet has points for each criterion, and for no other.")
    if any(not 0 <= points[key] <= scale.max_points for key, scale in scales.items()):
        raise ValueError("Points lie between nothing and the criterion's highest score.")
    whole = sum((Fraction(scale.weight) for scale in scales.values()), Fraction(0))
    weighted = sum(
        (
            Fraction(scale.weight) * Fraction(points[key]) / scale.max_points
            for key, scale in scales.items()
        ),
        Fraction(0),
    )
    return 100 * weighted / whole


def scoring_outcome(key: int, sheets: Iterable[Fraction]) -> ScoringOutcome:
    """Returns mean and spread (highest less lowest) of the marks that count; None without any.

    They are computed exactly and rounded once, half up, so that the order of the sheets does not
    matter.
    """
    sheets = list(sheets)
    if not sheets:
        return ScoringOutcome(key, None, None, 0)
    mean = sum(sheets, Fraction(0)) / len(sheets)
    return ScoringOutcome(key, _rounded(mean), _rounded(max(sheets) - min(sheets)), len(sheets))


def ranking(outcomes: Iterable[ScoringOutcome]) -> list[ScoringOutcome]:
    """Returns the outcomes with their ranks, the highest mean first, those without marks last.

    Equal means share a rank, after which as many ranks are left out: 1, 2, 2, 4.
    """
    outcomes = list(outcomes)
    means = [each.mean for each in outcomes if each.mean is not None]
    ranked = [
        each
        if each.mean is None
        else replace(
            each,
            rank=1 + sum(1 for mean in means if mean > each.mean),
            is_tied=means.count(each.mean) > 1,
        )
        for each in outcomes
    ]
    return sorted(ranked, key=lambda each: (each.rank is None, each.rank or 0, each.key))


def _rounded(value: Fraction) -> Decimal:
    """Rounds to two decimals, half up, with whole numbers: the precision of Decimal plays no part."""
    hundredths = (value.numerator * 200 + value.denominator) // (2 * value.denominator)
    return (Decimal(hundredths) * CENT).quantize(CENT, rounding=ROUND_HALF_UP)
