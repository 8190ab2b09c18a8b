"""Shows before messages about a meeting are sent who gets them, and how each person will read
theirs."""

from typing import Any

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
