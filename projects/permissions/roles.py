"""Reads the roles of a person in a project, and decides about the project itself.

Roles follow from data: assignments, representations of participating institutions and, through
`add_role_source`, rows of apps above this one, such as a seat in the committee.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from django.db.models import Q, QuerySet

from accounts.models import User
from kernel.prepared import prepared
from partners.models import Institution
from projects.models import Assignment, Direction, Participation, Project, Representation
from projects.models.places import is_acting

Rows = TypeVar("Rows", bound=QuerySet[Any, Any])


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
EDITORS = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR})
FROM_REPRESENTATIONS = frozenset({Role.PARTNER, Role.DONOR, Role.ACCEPTS_FOR_DONOR})


class RoleRow(NamedTuple):
    """A role in the project with this key, and the institution for which the person acts in it."""

    project: int
    role: Role
    institution: int | None = None


# Reads rows for a person in the projects with these keys; None: in all projects.
RoleSource = Callable[[User, list[int] | None], Iterable[RoleRow]]
_sources: list[RoleSource] = []


def add_role_source(source: RoleSource) -> None:
    """Register a source of roles that follow from rows of an app above this one.

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


def sees_project(user: User, project: Project) -> bool:
    """Whether the person sees the project at all: `Project.objects.visible_to` for a single row,
    from the roles, which every page reads anyway."""
    return bool(roles_of(user, project))


def note_place(user: User, project: Project) -> None:
    """Note which project the present page is about, once the page has read it."""
    user.__dict__["_place"] = project


def place_of(user: User) -> Project | None:
    """Return the project that the present page is about, if the page noted it."""
    place: Project | None = user.__dict__.get("_place")
    return place


def learn_roles(user: User, projects: Iterable[Project]) -> None:
    """Read the roles in many projects at once, before a list asks for each of them."""
    roles_by_key(user, projects)


def keys_of(projects: Iterable[Project | int]) -> list[int]:
    """Return the keys of projects, of which some callers know no more."""
    return [each if isinstance(each, int) else each.pk for each in projects]


def roles_by_key(user: User, projects: Iterable[Project | int]) -> dict[int, frozenset[Role]]:
    """Return the roles of a person in projects, by the keys of these."""
    if not user.is_authenticated:
        return {}
    keys = keys_of(projects)
    kept: dict[int, frozenset[Role]] = user.__dict__.setdefault("_project_roles", {})
    if unknown := set(keys) - kept.keys():
        kept.update(_read_roles(user, unknown))
    return {pk: kept[pk] for pk in keys}


def roles_everywhere(user: User) -> dict[int, frozenset[Role]]:
    """Return the roles of a person in each project that they see, by its key: what lists of many
    projects ask of them, read once per request. No project itself is read."""
    if not user.is_authenticated:
        return {}
    found: dict[int, frozenset[Role]] | None = user.__dict__.get("_roles_everywhere")
    if found is None:
        found = _read_roles(user, None)
        user.__dict__["_roles_everywhere"] = found
        user.__dict__.setdefault("_project_roles", {}).update(found)
    return found


class OwnParticipation(NamedTuple):
    """The participation of an institution that the person represents."""

    participation: int
    institution: int
    role: str
    sees_small_counts: bool
    accepts: bool
    is_confirmed: bool
    is_ending: bool = False  # its end was announced: until then the person only reads


def own_participations(user: User, project: Project) -> list[OwnParticipation]:
    """Return the participations of institutions that the person represents in the project; they
    are read together with the roles."""
    roles_of(user, project)
    own: list[OwnParticipation] = user.__dict__.get("_own_participations", {}).get(project.pk, [])
    return own


def speaks_for(user: User, project: Project) -> frozenset[int]:
    """Return the keys of the institutions for which the person speaks in the project: those that
    they represent, and those for which they hold a seat. Read together with the roles."""
    return spoken_for(user, [project]).get(project.pk, frozenset())


def spoken_for(user: User, projects: Collection[Project | int]) -> dict[int, frozenset[int]]:
    """Return what `speaks_for` does of those projects, by their keys, in which there is any."""
    represented = represented_in(user, projects)
    seated: dict[int, set[int]] = user.__dict__.get("_institutions_by_seat", {})
    return {
        pk: frozenset(each.institution for each in represented.get(pk, ())) | seated.get(pk, set())
        for pk in roles_by_key(user, projects)
        if pk in represented or pk in seated
    }


