"""Who may find what: for each kind, a condition on the entries of the index.

The conditions are those of the pages to which the results lead, and are part of the statement that
finds them. So nobody learns from a number of results, a filter or an order what they may not see,
and what becomes invisible is not found from the same moment.
"""

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from committees.models import (
    ActionPlan,
    ActionTerms,
    AgendaItem,
    Audience,
    Document,
    Minutes,
    MinutesRemark,
    ProposedChange,
    Remark,
    WrittenConsultation,
)
from committees.permissions.meetings import (
    OF_SEATS,
    every_visible_meeting,
    items_for,
    meetings_seen,
)
from committees.permissions.minutes import statuses_seen as minutes_statuses
from committees.permissions.plans import answers_for_roles, answers_seen, plans_seen
from committees.permissions.resolutions import every_visible_resolution
from committees.permissions.roles import items_left
from ibcr_portal.models import SearchChange, SearchEntry, SearchKind
from ibcr_portal.reader import Reader
from ibcr_portal.reader_places import ReaderPlace, places_of
from ibcr_portal.search.tables import ENTRIES, Wanted
from ibcr_portal.search.words import mark
from kernel.keys import Keys
from projects.models import Amendment, DataPoint, Project, Risk
from projects.permissions.amendments import amendments_seen
from projects.permissions.calls import visible_calls
from projects.permissions.institutions import visible_institutions
from projects.permissions.representations import contacts_with_a_place
from projects.permissions.risks import risks_seen
from projects.permissions.roles import EDITORS, TEAM, Role
from projects.permissions.values import values_seen
from reports.models import FiledDocument
from reports.permissions.documents import every_visible_rendition
from reports.permissions.filing import filed_seen
from reports.permissions.reports import every_visible_report

# Some of these belong to none, or are seen without a place in the project.
OF_NO_PROJECT = (SearchKind.INSTITUTION, SearchKind.PERSON, SearchKind.CALL)
FEW_PROJECTS = 100
LONG_LIST = re.compile(r"IN \((\d+(?:,\d+){30,})\)")

# A condition of a statement, with its values.
Condition = tuple[str, tuple[Any, ...]]


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


