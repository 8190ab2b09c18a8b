"""Decisions and recommendations: the register, a page with the chain both ways, recording,
adoption and follow-up; and amendments that take effect."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseLocation

from accounts.models import User
from committees.history import entries_of
from committees.meetings.views.meetings import links_of
from committees.models import AgendaItem, Resolution
from committees.pages import (
    accepted,
    allow,
    item_or_404,
    meeting_trail,
    resolution_or_404,
    session_of,
    trail,
    typed,
    way_back,
)
from committees.permissions.meetings import may_edit_item, visible_items, visible_meetings
from committees.permissions.plans import visible_actions, visible_plans
from committees.permissions.resolutions import (
    every_visible_resolution,
    may_answer_recommendation,
    may_edit_resolution,
)
from committees.permissions.roles import may_see_history, may_see_names
from committees.permissions.subjects import subjects_seen
from committees.resolutions.forms import (
    DecisionForm,
    FollowUpForm,
    RecommendationForm,
    ResolutionTextForm,
    SetAsideForm,
    VoteForm,
)
from committees.resolutions.services import (
    ANSWERS,
    adopt_resolution,
    answer_recommendation,
    change_text,
    record_decision,
    record_recommendation,
    set_aside,
)
from committees.seats.forms.committee import RegisterFilterForm
from kernel.pages import Request
from projects.models import Project
from projects.pages import Chain, no_chain

PER_PAGE = 20
# Which verbs belong to whom: the coordination decides what becomes of a decision.
OF_DECISION = frozenset({"execute", "supersede"})
OF_ADDRESSEE = ANSWERS | {"start", "implement"}
# What a meeting does with a draft: what was decided between meetings never was one.
OF_MEETINGS = frozenset({"adopt", "reject", "defer"})


# Reading


@require_safe
def resolution_list(request: Request) -> HttpResponse:
    visible = every_visible_resolution(request.user)
    projects = Project.objects.visible_to(request.user)
    form = RegisterFilterForm(request.GET, years=visible.years(), projects=projects)
    register = form.narrow(visible).with_related()
    context = {
        "form": form,
        "page": Paginator(register, per_page=PER_PAGE).get_page(request.GET.get("page")),
        "is_narrowed": any(request.GET.get(name) for name in form.fields),
        "follow_up": visible.follow_up(),
    }
    return render(request, "committees/resolution_list.html", context)


@require_safe
def resolution_detail(
    request: Request,
    pk: int,
    *,
    template: str = "committees/resolution_detail.html",
    chain: Chain = no_chain,
) -> HttpResponse:
    resolution = resolution_or_404(request.user, pk)
    committee = resolution.committee
    may_edit = may_edit_resolution(request.user, resolution)
    context = {
        "resolution": resolution,
        "committee": committee,
        "project": committee.project,
        "crumbs": trail(committee.project, committee),
        "may_edit": may_edit,
        "steps": steps_for(request.user, resolution),
        **chain_of(request.user, resolution),
        **(chain(request.user, resolution) if chain else {}),
    }
    if may_see_history(request.user, committee.project):
        context["entries"] = entries_of(
            resolution.status_changes.order_by("-pk"),
            committee.project,
            things={},
            show_names=may_see_names(request.user, committee.project),
        )
    return render(request, template, context | chain(request.user, resolution))


def chain_of(user: User, resolution: Resolution) -> dict[str, Any]:
    """Where the resolution comes from and what followed, as far as the reader may see it."""
    meeting, project = resolution.meeting, resolution.committee.project
    sees_meeting = bool(meeting) and (
        visible_meetings(user, project).filter(pk=meeting.pk).exists()
    )
    sees_item = sees_meeting and (
        visible_items(user, meeting).filter(pk=resolution.agenda_item_id).exists()
    )
    subjects = list(resolution.subjects.all())
    return {
        "sees_meeting": sees_meeting,
        "sees_item": sees_item,
        "links": links_of(subjects, subjects_seen(user, project, subjects)),
        "plans_validated": visible_plans(user, project)
        .filter(validated_by=resolution)
        .with_related(),
        "actions": visible_actions(user, project).filter(origin=resolution),
    }


def steps_for(user: User, resolution: Resolution) -> list[dict[str, Any]]:
    """The buttons that the reader may press now."""
    verbs = [verb for verb in resolution.open_steps if may_take(user, resolution, verb)]
    return [
        {
            "verb": verb,
            "label": Resolution.STEPS[verb].label,
            "url": reverse("committees:resolution-ratify", args=[resolution.pk])
            if verb == "ratify"
            else reverse("committees:resolution-step", args=[resolution.pk, verb]),
        }
        for verb in verbs
    ]


def may_take(user: User, resolution: Resolution, verb: str) -> bool:
    if verb in OF_ADDRESSEE:
        return may_answer_recommendation(user, resolution)
    return may_edit_resolution(user, resolution)


# Recording


def decision_create(request: Request, pk: int) -> HttpResponse:
    item = item_or_404(request.user, pk)
    allow(may_edit_item(request.user, item))
    form = DecisionForm(typed(request), item=item)
    if request.method == "POST" and form.is_valid():
        decision = new_resolution(form)
        if accepted(
            form,
            lambda: record_decision(
                decision,
                by=request.user,
                adopt=form.cleaned_data["adopt"],
                vote=form.vote,
                moment=form.cleaned_data["moment"],
                subjects=form.things,
                effects=form.effects,
            ),
        ):
            return recorded(request, item)
    return recording_page(request, form, item, _("Record a decision"))


def recommendation_create(request: Request, pk: int) -> HttpResponse:
    item = item_or_404(request.user, pk)
    allow(may_edit_item(request.user, item))
    form = RecommendationForm(typed(request), item=item)
    if request.method == "POST" and form.is_valid():
        recommendation = new_resolution(form)
        if accepted(
            form,
            lambda: record_recommendation(
                recommendation,
                by=request.user,
                moment=form.cleaned_data["moment"],
                subjects=form.things,
            ),
        ):
            return recorded(request, item)
    return recording_page(request, form, item, _("Record a recommendation"))


def recorded(request: Request, item: AgendaItem) -> HttpResponse:
    """Back to the item; on the live page it alone is shown anew."""
    if not request.htmx:
        return redirect(way_back(request, item.meeting, item.get_absolute_url(), item))
    part = f"#item-{item.pk}"
    return HttpResponseLocation(
        session_of(item.meeting), target=part, select=part, swap="outerHTML"
    )


def new_resolution(form: Any) -> Resolution:
    form.instance.entry_key = form.key
    form.instance.note_translations(form.changed_data)
    return form.instance


def recording_page(request: Request, form: Any, item: AgendaItem, title: str) -> HttpResponse:
    context = {
        "form": form,
        "item": item,
        "title": title,
        "crumbs": meeting_trail(item.meeting),
        "cancel_url": way_back(request, item.meeting, item.get_absolute_url(), item),
    }
    if request.htmx:  # in place, on the live page, where each item has a form of its own
        form.auto_id = f"item-{item.pk}-%s"
        context["action"] = request.get_full_path()
        return render(request, "committees/session_form.html", context)
    return render(request, "committees/resolution_form.html", context)


def resolution_edit(request: Request, pk: int) -> HttpResponse:
    """Its words, who follows it up and until when. What was voted stays as it was recorded."""
    resolution = resolution_or_404(request.user, pk)
    allow(may_edit_resolution(request.user, resolution))
    form = ResolutionTextForm(typed(request), instance=resolution)
    if request.method == "POST" and form.is_valid():
        resolution.note_translations(form.changed_data)
        if accepted(form, lambda: change_text(resolution)):
            return redirect(resolution)
    return resolution_form(request, form, resolution, _("Edit: %(name)s") % {"name": resolution})


# Steps


def resolution_step(request: Request, pk: int, verb: str) -> HttpResponse:
    resolution = resolution_or_404(request.user, pk)
    if verb not in Resolution.STEPS:
        raise Http404
    allow(may_take(request.user, resolution, verb))
    if verb in OF_MEETINGS and resolution.meeting is None:
        raise Http404
    if verb == "adopt":
        return adopt(request, resolution)
    if verb == "ratify":
        return redirect("committees:resolution-ratify", pk)
    if verb in {"reject", "defer", "lapse"}:
        form = SetAsideForm(typed(request))
    else:
        form = FollowUpForm(
            typed(request),
            verb=verb,
            for_addressee=may_edit_resolution(request.user, resolution),
        )
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(form, lambda: follow_up(resolution, verb, form, request.user))
    ):
        messages.success(
            request, _("“%(step)s” is recorded.") % {"step": Resolution.STEPS[verb].label}
        )
        return redirect(resolution)
    title = Resolution.STEPS[verb].label
    return resolution_form(request, form, resolution, title, submit=title)


def adopt(request: Request, resolution: Resolution) -> HttpResponse:
    form = VoteForm(typed(request), meeting=resolution.meeting)
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(
            form,
            lambda: adopt_resolution(
                resolution,
                by=request.user,
                vote=form.vote,
                moment=form.cleaned_data["moment"],
                effects=form.effects,
            ),
        )
    ):
        return redirect(resolution)
    title = Resolution.STEPS["adopt"].label
    template = "committees/vote_form.html"
    return resolution_form(request, form, resolution, title, submit=title, template=template)


def follow_up(resolution: Resolution, verb: str, form: Any, by: User) -> None:
    data = form.cleaned_data
    if verb in ANSWERS:
        answer_recommendation(resolution, verb, by=by, text=data["text"], received=form.received)
    elif verb == "lapse":
        resolution.take("lapse", by=by, why=data["why"])
    elif verb in {"reject", "defer"}:
        set_aside(resolution, verb, by=by, why=data["why"])
    else:
        resolution.take(verb, by=by, on=data.get("on"), why=data["text"])


def resolution_form(
    request: Request,
    form: Any,
    resolution: Resolution,
    title: str,
    template: str = "committees/form.html",
    **context: Any,
) -> HttpResponse:
    committee = resolution.committee
    context |= {
        "form": form,
        "title": title,
        "intro": resolution.text,
        "crumbs": trail(committee.project, committee, resolution),
        "cancel_url": resolution.get_absolute_url(),
    }
    return render(request, template, context)
