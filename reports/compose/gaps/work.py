"""Gaps in the record of the work itself: activities, risks, answers, the approved logic model."""

from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from kernel.prepared import Moment
from reports.compose.gaps import rows
from reports.compose.gaps.gap import Gap, GapReading


def activities_without_days(reading: GapReading) -> list[Gap]:
    """Return activities planned to end in the period, and over by now, whose actual days are not
    known.

    Activities that were postponed or cancelled are left out.
    """
    report = reading.report
    today = Moment(reading.project.today)
    found = rows.planned_until(report.project_id, Moment(report.start), Moment(report.end), today)
    for activity in found:
        activity.project = reading.project
    return [
        {
            "sentence": _(
                "“%(activity)s” was planned for this period, but no day shows that it took place."
            )
            % {"activity": activity},
            "url": activity.get_absolute_url(),
        }
        for activity in found
    ]


def risks_not_rated(reading: GapReading) -> list[Gap]:
    """Return one gap for all risks known in the period that nobody rated in it."""
    report = reading.report
    number = len(rows.without_rating(report.project_id, Moment(report.start), Moment(report.end)))
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


def recommendations_unanswered(reading: GapReading) -> list[Gap]:
    """Return a gap for each recommendation that is overdue and has no answer."""
    found = rows.unanswered(reading.report.project_id, Moment(reading.project.today))
    return [
        {
            "sentence": _("%(recommendation)s is overdue and has no answer.")
            % {"recommendation": resolution},
            "url": resolution.get_absolute_url(),
        }
        for resolution in found
    ]


def logic_model_not_approved(reading: GapReading) -> list[Gap]:
    """Return a gap if no version was approved, since the annex shows the approved version."""
    if not reading.framework.results or rows.logic_versions(reading.report.project_id):
        return []
    return [
        {
            "sentence": _("No version of the logic model has been approved."),
            "url": reverse("projects:logic-model", args=[reading.project.code]),
        }
    ]
