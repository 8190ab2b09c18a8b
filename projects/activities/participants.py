"""Counts the participants of activities, as far as the reader may see the numbers.

Small counts follow `projects.framework.disclosure`: each breakdown is shown whole or not at all,
and sums over activities add up only what is shown of each, so that nothing withheld can be
computed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from projects.framework.disclosure import is_small, may_be_disclosed
from projects.models import Activity, ParticipantGroup
from projects.models.activity import SEXES


@dataclass(frozen=True)
class Headcount:
    """Participants of one activity as its reader may see them; None: unknown or withheld.

    `by_sex` has a count for each of SEXES, including persons whose sex was not recorded. `by_group`
    has pairs (group, count); the group None are the participants beyond all groups. `cells` are the
    groups with their counts by sex. `withheld`: the names of the fields that are known but not
    shown.
    """

    total: int | None = None
    by_sex: dict[str, int] | None = None
    by_group: list[tuple[ParticipantGroup | None, int]] | None = None
    cells: list[ParticipantGroup] | None = None
    withheld: frozenset[str] = field(default_factory=frozenset)

    @property
    def total_is_small(self) -> bool:
        return "total" in self.withheld

    @property
    def hides_parts(self) -> bool:
        return bool(self.withheld - {"total"})


def headcount(activity: Activity, *, small_counts: bool) -> Headcount:
    """Count the participants of an activity whose groups are fetched.

    `small_counts`: the reader may see small counts (`permissions.values.may_see_small_counts`).
    """
    if activity.participants is None:
        return Headcount()
    total, groups = activity.participants, list(activity.groups.all())
    if not groups:
        is_withheld = is_small(total) and not small_counts
        return Headcount(withheld=frozenset(["total"])) if is_withheld else Headcount(total)
    beyond = total - sum(group.total for group in groups)
    by_sex = {sex: sum(getattr(group, sex) for group in groups) for sex in SEXES}
    by_sex["unsaid"] += beyond
    by_group: list[tuple[ParticipantGroup | None, int]] = [(group, group.total) for group in groups]
    if beyond:
        by_group.append((None, beyond))
    counts = {
        "total": [total],
        "by_sex": by_sex.values(),
        "by_group": [count for _group, count in by_group],
        "cells": [beyond, *(count for group in groups for count in group.counts.values())],
    }
    withheld = {
        name for name, each in counts.items() if not (small_counts or may_be_disclosed(each))
    }
    return Headcount(
        total=None if "total" in withheld else total,
        by_sex=None if "by_sex" in withheld else by_sex,
        by_group=None if "by_group" in withheld else by_group,
        cells=None if "cells" in withheld else groups,
        withheld=frozenset(withheld),
    )


@dataclass(frozen=True)
class HeadcountSum:
    """Participants of several activities: the `total` of the `counted` ones whose number is shown,
    and `by_sex` of the `by_sex_of` ones whose breakdown is shown."""

    total: int
    counted: int
    by_sex: dict[str, int]
    by_sex_of: int


def sum_of(counts: Iterable[Headcount]) -> HeadcountSum:
    counts = list(counts)
    totals = [count.total for count in counts if count.total is not None]
    sexes = [count.by_sex for count in counts if count.by_sex is not None]
    by_sex = {sex: sum(one[sex] for one in sexes) for sex in SEXES}
    return HeadcountSum(sum(totals), len(totals), by_sex, len(sexes))
