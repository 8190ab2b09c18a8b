"""Which stored obligations a person sees and has to do, as conditions of one prepared statement.

The rows say for which roles and institutions they are; the person's roles are those of today.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from django.db.models import Q, QuerySet
from django.utils import timezone

from committees.models import Audience, Resolution
from committees.permissions.roles import audiences_of, items_left
from ibcr_portal.models import Obligation, ObligationKind
from ibcr_portal.obligations.due import HORIZON, SOON, DueState
from ibcr_portal.obligations.facts import moment
from ibcr_portal.obligations.role_sets import has_one_of
from ibcr_portal.reader import Reader
from kernel.prepared import Question, padded, prepared
from projects.models import Participation, Project
from projects.permissions.roles import TEAM, Role, own_participations, speaks_for

# What an institution has to do is for those who represent it, and not for its seat.
BY_REPRESENTATION = (ObligationKind.REPORT, ObligationKind.GRANT, ObligationKind.AGREEMENT)
DONOR = frozenset({Role.DONOR})
ALL_AUDIENCES = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR, Role.AUDITOR})

More = ParamSpec("More")
Row = TypeVar("Row")


class Rights(NamedTuple):
    """What a person may do in some projects, as far as it changes the statement."""

    roles: frozenset[Role]
    audiences: frozenset[str]
    represents_donor: bool


class Scope:
    """The conditions for one reader. Keys are numbers, or places for them."""

    def __init__(
        self, user: int, now: int, today: date, rights: Sequence[Rights], keys: Sequence[list[int]]
    ) -> None:
        self.user, self.now, self.today = user, now, today
        self.left, self.only_projects, *places = keys
        # Of each group of projects: their keys, and those of the institutions that the person
        # represents there, and for which they only hold a seat.
        self.groups = list(zip(rights, places[::3], places[1::3], places[2::3], strict=True))

    @cached_property
    def theirs(self) -> Q:
        """Match what the reader has to do."""
        found = Q(user=self.user)
        for rights, projects, represented, seated in self.groups:
            has_to = _of_institutions(rights, represented, seated)
            has_to |= has_one_of("owners", rights.roles) & ~Q(entered_by=self.user)
            found |= Q(project__in=projects) & has_to & self._for_audiences(rights)
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
            found |= Q(project__in=projects) & sees & self._for_audiences(rights)
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
        return Obligation.objects.filter(self.seen, listed, begun, not_over)

    @property
    def rows(self) -> QuerySet[Obligation]:
        """Those of the list of what is due; of some projects, if the reader chose them."""
        rows = self.everything.filter(is_listed=True)
        return rows.filter(project__in=self.only_projects) if self.only_projects else rows

    def in_state(self, state: DueState) -> Q:
        if state == DueState.DONE:
            return Q(done=True)
        soon = self.today + timedelta(days=SOON)
        days = {
            DueState.LATE: Q(on__lt=self.today),
            DueState.SOON: Q(on=None) | Q(on__gte=self.today, on__lte=soon),
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


def for_reader(
    build: Callable[Concatenate[Scope, More], QuerySet[Any, Row]],
) -> Callable[Concatenate["ReaderKeys", More], Question[Row]]:
    """Prepare a question about the obligations that a reader sees. Further arguments are part of
    its statement."""

    @prepared
    def statement(
        user: int, now: int, today: date, more: Any, rights: tuple[Rights, ...], *keys: list[int]
    ) -> QuerySet[Any, Row]:
        further: Any = build
        found: QuerySet[Any, Row] = further(Scope(user, now, today, rights, keys), *more)
        return found

    def ask(reader: "ReaderKeys", /, *more: More.args, **_nothing: More.kwargs) -> Question[Row]:
        known = (reader.user, reader.now, reader.today)
        return statement.question(*known, more, reader.rights, *reader.keys)

    return ask


class ReaderKeys:
    """A reader as a statement takes them. `only` narrows it to some projects."""

    def __init__(self, reader: Reader) -> None:
        self.user = reader.user.pk
        self.now, self.today = moment(timezone.now()), Project().today
        self.only: list[int] = []
        groups: dict[tuple[Rights, frozenset[int], frozenset[int]], list[int]] = defaultdict(list)
        for project in reader.projects:
            groups[_rights(reader, project)].append(project.pk)
        self.rights = tuple(rights for rights, *_institutions in groups)
        self._places = [
            each
            for (_rights_there, represented, seated), projects in groups.items()
            for each in (projects, sorted(represented), sorted(seated))
        ]
        self._left = _resolutions_left(reader)

    @property
    def keys(self) -> list[list[int]]:
        return [padded(each) for each in (self._left, self.only, *self._places)]


def _rights(reader: Reader, project: Project) -> tuple[Rights, frozenset[int], frozenset[int]]:
    roles = reader.roles_by_project[project.pk]
    audiences = audiences_of(reader.user, project)
    if roles and not roles & (TEAM | {Role.MEMBER}):
        audiences |= {Audience.COMMITTEE}  # partners and donors read what was adopted
    own = own_participations(reader.user, project)
    represents = any(row.role == Participation.Role.REPRESENTING for row in own)
    represented = frozenset(row.institution for row in own)
    seated = speaks_for(reader.user, project) - represented
    return Rights(roles, audiences, represents), represented, seated


def _resolutions_left(reader: Reader) -> list[int]:
    """Return what was resolved on reserved items that all seats of the reader left."""
    members = [project for project in reader.where(Role.MEMBER) if not reader.works_for(project.pk)]
    left = items_left(reader.user, members)
    items = [item.pk for item in left if item.audience == Audience.VOTING]
    if not items:
        return []
    found = Resolution.objects.filter(agenda_item__in=items, status__in=Resolution.OPEN)
    return list(found.order_by().values_list("pk", flat=True))
