"""What gaps are found in, in the columns that they need, by statements that are compiled once."""

from typing import Any

from django.db.models import QuerySet

from committees.models import Audience, Resolution
from kernel.prepared import Moment, prepared
from kernel.text import columns_of
from projects.framework.tree import POINT_FIGURES
from projects.models import Activity, DataPoint, LogicModelVersion, Risk

# Recommendations that everybody who writes in a report may read: not those on reserved items.
OPEN_TO_WRITERS = (Audience.COMMITTEE, Audience.PARTNERS, Audience.DONOR, Audience.PUBLIC)


@prepared
def approved(project: int) -> QuerySet[DataPoint]:
    """Return the approved totals of the project's indicators, with what figures need of them."""
    points = DataPoint.objects.approved().totals().filter(indicator__result__project=project)
    return points.order_by("pk").only(*POINT_FIGURES, "comment")


@prepared
def planned_until(project: int, start: Moment, end: Moment, today: Moment) -> QuerySet[Activity]:
    """Return activities that should have ended by now and in the period, and of which no beginning
    or end is known."""
    rows = Activity.objects.filter(
        project=project,
        status=Activity.Status.GOING,
        planned_end__range=(start.value, end.value),
        planned_end__lt=today.value,
        actual_start=None,
        actual_end=None,
    )
    return rows.only("project", "code", *columns_of("title"))


@prepared
def without_rating(project: int, start: Moment, end: Moment) -> QuerySet[Risk, tuple[Any, ...]]:
    """Return the keys of open risks that were known in the period and that nobody rated in it."""
    known = Risk.objects.not_closed().filter(project=project, identified_on__lte=end.value)
    rated = known.filter(ratings__rated_on__range=(start.value, end.value))
    return known.exclude(pk__in=rated.values("pk")).values_list("pk")


@prepared
def unanswered(project: int, today: Moment) -> QuerySet[Resolution]:
    """Return recommendations that are overdue and have no answer, of items that writers may
    read."""
    waiting = Resolution.objects.recommendations().filter(
        committee__project=project, status=Resolution.Status.ISSUED, due_on__lt=today.value
    )
    return waiting.for_audiences(OPEN_TO_WRITERS).order_by("number").only("kind", "number")


@prepared
def logic_versions(project: int) -> QuerySet[LogicModelVersion, tuple[Any, ...]]:
    """Return the key of any version of the logic model, to know whether there is one."""
    return LogicModelVersion.objects.filter(project=project).order_by().values_list("pk")[:1]
