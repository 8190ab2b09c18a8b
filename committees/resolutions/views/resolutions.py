"""Decisions and recommendations: a page with the chain both ways, recording, adoption and follow-up."""

from typing import Any

from django import forms
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseLocation

from accounts.models import User
from committees.agenda.views.rows import link_to
from committees.asking import asking_page
from committees.history import history_shown
from committees.models import AgendaItem, Resolution, Subject
from committees.pages import (
    item_or_404,
    meeting_trail,
    resolution_or_404,
    session_of,
    way_back,
)
from committees.permissions.meetings import may_edit_item, sees_meeting, visible_items
from committees.permissions.plans import visible_actions, visible_plans
from committees.permissions.resolutions import (
    may_answer_recommendation,
    may_edit_resolution,
    visible_resolutions,
)
from committees.permissions.subjects import visible_subjects
from committees.resolutions.correcting import supersede, withdraw
from committees.resolutions.forms.following import FollowUpForm, SetAsideForm, SupersedeForm
from committees.resolutions.forms.recording import (
    RecommendationForm,
    RecordDecisionForm,
    VoteForm,
)
from committees.resolutions.services import (
    ANSWERS,
    OF_ADDRESSEE,
    adopt_resolution,
    answer_recommendation,
    asking_for_answer,
    meeting_of,
    record_decision,
    record_recommendation,
    set_aside,
)
from committees.resolutions.views.effects import undone_with
from kernel.cells import Action
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    act,
    ask,
    form_page,
    posted,
    saved,
    trail,
)
from kernel.text import StrOrPromise
from projects.pages import Chain

# Steps of a draft. A decision taken between meetings never was one.
OF_MEETINGS = frozenset({"adopt", "reject", "defer"})
# After these a decision holds no more.
ENDS = frozenset({"supersede", "withdraw"})


# Reading


@require_safe
def resolution_detail(request: Request, pk: int, template: str, chain: Chain) -> HttpResponse:
    """`template` and `chain` come with the address, from an app above this one."""
    resolution = resolution_or_404(request.user, pk)
    committee = resolution.committee
    may_edit = may_edit_resolution(request.user, resolution)
    context = {
        "resolution": resolution,
        "committee": committee,
        "project": committee.project,
        "crumbs": trail(committee.project, committee),
        "may_edit": may_edit,
        **state_of(request.user, resolution),
        **steps_for(request.user, resolution),
        "may_ask": may_edit and asking_for_answer(resolution) is not None,
        **chain_of(request.user, resolution),
        "entries": history_shown(request.user, resolution, committee.project),
    }
    return render(request, template, context | chain(request.user, resolution))


def state_of(user: User, resolution: Resolution) -> dict[str, Any]:
    """Return the state in words. The decision in its place is named to those who may see it."""
    successor = resolution.superseded_by
    if successor is not None:
        seen = visible_resolutions(user, resolution.committee.project)
        if not seen.filter(pk=successor.pk).exists():
            return {"state_words": resolution.get_status_display(), "successor": None}
        words = _("replaced by %(decision)s") % {"decision": successor}
        return {"state_words": capfirst(words), "successor": successor}
    return {"state_words": resolution.state_words, "successor": None}


def chain_of(user: User, resolution: Resolution) -> dict[str, Any]:
    """Return where the resolution comes from and what followed, if the reader may see it."""
    meeting, project = resolution.meeting, resolution.committee.project
    meeting_is_seen = sees_item = False
    if meeting and sees_meeting(user, meeting):
        meeting_is_seen = True
        item = resolution.agenda_item_id
        sees_item = item is not None and visible_items(user, meeting).filter(pk=item).exists()
    about = Q(resolution=resolution)
    if sees_item:
        about |= Q(agenda_item=resolution.agenda_item_id)
    subjects = visible_subjects(user, project, Subject.objects.filter(about).with_things())
    own = [link_to(one) for one in subjects if one.resolution_id]
    discussed = [link_to(one) for one in subjects if not one.resolution_id]
    return {
        "sees_meeting": meeting_is_seen,
        "sees_item": sees_item,
        "links": own,
        # What its agenda item is about, beside that.
        "discussed": [link for link in discussed if link not in own],
        "plans_validated": visible_plans(user, project)
        .filter(validated_by=resolution)
        .select_related("project", "period"),
        "actions": visible_actions(user, project).filter(origin=resolution),
    }


