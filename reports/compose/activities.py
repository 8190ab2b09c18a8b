"""The chapter on the activities of the period, with the outputs that they served."""

from django.utils.translation import gettext as _, ngettext

from kernel.formats import MISSING, NO_BREAK, day_range, percent
from projects.activities.participants import headcount
from projects.models import Activity
from reports.block_types import Block, LocalText
from reports.compose.blocks import (
    Cell,
    cell,
    field,
    heading,
    starred,
    table_of,
    with_note_on_stars,
)
from reports.compose.progress import outputs
from reports.compose.reading import ReportReading, local_text

State = Activity.State
TONES = {State.DONE: "ok", State.LATE: "bad", State.IN_PROGRESS: "info"}


def activities(reading: ReportReading) -> list[Block]:
    """Return the outputs with their indicators, then the table of activities."""
    found = activities_in_period(reading)
    of_outputs = outputs(reading)
    if not found:
        return of_outputs
    title = heading(_("Activities of the period"), anchor="activities-done")
    fields = [
        field(_("Activity"), _named, key="title"),
        field(_("When"), _days, 20, key="when"),
        field(_("Result"), _result, 11, key="result"),
        field(_("Participants"), lambda one: _came(reading, one), 16, num=True, key="participants"),
        field(_("State"), lambda one: _state(reading, one), 15, key="state"),
    ]
    listed = table_of(found, fields, _("Activities of the period"), key="activities")
    return with_note_on_stars([*of_outputs, title, listed], found)


def _named(activity: Activity) -> Cell:
    place = ", ".join(part for part in (activity.get_kind_display(), activity.place) if part)
    title: LocalText = local_text(activity, "title") or {"text": "", "lang": ""}
    if activity.code:
        title = title | {"text": f"{activity.code}{NO_BREAK} {title['text']}"}
    shown = starred(title, activity.illustrative)
    return cell(shown, small=place, anchor=f"activity-{activity.pk}")


def _days(activity: Activity) -> Cell:
    return cell(_when(activity), small=_planned(activity) if activity.actual_start else "")


def _result(activity: Activity) -> Cell:
    result = activity.result
    return cell(result.code, to=f"result-{result.code}") if result else MISSING


def _came(reading: ReportReading, activity: Activity) -> Cell:
    count = reading.count_of_persons(activity.participants)
    return cell(count or MISSING, small=_women(reading, activity))


def _state(reading: ReportReading, activity: Activity) -> Cell:
    state = activity.state_on(reading.as_of)
    share = "" if activity.share_done in (0, 100) else percent(activity.share_done / 100)
    return cell(str(state.label), small=share, tone=TONES.get(state, ""))


def activities_in_period(reading: ReportReading) -> list[Activity]:
    rows = reading.project.activities.with_related()
    found = reading.once("activities", lambda: list(rows))
    return [each for each in found if is_of_period(reading, each)]


def is_of_period(reading: ReportReading, activity: Activity) -> bool:
    """Whether the activity took place, or should have taken place, in the period.

    An activity without any day may belong to the period and is included.
    """
    start = activity.actual_start or activity.planned_start
    end = activity.actual_end or activity.planned_end or start
    begins_in_time = start is None or start <= reading.end
    return begins_in_time and (end is None or end >= reading.start)


def _when(activity: Activity) -> str:
    if note := local_text(activity, "date_note"):
        return note["text"]
    if activity.actual_start:
        return day_range(activity.actual_start, activity.actual_end or activity.actual_start)
    return _planned(activity) or MISSING


def _planned(activity: Activity) -> str:
    if not (activity.planned_start or activity.planned_end):
        return ""
    days = day_range(activity.planned_start, activity.planned_end)
    return _("planned: %(days)s") % {"days": days}


def _women(reading: ReportReading, activity: Activity) -> str:
    by_sex = headcount(activity, small_counts=reading.discloses_small_counts).by_sex
    if by_sex is None:
        return ""
    women = by_sex["women"]
    return ngettext("%(count)s woman", "%(count)s women", women) % {"count": women}