class Finder:
    """A reader, with what decides what they may find; read once for each search."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.reader = Reader(user)
        self.places = places_of(self.reader)
        self._conditions: dict[str, Condition | None] = {}

    @cached_property
    def projects(self) -> list[int]:
        return [pk for place in self.places for pk in place.projects]

    @cached_property
    def left(self) -> tuple[list[int], list[int]]:
        """The items of the committee's audiences from which all seats of the reader are recused, and
        the reserved ones among them."""
        members = [
            pk for pk in self.reader.keys_where(Role.MEMBER) if not self.reader.works_for(pk)
        ]
        left = [item for item in items_left(self.user, members) if item.audience in OF_SEATS]
        reserved = [item.pk for item in left if item.audience == Audience.VOTING]
        return [item.pk for item in left], reserved

    def entries(self, kinds: Iterable[str] = ()) -> QuerySet[SearchEntry]:
        """Return the entries that the reader may find, but those whose thing changed since."""
        found = Q(pk__in=[])
        for kind in kinds or SEEN:
            found |= Q(kind=kind) & SEEN[kind](self)
        changed = SearchChange.objects.filter(kind=OuterRef("kind"), thing=OuterRef("thing"))
        return SearchEntry.objects.filter(found).exclude(Exists(changed)).order_by()

    def among(self, kinds: Iterable[str]) -> list[str]:
        """Return those of the kinds of which the reader may find anything."""
        return [kind for kind in kinds if self._condition(kind)]

    def condition(self, kinds: Iterable[str]) -> Condition:
        """Return the condition on the entries that the reader may find, for a statement that names no
        other table."""
        conditions = [each for kind in kinds if (each := self._condition(kind))]
        return (
            " OR ".join(f"({sql})" for sql, _values in conditions),
            tuple(value for _sql, values in conditions for value in values),
        )

    def _condition(self, kind: str) -> Condition | None:
        """Return the same for a kind; None if nothing of it may be found."""
        if kind not in self._conditions:
            # The kind comes first: PostgreSQL asks for what is visible only where it is so.
            query = SearchEntry.objects.filter(Q(kind=kind) & SEEN[kind](self)).query
            compiler = query.get_compiler(connection=connection)
            try:
                sql, values = compiler.compile(query.where)
            except EmptyResultSet:
                self._conditions[kind] = None
            else:
                joined = [alias for alias, number in query.alias_refcount.items() if number]
                assert joined == [ENTRIES]  # the statement knows no other table
                self._conditions[kind] = _with_arrays(sql), tuple(values)
        return self._conditions[kind]

    def marks(self, kind: str, chosen: Narrowing) -> Wanted:
        """Return the marks of the entries of a kind among which the reader may find something."""
        marks = ((mark("kind", kind),), *chosen.marks)
        keys = self.reader.keys if chosen.projects is None else chosen.projects
        if chosen.projects is None and (kind in OF_NO_PROJECT or len(keys) > FEW_PROJECTS):
            return marks
        return (*marks, tuple(mark("project", key) for key in keys) or (mark("project", 0),))


def _with_arrays(sql: str) -> str:
    """Let PostgreSQL read long lists of keys as arrays that come from a query: of a list it weighs
    each key by itself, dozens of times, before it looks for anything."""
    if connection.vendor != "postgresql":
        return sql
    return LONG_LIST.sub(r"= ANY ((SELECT '{\1}'::bigint[])::bigint[])", sql)


Seen = Callable[[Finder], Q]


def _among(rows: QuerySet) -> Q:
    """Match entries of these rows. Each is looked up by its key: few entries have the words of a
    question, and all rows of all projects would be read otherwise."""
    return Q(Exists(rows.order_by().filter(pk=OuterRef("thing"))))


def _of_projects(finder: Finder) -> Q:
    """Match what everybody with a place in the project sees."""
    return Q(project__in=Keys(finder.projects)) if finder.projects else Q(pk__in=[])


def _by_place(build: "Callable[[Finder, ReaderPlace], QuerySet | None]") -> Seen:
    """Make a condition of one for each group of projects with the same rights."""

    def seen(finder: Finder) -> Q:
        found = Q(pk__in=[])
        for place in finder.places:
            if (rows := build(finder, place)) is not None:
                found |= Q(_among(rows), project__in=Keys(place.projects))
        return found

    return seen


def _people(finder: Finder) -> Q:
    """Whoever coordinates a project finds its people; everybody else only themselves."""
    coordinated = Project.objects.coordinated_by(finder.user)
    return _among(contacts_with_a_place(coordinated))


def _items(finder: Finder, place: ReaderPlace) -> QuerySet[AgendaItem]:
    roles, audiences = place.rights
    left = [] if place.rights.is_team else finder.left[0]
    meetings = meetings_seen(Keys(place.projects), roles)
    seen = items_for(audiences, bool(roles & EDITORS), left)
    return seen.filter(meeting__in=meetings.order_by().values("pk"))


def _minutes(finder: Finder) -> Q:
    """Those who see minutes read the items of their audiences, and of settled ones also the items
    of the whole committee (`audiences_of_minutes`). `part`: the key of the item."""
    found = Q(pk__in=[])
    for place in finder.places:
        roles, audiences = place.rights
        reserved = [] if place.rights.is_team else finder.left[1]
        for statuses, read in (
            (Minutes.SETTLED, audiences | {Audience.COMMITTEE}),
            (frozenset(Minutes.Status.values) - Minutes.SETTLED, audiences),
        ):
            shown = sorted(minutes_statuses(roles) & statuses)
            if not shown:
                continue
            rows = Minutes.objects.filter(status__in=shown)
            items = AgendaItem.objects.filter(audience__in=sorted(read)).exclude(pk__in=reserved)
            part = Q(part=0) | Q(Exists(items.order_by().filter(pk=OuterRef("part"))))
            found |= Q(_among(rows), part, project__in=Keys(place.projects))
    return found


def _consultations(finder: Finder, place: ReaderPlace) -> QuerySet[WrittenConsultation] | None:
    rows = WrittenConsultation.objects.all()
    if place.rights.is_team:
        return rows
    return rows.exclude(opened_on=None) if Role.MEMBER in place.rights.roles else None


def _plans(place: ReaderPlace) -> QuerySet[ActionPlan]:
    return ActionPlan.objects.filter(
        plans_seen(place.rights.roles), project__in=Keys(place.projects)
    )


def _terms(finder: Finder, place: ReaderPlace) -> QuerySet[ActionTerms]:
    return ActionTerms.objects.filter(plan__in=_plans(place).order_by().values("pk"))


def _answers(model: type[Remark] | type[ProposedChange]) -> Seen:
    def rows(finder: Finder, place: ReaderPlace) -> QuerySet[Remark] | QuerySet[ProposedChange]:
        given = model.objects.filter(plan__in=_plans(place).order_by().values("pk"))
        return answers_seen(given, *answers_for_roles(place.rights.roles, place.spoken))

    return _by_place(rows)


def _comments(finder: Finder, place: ReaderPlace) -> QuerySet[MinutesRemark] | None:
    roles, audiences = place.rights
    if not roles & (TEAM | {Role.MEMBER}):
        return None
    rows = MinutesRemark.objects.filter(minutes__status__in=sorted(minutes_statuses(roles)))
    seen = rows.for_audiences(sorted(audiences))
    if finder.left[1] and not place.rights.is_team:
        seen = seen.exclude(agenda_item__in=finder.left[1])
    return seen


def _papers(finder: Finder, place: ReaderPlace) -> QuerySet[Document]:
    roles, audiences = place.rights
    items = items_for(
        audiences, bool(roles & EDITORS), [] if place.rights.is_team else finder.left[0]
    )
    meetings = meetings_seen(Keys(place.projects), roles)
    return Document.objects.filter(
        Q(meeting=None) | Q(Exists(meetings.filter(pk=OuterRef("meeting")))),
        Q(agenda_item=None) | Q(Exists(items.filter(pk=OuterRef("agenda_item")))),
        audience__in=sorted(audiences),
    )


def _filed(finder: Finder, place: ReaderPlace) -> QuerySet[FiledDocument]:
    return FiledDocument.objects.filter(filed_seen(place.rights.roles))


def _sections(finder: Finder) -> Q:
    return _among(every_visible_report(finder.user))


def _risks(finder: Finder, place: ReaderPlace) -> QuerySet[Risk]:
    return Risk.objects.filter(risks_seen(place.rights.roles))


def _amendments(finder: Finder, place: ReaderPlace) -> QuerySet[Amendment]:
    return Amendment.objects.filter(amendments_seen(place.rights.roles))


def _values(finder: Finder, place: ReaderPlace) -> QuerySet[DataPoint] | None:
    """What is said of a value may tell of few persons: to the team, and to the institution that
    measures it."""
    if place.rights.is_team:
        return DataPoint.objects.all()
    own = DataPoint.objects.filter(indicator__responsible__in=place.represented)
    return own.filter(values_seen(place.rights.roles, place.represented))


SEEN: dict[str, Seen] = {
    SearchKind.PROJECT: lambda finder: _among(Project.objects.filter(pk__in=Keys(finder.projects))),
    SearchKind.INSTITUTION: lambda finder: _among(visible_institutions(finder.user)),
    SearchKind.PERSON: _people,
    SearchKind.COMMITTEE: _of_projects,
    SearchKind.MEETING: lambda finder: _among(every_visible_meeting(finder.user)),
    SearchKind.ITEM: _by_place(_items),
    SearchKind.MINUTES: _minutes,
    SearchKind.RESOLUTION: lambda finder: _among(every_visible_resolution(finder.user)),
    SearchKind.CONSULTATION: _by_place(_consultations),
    SearchKind.ACTION: _by_place(_terms),
    SearchKind.RESULT: _of_projects,
    SearchKind.INDICATOR: _of_projects,
    SearchKind.VALUE: _by_place(_values),
    SearchKind.ACTIVITY: _of_projects,
    SearchKind.RISK: _by_place(_risks),
    SearchKind.AMENDMENT: _by_place(_amendments),
    SearchKind.CALL: lambda finder: _among(visible_calls(finder.user)),
    SearchKind.SECTION: _sections,
    SearchKind.REMARK: _answers(Remark),
    SearchKind.PROPOSAL: _answers(ProposedChange),
    SearchKind.COMMENT: _by_place(_comments),
    SearchKind.DOCUMENT: lambda finder: _among(every_visible_rendition(finder.user)),
    SearchKind.PAPER: _by_place(_papers),
    SearchKind.FILED: _by_place(_filed),
}
