"""What the overview of a project reads, in the few columns that its cards show."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from committees.models import ActionPlan, ActionTerms, Committee, Meeting, Resolution
from committees.permissions.meetings import meetings_seen
from committees.permissions.plans import plans_seen
from committees.permissions.resolutions import resolutions_left, resolutions_seen
from committees.permissions.roles import audiences_of
from ibcr_portal.checklist import people_entered
from ibcr_portal.models import ObligationKind
from ibcr_portal.obligations.due import DueState
from ibcr_portal.obligations.reading import Chosen, Obligations
from kernel.prepared import Question, prepared
from kernel.text import columns_of
from projects.models import Period, Project
from projects.money.ledger import AmountsToAsk
from projects.permissions.money import may_see_budget
from projects.permissions.roles import Role, may_edit, roles_of
from projects.risks.register import open_ratings
from reports.models import Report
from reports.permissions.reports import reports_seen

SHOWN = 5  # lines of a card
# Actions and duties to the donor.
LATE = Chosen(
    kinds=(ObligationKind.ACTION.value, ObligationKind.REPORT.value), state=DueState.LATE.value
)
SOON = Chosen(state=DueState.SOON.value)


@prepared
def meetings(project: int, roles: frozenset[Role]) -> QuerySet[Meeting]:
    rows = meetings_seen([project], roles).order_by("starts_at")
    return rows.only("committee", "status", "starts_at", "time_zone", "recorded_afterwards")


@prepared
def plans(project: int, roles: frozenset[Role]) -> QuerySet[ActionPlan]:
    rows = ActionPlan.objects.filter(plans_seen(roles), project=project).order_by("pk")
    return rows.only("project", "period", "version", "status", "donor_approved_on")


@prepared
def reports(project: int, roles: frozenset[Role]) -> QuerySet[Report]:
    rows = reports_seen([project], roles).select_related("preset").order_by("pk")
    return rows.only(
        *("project", "period", "preset", "version", "status"),
        *("preset__type", *columns_of("preset__title")),
    )


@prepared
def committees(project: int) -> QuerySet[Committee]:
    """Whoever sees the project sees its committee."""
    rows = Committee.objects.filter(project=project)
    return rows.only("project", "status", *columns_of("name"))


@prepared
def actions(project: int, roles: frozenset[Role]) -> QuerySet[ActionTerms, tuple[int, str, int]]:
    """Return the actions of the plans in execution that the person sees: key, status, share done."""
    running = ActionPlan.objects.filter(
        plans_seen(roles), project=project, status=ActionPlan.Status.IN_EXECUTION
    )
    rows = ActionTerms.objects.filter(plan__in=running).order_by()
    return rows.values_list("action", "action__status", "action__share_done")


@prepared
def last_resolutions(
    project: int,
    roles: frozenset[Role],
    audiences: frozenset[str],
    left: list[int],
    left_unless_adopted: list[int],
) -> QuerySet[Resolution]:
    rows = resolutions_seen([project], roles, audiences, left, left_unless_adopted)
    return rows.only("kind", "number", "status", *columns_of("text"))[:SHOWN]


class OverviewRows:
    """What the cards show, asked for in one statement."""

    def __init__(
        self, user: User, project: Project, obligations: Obligations, periods: Iterable[Period]
    ) -> None:
        roles, key = roles_of(user, project), project.pk
        left = resolutions_left(user, [project], roles)
        self.meetings = meetings.question(key, roles)
        self.committees = committees.question(key)
        self.plans = plans.question(key, roles)
        self.reports = reports.question(key, roles)
        self.actions = actions.question(key, roles)
        self.resolutions = last_resolutions.question(key, roles, audiences_of(user, project), *left)
        self.ratings = open_ratings.question(key, roles)
        self.late = obligations.rows_to_ask(LATE)
        self.soon = obligations.rows_to_ask(SOON, 0, SHOWN)
        self.people = people_entered.question(key)
        self.amounts = AmountsToAsk(project, periods)
        beside: list[Question[Any]] = [self.meetings, self.committees, self.plans, self.reports]
        beside += [self.actions, self.resolutions, self.ratings]
        beside += self.amounts.questions if may_see_budget(user, project) else []
        beside += [self.people] if may_edit(user, project) else []
        obligations.ask(self.late, self.soon, beside=beside)
