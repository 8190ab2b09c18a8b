"""What the overview of a project reads, in the few columns that its cards show."""

from django.db.models import QuerySet

from committees.models import ActionPlan, ActionTerms, Meeting, Resolution
from committees.permissions.meetings import meetings_seen
from committees.permissions.plans import plans_seen
from committees.permissions.resolutions import resolutions_seen
from kernel.prepared import prepared
from kernel.text import columns_of
from projects.permissions.roles import Role
from reports.models import Report
from reports.permissions.reports import reports_seen

SHOWN = 5  # lines of a card


@prepared
def meetings(project: int, roles: frozenset[Role]) -> QuerySet[Meeting]:
    rows = meetings_seen([project], roles).select_related("committee").order_by("starts_at")
    return rows.only(
        *("committee", "status", "starts_at", "time_zone"),
        *("committee__project", "committee__status", *columns_of("committee__name")),
    )


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
def actions(plans: list[int]) -> QuerySet[ActionTerms, tuple[int, str, int]]:
    rows = ActionTerms.objects.filter(plan__in=plans).order_by()
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
