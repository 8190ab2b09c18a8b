"""Decides which amounts of an action plan somebody reads: on pages, in workbooks and in documents."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from accounts.models import User
from committees.models import ActionTerms, Audience
from partners.models import Institution
from projects.models import Project
from projects.permissions.money import may_see_budget
from projects.permissions.roles import Role, roles_of, speaks_for

# The audiences of documents that see money, as `may_see_budget` says of people.
SEES_MONEY = frozenset({Audience.COORDINATION, Audience.DONOR})
# Those whose institutions take part in the plan.
TAKES_PART = frozenset({Audience.COMMITTEE, Audience.VOTING, Audience.PARTNERS})


class AmountsRead(NamedTuple):
    """The amounts of each action, or the totals by result and the amounts of their own
    institutions."""

    each: bool = False
    totals: bool = False
    own: frozenset[int] = frozenset()

    def reads(self, *terms: ActionTerms | None) -> bool:
        """Whether the budget of the action is read, in all of the versions that are given."""
        return self.each or all(one is None or one.responsible_id in self.own for one in terms)

    def reads_any(self, terms: Iterable[ActionTerms]) -> bool:
        return any(one.budget is not None and self.reads(one) for one in terms)

    def total(self, terms: Iterable[ActionTerms]) -> Decimal | None:
        """Return the sum of the known budgets, if totals are read and there is any: unknown is not
        zero."""
        known = [one.budget for one in terms if one.budget is not None]
        return sum(known, Decimal(0)) if known and self.totals else None


EACH_AMOUNT, NO_AMOUNT = AmountsRead(each=True, totals=True), AmountsRead()


def amounts_read(user: User, project: Project) -> AmountsRead:
    """The team and the donor read the amount of each action; so do members and partners in a
    project that opens them."""
    if may_see_budget(user, project):
        return EACH_AMOUNT
    if not roles_of(user, project) & {Role.MEMBER, Role.PARTNER}:
        return NO_AMOUNT
    return _taking_part(project, speaks_for(user, project))


def amounts_by_link(project: Project, asked: Iterable[Institution]) -> AmountsRead:
    """Return what the bearer of a link reads, who answers for these institutions and is nobody
    else: nobody knows who holds the telephone."""
    return _taking_part(project, {institution.pk for institution in asked})


def amounts_for(audience: str, project: Project) -> AmountsRead:
    """Return what a document says to its audience, in which no institution is the reader's own."""
    if audience in SEES_MONEY:
        return EACH_AMOUNT
    return _taking_part(project, ()) if audience in TAKES_PART else NO_AMOUNT


def _taking_part(project: Project, own: Iterable[int]) -> AmountsRead:
    return AmountsRead(each=project.plan_amounts_open, totals=True, own=frozenset(own))
