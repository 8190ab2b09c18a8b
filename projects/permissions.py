"""Who is who in a project, and who may do what to its content.

Roles follow from data: assignments, contacts of participating institutions. What one sees
at all is said by the querysets; seats of a committee add the role "member" further left,
in `committees.permissions`.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum

from django.db.models import Q, QuerySet

from accounts.models import User
from partners.models import Institution
from projects.models import (
    Amendment,
    Assignment,
    DataPoint,
    Indicator,
    Participation,
    Project,
)


class Role(StrEnum):
    ADMINISTRATOR = "administrator"
    COORDINATOR = "coordinator"
    MONITORING = "monitoring"
    FINANCE = "finance"
    READER = "reader"
    AUDITOR = "auditor"
    MEMBER = "member"
    PARTNER = "partner"
    DONOR = "donor"


# Those who work for the organisation: they see the inside of a project.
TEAM = frozenset(
    {
        Role.ADMINISTRATOR,
        Role.COORDINATOR,
        Role.MONITORING,
        Role.FINANCE,
        Role.READER,
        Role.AUDITOR,
    }
)


def roles_of(user: User, project: Project) -> frozenset[Role]:
    """The roles of a person in a project; read once per request, kept on its user."""
    if not user.is_authenticated:
        return frozenset()
    learn_roles(user, [project])
    return user.__dict__["_project_roles"][project.pk]


def learn_roles(user: User, projects: Iterable[Project]) -> None:
    """Read the roles in many projects at once, before a list asks for each of them."""
    kept = user.__dict__.setdefault("_project_roles", {})
    unknown = {project.pk for project in projects} - kept.keys()
    if unknown and user.is_authenticated:
        kept.update(_read_roles(user, unknown))


def _read_roles(user: User, projects: Collection[int]) -> dict[int, frozenset[Role]]:
    roles = {pk: {Role.ADMINISTRATOR} if user.is_staff else set() for pk in projects}
    assignments = Assignment.objects.current().filter(user=user, project__in=projects)
    for pk, role in assignments.values_list("project", "role"):
        roles[pk].add(Role(role))
    participations = Participation.objects.filter(
        project__in=projects, institution__in=Institution.objects.spoken_for_by(user)
    )
    for pk, role in participations.values_list("project", "role"):
        roles[pk].add(Role.DONOR if role in Participation.DONOR_ROLES else Role.PARTNER)
    return {pk: frozenset(found) for pk, found in roles.items()}


def institutions_of(user: User, project: Project) -> list[Institution]:
    """The institutions of the project for which the person speaks."""
    spoken_for = Institution.objects.spoken_for_by(user).filter(participations__project=project)
    return list(spoken_for.with_names().distinct())


def works_for(user: User, project: Project) -> bool:
    return bool(roles_of(user, project) & TEAM)


def may_edit(user: User, project: Project) -> bool:
    """The coordinator edits what the project is; administrators repair it."""
    return bool(roles_of(user, project) & {Role.ADMINISTRATOR, Role.COORDINATOR})


def may_create_project(user: User) -> bool:
    return user.is_staff


def may_see_team(user: User, project: Project) -> bool:
    """Who works for a project is shown to those who do, by name."""
    return works_for(user, project)


# Values of indicators


def may_edit_values(user: User, project: Project) -> bool:
    return bool(roles_of(user, project) & {Role.ADMINISTRATOR, Role.COORDINATOR, Role.MONITORING})


def may_enter_actual(user: User, indicator: Indicator) -> bool:
    """A partner enters what was measured where its institution is responsible for it."""
    return may_edit_values(user, indicator.result.project) or is_responsible(user, indicator)


def may_edit_value(user: User, point: DataPoint) -> bool:
    if point.kind == DataPoint.Kind.ACTUAL:
        return may_enter_actual(user, point.indicator)
    return may_edit_values(user, point.indicator.result.project)


def is_responsible(user: User, indicator: Indicator) -> bool:
    own = institutions_of(user, indicator.result.project)
    return indicator.responsible_id in {institution.pk for institution in own}


def may_approve_value(user: User, point: DataPoint) -> bool:
    """An approval needs a role in the project; who only administers the portal has none.

    That nobody approves what they entered (but by an exception with its reason) is asked of
    whoever may approve, see `services.approve_value`.
    """
    roles = roles_of(user, point.indicator.result.project)
    return bool(roles & {Role.COORDINATOR, Role.MONITORING})


def visible_values(user: User, project: Project) -> QuerySet[DataPoint]:
    """The team sees every value, others the approved ones and those they are responsible for."""
    points = DataPoint.objects.filter(indicator__result__project=project)
    if works_for(user, project):
        return points
    if not roles_of(user, project):
        return points.none()
    own = [institution.pk for institution in institutions_of(user, project)]
    return points.filter(
        Q(status=DataPoint.Status.APPROVED)
        | Q(kind=DataPoint.Kind.ACTUAL, indicator__responsible__in=own)
    )


# Amendments


def visible_amendments(
    user: User, project: Project, roles: frozenset[Role] | None = None
) -> QuerySet[Amendment]:
    """The team, the donor and members see the ledger, partners what is in effect.

    `roles`: those of the person where more is known of them than here (a seat in the committee).
    """
    roles = roles_of(user, project) if roles is None else roles
    if roles & (TEAM | {Role.MEMBER, Role.DONOR}):
        return project.amendments.all()
    if Role.PARTNER in roles:
        return project.amendments.filter(status=Amendment.Status.EFFECTIVE)
    return project.amendments.none()


def may_record_donor_answer(user: User, amendment: Amendment) -> bool:
    """The donor answers; the coordination records what came by letter."""
    return bool(roles_of(user, amendment.project) & {Role.DONOR, Role.COORDINATOR})


# Institutions and their contacts. These rules stand here and not in `partners`, which does not
# know projects: who sees an institution follows from the projects that it takes part in.


def visible_institutions(user: User) -> QuerySet[Institution]:
    """Those of one's projects and one's own; all for administrators."""
    if not user.is_authenticated:
        return Institution.objects.none()
    if user.is_staff:
        return Institution.objects.all()
    own = Institution.objects.spoken_for_by(user).values("pk")
    return Institution.objects.filter(
        Q(pk__in=_taking_part(Project.objects.visible_to(user))) | Q(pk__in=own)
    )


def coordinated_institutions(user: User) -> QuerySet[Institution]:
    """Those of the projects that the person coordinates; all for administrators."""
    if user.is_staff:
        return Institution.objects.all()
    coordinated = Project.objects.coordinated_by(user)
    return Institution.objects.filter(pk__in=_taking_part(coordinated))


def _taking_part(projects: QuerySet[Project]) -> QuerySet[Participation]:
    return Participation.objects.filter(project__in=projects).values("institution")


def may_create_institution(user: User) -> bool:
    return Project.objects.coordinated_by(user).exists() or user.is_staff


def may_edit_institution(user: User, institution: Institution) -> bool:
    return coordinated_institutions(user).filter(pk=institution.pk).exists()


def may_correct_institution(user: User, institution: Institution) -> bool:
    """Its own contacts keep its names and the date of its safeguarding policy."""
    if may_edit_institution(user, institution):
        return True
    return Institution.objects.spoken_for_by(user).filter(pk=institution.pk).exists()


def may_delete_institution(user: User) -> bool:
    return user.is_staff


def may_see_contacts(user: User, institution: Institution) -> bool:
    """People are shown to the coordination, and to the institution itself its own."""
    return may_correct_institution(user, institution)


def may_edit_contacts(user: User, institution: Institution) -> bool:
    return may_edit_institution(user, institution)
