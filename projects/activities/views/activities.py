"""Pages of activities: the list, the page of one, and its forms."""

from typing import Any

from django.contrib import messages
from django.forms import model_to_dict
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, pgettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from kernel.formats import number
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    act,
    ask,
    delete_page,
    form_page,
    locked,
    page_of,
    posted,
    saved,
    trail,
)
from partners.naming import shown_place
from partners.reading import named_institutions
from projects.activities.forms.activities import ActivityFilterForm, ActivityForm, ActivityStepForm
from projects.activities.forms.participants import ParticipantsForm
from projects.activities.participants import headcount, sum_of
from projects.activities.services.activities import date_changes
from projects.framework.numbering import next_code
from projects.models import Activity, Project
from projects.models.participants import SEXES
from projects.pages import Chain, no_chain, project_tabs, reverse_in, visible_project
from projects.permissions.activities import (
    may_add_evidence,
    may_edit_activities,
    openable_evidence,
    removable_evidence,
    visible_evidence,
)
from projects.permissions.roles import works_for
from projects.permissions.values import may_see_small_counts
from projects.presets import ACTIVITY


def editable_activities_project(user: User, code: str) -> Project:
    project = visible_project(user, code)
    ask(
        may_edit_activities(user, project),
        _("Only coordination and monitoring can keep activities. Ask your coordinator."),
    )
    return project


def presentation_links(project: Project, here: str, query: str = "") -> list[dict[str, Any]]:
    """Return links to the list, calendar and timeline, which keep the filter."""
    names = {
        "activities": _("List"),
        "activities-calendar": _("Calendar"),
        "activities-timeline": pgettext("of activities", "Timeline"),
    }
    return [
        {
            "label": label,
            "url": reverse_in(project, name) + (f"?{query}" if query else ""),
            "current": name == here,
        }
        for name, label in names.items()
    ]


def presentation_context(request: Request, project: Project, here: str) -> dict[str, Any]:
    """Return what list, calendar and timeline share, including the filtered activities."""
    form = ActivityFilterForm(request.GET, project=project)
    query = request.GET.copy()
    for name in ("page", "month"):
        query.pop(name, None)
    return {
        "project": project,
        "tabs": project_tabs(request.user, project, "activities"),
        "crumbs": trail(project),
        "form": form,
        "found": form.found(),
        "is_filtered": form.is_used,
        "query": query.urlencode(),
        "ways": presentation_links(project, here, query.urlencode()),
        "may_edit": may_edit_activities(request.user, project),
    }


@require_safe
def activity_list(request: Request, code: str) -> HttpResponse:
    """List activities by kind, and within a kind by date."""
    project = visible_project(request.user, code)
    context = presentation_context(request, project, "activities")
    small_counts = may_see_small_counts(request.user, project)
    found = sorted(context["found"], key=lambda activity: activity.kind)
    for activity in found:
        activity.project = project
        activity.headcount = headcount(activity, small_counts=small_counts)
    sums = sum_of(activity.headcount for activity in found)
    states = [activity.state for activity in found]
    context |= {
        "page": page_of(request, found),
        "counts": [
            {"label": state.label, "value": states.count(state)}
            for state in Activity.State
            if state in states
        ],
        "sums": sums,
        "sexes": [f"{number(n)} {SEXES[sex]}" for sex, n in sums.by_sex.items() if n],
    }
    return render(request, "projects/activities.html", context)


def visible_activity(project: Project, pk: int) -> Activity:
    activities = project.activities.with_related().select_related("result", "responsible")
    activity = get_object_or_404(activities, pk=pk)
    activity.project = project
    if activity.result:
        activity.result.project = project
    groups = activity.groups.all()
    named = named_institutions(group.institution_id for group in groups)
    for group in groups:
        if group.institution_id:
            group.institution = named[group.institution_id]
    return activity


@require_safe
def activity(
    request: Request,
    code: str,
    pk: int,
    *,
    template: str = "projects/activity.html",
    chain: Chain = no_chain,
) -> HttpResponse:
    project = visible_project(request.user, code)
    activity = visible_activity(project, pk)
    context = (
        {"project": project, "activity": activity, "crumbs": activity_crumbs(activity)}
        | _facts(request.user, activity)
        | _proofs(request.user, activity)
    )
    return render(request, template, context | chain(request.user, activity))


def _facts(user: User, activity: Activity) -> dict[str, Any]:
    edits = may_edit_activities(user, activity.project)
    indicators = list(activity.result.indicators.all()) if activity.result else []
    deliverables = list(activity.deliverables.all())
    all_are_delivered = bool(deliverables) and all(
        deliverable.state == deliverable.State.DELIVERED for deliverable in deliverables
    )
    changes = [] if activity.is_going else list(activity.status_changes)
    is_done = activity.state == Activity.State.DONE
    return {
        "indicators": indicators,
        "deliverables": deliverables,
        "partners": sorted(activity.partners.with_names(), key=shown_place),
        "heads": headcount(activity, small_counts=may_see_small_counts(user, activity.project)),
        "sexes": SEXES,
        "may_edit": edits,
        "steps": [
            {"verb": verb, "label": Activity.STEPS[verb].label}
            for verb in activity.open_steps
            if edits and not is_done
        ],
        "stopped": changes[-1] if changes else None,
        "proposes_whole": edits and all_are_delivered and activity.is_going and not is_done,
        "moved": date_changes(activity) if works_for(user, activity.project) else [],
    }


