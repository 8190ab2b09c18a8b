"""Pages of activities."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects.forms.changes import ActivityFilterForm, ActivityForm
from projects.models import Activity
from projects.permissions import may_edit, roles_of
from projects.views.pages import (
    READ_OR_SAVE,
    Chain,
    Crumbs,
    Roles,
    atomic_post,
    delete_page,
    editable_project,
    form_page,
    locked,
    no_chain,
    page_of,
    project_crumbs,
    project_tabs,
    reverse_in,
    saved,
    visible_project,
)


@require_safe
def activity_list(request: HttpRequest, code: str, *, roles: Roles = roles_of) -> HttpResponse:
    """By kind, and within a kind by date. States are computed, so they are sifted here."""
    project = visible_project(request.user, code)
    form = ActivityFilterForm(request.GET)
    form.is_valid()
    activities = project.activities.select_related("result").order_by(
        "kind", *Activity._meta.ordering
    )
    if kind := form.cleaned_data.get("kind"):
        activities = activities.filter(kind=kind)
    rows = list(activities)
    if state := form.cleaned_data.get("state"):
        rows = [activity for activity in rows if activity.state == state]
    context = {
        "project": project,
        "tabs": project_tabs(request.user, project, "activities", roles),
        "form": form,
        "page": page_of(request, rows),
        "is_filtered": any(form.cleaned_data.values()),
        "may_edit": may_edit(request.user, project),
        "crumbs": project_crumbs(project),
    }
    return render(request, "projects/activities.html", context)


@require_safe
def activity(
    request: HttpRequest,
    code: str,
    pk: int,
    *,
    template: str = "projects/activity.html",
    chain: Chain = no_chain,
) -> HttpResponse:
    project = visible_project(request.user, code)
    activity = get_object_or_404(project.activities.select_related("result"), pk=pk)
    activity.project = project
    edits = may_edit(request.user, project)
    indicators = list(activity.result.indicators.all()) if activity.result else []
    if activity.result:
        activity.result.project = project
        for indicator in indicators:
            indicator.result = activity.result
    context = {
        "project": project,
        "activity": activity,
        "indicators": indicators,
        "tells_women": edits or activity.women_may_be_told,
        "crumbs": activity_crumbs(activity),
        "may_edit": edits,
    }
    return render(request, template, context | chain(request.user, activity))


def activity_crumbs(activity: Activity, *more: tuple[str, str]) -> Crumbs:
    activities = reverse_in(activity.project, "activities")
    return project_crumbs(activity.project, (_("Activities"), activities), *more)


@READ_OR_SAVE
@atomic_post
def activity_create(request: HttpRequest, code: str) -> HttpResponse:
    project = editable_project(request.user, code)
    new = Activity(project=project)
    return _activity_form(request, new, _("New activity"), activity_crumbs(new))


@READ_OR_SAVE
@atomic_post
def activity_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    activity = get_object_or_404(locked(request, project.activities.all()), pk=pk)
    crumbs = activity_crumbs(activity, (str(activity), activity.get_absolute_url()))
    return _activity_form(request, activity, _("Edit the activity"), crumbs)


def _activity_form(
    request: HttpRequest, activity: Activity, title: str, crumbs: Crumbs
) -> HttpResponse:
    form = ActivityForm(request.POST or None, instance=activity)
    if request.method == "POST" and form.is_valid() and form.save_or_explain():
        return saved(request, _("The activity was saved."), activity)
    project = activity.project
    delete_url = reverse_in(project, "activity-delete", activity.pk) if activity.pk else ""
    return form_page(
        request, form, title=title, back=crumbs[-1]["url"], crumbs=crumbs, delete_url=delete_url
    )


@READ_OR_SAVE
def activity_delete(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    activity = get_object_or_404(project.activities, pk=pk)
    return delete_page(
        request,
        activity,
        back=activity.get_absolute_url(),
        done=reverse_in(project, "activities"),
        crumbs=activity_crumbs(activity),
    )
