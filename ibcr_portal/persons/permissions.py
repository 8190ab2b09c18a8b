"""Who deals with the data of other people."""

from accounts.models import User
from accounts.permissions import may_check_access_log
from ibcr_portal.persons.subject import DataSubject
from projects.permissions.roles import may_edit


def may_administer_persons(user: User) -> bool:
    return user.is_staff


def may_see_locked_away(user: User) -> bool:
    """Administrators and auditors, as for the check of the access log."""
    return may_check_access_log(user)


def may_protect(user: User, subject: DataSubject) -> bool:
    """Administrators, and the coordination of a project in which the person has a place."""
    return user.is_staff or any(may_edit(user, project) for project in subject.projects)
