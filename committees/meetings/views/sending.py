"""Messages to people who are invited already: one update about what changed, and the invitation or
a reminder to those whom the coordination chooses."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from committees.meetings.forms.notices import InvitationUpdateForm, OwnLinesForm, with_lines
from committees.meetings.services.announcing import (
    facts_of,
    late_papers,
    late_sentence,
    pending,
    send_update,
)
from committees.meetings.services.invitations import remind, write_again
from committees.meetings.services.notices import NoticeKind
from committees.meetings.services.recipients import (
    Recipient,
    languages_of,
    recipients,
    recipients_of,
)
from committees.meetings.views.invitations import checked
from committees.meetings.views.meetings import report_result
from committees.meetings.views.notice import notice_context, typed
from committees.models import Meeting
from committees.notices import NoticeReceipt
from committees.pages import invitations_page, meeting_trail
from kernel.pages import READ_OR_SAVE, Request, act, form_page


@READ_OR_SAVE
def meeting_invitations_update(request: Request, pk: int) -> HttpResponse:
    """Show what has changed since the last notice, and send it once."""
    meeting = checked(request, pk)
    found = recipients_of(meeting)
    form = InvitationUpdateForm(**typed(request), languages=languages_of(found))
    if form.is_valid() and (
        sent := act(
            form, lambda: send_update(meeting, by=request.user, **with_lines(form.cleaned_data))
        )
    ):
        report_result(request, _("The update is on its way."), sent.result)
        return redirect(invitations_page(meeting))
    late = late_papers(meeting, since_announced=True)
    now = facts_of(meeting)
    return form_page(
        request,
        form,
        title=_("Send one update"),
        back=invitations_page(meeting),
        crumbs=meeting_trail(meeting),
        submit=_("Send the update"),
        template="committees/meeting_update.html",
        changes=pending(meeting, now),
        warning=late_sentence(late) if late else "",
        **notice_context(request, meeting, found, NoticeKind.CHANGED, now=now),
    )


@READ_OR_SAVE
def meeting_invitations_send(request: Request, pk: int) -> HttpResponse:
    """Show who of those chosen gets the invitation or the reminder, and send it once that is
    confirmed. The links above the list choose nobody: their reminder is for all who are silent, and
    their invitation for all whom none has reached. The buttons below it (`chosen`) need a choice."""
    meeting = checked(request, pk)
    reminds = request.GET.get("kind") == "reminder"
    if "chosen" in request.GET and "who" not in request.GET:
        messages.warning(request, _("Nobody is chosen yet. Tick people in the list, then send."))
        return redirect(invitations_page(meeting))
    found = chosen_recipients(request, meeting, reminds=reminds)
    if not found:
        messages.info(request, nobody_to_write_to(reminds=reminds))
        return redirect(invitations_page(meeting))
    form = OwnLinesForm(**typed(request), languages=languages_of(found))
    if form.is_valid() and (
        sent := act(
            form, lambda: send_to(request, meeting, found, with_lines(form.cleaned_data), reminds)
        )
    ):
        report_result(request, _("The messages are on their way."), sent.result)
        return redirect(invitations_page(meeting))
    context = notice_context(
        request, meeting, found, NoticeKind.REMINDER if reminds else NoticeKind.CONVENED
    )
    submit = ngettext("Send to %(number)s person", "Send to %(number)s people", context["reached"])
    return form_page(
        request,
        form,
        title=_("Send a reminder") if reminds else _("Send the invitation"),
        back=invitations_page(meeting),
        crumbs=meeting_trail(meeting),
        submit=submit % {"number": context["reached"]},
        template="committees/notice_page.html",
        **context,
    )


def chosen_recipients(request: Request, meeting: Meeting, *, reminds: bool) -> list[Recipient]:
    chosen = request.GET.getlist("who")
    today = timezone.localdate(timezone=meeting.zone)
    found = []
    for one in meeting.invitations.current().with_related():
        one.meeting = meeting
        if chosen and str(one.pk) not in chosen:
            continue
        if reminds and (not one.is_silent or one.reminded_on == today):
            continue
        if chosen or reminds or one.got_nothing:
            found.append(one)
    return recipients(found)


def send_to(
    request: Request,
    meeting: Meeting,
    found: list[Recipient],
    words: dict[str, dict[str, str]],
    reminds: bool,
) -> NoticeReceipt:
    invitations = [one.invitation for one in found]
    if reminds:
        return remind(meeting, by=request.user, only={one.pk for one in invitations}, **words)
    return write_again(*invitations, by=request.user, **words)


def nobody_to_write_to(*, reminds: bool) -> str:
    if reminds:
        return _(
            "All of them have answered or were reminded today: there is nobody left to remind."
        )
    return _("Choose who receives the invitation: tick them in the list.")
