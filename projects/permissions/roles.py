"""Reads the roles of a person in a project, and decides about the project itself.

Roles follow from data: assignments, representations of participating institutions and, through
`add_role_source`, rows of apps above this one, such as a seat in the committee.
"""

from collections.abc import Callable, Collection, Iterable
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, CharField, QuerySet, Value
from django.db.models.functions import Cast

from accounts.models import User
from partners.models import Institution
from projects.models import Assignment, Participation, Project, Representation


class Role(StrEnum):
    ADMINISTRATOR = "administrator"
    COORDINATOR = "coordinator"
    MONITORING = "monitoring"
    FINANCE = "finance"
    READER = "reader"
    AUDITOR = "auditor"
    DIRECTION = "direction"  # of the organisation: it reads all projects and administers nothing
    MEMBER = "member"
    PARTNER = "partner"
    DONOR = "donor"
    ACCEPTS_FOR_DONOR = "accepts for donor"  # a donor who may accept, and not only read
    PANEL = "panel"  # of a call: it sees that call and nothing else of the project


# Those who work for the organisation: they see the inside of a project.
TEAM = frozenset(
    {
        Role.ADMINISTRATOR,
        Role.COORDINATOR,
        Role.MONITORING,
        Role.FINANCE,
        Role.READER,
        Role.AUDITOR,
        Role.DIRECTION,
    }
)


# From a person and the keys of projects to rows of (key of a project, role, key of the institution
# for which the person acts in that role), read with the assignments in one statement.
RoleSource = Callable[[User, Collection[int]], QuerySet[Any, tuple[int, str, int | None]]]
_sources: list[RoleSource] = []


def add_role_source(source: RoleSource) -> None:
    """Register a query for roles that follow from rows of an app above this one.

    The app calls it once, when it is loaded. So `roles_of` knows all roles, although imports only
    point downwards.
    """
    _sources.append(source)


def roles_of(user: User, project: Project) -> frozenset[Role]:
    """Return all roles of a person in a project; they are read once per request and kept on its
    user."""
    if not user.is_authenticated:
        return frozenset()
    learn_roles(user, [project])
    roles: frozenset[Role] = user.__dict__["_project_roles"][project.pk]
    return roles


def learn_roles(user: User, projects: Iterable[Project]) -> None:
    """Read the roles in many projects at once, before a list asks for each of them."""
    kept = user.__dict__.setdefault("_project_roles", {})
    unknown = {project.pk for project in projects} - kept.keys()
    if unknown and user.is_authenticated:
        kept.update(_read_roles(user, unknown))


class OwnParticipation(NamedTuple):
    """The participation of an institution that the person represents."""

    institution: int
    role: str
    sees_small_counts: bool
    accepts: bool
    is_confirmed: bool


def own_participations(user: User, project: Project) -> list[OwnParticipation]:
    """Return the participations of institutions that the person represents in the project; they
    are read together with the roles."""
    roles_of(user, project)
    own: list[OwnParticipation] = user.__dict__.get("_own_participations", {}).get(project.pk, [])
    return own


def speaks_for(user: User, project: Project) -> frozenset[int]:
    """Return the keys of the institutions for which the person speaks in the project: those that
    they represent, and those for which they hold a seat. Read together with the roles."""
    roles_of(user, project)
    seated: dict[int, set[int]] = user.__dict__.get("_institutions_by_seat", {})
    represented = {own.institution for own in own_participations(user, project)}
    return frozenset(represented | seated.get(project.pk, set()))


def _read_roles(user: User, projects: Collection[int]) -> dict[int, frozenset[Role]]:
    roles = {pk: {Role.ADMINISTRATOR} if user.is_staff else set() for pk in projects}
    seated: dict[int, set[int]] = {pk: set() for pk in projects}
    for pk, role, institution in _role_rows(user, projects):
        roles[pk].add(Role(role))
        if institution:
            seated[pk].add(institution)
    own: dict[int, list[OwnParticipation]] = {pk: [] for pk in projects}
    for pk, row in _own_rows(user, projects):
        own[pk].append(row)
        roles[pk].add(Role.DONOR if row.role in Participation.DONOR_ROLES else Role.PARTNER)
        if row.accepts:
            roles[pk].add(Role.ACCEPTS_FOR_DONOR)
    user.__dict__.setdefault("_institutions_by_seat", {}).update(seated)
    user.__dict__.setdefault("_own_participations", {}).update(own)
    return {pk: frozenset(found) for pk, found in roles.items()}


