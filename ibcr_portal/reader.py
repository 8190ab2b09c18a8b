"""The reader of a page over several projects: their roles, institutions and days, read once."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import TypeVar

from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from committees.permissions.roles import projects_by_roles
from kernel.prepared import Question, prepared
from kernel.text import columns_of
from partners.models import Institution, InstitutionName
from partners.reading import by_names, named_institutions, names_to_ask
from projects.models import (
    Participation,
    Period,
    Project,
    ReportingDuty,
)
from projects.models.project import ProjectQuerySet
from projects.permissions.duties import visible_duties
from projects.permissions.roles import TEAM, Role, speaks_for

Row = TypeVar("Row", bound=Model)
# Of a project that is one of many.
COLUMNS = ("code", "status", "starts_on", "current_end", *columns_of("short_title"))


@prepared
def _projects_seen(person: int, is_staff: bool) -> ProjectQuerySet:
    return Project.objects.visible_to(User(pk=person, is_staff=is_staff)).only(*COLUMNS)


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
        participations: list[Participation] | None = None,
        periods: dict[int, list[Period]] | None = None,
    ) -> None:
        self.user = user
        self.today = timezone.localdate()
        self.roles: dict[Role, list[Project]] = {}
        self.roles_by_project: dict[int, frozenset[Role]] = {}
        self.projects: list[Project] = []
        self._institutions: dict[int, Institution] = {}
        if participations is not None:
            self.participations = participations
            self._institutions = {row.institution_id: row.institution for row in participations}
        if periods is not None:
            self.periods = periods
        if projects is None:
            projects = _projects_seen(user.pk, user.is_staff)
        for (roles, _audiences), found in projects_by_roles(user, projects).items():
            self.projects += found
            self.roles_by_project |= {project.pk: roles for project in found}
            for role in roles:
                self.roles.setdefault(role, []).extend(found)

    def where(self, *roles: Role) -> list[Project]:
        found = {project.pk: project for role in roles for project in self.roles.get(role, [])}
        return list(found.values())

    @cached_property
    def own(self) -> set[tuple[int, int]]:
        """Project and institution, where the person speaks for the institution."""
        return {
            (project.pk, institution)
            for project in self.projects
            for institution in speaks_for(self.user, project)
        }

    @property
    def institution_keys(self) -> set[int]:
        """The institutions for which the person speaks in any of the projects: to narrow a query,
        whose rows are then compared with `own`."""
        return {institution for _project, institution in self.own}

    @cached_property
    def participations(self) -> list[Participation]:
        """The participations in the projects, with the names of their institutions."""
        by_key = {project.pk: project for project in self.projects}
        rows = list(Participation.objects.filter(project__in=by_key))
        for row in rows:
            row.project = by_key[row.project_id]
        return self.with_names(rows)

    @cached_property
    def accountable(self) -> set[tuple[int, int]]:
        """Project and institution, where the institution answers for the project."""
        return {
            (row.project_id, row.institution_id)
            for row in self.participations
            if row.role == Participation.Role.ACCOUNTABLE
        }

    @cached_property
    def periods(self) -> dict[int, list[Period]]:
        """The periods of each project, in their order."""
        found: dict[int, list[Period]] = defaultdict(list)
        for period in Period.objects.filter(project__in=self.projects).order_by("start"):
            found[period.project_id].append(period)
        return found

    @cached_property
    def duties(self) -> list[ReportingDuty]:
        """The reporting duties of the projects, as far as the person may see them."""
        duties = visible_duties(self.user, self.projects).select_related("project", "institution")
        return self.with_names(list(duties))

    def projects_by_key(self, keys: Collection[int]) -> dict[int, Project]:
        """Return projects by their keys, also those to which the person is only invited."""
        found = {project.pk: project for project in self.projects if project.pk in keys}
        if unknown := set(keys) - found.keys():
            found |= Project.objects.only(*COLUMNS).in_bulk(unknown)
        return found

    def institutions(self, keys: Collection[int]) -> dict[int, Institution]:
        """Return institutions with their names, each read once for all lists."""
        if unknown := set(keys) - self._institutions.keys():
            self._institutions |= named_institutions(unknown)
        return self._institutions

    def names_to_ask(self, keys: set[int]) -> Question[InstitutionName]:
        """Return the question for the names of institutions that were not read yet."""
        return names_to_ask(keys - self._institutions.keys())

    def learn_names(self, keys: set[int], asked: Question[InstitutionName]) -> None:
        self._institutions |= by_names(asked.rows, keys - self._institutions.keys())

    def with_names(self, rows: list[Row], field: str = "institution") -> list[Row]:
        """Return the same rows with the names of their institutions, each read once for all lists."""
        known = self.institutions({getattr(row, f"{field}_id") for row in rows} - {None})
        for row in rows:
            if key := getattr(row, f"{field}_id"):
                setattr(row, field, known[key])
        return rows

    @property
    def inside(self) -> list[Project]:
        """The projects for which the person works, and sees all of."""
        return self.where(*TEAM)

    @property
    def is_guest(self) -> bool:
        """A partner, member or donor rather than one of the team."""
        return bool(self.own)

    def works_for(self, project: int) -> bool:
        return self.holds(project, TEAM)

    def holds(self, project: int, roles: Iterable[Role]) -> bool:
        return bool(self.roles_by_project.get(project, frozenset()).intersection(roles))

    def speaks_for(self, project: int, institutions: Iterable[int]) -> bool:
        return any((project, institution) in self.own for institution in institutions)


def running(projects: Iterable[Project]) -> list[Project]:
    """Those in which things still fall due."""
    return [project for project in projects if not project.is_over]
