"""Decides who sees the IATI exchange of a project, and who publishes its file."""

from accounts.models import User
from projects.models import Project
from projects.permissions.roles import TEAM, Role, roles_of


def may_see_exchange(user: User, project: Project) -> bool:
    """The team and the donor see the page. Everybody else can read the public file."""
    return bool(roles_of(user, project) & (TEAM | {Role.DONOR}))


def may_publish(user: User, project: Project) -> bool:
    """Publishing needs a role in the project; an administrator without one may not."""
    return Role.COORDINATOR in roles_of(user, project)
