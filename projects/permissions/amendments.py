"""Decides who sees amendments, and who records the answer of the donor."""

from django.db.models import Q

from accounts.models import User
from projects.models import Amendment, Project
from projects.models.amendment import AmendmentQuerySet
from projects.permissions.roles import TEAM, Role, may_edit, roles_of


def visible_amendments(user: User, project: Project) -> AmendmentQuerySet:
    """The team, the donor and members see all amendments, partners those in effect."""
    return project.amendments.filter(amendments_seen(roles_of(user, project)))


def amendments_seen(roles: frozenset[Role]) -> Q:
    """Match the amendments that people with these roles may see."""
    if roles & (TEAM | {Role.MEMBER, Role.DONOR}):
        return Q()
    if Role.PARTNER in roles:
        return Q(status=Amendment.Status.EFFECTIVE)
    return Q(pk__in=[])


def may_see_amounts(user: User, project: Project) -> bool:
    """Whether the person sees amounts and documents. The committee recommends changes of the
    budget, so it sees them. Partners see neither the budget nor the documents, which hold
    amounts."""
    roles = roles_of(user, project)
    return bool(roles & (TEAM | {Role.MEMBER, Role.DONOR}))


def may_keep_amendment_files(user: User, amendment: Amendment) -> bool:
    """The coordination adds documents. The donor's letter is added with the donor's answer."""
    return may_edit(user, amendment.project)


def may_record_donor_answer(user: User, amendment: Amendment) -> bool:
    """Whoever may accept for the donor answers, or the coordination records an answer by letter."""
    return bool(roles_of(user, amendment.project) & {Role.ACCEPTS_FOR_DONOR, Role.COORDINATOR})


def answers_as_donor(user: User, project: Project) -> bool:
    """Whether the person answers as the donor, rather than recording what the donor answered."""
    roles = roles_of(user, project)
    return Role.ACCEPTS_FOR_DONOR in roles and not roles & TEAM
