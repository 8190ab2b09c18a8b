"""Decides who sees and edits the budget and the accounts of a project."""

from accounts.models import User
from projects.models import Project
from projects.permissions.roles import TEAM, Role, roles_of

KEEPERS = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR, Role.FINANCE})


def may_see_budget(user: User, project: Project) -> bool:
    """The team and the donor see budget, figures, rates and contributions."""
    return bool(roles_of(user, project) & (TEAM | {Role.DONOR}))


def may_see_books(user: User, project: Project) -> bool:
    """The team sees single vouchers, which may reveal who was paid. The donor sees the figures."""
    return bool(roles_of(user, project) & TEAM)


def may_keep_budget(user: User, project: Project) -> bool:
    """Coordination and finance edit the budget and the accounts."""
    return bool(roles_of(user, project) & KEEPERS)


def may_lock_books(user: User, project: Project) -> bool:
    """Finance locks periods; an administrator without that role may not."""
    return Role.FINANCE in roles_of(user, project)
