"""Shows before messages about a meeting are sent who gets them, and how each person will read
theirs."""

from typing import Any

from django.utils.translation import gettext as _

from committees.agenda.services.agenda import items_left_open
from committees.meetings.forms.invitations import lines_in
from committees.meetings.services.announced import AgendaSent, last_announced
from committees.meetings.services.convening import NoticeKind, NoticeWriter
from committees.meetings.services.recipients import Recipient, recipients, recipients_of
from committees.models import Meeting
from kernel.pages import Request, posted

# The button that shows a message; its value is the key of the person who will read it.
READ = "read"
# The steps of which people get a message.
NOTICES = {
    "convene": NoticeKind.CONVENED,
    "reconvene": NoticeKind.RECONVENED,
    "postpone": NoticeKind.POSTPONED,
    "cancel": NoticeKind.CANCELLED,
}


def recipients_before(meeting: Meeting, verb: str) -> list[Recipient]:
    """Return whom this step sends a message."""
    if verb in {"convene", "reconvene"}:
        return recipients_of(meeting)
    if verb in NOTICES and meeting.is_announced:
        return recipients(meeting.invitations.current().with_related())
    return []


def typed(request: Request) -> dict[str, Any]:
    """Return the data for a form. While somebody only looks at a message, what they typed is shown
    again, and neither checked nor saved."""
    if READ in request.POST:
        return {"initial": request.POST.dict()}
    return {"data": posted(request)}


def notice_context(
    request: Request,
    meeting: Meeting,
    found: list[Recipient],
    kind: NoticeKind,
    agenda: AgendaSent,
) -> dict[str, Any]:
    """Return what `committees/recipients.html` and `committees/notice_page.html` show: the
    message to the person chosen, or to the first whom it reaches."""
    chosen = request.POST.get(READ)
    reader = next((one for one in found if str(one.key) == chosen), None)
    reader = reader or next((one for one in found if one.address), None)
    preview = None
    if reader:
        writer = NoticeWriter(
            meeting,
            by=request.user,
            lines=lines_in(request.POST),
            agenda=agenda,
            before=last_announced(meeting),
            now=agenda.facts(),
        )
        preview = writer.preview(reader.invitation, kind)
    return {
        "committee": meeting.committee,
        "recipients": found,
        "reached": sum(bool(one.address) for one in found),
        "asks": not kind.calls_off,
        "reader": reader,
        "preview": preview,
    }


def warnings_before(meeting: Meeting, verb: str) -> list[str]:
    """Return what the coordination should know before a step, and need not answer."""
    if verb == "close":
        return _before_closing(meeting)
    if verb == "convene" and meeting.mode != Meeting.Mode.IN_PERSON and not meeting.call_link:
        return [
            _(
                "There is no link of the call yet, so the invitation has none. Add it with “Edit "
                "the meeting”, or send it later as an update."
            )
        ]
    if verb == "reopen":
        return [
            _(
                "Attendance, notes and decisions can be completed without reopening it. If it is "
                "reopened, closing it anew notes the hour at which it ends."
            )
        ]
    if verb in {"take_back", "take_back_record"} and meeting.attendances.exists():
        return [
            _(
                "The attendance recorded so far is removed. The history keeps how many seats were "
                "present, and the notes stay at their items."
            )
        ]
    return []


def _before_closing(meeting: Meeting) -> list[str]:
    warnings = []
    if not any(row.is_there(None) for row in meeting.attendances.all()):
        warnings.append(
            _(
                "Nobody is recorded as present. Check the seats in first, or close and "
                "complete the attendance afterwards."
            )
        )
    if open_items := items_left_open(meeting):
        warnings.append(
            _(
                "Not dealt with yet: %(items)s. Closing marks the item that is being discussed "
                "as discussed; defer the others if the next meeting is to take them up."
            )
            % {"items": "; ".join(open_items)}
        )
    return warnings
