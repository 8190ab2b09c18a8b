"""Where a cited code of a document leads to: the page of the record.

Documents hold the address with the anchor of the record, “indicator-1110-1110.1”; people also type the
code as it is written in a text, “D 2020-03”.
"""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from accounts.models import User
from kernel.pages import Request
from projects.models import Project
from projects.permissions.roles import note_place
from reports.evidence import anchor_of, codes_in
from reports.models import Citation
from reports.permissions.evidence import evidence_of_project
from reports.permissions.reports import visible_reports
from reports.services.writing import find_things


@require_safe
def cited_code(request: Request, code: str, name: str) -> HttpResponse:
    """Lead to the record. What the person may not see is not found, as if it did not exist."""
    project = get_object_or_404(Project.objects.visible_to(request.user), code=code)
    note_place(request.user, project)
    thing = thing_at(request.user, project, name) or thing_under(request.user, project, name)
    if thing is None:
        raise Http404
    return redirect(thing)


def thing_at(user: User, project: Project, anchor: str) -> Any:
    """Return what is at the anchor of a document, if the person may see it."""
    kind = anchor.partition("-")[0]
    things = evidence_of_project(user, project, [kind])
    return next((one for one in things if anchor_of(one) == anchor), None)


def thing_under(user: User, project: Project, written: str) -> Any:
    """Return what a written code names today, or what it named when a report that the person sees cited
    it."""
    found = codes_in(f"[[{written}]]")
    if len(found) != 1:
        return None
    token = found[0].token
    if thing := find_things(user, project, found).get(token):
        return thing
    reports = visible_reports(user, project)
    cited = Citation.objects.filter(token=token, section__report__in=reports).order_by("-pk")
    for citation in cited.with_things()[:1]:
        things = evidence_of_project(user, project, [citation.name])
        return next((one for one in things if one.pk == citation.thing_pk), None)
    return None
