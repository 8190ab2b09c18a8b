"""Invitations to a meeting, for the coordination: who was invited, who answered, what is next."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from accounts.mail import confirmed_to_words, mail_stays, short_text
from committees.meetings.forms.invitations import (
    EnteredAnswerForm,
    InvitationUpdateForm,
    InvitedGuestForm,
)
from committees.meetings.letters import invitation_url
from committees.meetings.services.announced import AgendaSent, late_papers
from committees.meetings.services.attendance import expected_quorum
from committees.meetings.services.convening import (
    NoticeKind,
    issue_link,
    pending,
    revoke_links,
    send_update,
)
from committees.meetings.services.invitations import (
    answer_invitation,
    invite_guest,
    may_answer_now,
    record_told,
    remind,
    withdraw_guest,
    write_again,
)
from committees.meetings.services.reading import MeetingOverview
from committees.meetings.services.recipients import Invited, recipients, recipients_of
from committees.meetings.views.notice import notice_context
from committees.meetings.views.page import meeting_context
from committees.models import Invitation, Meeting
from committees.pages import invitations_page, meeting_or_404, meeting_trail
from committees.permissions.meetings import may_edit_meeting, may_see_invitations
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, saved
from projects.sending.forms import DeliveredForm, asks_how, with_lines
from projects.sending.page import nobody_reached, say_sent, typed
from projects.sending.recipients import NoticeReceipt, languages_of

# The invitation in a few words, with a link, to pass on by messenger.
SHORT = "committees/email/meeting"

Answer = Invitation.Answer


def checked(request: Request, pk: int, *, changes: bool = True) -> Meeting:
    """Return the meeting to somebody who sees its invitations; only the coordination changes
    them."""
    meeting = meeting_or_404(request.user, pk)
    if not may_see_invitations(request.user, meeting):
        raise Http404
    if changes:
        ask(may_edit_meeting(request.user, meeting))
    return meeting


def invitation_or_404(meeting: Meeting, pk: int) -> Invitation:
    invitation = get_object_or_404(meeting.invitations.with_related(), pk=pk)
    invitation.meeting = meeting
    return invitation


@require_safe
def meeting_invitations(request: Request, pk: int) -> HttpResponse:
    meeting = checked(request, pk, changes=False)
    return shown(request, meeting)


def shown(request: Request, meeting: Meeting, **fresh: Any) -> HttpResponse:
    """Answer with the page; `fresh` is a link that was just made, which is shown only now."""
    overview = MeetingOverview(request.user, meeting)
    context = meeting_context(request, meeting, "invitations", overview=overview)
    invitations = list(meeting.invitations.with_related())
    for invitation in invitations:
        invitation.meeting = meeting
    current = [one for one in invitations if not one.withdrawn_at]
    context |= {
        "invitations": current,
        "withdrawn": [one for one in invitations if one.withdrawn_at],
        "counts": counts_of(meeting, current),
        "silent": [one for one in current if one.is_silent],
        "silent_reached": sum(bool(one.address) for one in current if one.is_silent),
        "missed": sum(one.got_nothing and bool(one.address) for one in current),
        "expected": expected_quorum(meeting, current, overview.seats_counted)
        if meeting.is_announced
        else None,
        "mail_stays": mail_stays(context["may_edit"]),
        "may_write": context["may_edit"] and meeting.is_announced and not meeting.is_past,
        "may_invite": context["may_edit"] and meeting.status in Meeting.TO_COME,
        **fresh,
    }
    return render(request, "committees/meeting_invitations.html", context)


def counts_of(meeting: Meeting, invitations: list[Invitation]) -> list[dict[str, Any]]:
    asked = [one for one in invitations if one.is_asked]
    answers = [one.answer if one.is_answered else Answer.NONE for one in asked]
    labels = {answer: str(answer.label) for answer in Answer}
    if not meeting.is_past:
        labels[Answer.NONE] = pgettext("to an invitation", "No answer yet")
    if Answer.TENTATIVE not in answers:  # few people answer by their calendar
        del labels[Answer.TENTATIVE]
    return [{"label": label, "value": answers.count(answer)} for answer, label in labels.items()]


@READ_OR_SAVE
def meeting_invite_guest(request: Request, pk: int) -> HttpResponse:
    meeting = checked(request, pk)
    form = InvitedGuestForm(posted(request), meeting=meeting)
    if form.is_valid() and (
        sent := act(
            form,
            lambda: invite_guest(meeting, form.cleaned_data["contact"], by=request.user),
        )
    ):
        say_sent(request, _("The guest is invited."), sent.result)
        return redirect(invitations_page(meeting))
    return form_page(
        request,
        form,
        title=_("Invite a guest"),
        back=invitations_page(meeting),
        crumbs=meeting_trail(meeting),
        submit=_("Invite"),
        intro=_(
            "People known to the project who have an e-mail address. Guests answer by "
            "the link in the invitation; of the agenda, they read here what their own "
            "roles allow."
        ),
    )


# One invitation


@READ_OR_SAVE
def meeting_invitation_enter(request: Request, pk: int, invitation_pk: int) -> HttpResponse:
    """Record an answer that came by telephone, letter or messenger; the person gets a mail."""
    meeting = checked(request, pk)
    invitation = invitation_or_404(meeting, invitation_pk)
    form = EnteredAnswerForm(posted(request), invitation=invitation)
    if form.is_valid() and act(
        form, lambda: answer_invitation(invitation, form.entered(by=request.user))
    ):
        sentence = f"{_('The answer was recorded.')} {confirmed_to_words(invitation.person)}"
        return saved(request, sentence, invitations_page(meeting))
    return form_page(
        request,
        form,
        title=_("Enter an answer"),
        back=invitations_page(meeting),
        crumbs=meeting_trail(meeting),
        intro=f"{invitation} · {invitation.contact}",
        submit=_("Record the answer"),
    )


@require_POST
def meeting_invitation_link(request: Request, pk: int, invitation_pk: int) -> HttpResponse:
    """Make a fresh link, shown once, that the coordination passes on by messenger."""
    meeting = checked(request, pk)
    invitation = invitation_or_404(meeting, invitation_pk)
    person = invitation.person
    if person is None or not may_answer_now(invitation):
        messages.error(
            request, _("No link can be made: the person has no access, or cannot answer now.")
        )
        return redirect(invitations_page(meeting))
    url = invitation_url(issue_link(invitation, person, by=request.user))
    text = short_text(person, SHORT, {"meeting": meeting, "url": url}, about=meeting)
    return shown(request, meeting, fresh={"person": person, "url": url, "text": text})


@READ_OR_SAVE
def meeting_invitation_revoke(request: Request, pk: int, invitation_pk: int) -> HttpResponse:
    """Ask first, then revoke the links."""
    meeting = checked(request, pk)
    invitation = invitation_or_404(meeting, invitation_pk)
    form = forms.Form(posted(request))
    if form.is_valid():
        if revoke_links([invitation], by=request.user):
            messages.success(request, _("The links of this person no longer open anything."))
        else:
            messages.info(request, _("This person has no link that opens anything."))
        return redirect(invitations_page(meeting))
    intro = _(
        "The links that this person received for the meeting will no longer open "
        "anything. The person's answer is kept. Send the invitation again to give them "
        "another link."
    )
    return confirmation(
        request, invitation, form, title=_("Revoke the links of %(person)s?"), intro=intro
    )


@require_POST
def meeting_invitation_bounced(request: Request, pk: int, invitation_pk: int) -> HttpResponse:
    meeting = checked(request, pk)
    invitation = invitation_or_404(meeting, invitation_pk)
    if invitation.mail and invitation.mail.came_back():
        messages.success(
            request, _("Noted: the message came back. Contact the person some other way.")
        )
    else:
        messages.info(request, _("Only a message that was sent can come back."))
    return redirect(invitations_page(meeting))


@READ_OR_SAVE
def meeting_invitation_withdraw(request: Request, pk: int, invitation_pk: int) -> HttpResponse:
    """Ask first, then withdraw the invitation of a guest, who gets a message."""
    meeting = checked(request, pk)
    invitation = invitation_or_404(meeting, invitation_pk)
    form = forms.Form(posted(request))
    if form.is_valid():
        if act(request, lambda: withdraw_guest(invitation, by=request.user)):
            messages.success(request, _("The invitation is withdrawn."))
        return redirect(invitations_page(meeting))
    intro = _("The guest gets an e-mail, and their links no longer open anything.")
    return confirmation(
        request, invitation, form, title=_("Withdraw the invitation of %(person)s?"), intro=intro
    )


def confirmation(
    request: Request, invitation: Invitation, form: forms.Form, *, title: str, intro: str
) -> HttpResponse:
    meeting = invitation.meeting
    return form_page(
        request,
        form,
        title=title % {"person": invitation.contact},
        back=invitations_page(meeting),
        crumbs=meeting_trail(meeting),
        intro=intro,
        danger=True,
        submit=_("Yes, confirm"),
    )


# Sending again


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
        say_sent(request, _("The update is on its way."), sent.result)
        return redirect(invitations_page(meeting))
    agenda = AgendaSent(meeting)
    return form_page(
        request,
        form,
        title=_("Send one update"),
        back=invitations_page(meeting),
        crumbs=meeting_trail(meeting),
        submit=_("Send the update"),
        template="committees/meeting_update.html",
        changes=pending(meeting, agenda),
        warning=late_papers(agenda, since_announced=True),
        **notice_context(request, meeting, found, NoticeKind.CHANGED, agenda),
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
    form = DeliveredForm(**typed(request), found=found)
    if form.is_valid() and (
        sent := act(form, lambda: send_to(request, meeting, found, form, reminds))
    ):
        done = form.with_delivery() or _("The messages are on their way.")
        say_sent(request, done, sent.result)
        return redirect(invitations_page(meeting))
    kind = NoticeKind.REMINDER if reminds else NoticeKind.CONVENED
    context = notice_context(request, meeting, found, kind, AgendaSent(meeting))
    context["nobody"] = nobody_reached(form)
    submit = ngettext("Send to %(number)s person", "Send to %(number)s people", context["reached"])
    if asks_how(form):
        submit = _("Save")
    return form_page(
        request,
        form,
        title=_("Send a reminder") if reminds else _("Send the invitation"),
        back=invitations_page(meeting),
        crumbs=meeting_trail(meeting),
        submit=submit % {"number": context["reached"]},
        template="components/sending_page.html",
        **context,
    )


def chosen_recipients(request: Request, meeting: Meeting, *, reminds: bool) -> list[Invited]:
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
    found: list[Invited],
    form: DeliveredForm,
    reminds: bool,
) -> NoticeReceipt:
    invitations, by = [one.invitation for one in found], request.user
    if way := form.cleaned_data.get("delivered"):
        record_told(meeting, invitations, way, reminds=reminds)
        return NoticeReceipt()
    if reminds:
        return remind(meeting, by=by, only={one.pk for one in invitations}, lines=form.lines)
    return write_again(*invitations, by=by, lines=form.lines)


def nobody_to_write_to(*, reminds: bool) -> str:
    if reminds:
        return _(
            "All of them have answered or were reminded today: there is nobody left to remind."
        )
    return _("Choose who receives the invitation: tick them in the list.")
