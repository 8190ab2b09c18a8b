"""Who may find what: for each kind, which of some entries of the index a reader sees.

The conditions are those of the pages to which the results lead, and are asked for what has the words,
before anything is counted. So nobody learns from a number of results, a filter or an order what they
may not see, and what becomes invisible is not found from the same moment.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from committees.models import (
    ActionPlan,
    AgendaItem,
    Audience,
    Document,
    Minutes,
    MinutesRemark,
    ProposedChange,
    Remark,
    Resolution,
)
from committees.permissions.meetings import (
    OF_SEATS,
    items_for,
    meetings_seen,
)
from committees.permissions.minutes import statuses_seen as minutes_statuses
from committees.permissions.plans import answers_for_roles, answers_seen, plans_seen
from committees.permissions.resolutions import resolutions_seen
from committees.permissions.roles import items_left
from ibcr_portal.kinds import SOURCES
from ibcr_portal.reader import Reader, ReaderPlace, places_of
from ibcr_portal.search.tables import Asked, FoundEntry, Row, Scope, Wanted, entries_with
from ibcr_portal.search.words import mark
from kernel.keys import Keys
from kernel.kinds import Kind, everybody
from partners.models import Contact, Institution
from projects.models import DataPoint
from projects.permissions.calls import visible_calls
from projects.permissions.institutions import names_for, taking_part
from projects.permissions.representations import has_a_place
from projects.permissions.roles import EDITORS, TEAM, Role
from projects.permissions.values import values_seen
from reports.models import Rendition
from reports.permissions.documents import renditions_seen

# Some of these belong to none, or are seen without a place in the project.
OF_NO_PROJECT = ("institution", "person", "call")
FEW_PROJECTS = 100
# How many times as many entries are read, if too many of them were for others.
MORE = 8
MOST = MORE**3  # from then on what was found is enough


class Narrowing(NamedTuple):
    """To what a search is narrowed down."""

    kinds: tuple[str, ...] = ()
    projects: tuple[int, ...] | None = None
    year: str = ""
    state: str = ""

    @property
    def marks(self) -> Wanted:
        chosen = (("year", self.year), ("state", self.state))
        return tuple((mark(what, value),) for what, value in chosen if value)


EVERYTHING = Narrowing()


class FinderRights(NamedTuple):
    """What decides which entries a person finds."""

    user: User
    places: list[ReaderPlace]
    unnamed: list[int]
    """The guarded institutions whose names they may not know everywhere."""
    left: list[int]
    """The items of the committee's audiences from which all their seats are recused."""
    reserved: list[int]
    """Those of the items that are for the voting seats."""
    meetings_left: list[int]
    """The meetings of these."""

    def left_in(self, place: ReaderPlace) -> tuple[list[int], list[int]]:
        """Return `left` and `reserved`; one of the team reads them all the same."""
        return ([], []) if place.rights.is_team else (self.left, self.reserved)


