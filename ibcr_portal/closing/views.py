"""Pages: what the agreement asks for, closing a project, and what holds once it is closed."""

from functools import cached_property
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html_join
from django.utils.translation import gettext as _, gettext_lazy

from accounts.models import User
from ibcr_portal.closing.asked import AskedOfProject, DocumentAsked
from ibcr_portal.closing.checks import Check, checks_of, open_things
from ibcr_portal.closing.forms import ClosingForm, ReopenForm
from ibcr_portal.closing.services import close_project, reopen_project
from ibcr_portal.models import ProjectClosing
from kernel.cells import Action, Cell, Chip, Column, Empty, dotted
from kernel.formats import day
from kernel.pages import READ_OR_SAVE, Crumb, Request, act, ask, form_page, posted, saved, trail
from projects.amendments.periods import months_later
from projects.duties.views import responsible_for
from projects.models import Project, ReportingDuty
from projects.pages import project_tabs, reverse_in, visible_project
from projects.permissions.roles import may_edit, works_for
from projects.records import ProjectRecords
from projects.retention import held_projects
from reports.permissions.archives import may_request_editions
from reports.permissions.reports import visible_filed
from reports.views.projects import editions_of


class AskedPages(ProjectRecords[ReportingDuty]):
    """What the agreement asks for, with what is there, missing and late."""

    model, name, names = ReportingDuty, "document-asked", "documents-asked"
    title = gettext_lazy("What the agreement asks for")
    tab, rows_on_a_page = "documents", 40
    list_template = "ibcr_portal/closing/asked.html"

    def find_place(self) -> Project:
        project = super().find_place()
        sees_list = works_for(self.request.user, project)
        ask(sees_list, _("Only the team of the project sees this list."))
        return project

    def may_edit(self) -> bool:
        return super().may_edit() and not self.place.is_closed

    @cached_property
    def asked(self) -> AskedOfProject:
        return AskedOfProject(self.place, visible_filed(self.request.user, self.place))

    def rows(self) -> Any:
        return self.asked.rows

    def columns(self) -> list[Column]:
        return [
            Column("what", _("What"), self.what_cell),
            Column("due", _("Due"), attrgetter("due")),
            Column("responsible", _("Responsible"), lambda each: responsible_for(each.duty)),
            Column("status", _("Status"), status_cell),
            Column("document", _("Document"), documents_cell),
        ]

    def what_cell(self, each: DocumentAsked) -> Cell:
        url = each.url if self.edits else ""
        return Cell(each.title, url=url, notes=[each.duty.get_kind_display()])

    def place_context(self) -> dict[str, Any]:
        context = super().place_context()
        documents = Crumb(_("Documents"), self.url("documents"))
        return context | {"crumbs": [*context["crumbs"], documents]}

    def actions(self) -> list[Action]:
        return [Action(_("Edit the list"), self.url("duties"), "pencil")] if self.edits else []

    def counted(self, total: int) -> str:
        return _("Checklist, the missing first")

    def empty(self) -> Empty:
        title, icon = _("Nothing is entered yet."), "calendar-event"
        if not self.edits:
            return Empty(title, icon=icon)
        text = _("Copy what the donor usually asks for, then adapt it to your agreement.")
        return Empty(title, text, self.url("duties"), _("Reporting duties"), icon)

    def list_context(self, rows: Any) -> dict[str, Any]:
        return {"counts": self.asked.counts}


def status_cell(each: DocumentAsked) -> Cell:
    tone, label = each.status
    return Cell(chips=[Chip(label, tone)], notes=dotted(each.note))


def documents_cell(each: DocumentAsked) -> Cell | None:
    links = [(document.get_absolute_url(), document) for document in each.documents]
    return Cell(format_html_join("", '<div><a href="{}">{}</a></div>', links)) if links else None


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
        basis = {"why": typed.get("why", ""), "decision": typed.get("decision")}
        if act(form, lambda: close_project(project, on=typed["on"], by=user, seen=found, **basis)):
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
    record = project.closings.filter(reopened_at=None).select_related("by", "decision").first()
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
