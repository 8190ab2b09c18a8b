"""What an auditor reads of a project: its access log, and what changed after a lock. Samples of
vouchers are drawn in `projects.money.views.samples`."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.exports import handed_out
from ibcr_portal.audit.actors import Actors
from ibcr_portal.audit.changes import Change
from ibcr_portal.audit.forms import ProjectLogFilterForm
from ibcr_portal.audit.logged import LogRow, events_of, rows_of
from ibcr_portal.audit.sources import changes_after_locks
from kernel.formats import city_of
from kernel.pages import Request, page_of, trail
from kernel.sheets import excel_sheet
from kernel.workbooks import CellValue
from projects.models import Project
from projects.money.views.samples import audit_crumbs, audited_project
from projects.pages import project_tabs

# What a spreadsheet still opens with ease. Filter by day to export the rest.
MOST_EVENTS = 20_000


def _context(request: Request, project: Project) -> dict[str, Any]:
    return {
        "project": project,
        "tabs": project_tabs(request.user, project, "audit"),
        "crumbs": audit_crumbs(project),
    }


@require_safe
def overview(request: Request, code: str) -> HttpResponse:
    project = audited_project(request.user, code)
    context = _context(request, project) | {
        "crumbs": trail(project),
        "vouchers": project.expenditures.count(),
        "samples": project.voucher_samples.count(),
    }
    return render(request, "ibcr_portal/audit/overview.html", context)


@require_safe
def log(request: Request, code: str) -> HttpResponse:
    project = audited_project(request.user, code)
    form = ProjectLogFilterForm(request.GET)
    page = page_of(request, form.narrow(events_of(project)), 50)
    query = request.GET.copy()
    query.pop("page", None)
    context = _context(request, project) | {
        "form": form,
        "page": page,
        "rows": rows_of(project, page),
        "query": query.urlencode(),
        "city": city_of(timezone.get_current_timezone_name()),
    }
    return render(request, "ibcr_portal/audit/log.html", context)


@require_safe
def log_export(request: Request, code: str) -> HttpResponse:
    """Export the filtered events; this export is itself one of the next."""
    project = audited_project(request.user, code)
    events = ProjectLogFilterForm(request.GET).narrow(events_of(project))
    rows = rows_of(project, events[:MOST_EVENTS])
    head = [
        *(_("No."), _("When"), _("What"), _("Who"), _("About"), _("Concerns"), _("Details")),
        "SHA-256",
    ]
    cells = [_log_cells(row) for row in rows]
    content = excel_sheet(_("Access log"), head, cells, [8, 26, 22, 34, 40, 34, 50, 66])
    name = f"{project.code}-log"
    return handed_out(request, content, name, thing=project, what="access log", rows=len(rows))


def _log_cells(row: LogRow) -> list[CellValue]:
    event = row.event
    details = "; ".join(f"{label}: {value}" for label, value in row.details)
    return [
        event.number,
        timezone.localtime(event.at).isoformat(),
        *(row.kind, row.who, row.about, row.concerned, details, event.hash),
    ]


@require_safe
def changes(request: Request, code: str) -> HttpResponse:
    project = audited_project(request.user, code)
    page = page_of(request, changes_after_locks(project), 50)
    rows = _with_people(project, list(page.object_list))
    context = _context(request, project) | {"page": page, "rows": rows}
    return render(request, "ibcr_portal/audit/changes.html", context)


def _with_people(project: Project, found: list[Change]) -> list[tuple[Change, str]]:
    actors = Actors(project, {change.by for change in found if change.by})
    return [(change, actors.of(change.by)) for change in found]


@require_safe
def changes_export(request: Request, code: str) -> HttpResponse:
    project = audited_project(request.user, code)
    rows = _with_people(project, changes_after_locks(project))
    head = [
        *(_("When"), _("After which lock"), _("What"), _("Field")),
        *(_("Before"), _("After"), _("Who"), _("Why")),
    ]
    cells = [
        [
            *(timezone.localtime(change.at).isoformat(), change.lock, change.thing, change.field),
            *(change.before, change.after, who, change.why),
        ]
        for change, who in rows
    ]
    content = excel_sheet(_("Changes"), head, cells, [26, 40, 40, 20, 40, 40, 34, 50])
    return handed_out(
        request,
        content,
        f"{project.code}-changes",
        thing=project,
        what="changes after a lock",
        rows=len(rows),
    )
