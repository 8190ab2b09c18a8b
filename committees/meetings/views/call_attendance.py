"""Attendance from the video call: give the participants file, look at who is who, confirm.

The file is seen by who gave it alone, and nothing is recorded before they confirm."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST

from accounts.models import User
from committees.meetings.forms.call_attendance import (
    CallGrid,
    DateOrderForm,
    ParticipantsUploadForm,
)
from committees.meetings.services.attendance import refuse_unless_recording
from committees.meetings.services.call_attendance import keep_upload, reading_of, record_call
from committees.meetings.views.page import meeting_context
from committees.models import Meeting, ParticipantsUpload
from committees.models.meeting import city_of
from committees.pages import accepted, allow, done, meeting_or_404, meeting_trail, typed
from committees.permissions.meetings import may_edit_meeting

ATTENDANCE = "committees:meeting-attendance"
UPLOAD = "committees:attendance-upload"
PREVIEW = "committees:attendance-preview"


def attendance_upload(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = recorded_meeting(request, pk)
    if not done(request, lambda: refuse_unless_recording(meeting)):
        return redirect(ATTENDANCE, pk)
    form = ParticipantsUploadForm(typed(request), request.FILES or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(
            form, lambda: keep_upload(meeting, form.cleaned_data["file"], owner=request.user)
        )
    ):
        return redirect(PREVIEW, pk)
    context = {
        "form": form,
        "title": _("Attendance from the video call"),
        "submit": _("Look at who is who"),
        "crumbs": meeting_trail(meeting),
        "cancel_url": f"{meeting.get_absolute_url()}attendance/",
        "meeting": meeting,
        "waiting": own_upload(request, meeting),
    }
    return render(request, "committees/attendance_upload.html", context)


def attendance_preview(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = recorded_meeting(request, pk)
    upload = own_upload(request, meeting)
    if upload is None:
        messages.info(request, _("No participants file waits here: give one."))
        return redirect(UPLOAD, pk)
    readings = []
    if not done(request, lambda: refuse_unless_recording(meeting)):
        return redirect(ATTENDANCE, pk)
    if not done(request, lambda: readings.append(reading_of(upload))):
        return redirect(UPLOAD, pk)
    if readings[0].needs_date_order:
        return date_order(request, meeting, upload, readings[0].example)
    return preview(request, meeting, upload)


def date_order(
    request: HttpRequest, meeting: Meeting, upload: ParticipantsUpload, example: str
) -> HttpResponse:
    """The file writes its dates in numbers that can be read in two ways: its owner knows."""
    form = DateOrderForm(typed(request), example=example, meeting=meeting)
    if request.method == "POST" and form.is_valid():
        upload.date_order = form.cleaned_data["date_order"]
        upload.save(update_fields=["date_order"])
        return redirect(PREVIEW, meeting.pk)
    intro = _("The file says “%(date)s”, which can be read in two ways.") % {"date": example}
    context = {
        "form": form,
        "title": _("Attendance from the video call"),
        "intro": intro,
        "submit": _("Continue"),
        "crumbs": meeting_trail(meeting),
        "cancel_url": f"{meeting.get_absolute_url()}attendance/",
    }
    return render(request, "committees/form.html", context)


def preview(request: HttpRequest, meeting: Meeting, upload: ParticipantsUpload) -> HttpResponse:
    if request.method == "POST" and request.POST.get("sha256") != upload.sha256:
        # Choices made for the people of one file would fall on those of another.
        messages.error(request, _("You gave another file meanwhile: look at this one first."))
        return redirect(PREVIEW, meeting.pk)
    zones = possible_zones(request.user, meeting)
    asked = request.GET.get("zone")
    zone = asked if asked in zones else meeting.time_zone
    grid = CallGrid(meeting, upload, ZoneInfo(zone), typed(request))
    changed = []
    if (
        request.method == "POST"
        and grid.is_valid()
        and accepted(
            grid.head,
            lambda: changed.append(record_call(meeting, upload, grid.chosen(), grid.head.was)),
        )
    ):
        tell_changes(request, changed[0])
        return redirect(ATTENDANCE, meeting.pk)
    context = meeting_context(request, meeting, "attendance") | {
        "grid": grid,
        "city": city_of(zone),
        "other_zones": [{"name": each, "city": city_of(each)} for each in zones if each != zone],
    }
    return render(request, "committees/attendance_preview.html", context)


def possible_zones(user: User, meeting: Meeting) -> list[str]:
    """Whose clocks the file may show: the meeting's, the coordinator's own, or none's."""
    return list(dict.fromkeys([meeting.time_zone, user.time_zone or meeting.time_zone, "UTC"]))


def tell_changes(request: HttpRequest, count: int) -> None:
    said = (
        ngettext(
            "The attendance of %(count)s person is recorded, the file is deleted.",
            "The attendance of %(count)s people is recorded, the file is deleted.",
            count,
        )
        % {"count": count}
        if count
        else _("All of it was recorded already: nothing changed, the file is deleted.")
    )
    messages.success(request, said)


@require_POST
def attendance_discard(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = recorded_meeting(request, pk)
    if upload := own_upload(request, meeting):
        upload.discard()
        messages.success(request, _("The file is deleted, nothing was recorded."))
    return redirect(ATTENDANCE, pk)


def recorded_meeting(request: HttpRequest, pk: int) -> Meeting:
    meeting = meeting_or_404(request.user, pk)
    allow(may_edit_meeting(request.user, meeting))
    return meeting


def own_upload(request: HttpRequest, meeting: Meeting) -> ParticipantsUpload | None:
    return ParticipantsUpload.objects.filter(meeting=meeting, owner=request.user).first()
