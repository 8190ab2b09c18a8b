"""Who sees the ledger of amendments, and who answers for the donor."""

from accounts.models import User
from projects.models import Amendment, Project
from projects.models.amendment import AmendmentQuerySet
from projects.permissions.roles import TEAM, Role, may_edit, roles_of


def visible_amendments(user: User, project: Project) -> AmendmentQuerySet:
    """The team, the donor and members see the ledger, partners what is in effect."""
    roles = roles_of(user, project)
    if roles & (TEAM | {Role.MEMBER, Role.DONOR}):
        return project.amendments.all()
    if Role.PARTNER in roles:
        return project.amendments.filter(status=Amendment.Status.EFFECTIVE)
    return project.amendments.none()


def may_see_amounts(user: User, project: Project) -> bool:
    """The committee recommends a change of the budget and so knows it; partners see no budget. Nor
    do they read the documents: a request to the donor and its answer hold amounts."""
    roles = roles_of(user, project)
    return bool(roles & (TEAM | {Role.MEMBER, Role.DONOR}))


def may_keep_amendment_files(user: User, amendment: Amendment) -> bool:
    """The coordination keeps the documents; the donor's letter comes with the donor's answer."""
    return may_edit(user, amendment.project)


def may_record_donor_answer(user: User, amendment: Amendment) -> bool:
    """The donor answers; the coordination records what came by letter."""
    return bool(roles_of(user, amendment.project) & {Role.DONOR, Role.COORDINATOR})
