"""Shows before messages about a meeting are sent who gets them, and how each person will read
theirs."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from accounts.mail import MailText
from committees.meetings.services.announced import AgendaSent, last_announced
from committees.meetings.services.convening import NoticeKind, NoticeWriter
from committees.meetings.services.recipients import Invited, recipients, recipients_of
from committees.models import Meeting
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
    seats_url = reverse("committees:composition", args=[meeting.committee_id])
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
        enter_url=f"{seats_url}?back={request.path}",
    )
