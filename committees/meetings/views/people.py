"""The people on the live page: seats and guests with one button for each mark, who is expected, and
what changes while the page is open."""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from committees.meetings.services.attendance import (
    AnnouncedAlternate,
    SeatRow,
    alternates_in,
    answers_in,
    expected_seats,
    invitations_answered,
)
from committees.meetings.services.check_in import (
    AttendanceMark,
)
from committees.meetings.views.attendance import capacity, person_shown
from committees.meetings.views.page import pulse_of
from committees.models import Attendance, Invitation, Meeting, Seat, SeatTerm
from committees.pages import meeting_or_404, session_of
from committees.permissions.meetings import (
    may_edit_meeting,
    may_see_invitations,
    visible_items,
)
from committees.permissions.roles import may_see_names
from kernel.addresses import addresses
from kernel.formats import clock_spans, day
from kernel.fragments import Fragments
from kernel.pages import Request
from kernel.templatetags.kernel_tags import lang_of

# The key of each mark, while the focus is in the row of a seat.
KEYS = {
    AttendanceMark.IN_PERSON: "p",
    AttendanceMark.ONLINE: "o",
    AttendanceMark.ALTERNATE: "s",
    AttendanceMark.EXCUSED: "e",
    AttendanceMark.ABSENT: "a",
    AttendanceMark.LEFT: "l",
    AttendanceMark.BACK: "b",
}


# Buttons of every seat, in this order; in session, the last one is to leave or to come back.
MARKS = (
    AttendanceMark.IN_PERSON,
    AttendanceMark.ONLINE,
    AttendanceMark.ALTERNATE,
    AttendanceMark.EXCUSED,
    AttendanceMark.ABSENT,
)
ALTERNATE = SeatTerm.Capacity.ALTERNATE

SHARED_SCREEN = "shared_screen"  # in the session
GUESTS = "guests"  # among the keys of seats

# What the live page shows


def shares_screen(request: Request) -> bool:
    """Whether the reader shows the live page to a room: then it names nobody."""
    return bool(request.session.get(SHARED_SCREEN))


def people_shown(
    request: Request, meeting: Meeting, seats: Sequence[Seat], invitations: Sequence[Invitation]
) -> dict[str, Any]:
    """Return what the card of the people shows; of the invitations, what was answered to them. Only
    the coordination reads that."""
    writes = meeting.is_open_for_records and may_edit_meeting(request.user, meeting)
    rows = seats_shown(request, meeting, seats, invitations if writes else ())
    expected = expected_seats(invitations) if writes else {}
    waiting = [row["name"] for row in rows if row["row"] is None and row["key"] in expected]
    return {
        "seats": rows,
        "guests": guests_shown(request, meeting),
        "guests_stamp": guests_stamp(request, meeting),
        "waiting": waiting,
        "is_shared": shares_screen(request),
        "may_share": may_see_names(request.user, meeting.committee.project),
        "writes": writes,
    }


def seats_shown(
    request: Request, meeting: Meeting, seats: Sequence[Seat], invitations: Sequence[Invitation]
) -> list[dict[str, Any]]:
    """Return the seats with their recorded attendance and the buttons that change it."""
    known = {row.seat_id: row for row in meeting.attendances.all() if row.seat_id}
    buttons = Fragments(request, "committees/session_marks.html", meeting=meeting)
    url = addresses("committees:meeting-seat-mark", meeting.pk)
    writes = meeting.is_open_for_records and may_edit_meeting(request.user, meeting)
    announced, answers = alternates_in(invitations), answers_in(invitations)
    rows = []
    for seat in seats:
        row = known.get(seat.pk)
        shown = seat_shown(request, meeting, seat, row, announced.get(seat.pk))
        if row is None and seat.pk in answers:
            answered = _("answered: %(answer)s") % {"answer": answers[seat.pk]}
            shown["who"] = " · ".join(filter(None, [shown["who"], answered]))
        if writes:
            terms = [one for one in shown["terms"] if one.capacity == ALTERNATE]
            has_alternate = bool(terms) or seat.pk in announced
            marks = marks_of(meeting, row, has_alternate=has_alternate)
            shown["mark_url"] = url(seat.pk)
            shown["buttons"] = buttons.of(seat.pk, shown["name"], marks=marks)
        rows.append(shown)
    return rows


def seat_shown(
    request: Request,
    meeting: Meeting,
    seat: Seat,
    row: Attendance | None,
    announced: AnnouncedAlternate | None = None,
) -> dict[str, Any]:
    terms = seat.terms_on(meeting.day)
    # That a seat has its holder is the rule, and needs no word.
    by_holder = row and not (row.by_alternate or row.guest_name)
    role = ("" if by_holder else capacity(row)) or ("" if terms or row else _("vacant"))
    who = [part for part in (_named(request, meeting, seat, row), role) if part]
    if announced and row is None:
        person = "" if shares_screen(request) else str(announced)
        sentence = _("announced alternate: %(person)s") % {"person": person}
        who.append(sentence.rstrip(" :\u00a0"))
    if row and row.accreditation_due:
        due = _("Accreditation due by %(day)s")
        who.append(due % {"day": day(row.accreditation_due)})
    return {
        "key": seat.pk,
        "name": str(seat),
        "institution": seat.shown_institution,
        "label": seat.shown_label,
        "lang": lang_of(seat, "label"),
        "is_voting": seat.is_voting,
        "who": " · ".join(who),
        "row": row,
        "times": clock_spans(row.stays, meeting.zone) if row else "",
        "was": SeatRow.signature(row),
        "stamp": _stamp(request, row),
        "terms": terms,
    }


