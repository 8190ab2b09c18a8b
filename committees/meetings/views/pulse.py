"""The part of the live page that is polled: the quorum at this moment, and what is new."""

from collections.abc import Collection
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from committees.meetings.views.page import is_unmarked, moment_now
from committees.models import Meeting, Seat, Sitting
from committees.pages import meeting_or_404
from committees.permissions.meetings import may_edit_meeting, visible_items
from kernel.pages import Request


@require_safe
def meeting_pulse(request: Request, pk: int) -> HttpResponse:
    """Return the polled part of the live page: the quorum, the current item, and which notes are
    new."""
    meeting = meeting_or_404(request.user, pk)
    versions = list(visible_items(request.user, meeting).values_list("pk", "notes_version"))
    context = pulse_of(meeting, seen={item for item, _version in versions}) | {
        "versions": versions,
        "may_edit": may_edit_meeting(request.user, meeting),
    }
    return render(request, "committees/session_pulse.html", context)


def pulse_of(
    meeting: Meeting,
    seats: list[Seat] | None = None,
    *,
    seen: Collection[int],
) -> dict[str, Any]:
    """The quorum of this moment, for the item that is spoken of. `seats`: as fetched before;
    `seen`: the keys of the items that the reader sees, since a reserved one is not named."""
    rules = meeting.quorum_rules
    if seats is None:
        seats = meeting.seats_to_count(rules)
        prefetch_related_objects([meeting], "attendances")
    sitting = Sitting.of(meeting)
    sitting.meeting = meeting
    item = meeting.current_item
    quorum = None
    if not meeting.states_no_quorum:
        recused = meeting.seats_recused_from(item)
        quorum = meeting.count(seats, rules, moment_now(meeting), recused)
    voting = {seat.pk for seat in seats if seat.is_voting}
    return {
        "meeting": meeting,
        "sitting": sitting,
        "quorum": quorum,
        "current": item if meeting.current_item_id in seen else None,
        "is_unmarked": is_unmarked(meeting, meeting.attendances.all()),
        "others": sum(
            row.is_there(None) and row.seat_id not in voting for row in meeting.attendances.all()
        ),
        "is_live": meeting.status == Meeting.Status.IN_SESSION,
        "adjourn_url": reverse("committees:meeting-step", args=[meeting.pk, "adjourn"]),
    }
