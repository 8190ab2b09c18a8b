"""Who sees and keeps a project's budget and its books."""

from accounts.models import User
from projects.models import Project
from projects.permissions.roles import TEAM, Role, roles_of

KEEPERS = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR, Role.FINANCE})


def may_see_budget(user: User, project: Project) -> bool:
    """Budget, figures, rates and contributions: the team and the donor."""
    return bool(roles_of(user, project) & (TEAM | {Role.DONOR}))


def may_see_books(user: User, project: Project) -> bool:
    """Single vouchers, which may tell who was paid: the team. The donor has the figures."""
    return bool(roles_of(user, project) & TEAM)


def may_keep_budget(user: User, project: Project) -> bool:
    """The budget is written, and the books are kept, by coordination and finance."""
    return bool(roles_of(user, project) & KEEPERS)


def may_lock_books(user: User, project: Project) -> bool:
    """A lock is finance's own word; who only administers the portal has no part in it."""
    return Role.FINANCE in roles_of(user, project)
