"""Decides who sees reporting duties: the team, the donor concerned, and the responsible
institution."""

from collections.abc import Collection

from django.db.models import Q

from accounts.models import User
from projects.models import Participation, Project, ReportingDuty
from projects.models.duty import ReportingDutyQuerySet
from projects.permissions.roles import (
    TEAM,
    Role,
    learn_roles,
    may_edit,
    of_own_institutions,
    own_participations,
    roles_of,
)


def visible_duties(user: User, projects: Collection[Project]) -> ReportingDutyQuerySet:
    """The team sees all; a donor and whoever represents it see those to it or to every donor; an
    institution sees those for which it is responsible."""
    projects = list(projects)
    learn_roles(user, projects)
    inside = [each.pk for each in projects if roles_of(user, each) & TEAM]
    seen = Q(project__in=inside)
    if beside := [each for each in projects if not roles_of(user, each) & TEAM]:
        seen |= _to_donor(user, beside) | of_own_institutions(user, beside)
    return ReportingDuty.objects.filter(seen)


def _to_donor(user: User, projects: Collection[Project]) -> Q:
    """Match the duties to the person as donor, or to every donor if they represent one."""
    own = [(each.pk, row) for each in projects for row in own_participations(user, each)]
    represents = {pk for pk, row in own if row.role == Participation.Role.REPRESENTING}
    mine = Q(participation=None) | Q(participation__in=[row.participation for _pk, row in own])
    funding = [each.pk for each in projects if Role.DONOR in roles_of(user, each)]
    return Q(project__in=funding) & (mine | Q(project__in=represents))


def may_edit_duties(user: User, project: Project) -> bool:
    return may_edit(user, project)


def may_see_duty_files(user: User, project: Project) -> bool:
    """The documents may hold amounts, so they are for the team and the donor, like spending."""
    return bool(roles_of(user, project) & (TEAM | {Role.DONOR}))
