"""Shows before messages about a meeting are sent who gets them, and how each person will read
theirs."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _, ngettext

from accounts.mail import MailText
from committees.agenda.services.agenda import items_left_open
from committees.meetings.services.announced import AgendaSent, last_announced
from committees.meetings.services.convening import NoticeKind, NoticeWriter
from committees.meetings.services.recipients import Invited, recipients, recipients_of
from committees.models import Meeting
from committees.pages import where_to_enter
from kernel.pages import Request
from projects.sending.page import sending_context

# The steps of which people get a message.
NOTICES = {
    "convene": NoticeKind.CONVENED,
    "reconvene": NoticeKind.RECONVENED,
    "postpone": NoticeKind.POSTPONED,
    "cancel": NoticeKind.CANCELLED,
}


def recipients_before(meeting: Meeting, verb: str) -> list[Invited]:
    """Return whom this step sends a message."""
    if verb in {"convene", "reconvene"}:
        return recipients_of(meeting)
    if verb in NOTICES and meeting.is_announced:
        return recipients(meeting.invitations.current().with_related())
    return []


def notice_context(
    request: Request,
    meeting: Meeting,
    found: list[Invited],
    kind: NoticeKind,
    agenda: AgendaSent,
) -> dict[str, Any]:
    """Return what `components/sending_page.html` shows of a message about a meeting."""

    def preview(one: Invited, lines: Mapping[str, str]) -> MailText:
        writer = NoticeWriter(
            meeting,
            by=request.user,
            lines=lines,
            agenda=agenda,
            before=last_announced(meeting),
            now=agenda.facts(),
        )
        return writer.preview(one, one.invitation, kind)

    asks = _("They answer through a link in it and need no account.")
    reach = ngettext(
        "%(reached)s of %(number)s person can be reached by e-mail, in their language and with a "
        "file for the calendar.",
        "%(reached)s of %(number)s people can be reached by e-mail, each in their language and with "
        "a file for the calendar.",
        len(found),
    )
    return sending_context(
        request,
        found,
        preview,
        reach=reach % {"reached": sum(bool(one.address) for one in found), "number": len(found)},
        asks="" if kind.calls_off else asks,
        capacity=_("Invited as"),
        enter_url=where_to_enter(request, meeting.committee_id),
    )


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
