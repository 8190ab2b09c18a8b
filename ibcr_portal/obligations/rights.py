"""Which stored obligations a person sees and has to do, as conditions of one statement.

The rows say for which roles and institutions they are; the person's roles are those of today.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone

from committees.models import Audience, Resolution
from committees.permissions.roles import items_left, projects_by_roles
from ibcr_portal.models import Obligation, ObligationKind
from ibcr_portal.obligations.due import HORIZON, SOON, DueState
from ibcr_portal.obligations.facts import moment
from ibcr_portal.obligations.role_sets import has_one_of
from ibcr_portal.reader import Reader
from kernel.keys import Keys
from projects.models import Participation, Project
from projects.permissions.roles import TEAM, Role, represented_in, spoken_for

# What an institution has to do is for those who represent it, and not for its seat.
BY_REPRESENTATION = (ObligationKind.REPORT, ObligationKind.GRANT, ObligationKind.AGREEMENT)
DONOR = frozenset({Role.DONOR})
ALL_AUDIENCES = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR, Role.AUDITOR})


class Rights(NamedTuple):
    """What a person may do in some projects."""

    roles: frozenset[Role]
    audiences: frozenset[str]
    represents_donor: bool


class Group(NamedTuple):
    """The projects in which the reader has the same rights, the institutions that they represent
    there, and those for which they hold a seat."""

    rights: Rights
    projects: list[int]
    represented: list[int]
    seated: list[int]


class Scope:
    """The conditions for one reader. `only` narrows them to some projects; `left`: what was resolved
    without them; `now`: in seconds; `today`: at the organisation's place."""

    def __init__(
        self,
        user: int,
        now: int,
        today: date,
        left: list[int],
        only: list[int] | None,
        groups: list[Group],
    ) -> None:
        self.user, self.now, self.today = user, now, today
        self.left, self.only, self.groups = left, only, groups

    @classmethod
    def of(cls, reader: Reader, only: Iterable[int] | None = None) -> "Scope":
        chosen = None if only is None else list(only)
        now, today = moment(timezone.now()), Project().today
        return cls(reader.user.pk, now, today, _resolutions_left(reader), chosen, _alike(reader))

    @property
    def values(self) -> tuple[Any, ...]:
        """Return what `of_values` makes the scope of again, with the keys apart from the rights."""
        rights = tuple(group.rights for group in self.groups)
        keys = (some for group in self.groups for some in group[1:])
        return self.user, self.now, self.today, self.left, self.only, rights, *keys

    @classmethod
    def of_values(cls, *values: Any) -> "Scope":
        user, now, today, left, only, rights, *keys = values
        parts = zip(rights, keys[::3], keys[1::3], keys[2::3], strict=True)
        return cls(user, now, today, left, only, [Group(*each) for each in parts])

    @cached_property
    def theirs(self) -> Q:
        """Match what the reader has to do."""
        found = Q(user=self.user)
        for rights, projects, represented, seated in self.groups:
            has_to = _of_institutions(rights, represented, seated)
            has_to |= has_one_of("owners", rights.roles) & ~Q(entered_by=self.user)
            found |= Q(project__in=Keys(projects)) & has_to & self._for_audiences(rights)
        return found

    @cached_property
    def seen(self) -> Q:
        """Match what the reader sees: the team everything, others what they have to do, and the
        donor what it expects."""
        found = Q(user=self.user)
        for rights, projects, represented, seated in self.groups:
            sees = has_one_of("owners", rights.roles) | has_one_of("readers", rights.roles - DONOR)
            sees |= _of_institutions(rights, represented, seated)
            if Role.DONOR in rights.roles:
                sees |= has_one_of("readers", DONOR) & _expected_by(rights, represented)
            found |= Q(project__in=Keys(projects)) & sees & self._for_audiences(rights)
        return found

    @property
    def _in_reach(self) -> Q:
        """Match all rows of the reader's projects: an index finds them, before `seen` looks at each."""
        found = Q(user=self.user)
        for _rights, projects, *_institutions in self.groups:
            found |= Q(project__in=Keys(projects))
        return found

    def _for_audiences(self, rights: Rights) -> Q:
        if rights.roles & ALL_AUDIENCES:
            return Q()
        found = Q(audience__in=["", *sorted(rights.audiences)])
        if self.left and not rights.roles & TEAM:
            found &= ~Q(kind=ObligationKind.RESOLUTION, thing__in=self.left)
        return found

    @property
    def everything(self) -> QuerySet[Obligation]:
        """All rows that the reader sees, up to a year ahead; also what only waits for a step."""
        listed = Q(on=None) | Q(on__lte=self.today + timedelta(days=HORIZON))
        begun = Q(since=None) | Q(since__lte=self.now)
        not_over = Q(until=None) | Q(until__gt=self.now)
        return Obligation.objects.filter(self._in_reach, self.seen, listed, begun, not_over)

    @property
    def rows(self) -> QuerySet[Obligation]:
        """Those of the list of what is due; of some projects, if the reader chose them."""
        rows = self.everything.filter(is_listed=True)
        return rows if self.only is None else rows.filter(project__in=self.only)

    def in_state(self, state: DueState) -> Q:
        if state == DueState.DONE:
            return Q(done=True)
        soon = self.today + timedelta(days=SOON)
        days = {
            DueState.LATE: Q(in_time_until__lt=self.today),
            DueState.SOON: Q(on=None) | Q(in_time_until__gte=self.today, on__lte=soon),
            DueState.LATER: Q(on__gt=soon),
        }
        return Q(days[state], done=False)