def steps_for(user: User, resolution: Resolution) -> dict[str, list[Action]]:
    """Return the buttons that the reader may press now: the steps ahead, and the answers by which
    one that was given may be replaced."""
    steps: list[Action] = []
    changes: list[Action] = []
    for verb in resolution.open_steps:
        if not may_take(user, resolution, verb):
            continue
        is_change = verb in ANSWERS and resolution.status != Resolution.Status.ISSUED
        url = reverse("committees:resolution-step", args=[resolution.pk, verb])
        if verb == "ratify":
            url = reverse("committees:resolution-ratify", args=[resolution.pk])
        (changes if is_change else steps).append(Action(Resolution.STEPS[verb].label, url))
    return {"steps": steps, "changes": changes}


def may_take(user: User, resolution: Resolution, verb: str) -> bool:
    if verb in OF_ADDRESSEE:
        return may_answer_recommendation(user, resolution)
    return may_edit_resolution(user, resolution)


# Recording


@READ_OR_SAVE
def decision_create(request: Request, pk: int) -> HttpResponse:
    item = item_or_404(request.user, pk)
    ask(may_edit_item(request.user, item))
    form = RecordDecisionForm(posted(request), item=item)
    question = form.asks_again() if form.is_valid() else ""
    if form.is_valid() and not question:
        decision = new_resolution(form)
        if act(
            form,
            lambda: record_decision(
                decision,
                by=request.user,
                adopt=form.cleaned_data["outcome"] == "adopted",
                reject=form.cleaned_data["outcome"] == "rejected",
                vote=form.vote,
                moment=form.cleaned_data["moment"],
                subjects=form.things,
                effects=form.brings_about,
            ),
        ):
            return recorded(request, item)
    return recording_page(request, form, item, _("Record a decision"), question=question)


@READ_OR_SAVE
def recommendation_create(request: Request, pk: int) -> HttpResponse:
    item = item_or_404(request.user, pk)
    ask(may_edit_item(request.user, item))
    form = RecommendationForm(posted(request), item=item)
    question = form.asks_again() if form.is_valid() else ""
    if form.is_valid() and not question:
        recommendation = new_resolution(form)
        if act(
            form,
            lambda: record_recommendation(
                recommendation,
                by=request.user,
                moment=form.cleaned_data["moment"],
                subjects=form.things,
            ),
        ):
            return recorded(request, item)
    return recording_page(request, form, item, _("Record a recommendation"), question=question)


def recorded(request: Request, item: AgendaItem) -> HttpResponse:
    """Lead back to the item; on the live page only the item is shown anew."""
    if not request.htmx:
        return redirect(way_back(request, item.meeting, item.get_absolute_url(), item))
    address, part = session_of(item.meeting, item).split("#")
    return HttpResponseLocation(address, target=f"#{part}", select=f"#{part}", swap="outerHTML")


def new_resolution(form: RecordDecisionForm | RecommendationForm) -> Resolution:
    resolution: Resolution = form.instance
    resolution.entry_key = form.key
    form.note_translations()
    return resolution


def recording_page(
    request: Request,
    form: forms.BaseForm,
    item: AgendaItem,
    title: str,
    *,
    question: StrOrPromise = "",
) -> HttpResponse:
    """`question`: what to ask before it is saved as it is."""
    back = way_back(request, item.meeting, item.get_absolute_url(), item)
    submit = _("Save as it is") if question else _("Save")
    if request.htmx:  # in place, on the live page, where each item has a form of its own
        form.auto_id = f"item-{item.pk}-%s"
        return form_page(
            request,
            form,
            title=title,
            back=back,
            template="committees/session_form.html",
            submit=submit,
            question=question,
            item=item,
            opener=f"{'decide' if isinstance(form, RecordDecisionForm) else 'recommend'}-{item.pk}",
            action=request.get_full_path(),
        )
    return form_page(
        request,
        form,
        title=title,
        back=back,
        crumbs=meeting_trail(item.meeting),
        template="committees/resolution_form.html",
        submit=submit,
        question=question,
        keep=True,
        item=item,
    )