class Finder:
    """A reader, with what decides what they may find; read once for each search."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.reader = Reader(user)
        self._seen: dict[int, bool] = {}  # by the key of the entry

    @cached_property
    def known(self) -> list[int]:
        """The guarded institutions whose name the person may know everywhere."""
        guarded = Institution.objects.filter(is_guarded=True).order_by("pk")
        return [pk for pk in guarded.values_list("pk", flat=True) if pk not in self.unnamed]

    @cached_property
    def unnamed(self) -> set[int]:
        return names_for(self.user).hidden

    @cached_property
    def rights(self) -> FinderRights:
        members = [
            pk for pk in self.reader.keys_where(Role.MEMBER) if not self.reader.works_for(pk)
        ]
        left = [item for item in items_left(self.user, members) if item.audience in OF_SEATS]
        reserved = [item for item in left if item.audience == Audience.VOTING]
        return FinderRights(
            self.user,
            places_of(self.reader),
            sorted(self.unnamed),
            [item.pk for item in left],
            [item.pk for item in reserved],
            sorted({item.meeting for item in reserved}),
        )

    def entries(
        self,
        asked: Sequence[Asked],
        among: Sequence[int] | None = None,
        known: Sequence[int] = (),
        *,
        newest_first: bool = False,
    ) -> list[Row]:
        """Return the entries that the reader may find, of all or of those with these keys, that have
        what is asked for and are not known, each with the place of the question among those asked.

        Where those of others took the place of the reader's, more are read: they leave no gap.
        """
        scope = Scope(self.reader.keys, among, known, newest_first)
        found: list[Row] = []
        left, times = list(enumerate(asked)), 1
        while left:
            read: dict[int, list[FoundEntry]] = defaultdict(list)
            for number, entry in entries_with(
                [each._replace(most=each.most * times) for _place, each in left], scope
            ):
                read[number].append(entry)
            seen = self.visible([entry for entries in read.values() for entry in entries])
            short = []
            for number, (place, each) in enumerate(left):
                shown = [entry for entry in read[number] if entry.key in seen][: each.most]
                is_short = len(shown) < each.most and len(read[number]) >= each.most * times
                if is_short and times < MOST:
                    short.append((place, each))
                else:
                    found += [(place, entry) for entry in shown]
            left, times = short, times * MORE
        return found

    def visible(self, entries: Iterable[FoundEntry]) -> set[int]:
        """Return the keys of those of these entries that the reader may find; each is looked up once."""
        entries = list(entries)
        unknown: dict[str, list[FoundEntry]] = defaultdict(list)
        for entry in {entry for entry in entries if entry.key not in self._seen}:
            unknown[entry.kind].append(entry)
        for kind, those in unknown.items():
            # Of a kind that only a later release knows, which runs beside this one, nothing is found.
            seen = SEEN[kind](self.rights, those) if kind in SEEN else set()
            self._seen |= {entry.key: entry.key in seen for entry in those}
        return {entry.key for entry in entries if self._seen[entry.key]}

    def _projects(self, chosen: Narrowing) -> Sequence[int]:
        return self.reader.keys if chosen.projects is None else chosen.projects

    def number_of_projects(self, chosen: Narrowing) -> int:
        """Return in how many projects the reader looks for something."""
        return len(self._projects(chosen))

    def marks(self, kind: str, chosen: Narrowing) -> Wanted:
        """Return the marks of the entries of a kind among which the reader may find something."""
        marks = ((mark("kind", kind),), *chosen.marks)
        keys = self._projects(chosen)
        if chosen.projects is None and (kind in OF_NO_PROJECT or len(keys) > FEW_PROJECTS):
            return marks
        return (*marks, tuple(mark("project", key) for key in keys) or (mark("project", 0),))


# Which of these entries of its kind somebody finds, by their keys.
Seen = Callable[[FinderRights, list[FoundEntry]], set[int]]


def _of(rows: QuerySet, entries: Iterable[FoundEntry]) -> set[int]:
    """Return the keys of the entries of these rows. Each is looked up by its key: few entries have
    the words of a question, and all rows of all projects would be read otherwise."""
    by_thing: dict[int, set[int]] = defaultdict(set)
    for entry in entries:
        by_thing[entry.thing].add(entry.key)
    found = rows.order_by().filter(pk__in=Keys(by_thing)).values_list("pk", flat=True)
    return {key for thing in found for key in by_thing[thing]}


def _in(place: ReaderPlace, entries: Iterable[FoundEntry]) -> list[FoundEntry]:
    projects = frozenset(place.projects)
    return [entry for entry in entries if entry.project in projects]


def _of_projects(rights: FinderRights, entries: list[FoundEntry]) -> set[int]:
    """Find what everybody with a place in the project sees."""
    return {entry.key for place in rights.places for entry in _in(place, entries)}


def _by_place(build: "Callable[[FinderRights, ReaderPlace], QuerySet | None]") -> Seen:
    """Make a rule of one for each group of projects with the same rights: of the projects of the
    entries alone."""

    def seen(rights: FinderRights, entries: list[FoundEntry]) -> set[int]:
        found: set[int] = set()
        for place in rights.places:
            if not (here := _in(place, entries)):
                continue
            projects = sorted({entry.project for entry in here if entry.project})
            if (rows := build(rights, place._replace(projects=projects))) is not None:
                found |= _of(rows, here)
        return found

    return seen


def _institutions(rights: FinderRights, entries: list[FoundEntry]) -> set[int]:
    rows = Institution.objects.all()
    if not rights.user.is_staff:
        projects = Keys(pk for place in rights.places for pk in place.projects)
        rows = rows.filter(pk__in=taking_part(projects)).exclude(pk__in=rights.unnamed)
    return _of(rows, entries)


def _people(rights: FinderRights, entries: list[FoundEntry]) -> set[int]:
    """Whoever coordinates a project finds its people; nobody else finds any."""
    edited = [place.projects for place in rights.places if place.rights.roles & EDITORS]
    projects = Keys(pk for keys in edited for pk in keys)
    return _of(Contact.objects.filter(has_a_place(OuterRef("pk"), projects)), entries)


def _items(rights: FinderRights, place: ReaderPlace) -> QuerySet[AgendaItem]:
    roles, audiences = place.rights
    left = rights.left_in(place)[0]
    meetings = meetings_seen(place.projects, roles)
    seen = items_for(audiences, bool(roles & EDITORS), left)
    return seen.filter(meeting__in=meetings.order_by().values("pk"))


def _minutes(rights: FinderRights, entries: list[FoundEntry]) -> set[int]:
    """Those who see minutes read the items of their audiences, and of settled ones also the items
    of the whole committee (`audiences_of_minutes`). `part`: the key of the item."""
    found: set[int] = set()
    for place in rights.places:
        roles, audiences = place.rights
        reserved = rights.left_in(place)[1]
        here = _in(place, entries)
        for statuses, read in (
            (Minutes.SETTLED, audiences | {Audience.COMMITTEE}),
            (frozenset(Minutes.Status.values) - Minutes.SETTLED, audiences),
        ):
            shown = sorted(minutes_statuses(roles) & statuses)
            if not shown or not here:
                continue
            seen = _of(Minutes.objects.filter(status__in=shown), here)
            parts = {entry.part for entry in here if entry.key in seen} - {0}
            items = AgendaItem.objects.filter(audience__in=sorted(read)).exclude(pk__in=reserved)
            readable = set(items.order_by().filter(pk__in=parts).values_list("pk", flat=True))
            found |= {
                entry.key
                for entry in here
                if entry.key in seen and (not entry.part or entry.part in readable)
            }
    return found


def _resolutions(rights: FinderRights, place: ReaderPlace) -> QuerySet[Resolution]:
    left, reserved = rights.left_in(place)
    return resolutions_seen(place.projects, *place.rights, reserved, left)


def _plans(place: ReaderPlace) -> QuerySet[ActionPlan]:
    return ActionPlan.objects.filter(plans_seen(place.rights.roles), project__in=place.projects)


def _answers(model: type[Remark] | type[ProposedChange]) -> Seen:
    def rows(
        rights: FinderRights, place: ReaderPlace
    ) -> QuerySet[Remark] | QuerySet[ProposedChange]:
        given = model.objects.filter(plan__in=_plans(place).order_by().values("pk"))
        return answers_seen(given, *answers_for_roles(place.rights.roles, place.spoken))

    return _by_place(rows)


def _comments(rights: FinderRights, place: ReaderPlace) -> QuerySet[MinutesRemark] | None:
    roles, audiences = place.rights
    if not roles & (TEAM | {Role.MEMBER}):
        return None
    rows = MinutesRemark.objects.filter(minutes__status__in=sorted(minutes_statuses(roles)))
    seen = rows.for_audiences(sorted(audiences))
    reserved = rights.left_in(place)[1]
    return seen.exclude(agenda_item__in=reserved) if reserved else seen


def _papers(rights: FinderRights, place: ReaderPlace) -> QuerySet[Document]:
    roles, audiences = place.rights
    items = items_for(audiences, bool(roles & EDITORS), rights.left_in(place)[0])
    meetings = meetings_seen(place.projects, roles)
    return Document.objects.filter(
        Q(meeting=None) | Q(Exists(meetings.filter(pk=OuterRef("meeting")))),
        Q(agenda_item=None) | Q(Exists(items.filter(pk=OuterRef("agenda_item")))),
        audience__in=sorted(audiences),
    )


def _documents(rights: FinderRights, place: ReaderPlace) -> QuerySet[Rendition]:
    """What is about one person or institution alone is not in the index."""
    left = [] if place.rights.is_team else rights.meetings_left
    return renditions_seen(rights.user.pk, place.projects, *place.rights, left).current()


def _values(rights: FinderRights, place: ReaderPlace) -> QuerySet[DataPoint] | None:
    """What is said of a value may tell of few persons: to the team, and to the institution that
    measures it."""
    if place.rights.is_team:
        return DataPoint.objects.all()
    own = DataPoint.objects.filter(indicator__responsible__in=place.represented)
    return own.filter(values_seen(place.rights.roles, place.represented))


def _rule_of(kind: Kind) -> Seen:
    """Find what the roles in the project let somebody read, as the entry of the kind says."""
    read_by = kind.read_by
    assert read_by, f"Say here who finds a {kind.called}."
    if read_by is everybody:
        return _of_projects
    return _by_place(
        lambda rights, place: kind.model._default_manager.filter(read_by(place.rights.roles))
    )


# Where more than the roles decides.
OWN_RULES: dict[str, Seen] = {
    "institution": _institutions,
    "person": _people,
    "item": _by_place(_items),
    "minutes": _minutes,
    "resolution": _by_place(_resolutions),
    "value": _by_place(_values),
    "call": lambda rights, entries: _of(visible_calls(rights.user), entries),
    "remark": _answers(Remark),
    "proposal": _answers(ProposedChange),
    "comment": _by_place(_comments),
    "document": _by_place(_documents),
    "paper": _by_place(_papers),
}
SEEN = {name: OWN_RULES.get(name) or _rule_of(kind) for name, kind in SOURCES.items()}
