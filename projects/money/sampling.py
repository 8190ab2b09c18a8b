"""Draws vouchers by a rule that anybody can follow with the seed and the list of vouchers.

Only SHA-256 and exact arithmetic are used, since the random generators of programming languages
differ between their versions. The same vouchers, rule, seed and size give the same sample for ever.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Voucher:
    """What the rules know of a row of the books; `key` is that of the row."""

    key: int
    spent_on: date
    voucher: str
    amount: Decimal
    currency: str
    rate: Decimal

    @property
    def value(self) -> Decimal:
        return self.amount * self.rate

    @property
    def line(self) -> str:
        """Return the line of the voucher in the list over which the hash is made."""
        parts = (
            *(str(self.key), self.spent_on.isoformat(), self.voucher),
            *(f"{self.amount:.2f}", self.currency, f"{self.rate:.8f}"),
        )
        return "\t".join(parts)


@dataclass(frozen=True)
class Drawn:
    voucher: Voucher
    units: int


def in_order(vouchers: Sequence[Voucher]) -> list[Voucher]:
    """Return the vouchers by day and key, in which order both rules and the hash read them."""
    return sorted(vouchers, key=lambda one: (one.spent_on, one.key))


def population_hash(vouchers: Sequence[Voucher]) -> str:
    """Return the SHA-256 of the lines of all vouchers, each ended by a line feed."""
    lines = "".join(f"{one.line}\n" for one in in_order(vouchers))
    return hashlib.sha256(lines.encode()).hexdigest()


def simple_random(vouchers: Sequence[Voucher], size: int, seed: str) -> list[Drawn]:
    """Return the `size` vouchers whose SHA-256 of “seed:key” are the smallest, by day.

    Every set of that size is as likely as any other. All of them if there are no more.
    """
    by_hash = sorted(vouchers, key=lambda one: _digest(f"{seed}:{one.key}"))
    return [Drawn(one, 1) for one in in_order(by_hash[:size])]


def monetary_unit(vouchers: Sequence[Voucher], size: int, seed: str) -> list[Drawn]:
    """Return the vouchers that hold the drawn units of money, by day.

    The values above zero are added up in order. The sum divided by `size` is the step; the first
    unit is the share of a step that the SHA-256 of the seed is of 2^256, and each further unit is
    one step on. A voucher of several steps holds several units, so fewer vouchers may be drawn.
    Refunds and credit notes have no units: an auditor looks at them apart.
    """
    found = [one for one in in_order(vouchers) if one.value > 0]
    total = sum((Fraction(one.value) for one in found), Fraction(0))
    if not total:
        return []
    step = total / size
    following = step * Fraction(int(_digest(seed), 16), 2**256)
    drawn, reached = [], Fraction(0)
    for one in found:
        reached += Fraction(one.value)
        units = 0
        while following < reached:
            units += 1
            following += step
        if units:
            drawn.append(Drawn(one, units))
    return drawn


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
