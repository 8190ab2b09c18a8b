"""The attendance of a meeting: the list as a reader may see it, the grid to record it, and the
participants file of its call."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from committees.meetings.forms.attendance import AttendanceGrid, AttendanceGuestForm, DelegateForm
from committees.meetings.forms.attendance_import import (
    CallGrid,
    DateOrderForm,
    ParticipantsUploadForm,
)
from committees.meetings.services.attendance import (
    accredit_delegate,
    add_guest,
    admit_delegate,
    announced_alternates,
    record_attendance,
    refuse_unless_recording,
    remove_attendance,
)
from committees.meetings.services.attendance_import import keep_upload, reading_of, record_call
from committees.meetings.views.page import (
    meeting_context,
    overview_with_seats,
    recorded_meeting,
)
from committees.models import Attendance, Document, Meeting, ParticipantsUpload, Seat, SeatTerm
from committees.pages import attendance_or_404, meeting_or_404, meeting_trail, way_back
from committees.permissions.meetings import may_edit_meeting, visible_documents
from committees.permissions.roles import may_see_name, may_see_names
from kernel.formats import city_of, clock_spans
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, posted_files, saved


@require_safe
def meeting_attendance(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    overview, seats = overview_with_seats(request.user, meeting)
    context = meeting_context(request, meeting, "attendance", overview=overview)
    context |= attendance_shown(request.user, meeting, seats)
    context["records"] = meeting.is_open_for_records
    if meeting.has_documents:
        documents = visible_documents(request.user, meeting.committee.project)
        context["scans"] = documents.filter(meeting=meeting, category=Document.Category.ATTENDANCE)
    return render(request, "committees/meeting_attendance.html", context)


def attendance_shown(user: User, meeting: Meeting, seats: list[Seat]) -> dict[str, Any]:
    """Return the seats with their attendance and the guests; names only if the reader may see
    them."""
    rows = list(meeting.attendances.all())
    project = meeting.committee.project
    by_seat = {row.seat_id: row for row in rows if row.seat_id}
    shown = [
        {
            "seat": seat,
            "row": row,
            "person": person_shown(user, meeting, row),
            "capacity": capacity(row),
            "times": clock_spans(row.stays, meeting.zone) if row else "",
        }
        for seat in seats
        for row in [by_seat.get(seat.pk)]
    ]
    names = may_see_names(user, project)
    guests = [
        {"row": row, "name": row.guest_name if names else ""} for row in rows if not row.seat_id
    ]
    return {"seats": shown, "guests": guests, "has_rows": bool(rows)}


def person_shown(user: User, meeting: Meeting, row: Attendance | None) -> str:
    project = meeting.committee.project
    if row is None or row.presence not in Attendance.THERE:
        return ""
    if row.contact and may_see_name(user, project, row.contact):
        return str(row.contact)
    return row.guest_name if may_see_names(user, project) else ""


def capacity(row: Attendance | None) -> str:
    if row is None or row.presence not in Attendance.THERE:
        return ""
    if row.by_alternate:  # also one who was only announced by name
        return str(SeatTerm.Capacity.ALTERNATE.label)
    if row.guest_name:
        return _("Delegate admitted by the chair")
    return str(SeatTerm.Capacity.HOLDER.label)


# Recording


@READ_OR_SAVE
def attendance_edit(request: Request, pk: int) -> HttpResponse:
    meeting = recorded_meeting(request, pk)
    if not act(request, lambda: refuse_unless_recording(meeting)):
        return redirect("committees:meeting-attendance", pk)
    grid = AttendanceGrid(meeting, announced_alternates(meeting), posted(request))
    if grid.is_valid():
        headcount = grid.head.cleaned_data["headcount"]
        if act(
            grid.head,
            lambda: record_attendance(
                meeting, [row.seat_row() for row in grid.rows if row.changed], headcount=headcount
            ),
        ):
            return saved(
                request, _("The attendance was saved."), "committees:meeting-attendance", pk
            )
    context = meeting_context(request, meeting, "attendance")
    return render(request, "committees/attendance_edit.html", context | {"grid": grid})


@READ_OR_SAVE
def guest_create(request: Request, pk: int) -> HttpResponse:
    meeting = recorded_meeting(request, pk)
    form = AttendanceGuestForm(posted(request), meeting=meeting)
    if form.is_valid():
        form.instance.entry_key = form.key
        if act(form, lambda: add_guest(form.instance)):
            return redirect(list_or_session(request, meeting))
    return attendance_form(request, form, meeting, _("Add a guest"))


@READ_OR_SAVE
def delegate_admit(request: Request, pk: int) -> HttpResponse:
    meeting = recorded_meeting(request, pk)
    form = DelegateForm(posted(request), meeting=meeting)
    if form.is_valid() and act(form, lambda: admit_delegate(meeting, **form.cleaned_data)):
        return redirect(list_or_session(request, meeting))
    intro = _(
        "The chair may admit somebody who is on no list, for this meeting only. The "
        "committee's rules say whether the seat counts for the quorum before the "
        "accreditation arrives."
    )
    return attendance_form(request, form, meeting, _("Admit a delegate"), intro=intro)


def attendance_form(
    request: Request, form: BaseForm, meeting: Meeting, title: str, **context: Any
) -> HttpResponse:
    back = list_or_session(request, meeting)
    crumbs = meeting_trail(meeting)
    return form_page(request, form, title=title, back=back, crumbs=crumbs, **context)


@require_POST
def attendance_remove(request: Request, pk: int) -> HttpResponse:
    row = attendance_or_404(request.user, pk)
    ask(may_edit_meeting(request.user, row.meeting))
    act(request, lambda: remove_attendance(row))
    return redirect(list_or_session(request, row.meeting))


@require_POST
def delegate_accredit(request: Request, pk: int) -> HttpResponse:
    row = attendance_or_404(request.user, pk)
    ask(may_edit_meeting(request.user, row.meeting))
    if act(request, lambda: accredit_delegate(row)):
        messages.success(request, _("The delegate is accredited: the seat counts."))
    return redirect("committees:meeting-attendance", row.meeting_id)


def list_or_session(request: Request, meeting: Meeting) -> str:
    attendance = reverse("committees:meeting-attendance", args=[meeting.pk])
    return way_back(request, meeting, attendance)


# From a report of the call


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
        upload.date_order = form.cleaned_data["date_order"]
        upload.save(update_fields=["date_order"])
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
    # The zones whose times the file may show: the meeting's, the coordinator's, UTC.
    own = request.user.time_zone or meeting.time_zone
    zones = list(dict.fromkeys([meeting.time_zone, own, "UTC"]))
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
