"""Meetings: the list, the pages of one, planning and editing it, and the steps of its life."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from committees.agenda.services.carry_over import offers_for
from committees.agenda.views.parts import agenda_context, links_of, subjects_of
from committees.history import story_of
from committees.meetings.forms.meetings import STEP_FORMS, MeetingFilterForm, MeetingForm, StepForm
from committees.meetings.services.convening import late_papers, late_sentence
from committees.meetings.services.meetings import (
    adjourn_meeting,
    cancel_meeting,
    change_meeting,
    convene_meeting,
    create_meeting,
    next_meeting_number,
    postpone_meeting,
    reconvene_meeting,
    record_afterwards,
    short_notice,
)
from committees.meetings.services.session import close_meeting, open_meeting
from committees.meetings.views.page import meeting_context
from committees.models import Committee, Meeting
from committees.notices import Told
from committees.pages import (
    accepted,
    allow,
    committee_or_404,
    meeting_or_404,
    meeting_trail,
    session_of,
    trail,
    typed,
)
from committees.permissions.meetings import every_visible_meeting, may_edit_meeting
from committees.permissions.resolutions import visible_resolutions
from committees.permissions.roles import may_see_history, may_see_names
from committees.permissions.seats import may_edit_committee
from committees.permissions.subjects import subjects_seen
from committees.plans.chain import followed_from
from kernel.pages import Request
from projects.models import Project
from projects.pages import Chain, no_chain

PER_PAGE = 20


# Reading


@require_safe
def meeting_list(request: Request) -> HttpResponse:
    projects = Project.objects.visible_to(request.user)
    form = MeetingFilterForm(request.GET, projects=projects)
    meetings = form.narrow(every_visible_meeting(request.user)).with_related()
    context = {
        "form": form,
        "page": Paginator(meetings, per_page=PER_PAGE).get_page(request.GET.get("page")),
        "is_narrowed": any(request.GET.get(name) for name in form.fields),
        "committees": committees_to_plan_for(request.user),
    }
    return render(request, "committees/meeting_list.html", context)


def committees_to_plan_for(user: User) -> list[Committee]:
    """The committees for which the person may plan a meeting."""
    committees = Committee.objects.visible_to(user).select_related("project")
    committees = committees.exclude(status=Committee.Status.DISSOLVED)
    return [committee for committee in committees if may_edit_committee(user, committee)]


@require_safe
def meeting_detail(
    request: Request,
    pk: int,
    *,
    template: str = "committees/meeting_agenda.html",
    chain: Chain = no_chain,
) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    context = meeting_context(request, meeting, "agenda")
    context |= agenda_context(request.user, meeting)
    return render(request, template, context | chain(request.user, meeting))


@require_safe
def meeting_resolutions(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    context = meeting_context(request, meeting, "resolutions")
    resolutions = list(
        visible_resolutions(request.user, meeting.committee.project)
        .filter(meeting=meeting)
        .with_related()
        .order_by("kind", "pk")
    )
    seen = subjects_seen(request.user, meeting.committee.project, subjects_of(resolutions))
    context["resolutions"] = [
        {"resolution": resolution, "links": links_of(resolution.subjects.all(), seen)}
        for resolution in resolutions
    ]
    context |= followed_from(request.user, meeting)
    return render(request, "committees/meeting_resolutions.html", context)


@require_safe
def meeting_history(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    project = meeting.committee.project
    if not may_see_history(request.user, project):
        raise Http404
    context = meeting_context(request, meeting, "history")
    resolutions = visible_resolutions(request.user, project).filter(meeting=meeting)
    context["entries"] = story_of(
        meeting, resolutions, show_names=may_see_names(request.user, project)
    )
    return render(request, "committees/meeting_history.html", context)


# Planning


def meeting_create(request: Request, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    allow(may_edit_committee(request.user, committee))
    meeting = Meeting(
        committee=committee,
        number=next_meeting_number(committee),
        is_constitutive=committee.status == Committee.Status.DRAFT,
    )
    form = MeetingForm(typed(request), instance=meeting)
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(form, lambda: create_meeting(meeting))
    ):
        messages.success(request, _("The meeting is planned. Now write its agenda."))
        return redirect(first_page(meeting))
    context = {
        "form": form,
        "title": _("Plan a meeting"),
        "crumbs": trail(committee.project, committee),
        "cancel_url": committee.get_absolute_url(),
    }
    return render(request, "committees/meeting_form.html", context)


def first_page(meeting: Meeting) -> str:
    """What the agenda may begin with; the empty agenda where there is nothing to begin with."""
    if meeting.is_past or not offers_for(meeting):
        return meeting.get_absolute_url()
    return reverse("committees:carry-over", args=[meeting.pk])


def meeting_edit(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    allow(may_edit_meeting(request.user, meeting))
    form = MeetingForm(typed(request), instance=meeting)
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(form, lambda: change_meeting(meeting))
    ):
        messages.success(request, _("The meeting is saved."))
        return redirect(meeting)
    context = {
        "form": form,
        "title": _("Edit the meeting"),
        "crumbs": meeting_trail(meeting),
        "cancel_url": meeting.get_absolute_url(),
    }
    return render(request, "committees/meeting_form.html", context)


# Steps


def meeting_step(request: Request, pk: int, verb: str) -> HttpResponse:
    """Ask for the day and the reason, then take the step."""
    meeting = meeting_or_404(request.user, pk)
    allow(may_edit_meeting(request.user, meeting))
    if verb not in Meeting.STEPS:
        raise Http404
    if request.method != "POST" and not meeting.may_take(verb):
        messages.info(request, not_open(meeting, verb))
        return redirect(meeting)
    form = STEP_FORMS.get(verb, StepForm)(typed(request), meeting=meeting, verb=verb)
    if request.method == "POST" and form.is_valid():
        told: list[Told | None] = []
        if accepted(
            form, lambda: told.append(take_step(meeting, verb, request.user, form.cleaned_data))
        ):
            say(request, _("“%(step)s” is recorded.") % {"step": Meeting.STEPS[verb].label}, *told)
            return redirect(session_of(meeting) if verb in INTO_SESSION else meeting)
    context = {
        "form": form,
        "meeting": meeting,
        "verb": verb,
        "warning": warning_before(meeting, verb),
        "title": meeting.STEPS[verb].label,
        "submit": meeting.STEPS[verb].label,
        "danger": verb == "cancel",
        "crumbs": meeting_trail(meeting),
        "cancel_url": meeting.get_absolute_url(),
    }
    return render(request, "committees/meeting_step.html", context)


def not_open(meeting: Meeting, verb: str) -> str:
    return _("The meeting is “%(status)s”: “%(step)s” is not possible now.") % {
        "status": meeting.get_status_display(),
        "step": Meeting.STEPS[verb].label,
    }


def warning_before(meeting: Meeting, verb: str) -> str:
    """What the coordination should know before it convenes today, or closes."""
    if verb == "close" and not any(row.is_there(None) for row in meeting.attendances.all()):
        return _(
            "Nobody is recorded as present. Check the seats in first, or close and complete the "
            "attendance afterwards."
        )
    if verb != "convene":
        return ""
    notice = (meeting.day - timezone.localdate(timezone=meeting.zone)).days
    if notice < meeting.notice_asked:
        return short_notice(meeting, notice)
    late = late_papers(meeting)
    return late_sentence(late) if late else ""


# What is done next is done on the live page.
INTO_SESSION = frozenset({"open", "record_afterwards"})

STEP_SERVICES: dict[str, Callable[..., Told | None]] = {
    "convene": convene_meeting,
    "open": open_meeting,
    "close": close_meeting,
    "record_afterwards": record_afterwards,
    "adjourn": adjourn_meeting,
    "postpone": postpone_meeting,
    "cancel": cancel_meeting,
}


def take_step(meeting: Meeting, verb: str, by: User, data: dict[str, Any]) -> Told | None:
    if verb == "reconvene":
        names = ("starts_at", "ends_at", "on", "why")
        return reconvene_meeting(meeting, by=by, **{name: data[name] for name in names})
    service = STEP_SERVICES.get(verb)
    if service is None:
        return meeting.take(verb, by=by, on=data["on"], why=data["why"])
    return service(meeting, by=by, **data)


def say(request: Request, sentence: str, *told: Told | None) -> None:
    messages.success(request, sentence)
    for each in told:
        if each and each.sentence:
            level = messages.WARNING if each.without_access else messages.INFO
            messages.add_message(request, level, each.sentence)
