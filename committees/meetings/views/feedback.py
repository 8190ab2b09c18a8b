"""How a meeting was: members answer without their names, and see the sums of all."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.links import link_page, record_use, token_of
from accounts.models import AccessLink, User
from committees.meetings.forms.feedback import FeedbackForm
from committees.meetings.services.feedback import PURPOSE, ask_for_feedback, give_feedback, results
from committees.meetings.views.page import meeting_context
from committees.models import Feedback, Meeting
from committees.pages import accepted, allow, done, meeting_or_404, typed
from committees.permissions.meetings import may_edit_meeting, visible_meetings
from committees.permissions.roles import seats_held

# The answers, the form and what the page says of them.


def meeting_feedback(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    if meeting.status != Meeting.Status.HELD:
        raise Http404
    may_edit = may_edit_meeting(request.user, meeting)
    may_answer = bool(seats_held(request.user, meeting.committee.project))
    form = FeedbackForm(typed(request), instance=Feedback(meeting=meeting))
    if request.method == "POST":
        if not may_answer:
            raise PermissionDenied(_("Members of the committee answer these questions."))
        if form.is_valid() and accepted(
            form, lambda: give_feedback(form.instance, by=request.user)
        ):
            messages.success(request, _("Thank you. Your answer is kept without your name."))
            return redirect("committees:meeting-feedback", pk)
    context = meeting_context(request, meeting, "feedback") | sums(meeting, may_edit=may_edit)
    asks = form.errors or not has_answered(request.user, meeting)
    context["form"] = form if may_answer and asks else None
    return render(request, "committees/meeting_feedback.html", context)


def sums(meeting: Meeting, *, may_edit: bool) -> dict[str, Any]:
    """What was answered, where enough answered that nobody can be guessed."""
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


@require_POST
def feedback_ask(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    allow(may_edit_meeting(request.user, meeting))
    if meeting.status != Meeting.Status.HELD:
        raise Http404
    said: list[str] = []
    if done(request, lambda: said.append(ask_for_feedback(meeting, by=request.user).sentence)):
        messages.success(request, said[0] or _("Everybody has answered."))
    return redirect("committees:meeting-feedback", pk)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@link_page(PURPOSE)
def feedback_link(request: HttpRequest, link: AccessLink) -> HttpResponse:
    """The questions by an access link; what is answered is not written beside the link's use."""
    meeting = link.thing
    if not isinstance(meeting, Meeting) or not is_member(link.user, meeting):
        raise Http404
    form = FeedbackForm(typed(request), instance=Feedback(meeting=meeting))
    answered = has_answered(link.user, meeting)
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(form, lambda: give_feedback(form.instance, by=link.user))
    ):
        record_use(link)
        return redirect(reverse("committees:feedback-link", args=[token_of(request)]))
    context = {"form": form, "meeting": meeting, "answered": answered}
    response = render(request, "committees/feedback_link.html", context)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def is_member(user: User, meeting: Meeting) -> bool:
    project = meeting.committee.project
    return bool(seats_held(user, project)) and (
        visible_meetings(user, project).filter(pk=meeting.pk).exists()
    )
