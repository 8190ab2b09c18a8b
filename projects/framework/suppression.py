"""Suppression of small counts: which counts of persons may be shown outside the coordination.

A count of fewer than five persons could reveal the identity of somebody (docs/rules/access.md,
"Small counts"). The rules apply to persons by sex, age, group or place, never to things or seats.

1. A breakdown with a count below five is withheld as a whole.
2. A period with fewer than five persons is shown together with the periods that follow, as soon as
   together they count five or more.
3. In a part of a whole, both the part and the rest are counts.

So nothing that is shown lets anybody compute what is withheld: a withheld count always has another
value that would look the same (`tests/projects/test_suppression.py`). The rules cannot protect what
changed between two states of the data: whoever kept an old page can compare it with a corrected
one.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

# Smaller numbers of persons are withheld.
FEWEST_DISCLOSED = 5

Number = Decimal | int
# The counts in one value: (persons,), or (part, rest of the whole).
Counts = tuple[Number, ...]


def is_small(count: Number) -> bool:
    """Whether a count of persons must be withheld. Zero reveals nobody."""
    return 0 < count < FEWEST_DISCLOSED


def may_be_disclosed(counts: Iterable[Number]) -> bool:
    """Whether all counts of a breakdown may be shown.

    It is all or none: if single counts were left out, a reader of the total could compute them.
    """
    return not any(is_small(count) for count in counts)


def breakdown_may_be_disclosed(cells: Sequence[Counts], total: Counts | None) -> bool:
    """Whether the cells of one value may be shown beside their total, which is shown itself.

    The difference between the total and the sum of the cells is a count as well: of a missing cell,
    or of persons who belong to two cells. Without a total (a bare percentage) only the cells count.
    """
    if total:
        sums = (sum(parts) for parts in zip(*cells, strict=True))
        rest = tuple(abs(whole - part) for whole, part in zip(total, sums, strict=True))
        cells = [*cells, rest]
    return all(may_be_disclosed(counts) for counts in cells)


def disclosable_groups(series: Sequence[Counts]) -> list[list[int]]:
    """Group the positions of a series that adds up, so that the sum of each group may be shown.

    A group ends as soon as it counts nobody or at least five persons. The cumulative value at its
    end may then be shown too, and the value of a member that is alone in its group. The last group
    may be incomplete (`sum_may_be_disclosed`).
    """
    groups: list[list[int]] = []
    is_incomplete = False
    for position in range(len(series)):
        if is_incomplete:
            groups[-1].append(position)
        else:
            groups.append([position])
        is_incomplete = not sum_may_be_disclosed(series, groups[-1])
    return groups


def sum_may_be_disclosed(series: Sequence[Counts], group: Sequence[int]) -> bool:
    """Whether the sum of the values at these positions may be shown."""
    sums = (sum(parts) for parts in zip(*(series[i] for i in group), strict=True))
    return may_be_disclosed(sums)