def _proofs(user: User, activity: Activity) -> dict[str, Any]:
    proofs = list(visible_evidence(user, activity).with_related())
    openable, removable = (
        set(allowed(user, activity).values_list("pk", flat=True))
        for allowed in (openable_evidence, removable_evidence)
    )
    for proof in proofs:
        proof.activity = activity
        proof.is_openable = proof.pk in openable
        proof.is_removable = proof.pk in removable
    return {
        "proofs": proofs,
        "is_team": works_for(user, activity.project),
        "may_add_evidence": may_add_evidence(user, activity),
    }


def activity_crumbs(activity: Activity, *more: tuple[str, str]) -> Crumbs:
    activities = reverse_in(activity.project, "activities")
    return trail(activity.project, (_("Activities"), activities), *more)


def own_crumbs(activity: Activity) -> Crumbs:
    """Return the breadcrumbs of a page below that of the activity."""
    return activity_crumbs(activity, (str(activity), activity.get_absolute_url()))


@READ_OR_SAVE
def activity_create(request: Request, code: str) -> HttpResponse:
    """Create an activity. `?copy=` fills in the facts of another one except its time and place;
    `?result=` puts it below that result, with the next customary code."""
    project = editable_activities_project(request.user, code)
    new = Activity(project=project)
    initial = {}
    if source := _named(request, "copy", project.activities):
        initial = model_to_dict(source, fields=ActivityForm.REPEATED)
    elif result := _named(request, "result", project.results):
        taken = set(project.activities.values_list("code", flat=True))
        initial = {
            "result": result.pk,
            "code": next_code(project, ACTIVITY, result, taken=taken),
        }
    return _activity_form(request, new, _("New activity"), activity_crumbs(new), initial)


def _named(request: Request, name: str, rows: Any) -> Any:
    """Return the row whose primary key the address names, if it is one of these."""
    key = request.GET.get(name, "")
    is_key = request.method != "POST" and key.isdecimal() and len(key) < 10
    return rows.filter(pk=key).first() if is_key else None


@READ_OR_SAVE
def activity_edit(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_activities_project(request.user, code)
    activity = get_object_or_404(locked(request, project.activities.all()), pk=pk)
    activity.project = project
    return _activity_form(request, activity, _("Edit the activity"), own_crumbs(activity))


def _activity_form(
    request: Request,
    activity: Activity,
    title: str,
    crumbs: Crumbs,
    initial: dict[str, Any] | None = None,
) -> HttpResponse:
    form = ActivityForm(posted(request), instance=activity, initial=initial)
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The activity was saved."), activity)
    project = activity.project
    delete_url = reverse_in(project, "activity-delete", activity.pk) if activity.pk else ""
    return form_page(
        request, form, title=title, back=crumbs[-1].url, crumbs=crumbs, delete_url=delete_url
    )


@READ_OR_SAVE
def activity_delete(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_activities_project(request.user, code)
    activity = get_object_or_404(project.activities, pk=pk)
    return delete_page(
        request,
        activity,
        back=activity.get_absolute_url(),
        done=reverse_in(project, "activities"),
        crumbs=activity_crumbs(activity),
    )


@READ_OR_SAVE
def activity_participants(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_activities_project(request.user, code)
    activity = get_object_or_404(locked(request, project.activities.all()), pk=pk)
    activity.project = project
    form = ParticipantsForm(posted(request), instance=activity)
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The participants were saved."), activity)
    context = {
        "form": form,
        "title": _("Participants"),
        "intro": _("Numbers only: no names, no lists of people, nothing about victims."),
        "sexes": SEXES.values(),
        "cancel_url": activity.get_absolute_url(),
        "crumbs": own_crumbs(activity),
    }
    return render(request, "projects/participants.html", context)


@require_POST
def activity_whole(request: Request, code: str, pk: int) -> HttpResponse:
    """Set the share done to 100 %, once all deliverables are delivered."""
    project = editable_activities_project(request.user, code)
    activity = get_object_or_404(project.activities, pk=pk)
    activity.complete()
    return saved(request, _("The activity is done: 100 %."), activity)


@READ_OR_SAVE
def activity_step(request: Request, code: str, pk: int, verb: str) -> HttpResponse:
    """Postpone, cancel or resume an activity, with a reason."""
    if verb not in Activity.STEPS:
        raise Http404
    project = editable_activities_project(request.user, code)
    activity = get_object_or_404(project.activities, pk=pk)
    if not activity.may_take(verb) or activity.state == Activity.State.DONE:
        messages.error(request, _("This is not possible now: see the status of the activity."))
        return redirect(activity)
    form = ActivityStepForm(posted(request), verb=verb)
    if form.is_valid() and act(form, lambda: _take(request, activity, verb, form)):
        return saved(request, _("Noted, with your reason."), activity)
    return form_page(
        request,
        form,
        title=_("%(what)s: %(value)s") % {"what": Activity.STEPS[verb].label, "value": activity},
        submit=Activity.STEPS[verb].label,
        danger=verb == "cancel",
        back=activity.get_absolute_url(),
        crumbs=own_crumbs(activity),
    )


def _take(request: Request, activity: Activity, verb: str, form: ActivityStepForm) -> None:
    activity.take(verb, by=request.user, why=form.cleaned_data["why"], **form.new_days)