def _of_institutions(rights: Rights, represented: list[int], seated: list[int]) -> Q:
    """Match what is of the institutions for which the person speaks, as far as their role goes."""
    found = Q(institution__in=represented)
    if seated:
        found |= Q(institution__in=seated) & ~Q(kind__in=BY_REPRESENTATION)
    if not rights.roles & {Role.PARTNER, Role.MEMBER}:
        found &= ~Q(kind=ObligationKind.PLAN)  # the donor is not asked in reviews
    if not rights.roles & ({Role.PARTNER} | TEAM):
        found &= ~Q(kind=ObligationKind.VALUE)
    return found


def _expected_by(rights: Rights, represented: list[int]) -> Q:
    """Match what is expected by every donor, or by the one that the person represents. Whoever
    represents the donor in the country sees all."""
    if rights.represents_donor:
        return Q()
    return Q(donor=None) | Q(donor__in=represented)


def _alike(reader: Reader) -> list[Group]:
    """Put the projects together in which the reader has the same rights."""
    represented = represented_in(reader.user, reader.keys)
    spoken = spoken_for(reader.user, reader.keys)
    groups: dict[tuple[Rights, frozenset[int], frozenset[int]], list[int]] = defaultdict(list)
    for (roles, audiences), projects in projects_by_roles(reader.user, reader.keys).items():
        if roles and not roles & (TEAM | {Role.MEMBER}):
            audiences |= {Audience.COMMITTEE}  # partners and donors read what was adopted
        if not spoken:
            groups[Rights(roles, audiences, False), frozenset(), frozenset()] += projects
            continue
        for pk in projects:
            own = represented.get(pk, ())
            represents = any(row.role == Participation.Role.REPRESENTING for row in own)
            institutions = frozenset(row.institution for row in own)
            seated = spoken.get(pk, institutions) - institutions
            groups[Rights(roles, audiences, represents), institutions, seated].append(pk)
    return [
        Group(rights, projects, sorted(institutions), sorted(seated))
        for (rights, institutions, seated), projects in groups.items()
    ]


def _resolutions_left(reader: Reader) -> list[int]:
    """Return what was resolved on reserved items that all seats of the reader left."""
    members = [pk for pk in reader.keys_where(Role.MEMBER) if not reader.works_for(pk)]
    left = items_left(reader.user, members)
    items = [item.pk for item in left if item.audience == Audience.VOTING]
    if not items:
        return []
    found = Resolution.objects.filter(agenda_item__in=items, status__in=Resolution.OPEN)
    return list(found.order_by().values_list("pk", flat=True))