def _read_roles(user: User, keys: Collection[int] | None) -> dict[int, frozenset[Role]]:
    """Read the roles in these projects, or in all in which there is any, and keep on the user for
    which institutions they act. Every page asks for them."""
    projects = None if keys is None else list(keys)
    roles: dict[int, set[Role]] = {pk: set() for pk in projects or ()}
    seated: dict[int, set[int]] = defaultdict(set)
    for pk, role, institution in _role_rows(user, projects):
        roles.setdefault(pk, set()).add(role)
        if institution:
            seated[pk].add(institution)
    own: dict[int, list[OwnParticipation]] = defaultdict(list)
    acts = is_acting(user)
    for pk, *columns in _represented(user.pk, projects):
        row = _own_participation(*columns)
        roles.setdefault(pk, set())
        if row.is_ending:
            user.__dict__.setdefault("_ending_in", set()).add(pk)
            if acts:
                continue
        own[pk].append(row)
        roles[pk].add(Role.DONOR if row.role in Participation.DONOR_ROLES else Role.PARTNER)
        if row.accepts:
            roles[pk].add(Role.ACCEPTS_FOR_DONOR)
    for name, found in (("_institutions_by_seat", seated), ("_own_participations", own)):
        kept: dict[int, Any] = user.__dict__.setdefault(name, {})
        for pk in kept.keys() & roles.keys():
            del kept[pk]
        kept.update(found)
    return {pk: frozenset(found) for pk, found in roles.items()}


def _role_rows(user: User, projects: list[int] | None) -> list[RoleRow]:
    """Return the rows of all roles but those that follow from representations."""
    rows = _everywhere_alike(user, projects)
    rows += [RoleRow(project, Role(role)) for project, role in _assigned(user.pk, projects)]
    for source in _sources:
        rows += source(user, projects)
    return rows


def _everywhere_alike(user: User, projects: list[int] | None) -> list[RoleRow]:
    """Return the roles of administrators and of the direction, which they have in every project."""
    roles = [Role.ADMINISTRATOR] if user.is_staff else []
    if _directs(user.pk):
        roles.append(Role.DIRECTION)
    if roles and projects is None:
        projects = list(Project.objects.order_by().values_list("pk", flat=True))
    return [RoleRow(pk, role) for role in roles for pk in projects or ()]


@prepared
def _directs(user: int) -> QuerySet[Direction, tuple[int]]:
    return Direction.objects.current().filter(user=user).order_by().values_list("pk")


@prepared
def _assigned(user: int, projects: list[int] | None) -> QuerySet[Assignment, tuple[int, str]]:
    rows = Assignment.objects.current().filter(user=user).order_by()
    return in_projects(rows, projects, "project").values_list("project", "role")


@prepared
def _represented(user: int, projects: list[int] | None) -> QuerySet[Representation, Any]:
    """Read the participations of institutions that the person represents, with their projects."""
    rows = Representation.objects.in_force().filter(contact__user=user).order_by("pk")
    return in_projects(rows, projects, "participation__project").values_list(
        *("participation__project", "participation", "participation__institution"),
        *("participation__role", "participation__agreement__tells_small_counts"),
        *("right", "confirmed_at", "ends_at"),
    )


def _own_participation(
    participation: int,
    institution: int,
    role: str,
    small_counts: bool | None,
    right: str,
    confirmed_at: datetime | None,
    ends_at: datetime | None,
) -> OwnParticipation:
    may_accept = right == Representation.Right.ACCEPTS and role in Participation.DONOR_ROLES
    return OwnParticipation(
        participation,
        institution,
        role,
        sees_small_counts=bool(small_counts),
        accepts=may_accept and not ends_at,
        is_confirmed=bool(confirmed_at),
        is_ending=bool(ends_at),
    )


def in_projects(rows: Rows, projects: Collection[int] | None, path: str) -> Rows:
    """Return the rows of these projects, to which `path` leads from a row; None: of all."""
    return rows if projects is None else rows.filter(**{f"{path}__in": projects})


