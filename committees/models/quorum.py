"""The quorum: by which rules it is counted, and what was counted at a moment."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.utils.translation import gettext as _

from partners.models import Institution


@dataclass(frozen=True)
class QuorumRules:
    """The rules of the terms of reference on the quorum (docs/rules/meetings.md, "Quorum")."""

    is_majority: bool = True
    share: Decimal = Decimal("0.5")
    second_call_share: Decimal | None = None
    counts_vacant_seats: bool = True
    counts_admitted_delegates: bool = False
    # By kind of institution: so many of its voting seats, at the second call as well.
    minima: Mapping[str, int] = field(default_factory=dict)

    def seats_required(self, seats: int, *, second_call: bool = False) -> int:
        """Return how many of that many voting seats make a quorum.

        `ceil(share × seats)`, or more than half if the terms of reference say so. A second call has
        its own share, if one is set.
        """
        if second_call and self.second_call_share is not None:
            return math.ceil(self.second_call_share * seats)
        if self.is_majority:
            return seats // 2 + 1
        return math.ceil(self.share * seats)

    def written(self) -> dict[str, Any]:
        """As JSON keeps it; `read` gives it back."""
        second = self.second_call_share
        return vars(self) | {
            "share": str(self.share),
            "second_call_share": None if second is None else str(second),
            "minima": dict(self.minima),
        }

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Self:
        second = kept["second_call_share"]
        return cls(
            **kept
            | {
                "share": Decimal(kept["share"]),
                "second_call_share": None if second is None else Decimal(second),
            }
        )


@dataclass(frozen=True)
class KindMissing:
    """A kind of institution of which too few voting seats are present."""

    kind: str
    present: int
    required: int

    @property
    def label(self) -> str:
        return label_of(self.kind)


@dataclass(frozen=True)
class Quorum:
    """Voting seats present, of how many, and how many it takes."""

    present: int
    by_alternate: int
    total: int
    required: int
    # By kind of institution: (present, of how many).
    kinds: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    minima: Mapping[str, int] = field(default_factory=dict)
    # Voting seats that are there and left the item, so that they do not count as present.
    recused: int = 0

    @property
    def is_reached(self) -> bool:
        """Whether there are enough seats in all, and of each kind that has a minimum."""
        return self.total > 0 and self.present >= self.required and not self.missing_kinds

    @property
    def missing_kinds(self) -> list[KindMissing]:
        found = (
            KindMissing(kind, self.kinds.get(kind, (0, 0))[0], required)
            for kind, required in self.minima.items()
        )
        return [row for row in found if row.present < row.required]

    @property
    def kinds_sentence(self) -> str:
        """Name the kinds of institutions with too few seats present; empty if there are enough."""
        return " ".join(
            _("%(kind)s: %(present)s of the %(required)s voting seats that the quorum needs.")
            % {"kind": row.label, "present": row.present, "required": row.required}
            for row in self.missing_kinds
        )

    @property
    def by_kind(self) -> list[tuple[str, int, int]]:
        """The seats by kind: its name in the reader's language, the number present, the number in
        all."""
        return [(label_of(kind), *counts) for kind, counts in self.kinds.items()]

    @property
    def by_holder(self) -> int:
        return self.present - self.by_alternate

    @property
    def missing(self) -> int:
        return max(self.required - self.present, 0)

    def written(self) -> dict[str, Any]:
        """As JSON keeps it; `read` gives it back."""
        return vars(self) | {
            "kinds": {kind: list(counts) for kind, counts in self.kinds.items()},
            "minima": dict(self.minima),
        }

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Self:
        kinds = {kind: (present, total) for kind, (present, total) in kept["kinds"].items()}
        return cls(**kept | {"kinds": kinds})


def label_of(kind: str) -> str:
    return str(Institution.Kind(kind).label)


def count_quorum(
    seats: Sequence[Any],
    there: Collection[int],
    rules: QuorumRules,
    *,
    day: date,
    by_alternate: Collection[int] = frozenset(),
    second_call: bool = False,
    recused: Collection[int] = frozenset(),
) -> Quorum:
    """Count the quorum of a day, in voting seats.

    Meetings and written procedures share this count: in a meeting a seat is there when somebody
    attends for it, in a written procedure when it has answered.

    Takes the voting seats that exist on `day`, with their holders and institutions, and three
    sets of their keys: which are `there`, which of these `by_alternate`, and which are `recused`
    (a recused seat is there and does not count as present). Returns numbers of seats: present, in
    all, required, and those of each kind of institution.

    The rules are those of the committee's terms of reference (docs/rules/meetings.md, "Quorum").
    Terms in use ask for half of the seats or more, or for two thirds, and give each institution
    one vote; so a seat counts once, whoever comes for it.
    """
    if not rules.counts_vacant_seats:
        seats = [seat for seat in seats if seat.holder_on(day)]
    present = {seat.pk for seat in seats if seat.pk in there and seat.pk not in recused}
    kinds: dict[str, tuple[int, int]] = {}
    for seat in seats:
        before, total = kinds.get(seat.institution.kind, (0, 0))
        kinds[seat.institution.kind] = (before + (seat.pk in present), total + 1)
    return Quorum(
        present=len(present),
        by_alternate=len(present.intersection(by_alternate)),
        total=len(seats),
        required=rules.seats_required(len(seats), second_call=second_call),
        kinds=kinds,
        minima=rules.minima,
        recused=sum(seat.pk in there and seat.pk in recused for seat in seats),
    )
