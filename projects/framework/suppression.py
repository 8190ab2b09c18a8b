"""Which counts of persons may be told outside the coordination.

A count of fewer than five persons could tell who somebody was (docs/rules/access.md, "Small
counts"). It concerns persons by sex, age, group or place, never things or seats.

Three rules, each in a sentence. A breakdown with a count below five is not told at all. A period
with fewer than five is told together with the following ones, once together they are five or
more. Of a part of a whole, the part and the rest are counts, both of them. So nothing that is
shown lets anybody compute what is not: a hidden count always has another value that would look
the same (`tests/projects/test_suppression.py`). What this cannot keep is a secret between two
states of the data: who kept an old page can compare it with a corrected one.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

# Below this, a number of persons could tell who somebody was.
FEWEST_TOLD = 5

Number = Decimal | int
# What must not be small of one value: (persons,), or (part, rest of the whole).
Counts = tuple[Number, ...]


def is_small(count: Number) -> bool:
    """Whether a count of persons is too small to be told; nobody at all is no secret."""
    return 0 < count < FEWEST_TOLD


def may_be_told(counts: Iterable[Number]) -> bool:
    """Whether a breakdown may be told: whole, or not at all.

    Were single counts left out, who knows the total could compute them.
    """
    return not any(is_small(count) for count in counts)


def breakdown_may_be_told(cells: Sequence[Counts], total: Counts | None) -> bool:
    """Whether the cells of one value may be told beside their total, which is told itself.

    What the cells leave of the total is a count as well: of a cell that is missing, or of persons
    in two of them. Without a total (a bare per cent) the cells stand for themselves.
    """
    if total:
        summed = (sum(parts) for parts in zip(*cells, strict=True))
        left = tuple(abs(whole - part) for whole, part in zip(total, summed, strict=True))
        cells = [*cells, left]
    return all(may_be_told(counts) for counts in cells)


def blocks(series: Sequence[Counts]) -> list[list[int]]:
    """The positions of a series that is added up, in the groups in which it may be told.

    A group ends where it holds nobody or at least five. Its sum is told, and with it the
    cumulative value there; its members are told if they are alone in it. The last group may be
    one that has not ended: `is_closed` tells.
    """
    found: list[list[int]] = []
    is_open = False
    for position in range(len(series)):
        if is_open:
            found[-1].append(position)
        else:
            found.append([position])
        is_open = not is_closed(series, found[-1])
    return found


def is_closed(series: Sequence[Counts], block: Sequence[int]) -> bool:
    """Whether what the block holds together may be told."""
    return may_be_told(sum(parts) for parts in zip(*(series[i] for i in block), strict=True))
