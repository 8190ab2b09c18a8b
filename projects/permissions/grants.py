"""Decides who sees grants: the team those of its project, a grantee its own."""

from collections.abc import Collection

from django.db.models import Q

from accounts.models import User
from projects.models import Grant, GrantReport, Project
from projects.models.grant import GrantQuerySet
from projects.permissions.roles import (
    TEAM,
    Role,
    learn_roles,
    may_edit,
    of_own_institutions,
    own_institutions,
    roles_of,
    works_for,
)

JUDGES = frozenset({Role.COORDINATOR, Role.MONITORING})
PAYERS = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR, Role.FINANCE})


def visible_grants(user: User, project: Project) -> GrantQuerySet:
    return grants_visible_in(user, [project])


def grants_visible_in(user: User, projects: Collection[Project]) -> GrantQuerySet:
    """Return the visible grants of many projects at once."""
    learn_roles(user, projects)
    inside = [project.pk for project in projects if works_for(user, project)]
    beside = [project for project in projects if Role.PARTNER in roles_of(user, project)]
    seen = Q(project__in=inside)
    if beside:
        seen |= of_own_institutions(user, beside)
    return Grant.objects.filter(seen)


def grants_seen(roles: frozenset[Role], own: Collection[int]) -> Q:
    """Match the visible grants of a project, of people with these roles there who represent these
    institutions."""
    if roles & TEAM:
        return Q()
    return Q(institution__in=own) if Role.PARTNER in roles else Q(pk__in=[])


def is_grantee(user: User, grant: Grant) -> bool:
    return grant.institution_id in own_institutions(user, grant.project)


def may_pay(user: User, grant: Grant) -> bool:
    return bool(roles_of(user, grant.project) & PAYERS)


def may_submit_report(user: User, report: GrantReport) -> bool:
    """The grantee submits, or the coordination does for one that answered by letter or
    telephone."""
    grant = report.grant
    return report.is_open and (is_grantee(user, grant) or may_edit(user, grant.project))


def may_judge_report(user: User, report: GrantReport) -> bool:
    """Accepting needs a role in the project, and nobody accepts their own submission."""
    if report.status != GrantReport.Status.SUBMITTED or report.submitted_by_id == user.pk:
        return False
    return bool(roles_of(user, report.grant.project) & JUDGES)


def may_note_support(user: User, grant: Grant) -> bool:
    return bool(roles_of(user, grant.project) & (JUDGES | {Role.ADMINISTRATOR}))
