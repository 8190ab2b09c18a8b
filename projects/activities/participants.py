"""How many took part in an activity, and how much of that its reader may be told.

Small counts follow `projects.framework.suppression`: each breakdown is told whole or not at all, and sums
over activities add up only what is told of each, so that nothing can be computed from them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from projects.framework.suppression import is_small, may_be_told
from projects.models import Activity, ParticipantGroup
from projects.models.participants import SEXES


@dataclass(frozen=True)
class Headcount:
    """Participants of one activity as its reader is told them; None: not known, or not told.

    `by_sex` has a count for each of SEXES, those whose sex nobody said included. `by_group` has
    (group, count), None as the group of those beyond all groups. `cells` are the groups with
    their counts by sex. `hidden`: what is known and not told.
    """

    total: int | None = None
    by_sex: dict[str, int] | None = None
    by_group: list[tuple[ParticipantGroup | None, int]] | None = None
    cells: list[ParticipantGroup] | None = None
    hidden: frozenset[str] = field(default_factory=frozenset)

    @property
    def total_is_small(self) -> bool:
        return "total" in self.hidden

    @property
    def hides_parts(self) -> bool:
        return bool(self.hidden - {"total"})


def headcount(activity: Activity, *, whole: bool) -> Headcount:
    """What is told of the participants of an activity, its groups fetched.

    `whole`: for those who see every count (`permissions.tells_small_counts`).
    """
    if activity.participants is None:
        return Headcount()
    total, groups = activity.participants, list(activity.groups.all())
    if not groups:
        told = whole or not is_small(total)
        return Headcount(total if told else None, hidden=frozenset([] if told else ["total"]))
    beyond = total - sum(group.total for group in groups)
    by_sex = {sex: sum(getattr(group, sex) for group in groups) for sex in SEXES}
    by_sex["unsaid"] += beyond
    by_group: list[tuple[ParticipantGroup | None, int]] = [(group, group.total) for group in groups]
    if beyond:
        by_group.append((None, beyond))
    known = {
        "total": [total],
        "by_sex": by_sex.values(),
        "by_group": [count for _group, count in by_group],
        "cells": [beyond, *(count for group in groups for count in group.counts.values())],
    }
    hidden = {name for name, counts in known.items() if not (whole or may_be_told(counts))}
    parts = {"total": total, "by_sex": by_sex, "by_group": by_group, "cells": groups}
    shown = {name: None if name in hidden else part for name, part in parts.items()}
    return Headcount(**shown, hidden=frozenset(hidden))


@dataclass(frozen=True)
class Sum:
    """Participants of several activities: `total` of the `counted` ones whose number is told,
    `by_sex` of those `by_sex_of` whose breakdown is."""

    total: int
    counted: int
    by_sex: dict[str, int]
    by_sex_of: int


def sum_of(counts: Iterable[Headcount]) -> Sum:
    counts = list(counts)
    totals = [count.total for count in counts if count.total is not None]
    sexes = [count.by_sex for count in counts if count.by_sex is not None]
    by_sex = {sex: sum(one[sex] for one in sexes) for sex in SEXES}
    return Sum(sum(totals), len(totals), by_sex, len(sexes))
