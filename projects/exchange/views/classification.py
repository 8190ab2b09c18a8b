"""Sectors, countries, markers and targets of a project: one page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from projects.exchange.forms.classification import ClassificationPage
from projects.models import Project
from projects.pages import (
    READ_OR_SAVE,
    atomic_post,
    editable_project,
    locked,
    project_crumbs,
    reverse_in,
    saved,
)


@READ_OR_SAVE
@atomic_post
def edit(request: HttpRequest, code: str) -> HttpResponse:
    project = editable_project(request.user, code)
    project = locked(request, Project.objects.filter(pk=project.pk)).get()
    page = ClassificationPage(project, request.POST if request.method == "POST" else None)
    if request.method == "POST" and page.is_valid():
        page.save()
        return saved(request, _("The classification was saved."), reverse_in(project, "exchange"))
    back = reverse_in(project, "exchange")
    context = {
        "project": project,
        "page": page,
        "title": _("Sectors, markers and countries"),
        "cancel_url": back,
        "crumbs": project_crumbs(project, (_("Exchange"), back)),
    }
    return render(request, "projects/classification.html", context)