# Steps


@READ_OR_SAVE
def resolution_step(request: Request, pk: int, verb: str) -> HttpResponse:
    resolution = resolution_or_404(request.user, pk)
    if verb not in Resolution.STEPS:
        raise Http404
    ask(may_take(request.user, resolution, verb))
    if verb in OF_MEETINGS and resolution.meeting is None:
        raise Http404
    if verb == "adopt":
        return adopt(request, resolution)
    if verb == "ratify":
        return redirect("committees:resolution-ratify", pk)
    form: SetAsideForm | FollowUpForm | SupersedeForm
    if verb in {"reject", "defer", "lapse", "withdraw"}:
        form = SetAsideForm(posted(request))
    elif verb == "supersede":
        form = SupersedeForm(posted(request), decision=resolution)
    else:
        for_addressee = may_edit_resolution(request.user, resolution)
        form = FollowUpForm(posted(request), verb=verb, for_addressee=for_addressee)
    title = Resolution.STEPS[verb].label
    if form.is_valid() and act(form, lambda: follow_up(resolution, verb, form, request.user)):
        return saved(request, _("Done: “%(step)s”.") % {"step": title}, resolution)
    context: dict[str, Any] = {}
    if verb in ENDS:
        context = {"template": "committees/resolution_remove.html", **undone_with(resolution)}
    return resolution_form(request, form, resolution, title, submit=title, **context)


def adopt(request: Request, resolution: Resolution) -> HttpResponse:
    form = VoteForm(posted(request), meeting=meeting_of(resolution), draft=resolution)
    if form.is_valid() and act(
        form,
        lambda: adopt_resolution(
            resolution,
            by=request.user,
            vote=form.vote,
            moment=form.cleaned_data["moment"],
            effects=form.brings_about,
        ),
    ):
        return redirect(resolution)
    title = Resolution.STEPS["adopt"].label
    template = "committees/vote_form.html"
    return resolution_form(request, form, resolution, title, submit=title, template=template)


@READ_OR_SAVE
@never_cache
def resolution_ask(request: Request, pk: int) -> HttpResponse:
    """Ask the addressee for its answer by link."""
    resolution = resolution_or_404(request.user, pk)
    ask(may_edit_resolution(request.user, resolution))
    if (asking := asking_for_answer(resolution)) is None:
        raise Http404
    committee = resolution.committee
    crumbs = trail(committee.project, committee, resolution)
    title = _("Ask for the answer by link")
    return asking_page(request, asking, resolution, title=title, crumbs=crumbs)


def follow_up(
    resolution: Resolution,
    verb: str,
    form: SetAsideForm | FollowUpForm | SupersedeForm,
    by: User,
) -> None:
    data = form.cleaned_data
    if isinstance(form, FollowUpForm) and verb in ANSWERS:
        answer_recommendation(resolution, verb, by=by, text=data["text"], received=form.received)
    elif verb == "supersede":
        supersede(resolution, by=by, **data)
    elif verb == "withdraw":
        withdraw(resolution, by=by, why=data["why"])
    elif verb == "lapse":
        resolution.take("lapse", by=by, why=data["why"])
    elif verb in {"reject", "defer"}:
        set_aside(resolution, verb, by=by, why=data["why"])
    else:
        resolution.take(verb, by=by, on=data.get("on"), why=data["text"])


def resolution_form(
    request: Request,
    form: forms.BaseForm,
    resolution: Resolution,
    title: StrOrPromise,
    **context: Any,
) -> HttpResponse:
    committee = resolution.committee
    return form_page(
        request,
        form,
        title=title,
        back=resolution,
        crumbs=trail(committee.project, committee, resolution),
        intro=resolution.text,
        **context,
    )
