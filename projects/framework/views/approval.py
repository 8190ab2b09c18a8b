"""The page on which submitted values of a project are approved or returned, several at once."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext

from kernel.pages import READ_OR_SAVE, Request, ask, page_of, trail
from projects.framework.figures import standing
from projects.framework.forms.values import ValueDecisionForm
from projects.framework.services.values import decide_values
from projects.models import DataPoint, Project
from projects.pages import reverse_in, visible_project
from projects.permissions.values import may_approve_values


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
    form = ValueDecisionForm(data, values=waiting)
    if request.method == "POST" and form.is_valid():
        _decide(request, form)
        return redirect("projects:values", code)
    page = page_of(request, waiting)
    context = {
        "project": project,
        "crumbs": trail(project, (_("Framework"), reverse_in(project, "framework"))),
        "form": form,
        "page": page,
        "rows": _with_cells(request, list(page.object_list)),
    }
    return render(request, "projects/values.html", context)


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
    )
    if done and form.cleaned_data["verb"] == "approve":
        sentence = ngettext("%(count)s value approved.", "%(count)s values approved.", done)
        messages.success(request, sentence % {"count": done})
    elif done:
        sentence = ngettext("%(count)s value returned.", "%(count)s values returned.", done)
        messages.success(request, sentence % {"count": done})
    for refusal in refusals:
        messages.error(request, refusal)
