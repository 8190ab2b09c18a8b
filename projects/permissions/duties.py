"""Decides who sees reporting duties: the team, the donor concerned, and the responsible
institution."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from projects.models import Participation, Project, ReportingDuty
from projects.models.duty import ReportingDutyQuerySet
from projects.permissions.roles import TEAM, Role, learn_roles, may_edit, roles_of


def visible_duties(user: User, projects: Collection[Project]) -> ReportingDutyQuerySet:
    """The team sees all; a donor and whoever represents it see those to it or to every donor; an
    institution sees those for which it is responsible."""
    projects = list(projects)
    learn_roles(user, projects)
    roles = {project.pk: roles_of(user, project) for project in projects}
    inside = [pk for pk, held in roles.items() if held & TEAM]
    funding = [pk for pk, held in roles.items() if Role.DONOR in held]
    if not (inside or any(roles.values())):
        return ReportingDuty.objects.none()
    own = Participation.objects.represented_by(user)
    represents = own.filter(role=Participation.Role.REPRESENTING, project__in=funding)
    mine = Q(participation=None) | Q(participation__in=own.values("pk"))
    mine |= Q(project__in=represents.values("project"))
    here = own.filter(project=OuterRef("project"), institution=OuterRef("institution"))
    return ReportingDuty.objects.filter(
        Q(project__in=inside) | (Q(project__in=funding) & mine) | Q(Exists(here), project__in=roles)
    )


def may_edit_duties(user: User, project: Project) -> bool:
    return may_edit(user, project)


def may_see_duty_files(user: User, project: Project) -> bool:
    """The documents may hold amounts, so they are for the team and the donor, like spending."""
    return bool(roles_of(user, project) & (TEAM | {Role.DONOR}))