def _role_rows(user: User, projects: Collection[int]) -> QuerySet[Any, tuple[int, str, int | None]]:
    """Return the rows of assignments, of the direction and of all sources, in one statement."""
    # Cast, since PostgreSQL takes a bare NULL of a union for text.
    nothing = Cast(Value(None), BigIntegerField())
    direction = Value(Role.DIRECTION.value, output_field=CharField())
    assignments = Assignment.objects.current().filter(user=user, project__in=projects)
    rows: QuerySet[Any, Any] = assignments.order_by().values_list("project", "role", nothing)
    directed = Project.objects.filter(Project.objects.directed_by(user), pk__in=projects)
    return rows.union(
        directed.order_by().values_list("pk", direction, nothing),
        *(source(user, projects) for source in _sources),
        all=True,
    )


def _own_rows(user: User, projects: Collection[int]) -> Iterable[tuple[int, OwnParticipation]]:
    rows = Representation.objects.in_force().filter(
        contact__user=user, participation__project__in=projects
    )
    columns = rows.values_list(
        "participation__project",
        "participation__institution",
        "participation__role",
        "participation__agreement__tells_small_counts",
        "right",
        "confirmed_at",
    )
    for pk, institution, role, small_counts, right, confirmed_at in columns:
        accepts = right == Representation.Right.ACCEPTS and role in Participation.DONOR_ROLES
        yield (
            pk,
            OwnParticipation(
                institution,
                role,
                sees_small_counts=bool(small_counts),
                accepts=accepts,
                is_confirmed=confirmed_at is not None,
            ),
        )


def institutions_of(user: User, project: Project) -> list[Institution]:
    """Return the institutions that the person represents in the project; they are read once per
    request and kept on its user."""
    if not user.is_authenticated:
        return []
    kept = user.__dict__.setdefault("_institutions_in", {})
    if project.pk not in kept:
        represented = Participation.objects.represented_by(user).filter(project=project)
        institutions = Institution.objects.filter(pk__in=represented.values("institution"))
        kept[project.pk] = list(institutions.with_names())
    return list(kept[project.pk])


def works_for(user: User, project: Project) -> bool:
    return bool(roles_of(user, project) & TEAM)


def may_edit(user: User, project: Project) -> bool:
    """The coordinator edits the project; administrators may repair it."""
    return bool(roles_of(user, project) & {Role.ADMINISTRATOR, Role.COORDINATOR})


def may_create_project(user: User) -> bool:
    return user.is_staff


def may_see_team(user: User, project: Project) -> bool:
    """Those who work for a project see each other by name."""
    return works_for(user, project)


def may_accept_for_donor(user: User, project: Project) -> bool:
    """Whether the person may accept reports, plans and amendments in the name of a donor."""
    return Role.ACCEPTS_FOR_DONOR in roles_of(user, project)


def roles_anywhere(user: User) -> set[Role]:
    """Return the roles of a person in all projects together, for the second factor: a donor counts
    only if they may accept something."""
    projects = list(Project.objects.visible_to(user))
    learn_roles(user, projects)
    return {
        role
        for project in projects
        for role in roles_of(user, project)
        if role != Role.DONOR or may_accept_for_donor(user, project)
    }


def coordinators_of(person: User) -> QuerySet[User]:
    """Return the coordinators of all projects in which the person has a role."""
    assignments = Assignment.objects.current().filter(
        role=Assignment.Role.COORDINATOR, project__in=Project.objects.visible_to(person)
    )
    return User.objects.filter(pk__in=assignments.values("user"))


def is_auditor(user: User) -> bool:
    """Whether the person audits any project today."""
    return Assignment.objects.current().filter(user=user, role=Assignment.Role.AUDITOR).exists()
