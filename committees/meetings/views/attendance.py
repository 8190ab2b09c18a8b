"""Who was at a meeting: the list as a reader may see it, and the grid in which it is recorded."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from committees.meetings.forms.attendance import AttendanceGrid, DelegateForm, GuestForm
from committees.meetings.services.attendance import (
    accredit_delegate,
    add_guest,
    admit_delegate,
    record_attendance,
    refuse_unless_recording,
    remove_attendance,
)
from committees.meetings.views.page import meeting_context
from committees.models import Attendance, Document, Meeting, SeatTerm
from committees.pages import (
    accepted,
    allow,
    attendance_or_404,
    done,
    meeting_or_404,
    meeting_trail,
    typed,
    way_back,
)
from committees.permissions.meetings import may_edit_meeting, visible_documents
from committees.permissions.roles import may_see_name, may_see_names


@require_safe
def meeting_attendance(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    context = meeting_context(request, meeting, "attendance")
    context |= attendance_shown(request.user, meeting)
    context["records"] = meeting.is_open_for_records
    documents = visible_documents(request.user, meeting.committee.project)
    context["scans"] = documents.filter(meeting=meeting, category=Document.Category.ATTENDANCE)
    return render(request, "committees/meeting_attendance.html", context)


def attendance_shown(user: User, meeting: Meeting) -> dict[str, Any]:
    """Seats with how they were present, guests, and names by need alone."""
    rows = list(
        meeting.attendances.select_related("contact", "institution").prefetch_related(
            "institution__names"
        )
    )
    project = meeting.committee.project
    by_seat = {row.seat_id: row for row in rows if row.seat_id}
    seats = [
        {
            "seat": seat,
            "row": by_seat.get(seat.pk),
            "person": person_shown(user, meeting, by_seat.get(seat.pk)),
            "capacity": capacity(by_seat.get(seat.pk)),
        }
        for seat in meeting.committee.seats.on(meeting.day).with_people()
    ]
    names = may_see_names(user, project)
    guests = [
        {"row": row, "name": row.guest_name if names else ""} for row in rows if not row.seat_id
    ]
    return {"seats": seats, "guests": guests, "has_rows": bool(rows)}


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
    if row.guest_name:
        return _("Delegate admitted by the chair")
    alternate = row.by_alternate
    return (SeatTerm.Capacity.ALTERNATE if alternate else SeatTerm.Capacity.HOLDER).label


# Recording


def attendance_edit(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = recorded_meeting(request, pk)
    if not done(request, lambda: refuse_unless_recording(meeting)):
        return redirect("committees:meeting-attendance", pk)
    grid = AttendanceGrid(meeting, typed(request))
    if request.method == "POST" and grid.is_valid():
        headcount = grid.head.cleaned_data["headcount"]
        if accepted(
            grid.head,
            lambda: record_attendance(meeting, grid.changed_rows(), headcount=headcount),
        ):
            messages.success(request, _("The attendance is saved."))
            return redirect("committees:meeting-attendance", pk)
    context = meeting_context(request, meeting, "attendance")
    return render(request, "committees/attendance_edit.html", context | {"grid": grid})


def guest_create(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = recorded_meeting(request, pk)
    form = GuestForm(typed(request), meeting=meeting)
    if request.method == "POST" and form.is_valid():
        form.instance.entry_key = form.key
        if accepted(form, lambda: add_guest(form.instance)):
            return redirect(list_or_session(request, meeting))
    return attendance_form(request, form, meeting, _("Add a guest"))


def delegate_admit(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = recorded_meeting(request, pk)
    form = DelegateForm(typed(request), meeting=meeting)
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(form, lambda: admit_delegate(meeting, **form.cleaned_data))
    ):
        return redirect(list_or_session(request, meeting))
    intro = _(
        "The chair may admit somebody who is on no list, for this meeting alone. Whether the "
        "seat counts for the quorum before the accreditation comes is said by the committee's "
        "rules."
    )
    return attendance_form(request, form, meeting, _("Admit a delegate"), intro=intro)


def attendance_form(
    request: HttpRequest, form: Any, meeting: Meeting, title: str, **context: Any
) -> HttpResponse:
    context |= {
        "form": form,
        "title": title,
        "crumbs": meeting_trail(meeting),
        "cancel_url": list_or_session(request, meeting),
    }
    return render(request, "committees/form.html", context)


@require_POST
def attendance_remove(request: HttpRequest, pk: int) -> HttpResponse:
    row = attendance_or_404(request.user, pk)
    allow(may_edit_meeting(request.user, row.meeting))
    done(request, lambda: remove_attendance(row))
    return redirect(list_or_session(request, row.meeting))


@require_POST
def delegate_accredit(request: HttpRequest, pk: int) -> HttpResponse:
    row = attendance_or_404(request.user, pk)
    allow(may_edit_meeting(request.user, row.meeting))
    if done(request, lambda: accredit_delegate(row)):
        messages.success(request, _("The delegate is accredited: the seat counts."))
    return redirect("committees:meeting-attendance", row.meeting_id)


def list_or_session(request: HttpRequest, meeting: Meeting) -> str:
    attendance = reverse("committees:meeting-attendance", args=[meeting.pk])
    return way_back(request, meeting, attendance)


def recorded_meeting(request: HttpRequest, pk: int) -> Meeting:
    meeting = meeting_or_404(request.user, pk)
    allow(may_edit_meeting(request.user, meeting))
    return meeting
