"""Pages: what the agreement asks for, closing a project, and what holds once it is closed."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from ibcr_portal.closing.asked import AskedOfProject
from ibcr_portal.closing.checks import Check, checks_of, open_things
from ibcr_portal.closing.forms import ClosingForm, ReopenForm
from ibcr_portal.closing.services import close_project, reopen_project
from ibcr_portal.models import ProjectClosing
from kernel.formats import day
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, page_of, posted, saved, trail
from projects.amendments.periods import months_later
from projects.models import Project
from projects.pages import project_tabs, reverse_in, visible_project
from projects.permissions.roles import may_edit, works_for
from projects.retention import held_projects
from reports.permissions.archives import may_request_editions
from reports.permissions.filing import visible_filed
from reports.views.projects import editions_of


@require_safe
def asked(request: Request, code: str) -> HttpResponse:
    """List what the agreement asks for, with what is there, missing and late."""
    project = visible_project(request.user, code)
    ask(works_for(request.user, project), _("Only the team of the project sees this list."))
    rows = AskedOfProject(project, visible_filed(request.user, project))
    context = {
        "project": project,
        "page": page_of(request, rows.rows, 40),
        "counts": rows.counts,
        "may_edit": may_edit(request.user, project),
        "crumbs": trail(project, (_("Documents"), reverse_in(project, "documents"))),
        "tabs": project_tabs(request.user, project, "documents"),
    }
    return render(request, "ibcr_portal/closing/asked.html", context)


@READ_OR_SAVE
def closing(request: Request, code: str) -> HttpResponse:
    """Show what is still open and close the project; afterwards, what holds since then."""
    user, project = request.user, visible_project(request.user, code)
    if project.closed_on:
        return render(request, "ibcr_portal/closing/closed.html", _closed(user, project))
    ask(may_edit(user, project))
    checks = checks_of(project)
    found = open_things(checks)
    form = ClosingForm(posted(request), project=project, found=found)
    if form.is_valid():
        typed = form.cleaned_data
        if act(
            form,
            lambda: close_project(
                project, on=typed["on"], by=user, why=typed.get("why", ""), seen=found
            ),
        ):
            return saved(request, _("The project is closed."), reverse_in(project, "closing"))
    context = {
        "project": project,
        "form": form,
        "blocked": [_task(one) for one in checks if one.found and one.blocks],
        "warnings": [_task(one) for one in checks if one.found and not one.blocks],
        "done": [_task(one) for one in checks if one.is_done],
        "effects": effects_of(project),
        "closings": project.closings.exclude(reopened_at=None).select_related("by", "reopened_by"),
        "crumbs": trail(project),
        "tabs": project_tabs(user, project, "closing"),
    }
    return render(request, "ibcr_portal/closing/closing.html", context)


def _task(check: Check) -> dict[str, Any]:
    return {"label": check.label, "url": check.url, "done": check.is_done, "note": check.note}


def effects_of(project: Project) -> list[str]:
    """Return what happens when the project is closed, in sentences."""
    until = months_later(project.today, 12 * settings.RECORDS_YEARS)
    return [
        _("The committee is dissolved, and its seats end that day."),
        _("Links in messages end at once. Whoever signs in goes on reading."),
        _("Nothing is due any more, and nobody is reminded."),
        _("Nothing of the project can be changed. Documents and archives can still be made."),
        _(
            "The years for keeping its records begin: closed today, they are kept at least "
            "until %(day)s."
        )
        % {"day": day(until)},
    ]


def _closed(user: User, project: Project) -> dict[str, Any]:
    assert project.closed_on
    record = project.closings.filter(reopened_at=None).select_related("by").first()
    until = months_later(project.closed_on, 12 * settings.RECORDS_YEARS)
    sees_inside = works_for(user, project)
    return {
        "project": project,
        "closing": record if sees_inside else None,
        "left_open": _left_open(record) if record and sees_inside else [],
        "until": until,
        "years": settings.RECORDS_YEARS,
        "log_days": settings.ACCESS_LOG_DAYS,
        "is_held": sees_inside and held_projects().filter(pk=project.pk).exists(),
        "may_reopen": user.is_staff,
        "editions": editions_of(user, project),
        "may_archive": may_request_editions(user, project),
        "crumbs": trail(project),
        "tabs": project_tabs(user, project, "closing"),
    }


def _left_open(record: ProjectClosing) -> list[dict[str, Any]]:
    labels = {check.key: check.label for check in checks_of(record.project)}
    return [
        {"label": labels.get(key, key), "note": str(count) if count > 1 else ""}
        for key, count in record.open_things.items()
    ]


@READ_OR_SAVE
def reopen(request: Request, code: str) -> HttpResponse:
    project = visible_project(request.user, code)
    ask(request.user.is_staff, _("Only an administrator can reopen a project."))
    back = reverse_in(project, "closing")
    if not project.closed_on and request.method != "POST":
        return redirect(back)
    form = ReopenForm(posted(request))
    if form.is_valid():
        why = form.cleaned_data["why"]
        if act(form, lambda: reopen_project(project, by=request.user, why=why)):
            return saved(request, _("The project is open again."), project)
    return form_page(
        request,
        form,
        title=_("Reopen the project"),
        intro=_(
            "The committee and its seats come back as they were. Links that ended do not: people "
            "get new ones."
        ),
        submit=_("Reopen"),
        back=back,
        crumbs=trail(project, (_("Closing"), back)),
    )
