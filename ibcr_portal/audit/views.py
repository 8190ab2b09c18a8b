"""What an auditor reads of a project: its access log, and what changed after a lock. Samples of
vouchers are drawn in `projects.money.views.vouchers`."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import truncatewords
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from accounts.exports import handed_out
from accounts.log_words import lines_of
from accounts.models import AccessEvent, AccessEventQuerySet
from accounts.views import log_times
from ibcr_portal.audit.changes import Actors, Change, LogRow, events_of, rows_of
from ibcr_portal.audit.forms import ProjectLogFilterForm
from ibcr_portal.audit.sources import changes_after_locks
from kernel.cells import Action, Cell, Column, Empty, dotted
from kernel.formats import day_in_table
from kernel.pages import Request, trail
from kernel.sheets import SheetOfRows, excel_sheet
from kernel.workbooks import CellValue
from projects.models import Project
from projects.money.views.vouchers import audit_crumbs, audited_project
from projects.pages import project_tabs
from projects.records import ProjectRecords

# What a spreadsheet still opens with ease. Filter by day to export the rest.
MOST_EVENTS = 20_000


@require_safe
def overview(request: Request, code: str) -> HttpResponse:
    project = audited_project(request.user, code)
    context = {
        "project": project,
        "tabs": project_tabs(request.user, project, "audit"),
        "crumbs": trail(project),
        "vouchers": project.expenditures.count(),
        "samples": project.voucher_samples.count(),
    }
    return render(request, "ibcr_portal/audit/overview.html", context)


class AuditPages(ProjectRecords[AccessEvent]):
    model = AccessEvent
    tab, rows_on_a_page = "audit", 50
    export_kinds = ("xlsx",)
    file_name, what = "", ""  # of the export, and as the access log calls it

    def find_place(self) -> Project:
        return audited_project(self.request.user, self.kwargs["code"])

    def may_edit(self) -> bool:
        return False

    def place_context(self) -> dict[str, Any]:
        context = super().place_context()
        return context | {"crumbs": [*context["crumbs"], audit_crumbs(self.place)[-1]]}

    def exports(self) -> list[Action]:
        return [Action(_("Export as XLSX"), super().exports()[0].url)]

    def export(self, kind: str = "") -> HttpResponse:
        """Hand out what fits the filters; this export is itself one of the next events."""
        page = self.sheet()
        content = excel_sheet(page.title, page.head, page.rows, page.widths)
        name, rows = f"{self.place.code}-{self.file_name}", len(list(page.rows))
        return handed_out(self.request, content, name, thing=self.place, what=self.what, rows=rows)


class LogPages(AuditPages):
    name, names = "audit-event", "audit-log"
    title, heading = gettext_lazy("Access log of the project"), gettext_lazy("Events")
    note = gettext_lazy(
        "What was deleted since no longer counts as part of the project: administrators find such "
        "events in the whole log."
    )
    filter_class = ProjectLogFilterForm
    file_name, what = "log", "access log"

    def rows(self) -> AccessEventQuerySet:
        return events_of(self.place)

    def read(self, lines: list[AccessEvent]) -> list[LogRow]:
        return rows_of(self.place, lines)

    def columns(self) -> list[Column]:
        return [
            Column("when", _("When"), lambda row: row.event.at),
            Column("what", _("What"), lambda row: row.kind),
            Column("who", _("Who"), lambda row: row.who),
            Column("about", _("About"), about_cell),
        ]

    def empty(self) -> Empty:
        text = _("Nothing matches the filter. Clear a field to see more.")
        return Empty(_("No event"), text, icon="shield-check")

    no_match = empty

    def list_context(self, rows: AccessEventQuerySet) -> dict[str, Any]:
        roles = _("People appear by their roles here and the first characters of their key.")
        check = Action(_("Check the log"), reverse("accounts:access-log-check"))
        return {"facts": [roles, log_times(), check]}

    def sheet(self) -> SheetOfRows:
        head = [
            *(_("No."), _("When"), _("What"), _("Who"), _("About"), _("Concerns"), _("Details")),
            "SHA-256",
        ]
        rows = [log_cells(row) for row in self.read(list(self.found()[1][:MOST_EVENTS]))]
        return SheetOfRows(_("Access log"), head, rows, [8, 26, 22, 34, 40, 34, 50, 66])


def about_cell(row: LogRow) -> Cell:
    concerned = [row.concerned] if row.concerned else []
    return Cell(row.about, notes=concerned + lines_of(row.details))


def log_cells(row: LogRow) -> list[CellValue]:
    event = row.event
    details = "; ".join(f"{label}: {value}" for label, value in row.details)
    return [
        event.number,
        timezone.localtime(event.at).isoformat(),
        *(row.kind, row.who, row.about, row.concerned, details, event.hash),
    ]


class ChangePages(AuditPages):
    name, names = "audit-change", "audit-changes"
    title = gettext_lazy("Changes after a lock")
    file_name, what = "changes", "changes after a lock"

    def rows(self) -> Any:
        return changes_after_locks(self.place)

    def read(self, lines: list[Change]) -> list[tuple[Change, str]]:
        """Return each change with who made it."""
        actors = Actors(self.place, {change.by for change in lines if change.by})
        return [(change, actors.of(change.by)) for change in lines]

    def columns(self) -> list[Column]:
        return [
            Column(
                "when",
                _("When"),
                lambda row: Cell(day_in_table(row[0].at), key=row[0].at.isoformat()),
            ),
            Column("what", _("What"), changed_cell),
            Column("before", _("Before"), lambda row: truncatewords(row[0].before, 60)),
            Column("after", _("After"), lambda row: truncatewords(row[0].after, 60)),
            Column("who", _("Who"), lambda row: Cell(row[1], notes=dotted(row[0].why))),
        ]

    def empty(self) -> Empty:
        text = _(
            "Corrections of locked books, revisions of the approved budget and errata of sealed "
            "minutes appear here."
        )
        return Empty(_("Nothing changed after a lock."), text, icon="shield-check")

    def list_context(self, rows: list[Change]) -> dict[str, Any]:
        locks = _(
            "Books that were locked, the approved budget, approved values, validated plans, sealed "
            "minutes and signed reports"
        )
        return {"facts": [locks]}

    def sheet(self) -> SheetOfRows:
        head = [
            *(_("When"), _("After which lock"), _("What"), _("Field")),
            *(_("Before"), _("After"), _("Who"), _("Why")),
        ]
        rows = [
            [
                timezone.localtime(change.at).isoformat(),
                *(change.lock, change.thing, change.field, change.before, change.after),
                *(who, change.why),
            ]
            for change, who in self.read(self.rows())
        ]
        return SheetOfRows(_("Changes"), head, rows, [26, 40, 40, 20, 40, 40, 34, 50])


def changed_cell(row: tuple[Change, str]) -> Cell:
    change = row[0]
    return Cell(change.thing, url=change.url, notes=[change.field, change.lock])
