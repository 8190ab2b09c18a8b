"""Who sees what is exchanged of a project, and who publishes it."""

from accounts.models import User
from projects.models import Project
from projects.permissions.roles import TEAM, Role, roles_of


def may_see_exchange(user: User, project: Project) -> bool:
    """The team and the donor. Others see the public file, where there is one."""
    return bool(roles_of(user, project) & (TEAM | {Role.DONOR}))


def may_publish(user: User, project: Project) -> bool:
    """To make something public needs a role in the project; who only administers has none."""
    return Role.COORDINATOR in roles_of(user, project)
