"""The page on which the coordination reads and releases texts that are held."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel.pages import Request, page_of, saved, trail
from projects.held_texts import release
from projects.pages import editable_project, project_tabs, reverse_in


@require_safe
def held_texts(request: Request, code: str) -> HttpResponse:
    project = editable_project(request.user, code)
    context = {
        "project": project,
        "tabs": project_tabs(request.user, project, "team"),
        "page": page_of(request, project.held_texts.unreleased().select_related("by")),
        "crumbs": trail(project),
    }
    return render(request, "projects/held_texts.html", context)


@require_POST
def held_text_release(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    release(get_object_or_404(project.held_texts, pk=pk), by=request.user)
    return saved(request, _("The text was released."), reverse_in(project, "held-texts"))
