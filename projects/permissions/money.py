"""Decides who sees and edits the budget and the accounts of a project."""

from accounts.models import User
from projects.models import Expenditure, Project
from projects.permissions.roles import TEAM, Role, roles_of

KEEPERS = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR, Role.FINANCE})
# An approval needs a role in the project, which an administrator has not.
APPROVERS = frozenset({Role.COORDINATOR, Role.FINANCE})
# Finance alone would switch the second approval off, enter its vouchers, and switch it on again.
LIMITERS = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR})
AUDITORS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


def may_see_budget(user: User, project: Project) -> bool:
    """The team and the donor see budget, figures, rates and contributions."""
    return sees_budget(roles_of(user, project))


def sees_budget(roles: frozenset[Role]) -> bool:
    """Whether people with these roles see the budget: `may_see_budget` for lists of projects."""
    return bool(roles & (TEAM | {Role.DONOR}))


def may_see_books(user: User, project: Project) -> bool:
    """The team sees single vouchers, which may reveal who was paid. The donor sees the figures."""
    return bool(roles_of(user, project) & TEAM)


def may_keep_budget(user: User, project: Project) -> bool:
    """Coordination and finance edit the budget and the accounts."""
    return bool(roles_of(user, project) & KEEPERS)


def may_set_approval(user: User, project: Project) -> bool:
    """The coordination and administrators say which vouchers a second person approves."""
    return bool(roles_of(user, project) & LIMITERS)


def may_lock_books(user: User, project: Project) -> bool:
    """Finance locks periods; an administrator without that role may not."""
    return Role.FINANCE in roles_of(user, project)


def may_approve_vouchers(user: User, project: Project) -> bool:
    return bool(roles_of(user, project) & APPROVERS)


def may_decide_on(user: User, expenditure: Expenditure) -> bool:
    """Somebody else than who entered or changed a voucher approves it or sends it back."""
    if expenditure.status != Expenditure.Status.WAITING or expenditure.is_by(user):
        return False
    return may_approve_vouchers(user, expenditure.project)


def may_read_voucher_files(user: User, project: Project) -> bool:
    """Who keeps the books reads the files of vouchers, and who audits them. A bill names who was
    paid, and to which account, so the rest of the team reads the row alone."""
    return bool(roles_of(user, project) & (KEEPERS | AUDITORS))


def may_audit(user: User, project: Project) -> bool:
    """Auditors draw samples and read the project's access log and what changed after a lock, which
    those who are audited do not; administrators may repair all of it."""
    return bool(roles_of(user, project) & AUDITORS)
