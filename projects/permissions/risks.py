"""Decides who sees and edits the register of risks."""

from django.db.models import Q

from accounts.models import User
from projects.models import Project
from projects.models.risk import RiskQuerySet
from projects.permissions.roles import Role, may_edit, roles_of

# A reader does not see it: what may go wrong can harm whom it speaks of.
SEES_ALL = frozenset(
    {
        Role.ADMINISTRATOR,
        Role.COORDINATOR,
        Role.MONITORING,
        Role.FINANCE,
        Role.AUDITOR,
        Role.DIRECTION,
        Role.DONOR,
    }
)


def visible_risks(user: User, project: Project) -> RiskQuerySet:
    """The team (but not readers) and the donor see all risks, members those shared with the
    committee."""
    return project.risks.filter(risks_seen(roles_of(user, project)))


def risks_seen(roles: frozenset[Role], risk: str = "") -> Q:
    """Match the risks that people with these roles may see; `risk` leads to them from another
    model."""
    if roles & SEES_ALL:
        return Q()
    if Role.MEMBER in roles:
        return Q(**{f"{risk}is_shared": True})
    return Q(**{f"{risk}pk__in": []})


def may_see_risks(user: User, project: Project) -> bool:
    roles = roles_of(user, project)
    return bool(roles & (SEES_ALL | {Role.MEMBER}))


def may_see_unshared_risks(user: User, project: Project) -> bool:
    """Whether the person sees which risks are not shared with the committee."""
    roles = roles_of(user, project)
    return bool(roles & SEES_ALL)


def may_edit_risks(user: User, project: Project) -> bool:
    return may_edit(user, project)
