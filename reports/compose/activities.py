"""The chapter on the activities of the period, with the outputs that they served."""

from dataclasses import dataclass

from django.utils.translation import gettext as _, ngettext

from kernel.formats import MISSING, NO_BREAK, day_range, percent
from projects.activities.participants import headcount
from projects.models import Activity
from reports.block_types import Block, LocalText
from reports.compose.blocks import (
    Cell,
    CrossReference,
    cell,
    column,
    heading,
    note_on_stars,
    starred,
    table,
)
from reports.compose.progress import outputs
from reports.compose.reading import ReportReading, local_text

TONES = {"done": "ok", "late": "bad", "in_progress": "info"}


@dataclass(frozen=True)
class ActivityRow:
    """An activity of the period in words; `state` is the value of its state, `women` how many of
    its participants were women."""

    anchor: str
    title: LocalText | None
    kind: str
    place: str
    when: str
    result: CrossReference | None
    state: str
    state_label: str
    share: str
    participants: str
    women: str
    code: str
    planned: str
    illustrative: bool


def activities(reading: ReportReading) -> list[Block]:
    """Return the outputs with their indicators, then the table of activities."""
    rows = activities_of(reading)
    of_outputs = outputs(reading)
    if not rows:
        return of_outputs
    title = heading(_("Activities of the period"), anchor="activities-done")
    blocks: list[Block] = [*of_outputs, title, _table(rows)]
    return [*blocks, note_on_stars()] if any(row.illustrative for row in rows) else blocks


def _table(rows: list[ActivityRow]) -> Block:
    columns = [
        column(_("Activity"), key="title"),
        column(_("When"), 20, key="when"),
        column(_("Result"), 11, key="result"),
        column(_("Participants"), 16, num=True, key="participants"),
        column(_("State"), 15, key="state"),
    ]
    lines = [_line(row) for row in rows]
    return table(_("Activities of the period"), columns, lines, key="activities")


def _line(row: ActivityRow) -> list[Cell]:
    result = row.result or CrossReference(MISSING, "")
    place = ", ".join(part for part in (row.kind, row.place) if part)
    title: LocalText = row.title or {"text": "", "lang": ""}
    if row.code:
        title = title | {"text": f"{row.code}{NO_BREAK} {title['text']}"}
    return [
        cell(starred(title, row.illustrative), small=place, anchor=row.anchor),
        cell(row.when, small=row.planned),
        cell(result.label, to=result.to),
        cell(row.participants or MISSING, small=row.women),
        cell(row.state_label, small=row.share, tone=TONES.get(row.state, "")),
    ]


def activities_of(reading: ReportReading) -> list[ActivityRow]:
    """Return the activities that belong to the period of the report, in words."""
    return reading.once_for_such_readers(
        "activities in words",
        lambda: [_activity(reading, each) for each in activities_in_period(reading)],
    )


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


def _activity(reading: ReportReading, activity: Activity) -> ActivityRow:
    state = activity.state_on(reading.as_of)
    return ActivityRow(
        anchor=f"activity-{activity.pk}",
        title=local_text(activity, "title"),
        kind=activity.get_kind_display(),
        place=activity.place,
        when=_when(activity),
        result=CrossReference(activity.result.code, f"result-{activity.result.code}")
        if activity.result
        else None,
        state=state.value,
        state_label=str(state.label),
        share="" if activity.share_done in (0, 100) else percent(activity.share_done / 100),
        participants=reading.count_of_persons(activity.participants),
        women=_women(reading, activity),
        code=activity.code,
        planned=_planned(activity) if activity.actual_start else "",
        illustrative=activity.illustrative,
    )


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
