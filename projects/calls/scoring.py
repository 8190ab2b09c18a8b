"""What the panel's scores say: averages, spread and ranking. Pure computing, no database.

The rule: each member's points are weighted into marks out of 100; a proposal's result is the plain
mean of the marks of all members who judged it and have no conflict of interest. Equal results are
a tie, which is shown as such: nothing here decides between them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

CENT = Decimal("0.01")


@dataclass(frozen=True)
class CriterionScale:
    """A criterion: what it weighs, and its highest score."""

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
    """The marks out of 100, exactly, that one member gave.

    `points` and `scales` are by criterion. Raises ValueError where a criterion has no points, or
    more than its highest score, or fewer than none; and where there is no criterion at all.
    """
    if not scales or points.keys() != scales.keys():
        raise ValueError("A sheet has points for each criterion, and for no other.")
    if any(not 0 <= points[key] <= scale.max_points for key, scale in scales.items()):
        raise ValueError("Points lie between nothing and the criterion's highest score.")
    whole = sum((Fraction(scale.weight) for scale in scales.values()), Fraction(0))
    given = sum(
        (
            Fraction(scale.weight) * Fraction(points[key]) / scale.max_points
            for key, scale in scales.items()
        ),
        Fraction(0),
    )
    return 100 * given / whole


def scoring_outcome(key: int, sheets: Iterable[Fraction]) -> ScoringOutcome:
    """Mean and spread (highest less lowest) of the marks that count; None where none do.

    Computed exactly and rounded once, half up, so that the order of the sheets changes nothing.
    """
    sheets = list(sheets)
    if not sheets:
        return ScoringOutcome(key, None, None, 0)
    mean = sum(sheets, Fraction(0)) / len(sheets)
    return ScoringOutcome(key, _rounded(mean), _rounded(max(sheets) - min(sheets)), len(sheets))


def ranking(outcomes: Iterable[ScoringOutcome]) -> list[ScoringOutcome]:
    """The outcomes with their ranks, the highest mean first, those without marks last.

    Equal means share a rank, and the next rank leaves out as many places: 1, 2, 2, 4.
    """
    outcomes = list(outcomes)
    means = [each.mean for each in outcomes if each.mean is not None]
    ranked = [
        each
        if each.mean is None
        else ScoringOutcome(
            each.key,
            each.mean,
            each.spread,
            each.sheets,
            1 + sum(1 for mean in means if mean > each.mean),
            means.count(each.mean) > 1,
        )
        for each in outcomes
    ]
    return sorted(ranked, key=lambda each: (each.rank is None, each.rank or 0, each.key))


def _rounded(value: Fraction) -> Decimal:
    """Two decimals, half up, from exact whole numbers: no context of Decimal rounds before."""
    hundredths = (value.numerator * 200 + value.denominator) // (2 * value.denominator)
    return (Decimal(hundredths) * CENT).quantize(CENT, rounding=ROUND_HALF_UP)
