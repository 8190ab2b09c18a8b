"""The list of activities as rows for a spreadsheet."""

from collections.abc import Iterable

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kernel.formats import join_list
from kernel.workbooks import CellValue
from partners.naming import shown_place
from projects.activities.participants import Headcount
from projects.models import Activity
from projects.models.participants import SEXES


def sheet_head() -> list[str]:
    return [
        _("Code"),
        _("Kind"),
        _("Activity"),
        _("Result"),
        _("Responsible"),
        _("Together with"),
        _("Department"),
        _("Place"),
        _("Planned start"),
        _("Planned end"),
        _("Actual start"),
        _("Actual end"),
        _("Date in words"),
        _("State"),
        _("Share done (%)"),
        _("Planned participants"),
        _("Participants"),
        *(capfirst(str(label)) for label in SEXES.values()),
        _("Illustrative"),
    ]


def sheet_rows(rows: Iterable[tuple[Activity, Headcount]]) -> Iterable[list[CellValue]]:
    """Return a row for each activity with its visible counts; unknown ones are empty, withheld ones
    say so."""
    for activity, count in rows:
        yield [
            activity.code,
            activity.get_kind_display(),
            activity.title,
            activity.result.code if activity.result else "",
            activity.responsible.name if activity.responsible else "",
            join_list(each.name for each in sorted(activity.partners.all(), key=shown_place)),
            activity.department,
            activity.place,
            activity.planned_start,
            activity.planned_end,
            activity.actual_start,
            activity.actual_end,
            activity.date_note,
            str(activity.state.label),
            activity.percent_done,
            activity.planned_participants,
            _("not shown") if count.total_is_small else count.total,
            *_sexes(count),
            _("Yes") if activity.illustrative else "",
        ]


def _sexes(count: Headcount) -> list[CellValue]:
    if "by_sex" in count.withheld:
        return [_("not shown")] * len(SEXES)
    return list(count.by_sex.values()) if count.by_sex else [None] * len(SEXES)
