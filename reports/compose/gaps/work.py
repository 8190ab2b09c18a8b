"""Gaps in the record of the work itself: activities, risks, answers, the approved logic model."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from committees.models import Audience, Resolution
from kernel.prepared import prepared
from kernel.text import columns_of
from projects.models import Activity, Risk
from reports.compose.gaps.gap import Gap, GapReading

# Recommendations that everybody who writes in a report may read: not those on reserved items.
OPEN_TO_WRITERS = (Audience.COMMITTEE, Audience.PARTNERS, Audience.DONOR, Audience.PUBLIC)


def activities_without_days(reading: GapReading) -> list[Gap]:
    """Return activities planned to end in the period, and over by now, whose actual days are not
    known.

    Activities that were postponed or cancelled are left out.
    """
    report, project = reading.report, reading.project
    due = _planned_until(project.pk, report.start, report.end, project.today)
    for activity in due:
        activity.project = project
    return [
        {
            "sentence": _(
                "“%(activity)s” was planned for this period, and no day says that it took place."
            )
            % {"activity": activity},
            "url": activity.get_absolute_url(),
        }
        for activity in due
    ]


@prepared
def _planned_until(project: int, start: date, end: date, today: date) -> QuerySet[Activity]:
    rows = Activity.objects.filter(
        project=project,
        status=Activity.Status.GOING,
        planned_end__range=(start, end),
        planned_end__lt=today,
        actual_start=None,
        actual_end=None,
    )
    return rows.only("project", "code", *columns_of("title"))


def risks_not_rated(reading: GapReading) -> list[Gap]:
    """Return one gap for all risks known in the period that nobody rated in it."""
    report = reading.report
    number = len(_without_rating(reading.project.pk, report.start, report.end))
    if not number:
        return []
    sentence = ngettext(
        "%(number)s risk was not rated in this period.",
        "%(number)s risks were not rated in this period.",
        number,
    )
    return [
        {
            "sentence": sentence % {"number": number},
            "url": reverse("projects:risks", args=[reading.project.code]),
        }
    ]


@prepared
def _without_rating(project: int, start: date, end: date) -> QuerySet[Risk, tuple[Any, ...]]:
    known = Risk.objects.not_closed().filter(project=project, identified_on__lte=end)
    rated = known.filter(ratings__rated_on__range=(start, end))
    return known.exclude(pk__in=rated.values("pk")).values_list("pk")


def recommendations_unanswered(reading: GapReading) -> list[Gap]:
    return [
        {
            "sentence": _("%(recommendation)s is overdue and has no answer.")
            % {"recommendation": resolution},
            "url": resolution.get_absolute_url(),
        }
        for resolution in _unanswered(reading.project.pk, reading.project.today)
    ]


@prepared
def _unanswered(project: int, today: date) -> QuerySet[Resolution]:
    waiting = Resolution.objects.recommendations().filter(
        committee__project=project, status=Resolution.Status.ISSUED, due_on__lt=today
    )
    return waiting.for_audiences(OPEN_TO_WRITERS).order_by("number").only("kind", "number")


def logic_model_not_approved(reading: GapReading) -> list[Gap]:
    """Return a gap if no version was approved, since the annex shows the approved version."""
    project = reading.project
    if not reading.framework.results or project.logic_versions.exists():
        return []
    return [
        {
            "sentence": _("No version of the logic model has been approved."),
            "url": reverse("projects:logic-model", args=[project.code]),
        }
    ]
