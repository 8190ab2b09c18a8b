"""Gaps in the record of the work itself: activities, risks, answers, the approved logic model."""

from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from committees.models import Audience, Resolution
from projects.models import Activity
from reports.compose.gaps.gap import Gap
from reports.models import Report

# Recommendations that everybody who writes in a report may read: not those on reserved items.
OPEN_TO_WRITERS = (Audience.COMMITTEE, Audience.PARTNERS, Audience.DONOR, Audience.PUBLIC)


def activities_without_days(report: Report) -> list[Gap]:
    """Return activities planned to end in the period, and over by now, whose actual days are not
    known.

    Activities that were postponed or cancelled are left out.
    """
    due = report.project.activities.filter(
        status=Activity.Status.GOING,
        planned_end__range=(report.start, report.end),
        planned_end__lt=report.project.today,
        actual_start=None,
        actual_end=None,
    )
    return [
        {
            "sentence": _(
                "“%(activity)s” was planned for this period, and no day says that it took place."
            )
            % {"activity": activity},
            "url": activity.get_absolute_url(),
        }
        for activity in due.select_related("project")
    ]


def risks_not_rated(report: Report) -> list[Gap]:
    """Return one gap for all risks known in the period that nobody rated in it."""
    known = report.project.risks.not_closed().filter(identified_on__lte=report.end)
    rated = known.filter(ratings__rated_on__range=(report.start, report.end))
    number = known.exclude(pk__in=rated.values("pk")).count()
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
            "url": reverse("projects:risks", args=[report.project.code]),
        }
    ]


def recommendations_unanswered(report: Report) -> list[Gap]:
    waiting = Resolution.objects.recommendations().filter(
        committee__project=report.project,
        status=Resolution.Status.ISSUED,
        due_on__lt=report.project.today,
    )
    return [
        {
            "sentence": _("%(recommendation)s is overdue and has no answer.")
            % {"recommendation": resolution},
            "url": resolution.get_absolute_url(),
        }
        for resolution in waiting.for_audiences(OPEN_TO_WRITERS).order_by("number")
    ]


def logic_model_not_approved(report: Report) -> list[Gap]:
    """Return a gap if no version was approved, since the annex shows the approved version."""
    project = report.project
    if project.logic_versions.exists() or not project.results.exists():
        return []
    return [
        {
            "sentence": _("No version of the logic model has been approved."),
            "url": reverse("projects:logic-model", args=[project.code]),
        }
    ]