def own_institutions(user: User, project: Project) -> frozenset[int]:
    """Return the keys of the institutions that the person represents in the project."""
    return frozenset(own.institution for own in own_participations(user, project))


def of_own_institutions(
    user: User, projects: Iterable[Project | int], institution: str = "institution"
) -> Q:
    """Match the rows of a project and an institution that the person represents there."""
    alike: dict[frozenset[int], list[int]] = defaultdict(list)
    for project, own in represented_in(user, projects).items():
        alike[frozenset(each.institution for each in own)].append(project)
    found = Q(pk__in=[])
    for institutions, keys in alike.items():
        found |= Q(**{"project__in": keys, f"{institution}__in": institutions})
    return found


def represented_in(
    user: User, projects: Iterable[Project | int]
) -> dict[int, list[OwnParticipation]]:
    """Return the `own_participations` of those projects, by their keys, in which there are any."""
    keys = roles_by_key(user, projects)
    own: dict[int, list[OwnParticipation]] = user.__dict__.get("_own_participations", {})
    return {pk: own[pk] for pk in keys if pk in own}


def institutions_of(user: User, project: Project) -> list[Institution]:
    """Return the institutions that the person represents in the project; they are read once per
    request and kept on its user."""
    if not (own := own_institutions(user, project)):
        return []
    kept = user.__dict__.setdefault("_institutions_in", {})
    if project.pk not in kept:
        kept[project.pk] = list(Institution.objects.filter(pk__in=own).with_names())
    return list(kept[project.pk])


def set_acting(user: User) -> None:
    """Note that the person sends or takes something: from here on a representation whose end was
    announced counts no more, since it lets them read alone."""
    user.__dict__["_is_acting"] = True
    if has_announced_end(user):  # what was read before is read anew
        for name in ("_project_roles", "_roles_everywhere", "_own_participations"):
            user.__dict__.pop(name, None)


def has_announced_end(user: User) -> bool:
    """Whether the end of the person's access was announced in one of the projects whose roles were
    read so far."""
    return bool(user.__dict__.get("_ending_in"))


def only_reads(user: User, project: Project) -> bool:
    """Whether a coordinator announced that the person's access ends, and they have no other place in
    the project: until then they read, and neither answer nor download."""
    roles = roles_of(user, project)
    if project.pk not in user.__dict__.get("_ending_in", ()):
        return False
    if is_acting(user):
        return not roles
    own = own_participations(user, project)
    return roles <= FROM_REPRESENTATIONS and all(each.is_ending for each in own)


def works_for(user: User, project: Project) -> bool:
    return bool(roles_of(user, project) & TEAM)


def may_edit(user: User, project: Project) -> bool:
    """The coordinator edits the project; administrators may repair it."""
    return bool(roles_of(user, project) & EDITORS)


def edited_projects(user: User) -> list[int]:
    """Return the keys of the projects that the person edits (see `may_edit`)."""
    return [pk for pk, roles in roles_everywhere(user).items() if roles & EDITORS]


def may_create_project(user: User) -> bool:
    return user.is_staff


def may_see_team(user: User, project: Project) -> bool:
    """Those who work for a project see each other by name."""
    return works_for(user, project)


def may_write_handover(user: User, project: Project) -> bool:
    """Those who run the project write what their successors should know."""
    return bool(roles_of(user, project) & (EDITORS | {Role.MONITORING}))


def roles_anywhere(user: User) -> set[Role]:
    """Return the roles of a person in all projects together, for the second factor: a donor counts
    only if they may accept something."""
    return {
        role
        for roles in set(roles_everywhere(user).values())
        for role in roles
        if role != Role.DONOR or Role.ACCEPTS_FOR_DONOR in roles
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


def reads_full_names(user: User, project: Project) -> bool:
    """Whether files that the person takes, messages to them and their calendar are named for their
    project. Those of others stay neutral, unless they choose: telephones lie on tables."""
    if user.is_authenticated and user.titles_in_mail is not None:
        return user.titles_in_mail
    return bool(roles_of(user, project) & (TEAM | {Role.DONOR}))
