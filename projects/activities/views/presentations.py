"""Activities on a calendar and on a timeline."""

from datetime import date
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _, pgettext

from kernel.cells import Cell, Column, Empty, Table, text_cell
from kernel.formats import range_in_table
from kernel.pages import page_of
from kernel.svg import WIDTH
from kernel.timeline import BROAD, Bar, span, timeline
from projects.activities.calendar import calendar_month, month_name, month_to_open
from projects.activities.forms.activities import CalendarMonthForm
from projects.activities.views.activities import ActivityPages, state_chip
from projects.models import Activity


class ActivityCalendar(ActivityPages):
    presentation, list_template = "activities-calendar", "projects/activities_calendar.html"

    def list_context(self, rows: list[Activity]) -> dict[str, Any]:
        month_form = CalendarMonthForm(self.request.GET)
        asked = month_form.cleaned_data["month"] if month_form.is_valid() else ""
        today = self.place.today
        first = date.fromisoformat(f"{asked}-01") if asked else month_to_open(rows, today)
        month = calendar_month(rows, first, today=today)
        if month_form.is_valid():
            month_form = CalendarMonthForm(initial={"month": f"{first:%Y-%m}"})
        filters = self.filter_form().fields
        return self.presentations() | {
            "month": month,
            "month_form": month_form,
            "kept": [pair for pair in self.request.GET.items() if pair[0] in filters],
            "before": _way_to(month.before),
            "after": _way_to(month.after),
            "without_days": sum(1 for activity in rows if activity.is_going and not activity.span),
        }


def _way_to(first: date | None) -> dict[str, str] | None:
    return {"month": f"{first:%Y-%m}", "name": month_name(first)} if first else None


class ActivityTimeline(ActivityPages):
    """Shows a page of activities at a time, by result, on one axis."""

    presentation, list_template = "activities-timeline", "projects/activities_timeline.html"

    def lines(self, rows: list[Activity]) -> list[Activity]:
        dated = [activity for activity in rows if activity.is_going and activity.span]
        return sorted(dated, key=lambda activity: (_result_code(activity), activity.span))

    def columns(self) -> list[Column]:
        return [
            Column("activity", _("Activity"), title_cell, css="w-50"),
            Column("dates", _("Dates"), days_of),
            Column("state", _("State"), state_chip),
            Column("done", pgettext("share", "Done"), share_of, css="num"),
        ]

    def list_context(self, rows: list[Activity]) -> dict[str, Any]:
        dated = self.lines(rows)
        days = span([bar_of(activity) for activity in dated])
        context = self.presentations() | {"pictures": [], "left_out": len(rows) - len(dated)}
        if days:
            groups = groupby(page_of(self.request, dated), key=_result_code)
            context["pictures"] = [self.picture(list(group), days) for _code, group in groups]
        elif rows:
            text, action = _("The list shows them all."), _("Show the list")
            title, url = _("No activity here has exact days."), self.url("activities")
            context["empty"] = Empty(title, text, url, action, self.icon)
        return context

    def picture(self, activities: list[Activity], days: tuple[date, date]) -> dict[str, Any]:
        """Draw the timeline of one result, for a wide screen and for a telephone."""
        result = activities[0].result
        title = str(result) if result else _("Without a result")
        bars = [bar_of(activity) for activity in activities]
        broad, narrow = (
            timeline(
                title,
                bars,
                start=days[0],
                end=days[1],
                today=self.place.today,
                key=f"t{activities[0].pk}-{width}",
                width=width,
            )
            for width in (BROAD, WIDTH)
        )
        table = Table(self.columns(), activities)
        return {"title": title, "broad": broad, "narrow": narrow, "table": table}


def _result_code(activity: Activity) -> str:
    return activity.result.code if activity.result else "~"  # those without a result at the end


def bar_of(activity: Activity) -> Bar:
    assert activity.span  # the timeline leaves out activities without days
    start, end = activity.span
    return Bar(
        name=f"{activity.code} {activity.title}".strip(),
        start=start,
        end=end,
        done=activity.percent_done,
        is_late=activity.is_late,
        note=str(activity.state.label) if activity.is_late else "",
    )


def title_cell(activity: Activity) -> Cell:
    return text_cell(activity, "title", url=activity.get_absolute_url())


def days_of(activity: Activity) -> str:
    assert activity.span  # as above
    return range_in_table(*activity.span)


def share_of(activity: Activity) -> str:
    return _("%(number)s %%") % {"number": activity.percent_done}
