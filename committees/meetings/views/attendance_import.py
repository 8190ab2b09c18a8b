"""Attendance from the video call: the coordinator gives the participants file, looks at who is
who, and confirms. Nobody else sees the file, and nothing is recorded before that."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST

from accounts.models import User
from committees.meetings.forms.attendance_import import (
    CallGrid,
    DateOrderForm,
    ParticipantsUploadForm,
)
from committees.meetings.services.attendance import refuse_unless_recording
from committees.meetings.services.attendance_import import keep_upload, reading_of, record_call
from committees.meetings.views.page import meeting_context, recorded_meeting
from committees.models import Meeting, ParticipantsUpload
from committees.pages import meeting_trail
from kernel.formats import city_of
from kernel.pages import READ_OR_SAVE, Request, act, form_page, posted, posted_files

ATTENDANCE = "committees:meeting-attendance"
UPLOAD = "committees:attendance-upload"
PREVIEW = "committees:attendance-preview"


@READ_OR_SAVE
def attendance_upload(request: Request, pk: int) -> HttpResponse:
    meeting = recorded_meeting(request, pk)
    if not act(request, lambda: refuse_unless_recording(meeting)):
        return redirect(ATTENDANCE, pk)
    form = ParticipantsUploadForm(posted(request), posted_files(request))
    if form.is_valid() and act(
        form, lambda: keep_upload(meeting, form.cleaned_data["file"], owner=request.user)
    ):
        return redirect(PREVIEW, pk)
    return form_page(
        request,
        form,
        title=_("Attendance from the video call"),
        back=reverse(ATTENDANCE, args=[pk]),
        crumbs=meeting_trail(meeting),
        submit=_("See who is who"),
        template="committees/attendance_upload.html",
        meeting=meeting,
        waiting=own_upload(request, meeting),
    )


@READ_OR_SAVE
def attendance_preview(request: Request, pk: int) -> HttpResponse:
    meeting = recorded_meeting(request, pk)
    upload = own_upload(request, meeting)
    if upload is None:
        messages.info(request, _("No participants file is waiting here: upload one."))
        return redirect(UPLOAD, pk)
    if not act(request, lambda: refuse_unless_recording(meeting)):
        return redirect(ATTENDANCE, pk)
    if not (read := act(request, lambda: reading_of(upload))):
        return redirect(UPLOAD, pk)
    if read.result.needs_date_order:
        return date_order(request, meeting, upload, read.result.example)
    return preview(request, meeting, upload)


def date_order(
    request: Request, meeting: Meeting, upload: ParticipantsUpload, example: str
) -> HttpResponse:
    """Ask the owner of the file for the order of day and month, if its dates are ambiguous."""
    form = DateOrderForm(posted(request), example=example, meeting=meeting)
    if form.is_valid():
        upload.settle_date_order(form.cleaned_data["date_order"])
        return redirect(PREVIEW, meeting.pk)
    intro = _("The file says “%(date)s”, which can be read in two ways.") % {"date": example}
    return form_page(
        request,
        form,
        title=_("Attendance from the video call"),
        back=reverse(ATTENDANCE, args=[meeting.pk]),
        crumbs=meeting_trail(meeting),
        intro=intro,
        submit=_("Continue"),
    )


def preview(request: Request, meeting: Meeting, upload: ParticipantsUpload) -> HttpResponse:
    if request.method == "POST" and request.POST.get("sha256") != upload.sha256:
        # Choices made for the people of one file would fall on those of another.
        messages.error(
            request, _("You uploaded another file in the meantime: look at this one first.")
        )
        return redirect(PREVIEW, meeting.pk)
    zones = possible_zones(request.user, meeting)
    asked = request.GET.get("zone")
    zone = asked if asked in zones else meeting.time_zone
    grid = CallGrid(meeting, upload, ZoneInfo(zone), posted(request))
    if grid.is_valid() and (
        recorded := act(
            grid.head,
            lambda: record_call(
                meeting,
                upload,
                grid.chosen(),
                grid.head.was,
                accreditation_due=grid.head.cleaned_data["accreditation_due"],
            ),
        )
    ):
        say_how_many(request, recorded.result)
        return redirect(ATTENDANCE, meeting.pk)
    context = meeting_context(request, meeting, "attendance") | {
        "grid": grid,
        "city": city_of(zone),
        "other_zones": [{"name": each, "city": city_of(each)} for each in zones if each != zone],
    }
    return render(request, "committees/attendance_preview.html", context)


def possible_zones(user: User, meeting: Meeting) -> list[str]:
    """Return the zones whose times the file may show: the meeting's, the coordinator's, UTC."""
    return list(dict.fromkeys([meeting.time_zone, user.time_zone or meeting.time_zone, "UTC"]))


def say_how_many(request: Request, count: int) -> None:
    sentence = (
        ngettext(
            "The attendance of %(count)s person was recorded and the file deleted.",
            "The attendance of %(count)s people was recorded and the file deleted.",
            count,
        )
        % {"count": count}
        if count
        else _("All of it had already been recorded: nothing changed, and the file was deleted.")
    )
    messages.success(request, sentence)


@require_POST
def attendance_discard(request: Request, pk: int) -> HttpResponse:
    meeting = recorded_meeting(request, pk)
    if upload := own_upload(request, meeting):
        upload.discard()
        messages.success(request, _("The file was deleted and nothing was recorded."))
    return redirect(ATTENDANCE, pk)


def own_upload(request: Request, meeting: Meeting) -> ParticipantsUpload | None:
    return ParticipantsUpload.objects.filter(meeting=meeting, owner=request.user).first()
