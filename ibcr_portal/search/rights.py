"""Who may find what: for each kind, a condition on the entries of the index.

The conditions are those of the pages to which the results lead, and are part of the statement that
finds them. So nobody learns from a number of results, a filter or an order what they may not see,
and what becomes invisible is not found from the same moment.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from committees.models import (
    ActionPlan,
    ActionTerms,
    AgendaItem,
    Audience,
    Document,
    Meeting,
    Minutes,
    MinutesRemark,
    ProposedChange,
    Remark,
    Resolution,
    WrittenConsultation,
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
from ibcr_portal.models import SearchChange, SearchEntry, SearchKind
from ibcr_portal.reader import Reader
from ibcr_portal.reader_places import PlaceRights, ReaderPlace, places_of
from ibcr_portal.search.tables import COLUMNS, Wanted
from ibcr_portal.search.words import mark
from kernel.prepared import Question, prepared
from partners.models import Institution
from projects.models import Amendment, DataPoint, Risk
from projects.permissions.amendments import amendments_seen
from projects.permissions.calls import visible_calls
from projects.permissions.institutions import names_for, taking_part
from projects.permissions.representations import has_a_place
from projects.permissions.risks import risks_seen
from projects.permissions.roles import EDITORS, TEAM, Role
from projects.permissions.values import values_seen
from reports.models import FiledDocument, Rendition, Report
from reports.permissions.documents import renditions_seen
from reports.permissions.filing import filed_seen
from reports.permissions.reports import reports_seen

# Some of these belong to none, or are seen without a place in the project.
OF_NO_PROJECT = (SearchKind.INSTITUTION, SearchKind.PERSON, SearchKind.CALL)
FEW_PROJECTS = 100

# Key, kind, thing, part, project, day and state of an entry.
FoundRow = tuple[int, str, int, int, int | None, date | None, str]


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
    """What decides which entries a person finds. Of all of it but the roles a statement takes the
    keys alone, so people with the same roles share it."""

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

    def entries(self) -> Question[FoundRow]:
        """Return the question for the entries that the reader may find."""
        user, places, *others = self.rights
        keys = [each for place in places for each in place[1:]]
        rights = tuple(place.rights for place in places)
        return _entries.question(user.pk, user.is_staff, rights, *others, *keys)

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


@prepared
def _entries(
    person: int, is_staff: bool, roles: tuple[PlaceRights, ...], *keys: list[int]
) -> QuerySet[SearchEntry, FoundRow]:
    """Find the entries of all kinds that a person with these rights finds, but those whose thing
    changed since. `keys`: the lists of `FinderRights`, then those of each of the places."""
    places = zip(roles, keys[4::3], keys[5::3], keys[6::3], strict=True)
    user = User.of_key(person, is_staff=is_staff)
    rights = FinderRights(user, [ReaderPlace(*each) for each in places], *keys[:4])
    found = Q(pk__in=[])
    for kind, seen in SEEN.items():
        # The kind comes first: PostgreSQL asks for what is visible only where it is so.
        found |= Q(kind=kind) & seen(rights)
    changed = SearchChange.objects.filter(kind=OuterRef("kind"), thing=OuterRef("thing"))
    rows = SearchEntry.objects.filter(found).exclude(Exists(changed)).order_by()
    return rows.values_list(*COLUMNS)


Seen = Callable[[FinderRights], Q]


def _among(rows: QuerySet) -> Q:
    """Match entries of these rows. Each is looked up by its key: few entries have the words of a
    question, and all rows of all projects would be read otherwise."""
    return Q(Exists(rows.order_by().filter(pk=OuterRef("thing"))))


def _of_projects(rights: FinderRights) -> Q:
    """Match what everybody with a place in the project sees."""
    found = Q(pk__in=[])
    for place in rights.places:
        found |= Q(project__among=place.projects)
    return found


def _by_place(build: "Callable[[FinderRights, ReaderPlace], QuerySet | None]") -> Seen:
    """Make a condition of one for each group of projects with the same rights."""

    def seen(rights: FinderRights) -> Q:
        found = Q(pk__in=[])
        for place in rights.places:
            if (rows := build(rights, place)) is not None:
                found |= Q(_among(rows), project__among=place.projects)
        return found

    return seen


def _institutions(rights: FinderRights) -> Q:
    if rights.user.is_staff:
        return _among(Institution.objects.all())
    found = Q(pk__in=[])
    for place in rights.places:
        found |= Q(pk__in=taking_part(place.projects))
    return _among(Institution.objects.filter(found).exclude(pk__in=rights.unnamed))


def _people(rights: FinderRights) -> Q:
    """Whoever coordinates a project finds its people; nobody else finds any."""
    found = Q(pk__in=[])
    for place in rights.places:
        if place.rights.roles & EDITORS:
            found |= has_a_place(OuterRef("thing"), place.projects)
    return found


def _meetings(rights: FinderRights, place: ReaderPlace) -> QuerySet[Meeting]:
    return meetings_seen(place.projects, place.rights.roles)


def _items(rights: FinderRights, place: ReaderPlace) -> QuerySet[AgendaItem]:
    roles, audiences = place.rights
    left = rights.left_in(place)[0]
    meetings = meetings_seen(place.projects, roles)
    seen = items_for(audiences, bool(roles & EDITORS), left)
    return seen.filter(meeting__in=meetings.order_by().values("pk"))


def _minutes(rights: FinderRights) -> Q:
    """Those who see minutes read the items of their audiences, and of settled ones also the items
    of the whole committee (`audiences_of_minutes`). `part`: the key of the item."""
    found = Q(pk__in=[])
    for place in rights.places:
        roles, audiences = place.rights
        reserved = rights.left_in(place)[1]
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
            found |= Q(_among(rows), part, project__among=place.projects)
    return found


def _resolutions(rights: FinderRights, place: ReaderPlace) -> QuerySet[Resolution]:
    left, reserved = rights.left_in(place)
    return resolutions_seen(place.projects, *place.rights, reserved, left)


def _consultations(
    rights: FinderRights, place: ReaderPlace
) -> QuerySet[WrittenConsultation] | None:
    rows = WrittenConsultation.objects.all()
    if place.rights.is_team:
        return rows
    return rows.exclude(opened_on=None) if Role.MEMBER in place.rights.roles else None


def _plans(place: ReaderPlace) -> QuerySet[ActionPlan]:
    return ActionPlan.objects.filter(plans_seen(place.rights.roles), project__in=place.projects)


def _terms(rights: FinderRights, place: ReaderPlace) -> QuerySet[ActionTerms]:
    return ActionTerms.objects.filter(plan__in=_plans(place).order_by().values("pk"))


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


def _filed(rights: FinderRights, place: ReaderPlace) -> QuerySet[FiledDocument]:
    return FiledDocument.objects.filter(filed_seen(place.rights.roles))


def _sections(rights: FinderRights, place: ReaderPlace) -> QuerySet[Report]:
    return reports_seen(place.projects, place.rights.roles)


def _documents(rights: FinderRights, place: ReaderPlace) -> QuerySet[Rendition]:
    """What is about one person or institution alone is not in the index."""
    left = [] if place.rights.is_team else rights.meetings_left
    return renditions_seen(rights.user.pk, place.projects, *place.rights, left).current()


def _risks(rights: FinderRights, place: ReaderPlace) -> QuerySet[Risk]:
    return Risk.objects.filter(risks_seen(place.rights.roles))


def _amendments(rights: FinderRights, place: ReaderPlace) -> QuerySet[Amendment]:
    return Amendment.objects.filter(amendments_seen(place.rights.roles))


def _values(rights: FinderRights, place: ReaderPlace) -> QuerySet[DataPoint] | None:
    """What is said of a value may tell of few persons: to the team, and to the institution that
    measures it."""
    if place.rights.is_team:
        return DataPoint.objects.all()
    own = DataPoint.objects.filter(indicator__responsible__in=place.represented)
    return own.filter(values_seen(place.rights.roles, place.represented))


SEEN: dict[str, Seen] = {
    SearchKind.PROJECT: _of_projects,
    SearchKind.INSTITUTION: _institutions,
    SearchKind.PERSON: _people,
    SearchKind.COMMITTEE: _of_projects,
    SearchKind.MEETING: _by_place(_meetings),
    SearchKind.ITEM: _by_place(_items),
    SearchKind.MINUTES: _minutes,
    SearchKind.RESOLUTION: _by_place(_resolutions),
    SearchKind.CONSULTATION: _by_place(_consultations),
    SearchKind.ACTION: _by_place(_terms),
    SearchKind.RESULT: _of_projects,
    SearchKind.INDICATOR: _of_projects,
    SearchKind.VALUE: _by_place(_values),
    SearchKind.ACTIVITY: _of_projects,
    SearchKind.RISK: _by_place(_risks),
    SearchKind.AMENDMENT: _by_place(_amendments),
    SearchKind.CALL: lambda rights: _among(visible_calls(rights.user)),
    SearchKind.SECTION: _by_place(_sections),
    SearchKind.REMARK: _answers(Remark),
    SearchKind.PROPOSAL: _answers(ProposedChange),
    SearchKind.COMMENT: _by_place(_comments),
    SearchKind.DOCUMENT: _by_place(_documents),
    SearchKind.PAPER: _by_place(_papers),
    SearchKind.FILED: _by_place(_filed),
}
