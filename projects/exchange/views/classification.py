"""The page to edit a project's sectors, countries, policy markers and targets."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from kernel.pages import READ_OR_SAVE, Request, locked, saved, trail
from projects.exchange.forms.classification import ClassificationPage
from projects.models import Project
from projects.pages import editable_project, reverse_in


@READ_OR_SAVE
def edit(request: Request, code: str) -> HttpResponse:
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
        "crumbs": trail(project, (_("Exchange"), back)),
    }
    return render(request, "projects/classification.html", context)
