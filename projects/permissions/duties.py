"""Who sees what a project owes its donor: the team, that donor, and the institution that answers."""

from collections.abc import Collection

from django.db.models import Q

from accounts.models import User
from partners.models import Institution
from projects.models import Participation, Project, ReportingDuty
from projects.models.duty import ReportingDutyQuerySet
from projects.permissions.roles import TEAM, Role, learn_roles, may_edit, roles_of


def visible_duties(user: User, projects: Collection[Project]) -> ReportingDutyQuerySet:
    """The team sees all; the donor what is owed to it, or to every donor; whoever represents it
    the same; an institution what it answers for."""
    projects = list(projects)
    learn_roles(user, projects)
    roles = {project.pk: roles_of(user, project) for project in projects}
    inside = [pk for pk, held in roles.items() if held & TEAM]
    funding = [pk for pk, held in roles.items() if Role.DONOR in held]
    if not (inside or any(roles.values())):
        return ReportingDuty.objects.none()
    own = Institution.objects.spoken_for_by(user).values("pk")
    represents = Participation.objects.filter(
        institution__in=own, role=Participation.Role.REPRESENTING, project__in=funding
    )
    mine = Q(participation=None) | Q(participation__institution__in=own)
    mine |= Q(project__in=represents.values("project"))
    return ReportingDuty.objects.filter(
        Q(project__in=inside)
        | (Q(project__in=funding) & mine)
        | Q(project__in=roles, institution__in=own)
    )


def may_edit_duties(user: User, project: Project) -> bool:
    return may_edit(user, project)


def may_see_duty_files(user: User, project: Project) -> bool:
    """What was handed in may hold amounts: for the team and the donor, like spending."""
    return bool(roles_of(user, project) & (TEAM | {Role.DONOR}))
