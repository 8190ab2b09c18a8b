"""The reader of a page over several projects: their roles, institutions and days, read once."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import NamedTuple, TypeVar

from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from committees.permissions.roles import projects_by_roles
from kernel.keys import Keys
from kernel.text import columns_of
from partners.models import Institution
from partners.reading import named_institutions
from projects.models import Participation, Period, Project
from projects.models.project import ProjectQuerySet
from projects.permissions.roles import (
    TEAM,
    Role,
    represented_in,
    roles_by_key,
    roles_everywhere,
    spoken_for,
)

Row = TypeVar("Row", bound=Model)
FEW = 30  # projects, of which a page reads all
# Of a project that is one of many.
COLUMNS = ("code", "status", "starts_on", "current_end", *columns_of("short_title"))


def _projects_of(keys: Iterable[int]) -> ProjectQuerySet:
    return Project.objects.filter(pk__in=Keys(keys)).only(*COLUMNS)


class Reader:
    """A person and the facts about them that lists need.

    `projects` restricts them to some of the projects that the person sees. `participations` are
    those of the projects with their names, and `periods` those of each project, if the caller has
    read them.
    """

    def __init__(
        self,
        user: User,
        projects: Collection[Project] | None = None,
        participations: Iterable[Participation] = (),
        periods: dict[int, list[Period]] | None = None,
    ) -> None:
        self.user = user
        self.today = timezone.localdate()
        self.roles_by_project = (
            roles_everywhere(user) if projects is None else roles_by_key(user, projects)
        )
        self._institutions = {row.institution_id: row.institution for row in participations}
        self._projects = {project.pk: project for project in projects or ()}
        self.periods = periods or {}

    @property
    def keys(self) -> list[int]:
        """The keys of the projects."""
        return list(self.roles_by_project)

    @cached_property
    def projects(self) -> list[Project]:
        """The projects themselves, the newest first. For somebody who has hundreds,
        `projects_by_key` reads some."""
        found = self.projects_by_key(self.keys).values()
        return sorted(found, key=lambda one: (-one.starts_on.toordinal(), one.code))

    def newest(self, number: int) -> list[Project]:
        """Return the projects that began last."""
        if len(self.roles_by_project) > FEW:
            return list(_projects_of(self.keys).order_by("-starts_on", "code")[:number])
        return self.projects[:number]

    def keys_where(self, *roles: Role) -> list[int]:
        """Return the keys of the projects in which the person has one of these roles."""
        wanted = frozenset(roles)
        return [pk for pk, roles in self.roles_by_project.items() if not wanted.isdisjoint(roles)]

    @cached_property
    def own(self) -> set[tuple[int, int]]:
        """Project and institution, where the person speaks for the institution."""
        return {
            (project, institution)
            for project, institutions in spoken_for(self.user, self.roles_by_project).items()
            for institution in institutions
        }

    def projects_by_key(self, keys: Collection[int]) -> dict[int, Project]:
        """Return projects by their keys, also those to which the person is only invited."""
        if unknown := set(keys) - self._projects.keys():
            if len(self.roles_by_project) <= FEW:  # all at once, for whatever else the page shows
                unknown |= self.roles_by_project.keys()
            self._projects |= {project.pk: project for project in _projects_of(unknown)}
        return {pk: self._projects[pk] for pk in keys if pk in self._projects}

    def institutions(self, keys: Collection[int]) -> dict[int, Institution]:
        """Return institutions with their names, each read once for all lists."""
        if unknown := set(keys) - self._institutions.keys():
            self._institutions |= named_institutions(unknown)
        return self._institutions

    def with_names(self, rows: Iterable[Row], field: str = "institution") -> list[Row]:
        """Return the same rows with the names of their institutions, each read once for all lists."""
        rows = list(rows)
        known = self.institutions({getattr(row, f"{field}_id") for row in rows} - {None})
        for row in rows:
            if key := getattr(row, f"{field}_id"):
                setattr(row, field, known[key])
        return rows

    @property
    def is_guest(self) -> bool:
        """A partner, member or donor rather than one of the team."""
        return bool(self.own)

    def works_for(self, project: int) -> bool:
        return not TEAM.isdisjoint(self.roles_by_project.get(project, ()))


# --- The projects of a reader in groups with the same rights ---
#
# So a statement about hundreds of projects has few conditions.


class PlaceRights(NamedTuple):
    roles: frozenset[Role]
    audiences: frozenset[str]

    @property
    def is_team(self) -> bool:
        return bool(self.roles & TEAM)


class ReaderPlace(NamedTuple):
    """Projects in which the person has the same rights, and the institutions that they represent
    there, and for which they speak."""

    rights: PlaceRights
    projects: list[int]
    represented: list[int]
    spoken: list[int]


def places_of(reader: Reader) -> list[ReaderPlace]:
    represented = represented_in(reader.user, reader.keys)
    spoken = spoken_for(reader.user, reader.keys)
    groups: dict[tuple[PlaceRights, frozenset[int], frozenset[int]], list[int]] = defaultdict(list)
    for (roles, audiences), projects in projects_by_roles(reader.user, reader.keys).items():
        for pk in projects if roles else ():
            own = frozenset(row.institution for row in represented.get(pk, ()))
            groups[PlaceRights(roles, audiences), own, spoken.get(pk, frozenset())].append(pk)
    return [
        ReaderPlace(rights, projects, sorted(own), sorted(speaks))
        for (rights, own, speaks), projects in groups.items()
    ]
