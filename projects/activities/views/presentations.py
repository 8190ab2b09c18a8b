"""Activities on a calendar, on a timeline, and as a file for a spreadsheet."""

from datetime import date
from itertools import groupby
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.exports import handed_out
from kernel.pages import Request, page_of
from kernel.sheets import sheet
from kernel.svg import WIDTH
from kernel.timeline import BROAD, Bar, span, timeline
from projects.activities.calendar import calendar_month, month_name, month_to_open
from projects.activities.forms.activities import ActivityFilterForm, CalendarMonthForm
from projects.activities.participants import headcount
from projects.activities.services.sheet import sheet_head, sheet_rows
from projects.activities.views.activities import presentation_context
from projects.models import Activity
from projects.pages import visible_project
from projects.permissions.values import may_see_small_counts


@require_safe
def activities_calendar(request: Request, code: str) -> HttpResponse:
    project = visible_project(request.user, code)
    context = presentation_context(request, project, "activities-calendar")
    found = context["found"]
    for activity in found:
        activity.project = project
    today, month_form = project.today, CalendarMonthForm(request.GET)
    asked = month_form.cleaned_data["month"] if month_form.is_valid() else ""
    first = date.fromisoformat(f"{asked}-01") if asked else month_to_open(found, today)
    month = calendar_month(found, first, today=today)
    if month_form.is_valid():
        month_form = CalendarMonthForm(initial={"month": f"{first:%Y-%m}"})
    context |= {
        "month": month,
        "month_form": month_form,
        "kept": [
            (name, value) for name, value in request.GET.items() if name in context["form"].fields
        ],
        "before": _way_to(month.before),
        "after": _way_to(month.after),
        "without_days": sum(1 for activity in found if activity.is_going and not activity.span),
    }
    return render(request, "projects/activities_calendar.html", context)


def _way_to(first: date | None) -> dict[str, str] | None:
    return {"month": f"{first:%Y-%m}", "name": month_name(first)} if first else None


@require_safe
def activities_timeline(request: Request, code: str) -> HttpResponse:
    """Show a page of activities at a time, by result, on one axis."""
    project = visible_project(request.user, code)
    context = presentation_context(request, project, "activities-timeline")
    dated = [activity for activity in context["found"] if activity.is_going and activity.span]
    dated.sort(key=lambda activity: (_result_code(activity), activity.span))
    for activity in dated:
        activity.project = project
    page = page_of(request, dated)
    days = span([bar_of(activity) for activity in dated])
    context |= {
        "page": page,
        "pictures": [
            _picture(list(group), days, project.today)
            for _code, group in groupby(page.object_list, key=_result_code)
        ]
        if days
        else [],
        "left_out": len(context["found"]) - len(dated),
    }
    return render(request, "projects/activities_timeline.html", context)


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


def _picture(activities: list[Activity], days: tuple[date, date], today: date) -> dict[str, Any]:
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
            today=today,
            key=f"t{activities[0].pk}-{width}",
            width=width,
        )
        for width in (BROAD, WIDTH)
    )
    return {"title": title, "broad": broad, "narrow": narrow, "activities": activities}


@require_safe
def activities_export(request: Request, code: str, kind: str) -> HttpResponse:
    """Export the filtered list, without counts that are withheld from the reader."""
    if kind not in ("csv", "xlsx"):
        raise Http404
    project = visible_project(request.user, code)
    small_counts = may_see_small_counts(request.user, project)
    form = ActivityFilterForm(request.GET, project=project)
    rows = sheet_rows(
        (each, headcount(each, small_counts=small_counts)) for each in form.found(whole=True)
    )
    content = sheet(kind, _("Activities"), sheet_head(), rows)
    return handed_out(
        request, content, f"{project.code}-activities", kind, thing=project, what="activities"
    )
