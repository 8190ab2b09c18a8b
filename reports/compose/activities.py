"""The chapter on the activities of the period, with the outputs that they served, and the annex with
the schedule of all activities."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _, ngettext

from kernel.formats import MISSING, day, day_range, percent
from projects.activities.participants import headcount
from projects.models import Activity
from reports.compose.blocks import (
    Cell,
    Field,
    cell,
    coded,
    field,
    figure,
    heading,
    paragraph,
    reference,
    starred,
    table_of,
    with_note_on_stars,
)
from reports.compose.progress import outputs
from reports.compose.reading import ReportReading, local_text, text_of
from reports.document_types import Block, LocalText
from reports.models import SectionKind

State = Activity.State
TONES = {State.DONE: "ok", State.LATE: "bad", State.IN_PROGRESS: "info"}
# What was postponed is marked where its new days are planned.
SCHEDULE_TONES = TONES | {State.POSTPONED: "warn"}


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
    shown = starred(_title(activity), activity.illustrative)
    return cell(shown, small=place, anchor=f"activity-{activity.pk}")


def _title(activity: Activity) -> LocalText:
    title = text_of(activity, "title")
    return coded(activity.code, title) if activity.code else title


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
    return cell(str(state.label), small=_share(activity), tone=TONES.get(state, ""))


def _share(activity: Activity) -> str:
    return "" if activity.share_done in (0, 100) else percent(activity.share_done / 100)


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


# The schedule


def schedule_annex(reading: ReportReading) -> list[Block]:
    """Return all activities of the project, as known on the day of the document.

    Those of the period are in the table of their chapter, if the report has it, and not here again.
    """
    activities, moved_on = reading.once("schedule", lambda: _as_known(reading))
    if not activities:
        return []
    activities.sort(key=_order)
    chapter = reading.section_name(SectionKind.ACTIVITIES)
    others = [one for one in activities if not (chapter and is_of_period(reading, one))]
    bars = [
        _bar(reading, one, one.span, one.pk in moved_on)
        for one in activities
        if one.is_going and one.span
    ]
    blocks: list[Block] = []
    if bars:
        title = _("Activities from start to end")
        blocks.append(figure("timeline", title, {"bars": bars, "today": ""}))
        if left := sum(one.is_going for one in activities) - len(bars):
            blocks.append(paragraph(_not_drawn(left), "small after"))
    if len(others) < len(activities):
        sentence = _("The activities of the period are in:")
        blocks.append(reference(sentence, chapter, "activities-done"))
    if others:
        caption = _("Activities, planned and actual")
        if len(others) < len(activities):
            caption = _("Activities outside the period, planned and actual")
        blocks.append(table_of(others, _schedule_fields(reading, moved_on), caption))
    return with_note_on_stars(blocks, others)


def _not_drawn(count: int) -> str:
    sentence = ngettext(
        "%(count)s activity without exact days is not drawn.",
        "%(count)s activities without exact days are not drawn.",
        count,
    )
    return sentence % {"count": count}


def _as_known(reading: ReportReading) -> tuple[list[Activity], set[int]]:
    """Return the activities, and the keys of those that changed their state after the day of the
    document."""
    activities = list(reading.project.activities.with_related())
    reading.undo_later_steps(activities)
    return activities, {one.pk for one in activities if _forget_what_came_later(reading, one)}


def _forget_what_came_later(reading: ReportReading, activity: Activity) -> bool:
    """Remove, in memory only, the days after the day of the document.

    The progress of an activity that ended or continued since is not known for that day.
    """
    moved_on = False
    for name in ("actual_start", "actual_end"):
        if (on := getattr(activity, name)) and not reading.knows(on):
            setattr(activity, name, None)
            moved_on = True
    if moved_on:
        activity.share_done = 0
    return moved_on


def _order(activity: Activity) -> tuple[date, str, int]:
    first = activity.span[0] if activity.span else date.max
    return (first, activity.code, activity.pk)


def _schedule_fields(reading: ReportReading, moved_on: set[int]) -> list[Field]:
    def activity(one: Activity) -> Cell:
        under = [
            _("Result %(code)s") % {"code": one.result.code} if one.result else "",
            one.where,
            reading.short_name(one.responsible) if one.responsible else "",
        ]
        shown = starred(_title(one), one.illustrative)
        return cell(shown, small=" · ".join(part for part in under if part))

    def state(one: Activity) -> Cell:
        found = one.state_on(reading.as_of)
        share = "" if one.pk in moved_on else _share(one)
        return cell(str(found.label), small=share, tone=SCHEDULE_TONES.get(found, ""))

    return [
        field(_("Activity"), activity),
        field(_("Planned"), lambda one: _from_to(one.planned_start, one.planned_end), 22),
        field(_("Took place"), _took_place, 22),
        field(_("State"), state, 14),
    ]


def _from_to(start: date | None, end: date | None) -> str:
    return day_range(start, end) if start or end else MISSING


def _took_place(activity: Activity) -> str:
    """Return the days of an activity; days that are not known exactly are written in words."""
    if activity.actual_start and not activity.actual_end:
        ended = activity.share_done == 100
        return day(activity.actual_start) if ended else day_range(activity.actual_start, None)
    if activity.took_place:
        return _from_to(activity.actual_start or activity.actual_end, activity.actual_end)
    note = local_text(activity, "date_note")
    return note["text"] if note else MISSING


def _bar(
    reading: ReportReading, activity: Activity, span: tuple[date, date], moved_on: bool
) -> dict[str, Any]:
    first, last = span
    state = activity.state_on(reading.as_of)
    is_late = state == State.LATE
    done = 100 if state == State.DONE else activity.share_done
    return {
        "name": _title(activity)["text"],
        "start": first.isoformat(),
        "end": last.isoformat(),
        "done": None if moved_on else done,
        "is_late": is_late,
        "note": _("late") if is_late else "",
    }
