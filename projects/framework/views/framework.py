"""Pages of the performance measurement framework of a project, of its settings, and of the submitted
values that are approved or returned together."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_safe

from accounts.models import User
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    ask,
    locked,
    page_of,
    posted,
    save_page,
    trail,
)
from kernel.sorting import SortedLines
from kernel.text import columns_of
from partners.models import Institution
from partners.reading import by_names, names_of
from projects.framework.figures import Rating, standing
from projects.framework.forms.framework import FrameworkFilterForm, FrameworkSettingsForm
from projects.framework.forms.values import ValueDecisionForm
from projects.framework.services.returning import tell_of_return
from projects.framework.services.values import decide_values
from projects.framework.values_due import FrameworkRow, framework_rows, indicators_of
from projects.models import DataPoint, Indicator, Project, Result
from projects.pages import editable_project, project_page, reverse_in, visible_project
from projects.permissions.roles import may_edit
from projects.permissions.values import (
    is_only_approver,
    may_approve_values,
    may_ask_for_values,
    may_edit_framework_workbook,
    may_see_small_counts,
    visible_requests,
    visible_values,
)
from projects.reading import periods_of
from projects.sending.page import say_sent

ORDERS = {
    "indicator": lambda row: row.indicator.name,
    "target": lambda row: row.own and row.own.target,
    # The order would say what a withheld number hides.
    "actual": lambda row: None if row.own is None or row.own.is_withheld else row.own.actual,
    "variance": lambda row: row.standing.variance and row.standing.variance.share,
    "rating": lambda row: list(Rating).index(row.standing.rating) if row.standing.rating else None,
    "responsible": lambda row: str(row.indicator.responsible or ""),
}


@require_safe
def framework(request: Request, code: str) -> HttpResponse:
    """List the indicators by result. Only the figures of the shown page are computed, unless the
    reader filters by rating or sorts."""
    user, project = request.user, visible_project(request.user, code)
    form = _filters(request, project)
    indicators = indicators_of(project).filter(**form.lookups)
    small_counts = may_see_small_counts(user, project)
    values = visible_values(user, project).approved().with_cells()

    def rows_of(shown: list[Indicator]) -> list[FrameworkRow]:
        for indicator in shown:
            indicator.result.project = project
        points = values.filter(indicator__in=shown)
        return framework_rows(shown, points, period=form.until, small_counts=small_counts)

    page: Page[Any]
    sorting = SortedLines(request, ORDERS)
    rating = form.cleaned_data.get("rating")
    if rating or sorting.name:
        rows = [row for row in rows_of(list(indicators)) if not rating or row.rating == rating]
        page = page_of(request, sorting.of(rows))
    else:
        page = page_of(request, indicators)
        page.object_list = rows_of(list(page.object_list))
    context = {
        "form": form,
        "page": page,
        "sorting": sorting,
        "period": form.until,
        "is_filtered": any(form.cleaned_data.values()),
        "shows_small_counts": small_counts,
        **_tools(request, project),
    }
    return project_page(request, "projects/framework.html", project, context, tab="framework")


def _filters(request: Request, project: Project) -> FrameworkFilterForm:
    form = FrameworkFilterForm(
        request.GET,
        periods=periods_of(project),
        results=result_choices(project),
        institutions=responsible_institutions(project),
    )
    form.is_valid()
    return form


def _tools(request: Request, project: Project) -> dict[str, Any]:
    """Return what the reader may do: approve values, ask for them, answer requests."""
    user = request.user
    may_approve = may_approve_values(user, project)
    return {
        "may_edit": may_edit(user, project),
        "may_give": may_edit_framework_workbook(user, project),
        "may_approve": may_approve,
        "may_ask": may_ask_for_values(user, project),
        "waiting": number_of_waiting_values(project) if may_approve else 0,
        "requests": visible_requests(user, project).count(),
    }


@READ_OR_SAVE
def framework_settings(request: Request, code: str) -> HttpResponse:
    project = editable_project(request.user, code)
    row = locked(request, Project.objects.filter(pk=project.pk)).get()
    form = FrameworkSettingsForm(posted(request), instance=row)
    back = reverse_in(project, "framework")
    return save_page(
        request,
        form,
        sentence=_("The settings were saved."),
        title=_("Rating and deadlines"),
        intro=_("How indicators of this project are rated, and when their values are due."),
        crumbs=trail(project, (_("Framework"), back)),
    )


def result_choices(project: Project) -> list[Result]:
    """Return the results from which the filter bar lets readers choose."""
    columns = ("project", "level", "code", *columns_of("statement"))
    return list(project.results.only(*columns))


def responsible_institutions(project: Project) -> list[Institution]:
    """Return the institutions that answer for an indicator, by their short names."""
    responsible = Indicator.objects.filter(result__project=project).exclude(responsible=None)
    found = by_names(list(names_of(responsible.values("responsible"))), set()).values()
    return sorted(found, key=lambda one: one.short_name)


def number_of_waiting_values(project: Project) -> int:
    """Return how many values wait for approval."""
    points = DataPoint.objects.totals().filter(indicator__result__project=project)
    return points.filter(status=DataPoint.Status.SUBMITTED).count()


# --- Submitted values ---


@READ_OR_SAVE
def values_to_approve(request: Request, code: str) -> HttpResponse:
    """List submitted values with their cells, the oldest first.

    A value that the reader entered has no box to tick: its own page asks for the reason of an
    exception to the rule of two people.
    """
    project = visible_project(request.user, code)
    ask(
        may_approve_values(request.user, project),
        _("Only coordination and monitoring can approve values."),
    )
    waiting = _waiting(project)
    data = request.POST if request.method == "POST" else None
    starting, own = _starting_values(request.user, project, waiting)
    form = ValueDecisionForm(data, values=waiting, needs_exception=own)
    if request.method == "POST" and form.is_valid():
        _decide(request, form)
        return redirect("projects:values", code)
    page = page_of(request, waiting)
    rows = _with_cells(request, list(page.object_list))
    context = {
        "title": _("Approve values"),
        "crumbs": trail(project, (_("Framework"), reverse_in(project, "framework"))),
        "form": form,
        "page": page,
        "rows": rows,
        "may_tick": not all(row["is_own"] for row in rows),
        "starting": starting,
        "asks_why": bool(own),
    }
    return project_page(request, "projects/values.html", project, context)


def _starting_values(
    user: User, project: Project, waiting: QuerySet[DataPoint]
) -> tuple[list[DataPoint], set[int]]:
    """Return the baselines and targets that the person may approve at once, and the keys of those
    among them that they entered: somebody who is alone gives the reason for the exception."""
    points = waiting.exclude(kind=DataPoint.Kind.ACTUAL).order_by(
        "indicator__code", "kind", "period__start", "pk"
    )
    entered = DataPoint.objects.filter(indicator__result__project=project, entered_by=user)
    told = set(entered.values_list("indicator", "kind", "period"))
    own = {each.pk for each in points if (each.indicator_id, each.kind, each.period_id) in told}
    if is_only_approver(user, project):
        return list(points), own
    return [each for each in points if each.pk not in own], set()


def _waiting(project: Project) -> QuerySet[DataPoint]:
    points = DataPoint.objects.totals().filter(
        indicator__result__project=project, status=DataPoint.Status.SUBMITTED
    )
    return (
        points.select_related("indicator__result__project", "period", "entered_by", "given_by")
        .prefetch_related("given_by__names", "files")
        .order_by("entered_at", "pk")
    )


def _with_cells(request: Request, points: list[DataPoint]) -> list[dict[str, Any]]:
    indicators = [point.indicator_id for point in points]
    others = list(DataPoint.objects.filter(indicator__in=indicators).with_cells())
    rows = []
    for point in points:
        same = [one for one in others if one.indicator_id == point.indicator_id]
        cells = [
            one
            for one in same
            if not one.is_total and (one.kind, one.period_id) == (point.kind, point.period_id)
        ]
        approved = [one for one in same if one.status == DataPoint.Status.APPROVED]
        rows.append(
            {
                "point": point,
                "cells": cells,
                "is_own": request.user.pk in {one.entered_by_id for one in (point, *cells)},
                "now": standing(point.indicator, approved, through=point.period, small_counts=True),
            }
        )
    return rows


def _decide(request: Request, form: ValueDecisionForm) -> None:
    done, refusals = decide_values(
        form.cleaned_data["value"],
        form.cleaned_data["verb"],
        by=request.user,
        why=form.cleaned_data["why"],
        exception=form.cleaned_data.get("exception", ""),
    )
    if done and form.cleaned_data["verb"] == "approve":
        sentence = ngettext("%(count)s value approved.", "%(count)s values approved.", len(done))
        messages.success(request, sentence % {"count": len(done)})
    elif done:
        receipt = tell_of_return(done, by=request.user, why=form.cleaned_data["why"])
        sentence = ngettext("%(count)s value returned.", "%(count)s values returned.", len(done))
        say_sent(request, sentence % {"count": len(done)}, receipt)
    for refusal in refusals:
        messages.error(request, refusal)
