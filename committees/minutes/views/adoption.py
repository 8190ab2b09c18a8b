"""The ways to the adoption of minutes: a decision that was taken, the next meeting, in writing, or
silence."""

from typing import Any

from django.urls import reverse

from committees.minutes.forms import decisions_since
from committees.minutes.services.minutes import next_meeting
from committees.models import AgendaItem, Meeting, Minutes, WrittenConsultation

# A written procedure in one of these states can no longer adopt the minutes.
ENDED = (
    *(WrittenConsultation.Status.REJECTED, WrittenConsultation.Status.NO_QUORUM),
    WrittenConsultation.Status.WITHDRAWN,
)


def ways_to_adopt(minutes: Minutes) -> dict[str, Any]:
    """Return the context of `committees/minutes_adopt.html`."""
    committee, following = minutes.meeting.committee, next_meeting(minutes)
    write = reverse("committees:consultation-create", args=[committee.pk])
    return {
        "committee": committee,
        "has_decisions": decisions_since(minutes).exists(),
        "following": following,
        "item": _item_of(following, minutes),
        "consultation": minutes.consultations.exclude(status__in=ENDED).first(),
        "consult_url": f"{write}?minutes={minutes.pk}",
        "silence_is_over": minutes.silence_is_over,
        "has_objection": minutes.remarks.open().filter(is_objection=True).exists(),
    }


def _item_of(meeting: Meeting | None, minutes: Minutes) -> AgendaItem | None:
    """Return the item of the meeting that speaks of the minutes."""
    items = AgendaItem.objects.on_agenda().filter(subjects__minutes=minutes, meeting=meeting)
    return items.first() if meeting else None
