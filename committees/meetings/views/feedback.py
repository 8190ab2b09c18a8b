"""Feedback on a meeting: members answer without their names, and see the sums of all answers."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.links import link_page, record_use, token_of
from accounts.models import AccessLink, User
from committees.asking import seat_recipients
from committees.meetings.forms.session import FeedbackForm
from committees.meetings.letters import feedback_letter
from committees.meetings.services.feedback import (
    PURPOSE,
    ask_for_feedback,
    give_feedback,
    occasion_of,
    results,
    terms_to_ask,
)
from committees.meetings.views.page import meeting_context
from committees.models import Feedback, Meeting, Seat
from committees.pages import meeting_for_page, meeting_or_404, meeting_trail
from committees.permissions.meetings import may_edit_meeting, sees_meeting
from committees.permissions.roles import seats_held
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, saved
from projects.sending.forms import OwnLinesForm
from projects.sending.page import link_context, typed
from projects.sending.recipients import languages_of
from projects.sending.sent import sent_messages


@READ_OR_SAVE
def meeting_feedback(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    if meeting.status != Meeting.Status.HELD:
        raise Http404
    may_edit = may_edit_meeting(request.user, meeting)
    may_answer = bool(seats_held(request.user, meeting.committee.project))
    form = FeedbackForm(posted(request), instance=Feedback(meeting=meeting))
    if form.is_bound:
        ask(may_answer, _("Members of the committee answer these questions."))
    if form.is_valid() and act(form, lambda: give_feedback(form.instance, by=request.user)):
        sentence = _("Thank you. Your answer is kept without your name.")
        return saved(request, sentence, "committees:meeting-feedback", pk)
    context = meeting_context(request, meeting, "feedback") | sums(meeting, may_edit=may_edit)
    asks = form.errors or not has_answered(request.user, meeting)
    context["form"] = form if may_answer and asks else None
    context["sent"] = sent_messages(occasion_of(meeting)) if may_edit else []
    return render(request, "committees/meeting_feedback.html", context)


def sums(meeting: Meeting, *, may_edit: bool) -> dict[str, Any]:
    """Return the sums of the answers, once there are so many that nobody can be guessed."""
    answers = list(meeting.feedback.all())
    fewest = Feedback.FEWEST_FOR_COORDINATION if may_edit else Feedback.FEWEST_FOR_MEMBERS
    enough = len(answers) >= fewest
    return {
        "answers_count": len(answers),
        "fewest": fewest,
        "chart": results(answers) if enough else None,
        "texts": [answer.text for answer in answers if answer.text] if enough and may_edit else [],
    }


def has_answered(user: User, meeting: Meeting) -> bool:
    return meeting.feedback_given.filter(by=user).exists()


@READ_OR_SAVE
def feedback_ask(request: Request, pk: int) -> HttpResponse:
    """Show which members are asked to rate the meeting, then ask them."""
    meeting = meeting_or_404(request.user, pk)
    ask(may_edit_meeting(request.user, meeting))
    if meeting.status != Meeting.Status.HELD:
        raise Http404
    found = seat_recipients(terms_to_ask(meeting))
    form = OwnLinesForm(**typed(request), languages=languages_of(found))
    if form.is_valid():
        if asked := act(
            request, lambda: ask_for_feedback(meeting, by=request.user, lines=form.lines)
        ):
            messages.success(request, asked.result.sentence or _("Everybody has answered."))
        return redirect("committees:meeting-feedback", pk)
    return form_page(
        request,
        form,
        title=_("Ask members by e-mail"),
        crumbs=meeting_trail(meeting),
        back=reverse("committees:meeting-feedback", args=[pk]),
        submit=_("Send the link by e-mail"),
        template="components/sending_page.html",
        **link_context(
            request,
            found,
            partial(feedback_letter, meeting),
            form=form,
            about=meeting,
            project=meeting.committee.project,
            page="committees:feedback-link",
            all_answered=not found and meeting.feedback_given.exists(),
            enter_url=reverse("committees:composition", args=[meeting.committee_id]),
        ),
    )


@READ_OR_SAVE
@link_page(PURPOSE, read={Meeting: meeting_for_page})
def feedback_link(request: HttpRequest, link: AccessLink) -> HttpResponse:
    """Show the questions to somebody with an access link. The use of the link is recorded
    without the answer, which stays anonymous."""
    meeting = link.thing
    if not isinstance(meeting, Meeting) or not sees_meeting(link.user, meeting):
        raise Http404
    held = seats_held(link.user, meeting.committee.project)
    if not held:
        raise Http404
    form = FeedbackForm(posted(request), instance=Feedback(meeting=meeting))
    answered = has_answered(link.user, meeting)
    if form.is_valid() and act(form, lambda: give_feedback(form.instance, by=link.user)):
        record_use(link)
        return redirect(reverse("committees:feedback-link", args=[token_of(request)]))
    with_people = Seat.objects.filter(pk__in=[term.seat_id for term in held]).with_people()
    context = {"form": form, "meeting": meeting, "seats": with_people, "answered": answered}
    return render(request, "committees/feedback_link.html", context)
