"""Who reads a page over several projects: roles, institutions and days, read once."""

from collections.abc import Collection, Iterable
from functools import cached_property

from django.utils import timezone

from accounts.models import User
from committees.permissions import projects_by_roles
from partners.models import Institution
from projects.models import Participation, Project
from projects.permissions import TEAM, Role


class Reader:
    """What lists need to know of a person; narrowed to `projects` (of those that they see)."""

    def __init__(self, user: User, projects: Collection[Project] | None = None) -> None:
        self.user = user
        self.today = timezone.localdate()
        self.roles: dict[Role, list[Project]] = {}
        self.roles_in: dict[int, frozenset[Role]] = {}
        self.projects: list[Project] = []
        for (roles, _audiences), found in projects_by_roles(user, projects).items():
            self.projects += found
            self.roles_in |= {project.pk: roles for project in found}
            for role in roles:
                self.roles.setdefault(role, []).extend(found)

    def where(self, *roles: Role) -> list[Project]:
        found = {project.pk: project for role in roles for project in self.roles.get(role, [])}
        return list(found.values())

    @cached_property
    def institution_keys(self) -> set[int]:
        """Of the institutions for which the person speaks."""
        return set(Institution.objects.spoken_for_by(self.user).values_list("pk", flat=True))

    @cached_property
    def accountable(self) -> set[tuple[int, int]]:
        """Project and institution, where the institution answers for the project."""
        rows = Participation.objects.filter(
            project__in=self.projects, role=Participation.Role.ACCOUNTABLE
        )
        return set(rows.values_list("project", "institution"))

    @property
    def inside(self) -> list[Project]:
        """The projects for which the person works, and sees all of."""
        return self.where(*TEAM)

    @property
    def is_guest(self) -> bool:
        """A partner, member or donor rather than one of the team."""
        return bool(self.institution_keys)

    def works_for(self, project: int) -> bool:
        return self.holds(project, TEAM)

    def holds(self, project: int, roles: Iterable[Role]) -> bool:
        return bool(self.roles_in.get(project, frozenset()).intersection(roles))

    def speaks_for(self, institutions: Iterable[int]) -> bool:
        return bool(self.institution_keys.intersection(institutions))


def running(projects: Iterable[Project]) -> list[Project]:
    """Those in which things still fall due."""
    return [project for project in projects if not project.is_over]
