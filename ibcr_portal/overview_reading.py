"""What the overview of a project reads, in the few columns that its cards show."""

from functools import cached_property

from django.db.models import QuerySet

from accounts.models import User
from committees.models import ActionPlan, ActionTerms, Committee, Meeting, Resolution
from committees.permissions.meetings import meetings_seen
from committees.permissions.plans import plans_seen
from committees.permissions.resolutions import visible_resolutions
from ibcr_portal.models import Obligation
from ibcr_portal.obligations.due import DueState
from ibcr_portal.obligations.writing import Chosen, Obligations
from kernel.text import columns_of
from projects.models import Project, RiskRating
from projects.permissions.roles import Role, roles_of
from projects.risks.register import open_ratings
from reports.models import Report
from reports.permissions.reports import reports_seen

SHOWN = 5  # lines of a card
LATE = Chosen(state=DueState.LATE.value)
SOON = Chosen(state=DueState.SOON.value)


def _meetings(project: int, roles: frozenset[Role]) -> QuerySet[Meeting]:
    rows = meetings_seen([project], roles).order_by("starts_at")
    return rows.only("committee", "status", "starts_at", "time_zone", "recorded_afterwards")


def _plans(project: int, roles: frozenset[Role]) -> QuerySet[ActionPlan]:
    rows = ActionPlan.objects.filter(plans_seen(roles), project=project).order_by("pk")
    return rows.only("project", "period", "version", "status", "donor_approved_on")


def _reports(project: int, roles: frozenset[Role]) -> QuerySet[Report]:
    rows = reports_seen([project], roles).select_related("preset").order_by("pk")
    return rows.only(
        *("project", "period", "preset", "version", "status"),
        *("preset__type", *columns_of("preset__title")),
    )


def _committees(project: int) -> QuerySet[Committee]:
    """Whoever sees the project sees its committee."""
    rows = Committee.objects.filter(project=project)
    return rows.only("project", "status", *columns_of("name"))


def actions_in_execution(
    project: int, roles: frozenset[Role]
) -> QuerySet[ActionTerms, tuple[int, str, int]]:
    """Return the actions of the plans in execution that the person sees: key, status, share done."""
    running = ActionPlan.objects.filter(
        plans_seen(roles), project=project, status=ActionPlan.Status.IN_EXECUTION
    )
    rows = ActionTerms.objects.filter(plan__in=running).order_by()
    return rows.values_list("action", "action__status", "action__share_done")


class OverviewRows:
    """What the cards show. Each is read when the first card asks for it."""

    def __init__(self, user: User, project: Project, obligations: Obligations) -> None:
        self.user, self.project, self.obligations = user, project, obligations
        self.roles = roles_of(user, project)

    @cached_property
    def meetings(self) -> list[Meeting]:
        return list(_meetings(self.project.pk, self.roles))

    @cached_property
    def committees(self) -> list[Committee]:
        return list(_committees(self.project.pk))

    @cached_property
    def plans(self) -> list[ActionPlan]:
        return list(_plans(self.project.pk, self.roles))

    @cached_property
    def reports(self) -> list[Report]:
        return list(_reports(self.project.pk, self.roles))

    @cached_property
    def actions(self) -> list[tuple[int, str, int]]:
        return list(actions_in_execution(self.project.pk, self.roles))

    @cached_property
    def resolutions(self) -> list[Resolution]:
        rows = visible_resolutions(self.user, self.project)
        return list(rows.only("kind", "number", "status", *columns_of("text"))[:SHOWN])

    @cached_property
    def ratings(self) -> list[RiskRating]:
        return list(open_ratings(self.project.pk, self.roles))

    @cached_property
    def late(self) -> list[Obligation]:
        return self.obligations.rows(LATE)

    @cached_property
    def soon(self) -> list[Obligation]:
        return self.obligations.rows(SOON, 0, SHOWN)
