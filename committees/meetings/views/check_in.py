"""Check-in: one press for each mark, or for all who are expected, and the page that people in the room
open by a code."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST

from accounts.models import User
from committees.meetings.forms.attendance import SeatRowForm
from committees.meetings.services.attendance import (
    announced_alternates,
    invitations_answered,
    record_attendance,
    refuse_unless_recording,
)
from committees.meetings.services.check_in import (
    AttendanceMark,
    check_oneself_in,
    mark_expected,
    mark_guest,
    mark_seat,
)
from committees.meetings.services.session import end_check_in, new_check_in_code
from committees.meetings.views.page import moment_now, pulse_of, recorded_meeting
from committees.meetings.views.people import seats_shown
from committees.models import Attendance, Meeting, Seat, SeatTerm, Sitting
from committees.pages import attendance_or_404, meeting_or_404, meeting_trail, session_of
from committees.permissions.meetings import (
    may_edit_meeting,
    visible_items,
)
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, secret_address
from kernel.qr import qr_code

# Checking in


@require_POST
def seat_mark(request: Request, pk: int, seat_pk: int) -> HttpResponse:
    """Record one key or button. The live page gets the row and the quorum alone."""
    meeting = recorded_meeting(request, pk)
    seat = seat_or_404(meeting, seat_pk)
    mark = mark_or_404(request)
    was = request.POST.get("was")
    act(request, lambda: mark_seat(meeting, seat, mark, was=was))
    if not request.htmx:
        return redirect(f"{session_of(meeting)}#seat-{seat.pk}")
    people = Attendance.objects.select_related("contact")
    prefetch_related_objects([meeting], Prefetch("attendances", people))
    context = {
        "entry": seats_shown(request, meeting, [seat], invitations_answered(meeting))[0],
        "meeting": meeting,
        "writes": True,
        "may_edit": True,
        **pulse_of(
            meeting, seen=set(visible_items(request.user, meeting).values_list("pk", flat=True))
        ),
    }
    return render(request, "committees/session_seat_done.html", context)


@require_POST
def seats_expected(request: Request, pk: int) -> HttpResponse:
    """Mark those present who said that they come."""
    meeting = recorded_meeting(request, pk)
    seats = meeting.committee.seats.on(meeting.day).with_people()
    if marked := act(request, lambda: mark_expected(meeting, seats)):
        sentence = ngettext(
            "%(number)s seat is marked as present.",
            "%(number)s seats are marked as present.",
            marked.result,
        )
        messages.success(request, sentence % {"number": marked.result})
    return redirect(f"{session_of(meeting)}#people")


@READ_OR_SAVE
def seat_record(request: Request, pk: int, seat_pk: int) -> HttpResponse:
    """Record one seat by hand: who came, how, and at what times."""
    meeting = recorded_meeting(request, pk)
    seat = seat_or_404(meeting, seat_pk)
    if not act(request, lambda: refuse_unless_recording(meeting)):
        return redirect(session_of(meeting))
    row = meeting.attendances.filter(seat=seat).select_related("contact").first()
    announced = announced_alternates(meeting).get(seat.pk)
    form = SeatRowForm(
        posted(request), meeting=meeting, seat=seat, row=row, announced=announced, every_stay=True
    )
    rows = [form.seat_row()] if form.is_valid() and form.changed else []
    if form.is_valid() and act(
        form, lambda: record_attendance(meeting, rows, headcount=meeting.headcount)
    ):
        return redirect(f"{session_of(meeting)}#seat-{seat.pk}")
    return form_page(
        request,
        form,
        title=str(seat),
        back=session_of(meeting),
        crumbs=meeting_trail(meeting),
        intro=_("Times of %(city)s.") % {"city": meeting.city},
    )


@require_POST
def attendance_mark(request: Request, pk: int) -> HttpResponse:
    """A guest who arrives, leaves or comes back."""
    row = attendance_or_404(request.user, pk)
    ask(may_edit_meeting(request.user, row.meeting))
    if row.seat_id:
        raise Http404
    mark = mark_or_404(request)
    act(request, lambda: mark_guest(row, mark))
    return redirect(f"{session_of(row.meeting)}#people")


def seat_or_404(meeting: Meeting, pk: int) -> Seat:
    seats = meeting.committee.seats.on(meeting.day).with_people()
    return get_object_or_404(seats, pk=pk)


def mark_or_404(request: Request) -> str:
    mark = request.POST.get("mark", "")
    if mark not in AttendanceMark.values:
        raise Http404
    return mark


# By a code on the wall


@READ_OR_SAVE
def meeting_check_in(request: Request, pk: int) -> HttpResponse:
    """The code, large enough for a projector. A new one makes those before it worthless."""
    meeting = recorded_meeting(request, pk)
    if request.method == "POST":
        action = end_check_in if "end" in request.POST else new_check_in_code
        act(request, lambda: action(meeting))
        return redirect("committees:meeting-check-in", pk)
    sitting = Sitting.of(meeting)
    is_open = sitting.check_in_is_open and meeting.status == Meeting.Status.IN_SESSION
    address = code = ""
    if is_open:
        address = settings.SITE_URL + reverse("committees:check-in", args=[sitting.check_in_code])
        code = qr_code(address, _("QR code: the address of the check-in"))
    context = {
        "meeting": meeting,
        "address": address,
        "code": code,
        "may_open": meeting.status == Meeting.Status.IN_SESSION
        and meeting.mode != Meeting.Mode.ONLINE,
        "crumbs": meeting_trail(meeting),
        "session_url": session_of(meeting),
    }
    return render(request, "committees/session_check_in.html", context)


@secret_address
@READ_OR_SAVE
def check_in(request: Request, code: str) -> HttpResponse:
    """Let somebody who opened the code and signed in check in. Opening the page changes nothing."""
    sitting = Sitting.opened_by(code)
    if sitting is None:
        raise Http404
    meeting = meeting_or_404(request.user, sitting.meeting_id)
    terms = terms_of(request.user, meeting)
    if request.method == "POST":
        term = next((term for term in terms if str(term.seat_id) == request.POST.get("seat")), None)
        if term is None:
            raise PermissionDenied(_("This seat is not yours: ask the secretariat."))
        if act(request, lambda: check_oneself_in(meeting, term, by=request.user)):
            messages.success(request, _("You are on the attendance list. Thank you."))
        return redirect("committees:check-in", code)
    rows = {row.seat_id: row for row in meeting.attendances.exclude(seat=None)}
    mine = [
        {
            "term": term,
            "is_there": (row := rows.get(term.seat_id)) is not None
            and row.contact_id == term.contact_id
            and row.is_there(moment_now(meeting)),
            "arrived_at": row and row.arrived_at,
        }
        for term in terms
    ]
    return render(request, "committees/check_in.html", {"meeting": meeting, "mine": mine})


def terms_of(user: User, meeting: Meeting) -> list[SeatTerm]:
    """Return the person's terms of office for seats, also as an alternate, on the day of the
    meeting."""
    return list(
        SeatTerm.objects.on(meeting.day)
        .filter(contact__user=user, contact__ended_on=None, seat__committee=meeting.committee)
        .filter(seat__in=meeting.committee.seats.on(meeting.day))
        .select_related("seat__institution", "contact")
        .prefetch_related("seat__institution__names")
        .order_by("-capacity", "seat__position")
    )
