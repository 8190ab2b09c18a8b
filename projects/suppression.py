"""Which counts of persons may be told outside the coordination.

A count of fewer than five persons could tell who somebody was (docs/architecture.md, "Small
counts"). It concerns persons by sex, age, group or place, never things or seats.
"""

from collections.abc import Iterable

# Below this, a number of persons could tell who somebody was.
FEWEST_TOLD = 5


def is_small(count: int) -> bool:
    """Whether a count of persons is too small to be told; nobody at all is no secret."""
    return 0 < count < FEWEST_TOLD


def may_be_told(counts: Iterable[int]) -> bool:
    """Whether a breakdown may be told: whole, or not at all.

    Were single counts left out, who knows the total could compute them.
    """
    return not any(is_small(count) for count in counts)