def _named(request: Request, meeting: Meeting, seat: Seat, row: Attendance | None) -> str:
    """Return who is there for the seat, or who is expected until somebody marks it, which those read
    who see the invitations."""
    if shares_screen(request):
        return ""
    if row is not None:
        return person_shown(request.user, meeting, row)
    holder = seat.holder_on(meeting.day)
    return str(holder.contact) if holder and may_see_invitations(request.user, meeting) else ""


def _stamp(request: Request, *rows: Attendance | None) -> str:
    """Return a short text by which the live page notices that what it shows of these rows has
    changed; it is part of addresses, so it holds no name."""
    shown = [(SeatRow.signature(row), row and row.accreditation_due) for row in rows]
    return hashlib.sha256(repr((shown, shares_screen(request))).encode()).hexdigest()[:10]


class MarkButton(NamedTuple):
    value: str
    label: str
    key: str
    is_pressed: bool | None  # nothing where it is no state: to leave and to come back
    is_offered: bool


def marks_of(
    meeting: Meeting, row: Attendance | None, *, has_alternate: bool = True
) -> tuple[MarkButton, ...]:
    """Return the buttons of a seat. Each keeps its place, whatever was pressed: what makes no sense
    now is not offered, yet there."""
    there = row if row and row.presence in Attendance.THERE else None
    has_left = there is not None and there.left_at is not None
    offered = dict.fromkeys(MARKS, True)
    offered[AttendanceMark.ALTERNATE] = has_alternate or meeting.recorded_afterwards
    if meeting.status == Meeting.Status.IN_SESSION:
        offered[AttendanceMark.BACK if has_left else AttendanceMark.LEFT] = there is not None
    is_pressed = {mark: row is not None and row.presence == mark.value for mark in MARKS}
    is_pressed[AttendanceMark.ALTERNATE] = there is not None and there.by_alternate
    return tuple(
        MarkButton(mark.value, str(mark.label), KEYS[mark], is_pressed.get(mark), is_offered)
        for mark, is_offered in offered.items()
    )


def guests_shown(request: Request, meeting: Meeting) -> list[dict[str, Any]]:
    names = may_see_names(request.user, meeting.committee.project) and not shares_screen(request)
    return [
        {
            "row": row,
            "name": row.guest_name if names else "",
            "times": clock_spans(row.stays, meeting.zone),
        }
        for row in guests_of(meeting)
    ]


def guests_of(meeting: Meeting) -> list[Attendance]:
    return [row for row in meeting.attendances.all() if not row.seat_id]


def guests_stamp(request: Request, meeting: Meeting) -> str:
    return _stamp(request, *guests_of(meeting))


# What changes while the page is open


@require_safe
def meeting_pulse(request: Request, pk: int) -> HttpResponse:
    """Return the polled part of the live page: the quorum, the current item, which notes are new,
    and the rows of people that somebody else changed. `?rows=` holds what the page shows."""
    meeting = meeting_or_404(request.user, pk)
    people = Attendance.objects.select_related("contact", "institution")
    prefetch_related_objects([meeting], Prefetch("attendances", people))
    versions = list(visible_items(request.user, meeting).values_list("pk", "notes_version"))
    context = pulse_of(meeting, seen={item for item, _version in versions}) | {
        "versions": versions,
        "may_edit": may_edit_meeting(request.user, meeting),
    }
    if shown := dict(
        pair.split(":", 1) for pair in request.GET.get("rows", "").split() if ":" in pair
    ):
        context |= changed_rows(request, meeting, shown)
    return render(request, "committees/session_pulse_rows.html", context)


def changed_rows(request: Request, meeting: Meeting, shown: dict[str, str]) -> dict[str, Any]:
    """Return what the page shows of those people whose rows are others than `shown`, by the key of
    the seat; nothing if all are as they were."""
    known = {str(row.seat_id): row for row in meeting.attendances.all() if row.seat_id}
    stale = {key for key, stamp in shown.items() if stamp != _stamp(request, known.get(key))}
    stale -= {GUESTS}
    has_guests = GUESTS in shown and shown[GUESTS] != guests_stamp(request, meeting)
    if not (stale or has_guests):
        return {}
    seats = meeting.committee.seats.on(meeting.day).with_people()
    found = people_shown(request, meeting, list(seats), invitations_answered(meeting))
    rows = [row for row in found["seats"] if str(row["key"]) in stale]
    return found | {"seats": rows, "has_guests": has_guests, "has_rows": True}


@require_POST
def meeting_shared_screen(request: Request, pk: int) -> HttpResponse:
    """Leave out all names of the live page, or show them again, in this browser until the person
    signs out."""
    meeting = meeting_or_404(request.user, pk)
    request.session[SHARED_SCREEN] = "on" in request.POST
    return redirect(f"{session_of(meeting)}#people")
