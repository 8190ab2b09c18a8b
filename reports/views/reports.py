"""The list of reports, the page of one report, and how to begin a report or request its
documents."""

from collections import defaultdict
from functools import cached_property
from operator import attrgetter
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.expressions import Expression
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from kernel.addresses import addresses
from kernel.cells import Action, Cell, Chip, Column, Empty
from kernel.formats import range_in_table
from kernel.languages import language_rank
from kernel.lifecycle import StatusChange
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, trail
from kernel.records import RecordPages
from kernel.sent_forms import counted_once
from kernel.sorting import by_label, written
from kernel.text import columns_of, render_markdown, validate_markdown
from projects.choosing import links_shown
from projects.models import Project
from projects.permissions.roles import edited_projects, may_edit
from projects.sending.donor import sent_to_donor
from reports.compose.gaps import gaps
from reports.downloads import latest
from reports.forms.documents import RenditionForm
from reports.forms.reports import NewReportForm, ReportFilterForm
from reports.kinds import kind_of
from reports.models import About, DocumentKind, Rendition, Report, ReportQuerySet
from reports.permissions.documents import (
    audiences_offered,
    every_visible_rendition,
    may_request,
    may_request_rendition,
    may_see_downloads,
)
from reports.permissions.reports import (
    every_visible_report,
    may_create_report,
    may_record_outcome,
    may_see_presets,
    may_write,
    sees_versions,
)
from reports.reading import ReportRows, donor_has_files, read_sections, version_before
from reports.services.steps import DONOR_NEWS
from reports.services.writing import create_report
from reports.views.citing import evidence_of
from reports.views.documents import newest_of, offer_of, requested
from reports.views.outline import ReportOutline
from reports.views.report_page import (
    acceptance_for,
    history_for,
    next_after_acceptance,
    next_after_return,
    open_steps_for,
    outcome_for,
    outcome_step,
    remarks_for,
    report_or_404,
    steps_of,
    table_of,
    word_on_acceptance,
)

# Of the steps that are open, the head of a report's page offers these; the others stand beside it.
HEAD_STEPS = 2

# /reports/


class ReportPages(RecordPages[Report]):
    model, name, names, namespace = Report, "report", "list", "reports:"
    title, heading = gettext_lazy("Reports"), gettext_lazy("Annual progress reports")
    filter_class, list_template = ReportFilterForm, "reports/list.html"

    def rows(self) -> ReportQuerySet:
        return every_visible_report(self.request.user).order_by("-period__start", "-version", "pk")

    def filter_form(self) -> ReportFilterForm:
        self.filters = ReportFilterForm(self.request.GET, user=self.request.user)
        return self.filters

    def columns(self) -> list[Column]:
        return [
            Column("report", _("Report"), self.report_cell, "period__number", "w-50"),
            Column("project", _("Project"), attrgetter("project"), by_project),
            Column("period", _("Period"), period_cell, "period__start"),
            Column("status", _("Status"), status_cell, by_status),
        ]

    def report_cell(self, report: Report) -> Cell:
        files = [download_line(report, *each) for each in self.documents.get(report.pk, [])]
        return Cell(report, url=report.get_absolute_url(), notes=files, key=report)

    def lines(self, rows: ReportQuerySet) -> QuerySet[Any, int]:
        return rows.values_list("pk", flat=True)

    def read(self, keys: list[int]) -> list[Report]:
        """Read what a page shows of its reports. The database sorts all of them by their keys alone."""
        reports = Report.objects.select_related("project", "period", "preset").only(
            *("status", "project__starts_on", "preset__type"),
            *("period__number", "period__kind", "period__start", "period__end"),
            *columns_of("preset__title", "project__short_title"),
        )
        found = reports.in_bulk(keys)
        self.documents = _documents_by_report(self.request.user, list(found.values()))
        return [found[key] for key in keys if key in found]

    @cached_property
    def projects_to_report(self) -> list[tuple[Project, str]]:
        edited = self.filters.narrowed(edited_projects(self.request.user))
        found = Project.objects.filter(pk__in=edited).only("code", *columns_of("short_title"))
        url = addresses("reports:create")
        return [(project, url(project.code)) for project in found[: int(links_shown(edited))]]

    @property
    def new_url(self) -> str:
        """Where one begins a report: of several projects, the list beside says which."""
        if len(self.projects_to_report) > 1:
            return "#new"
        return self.projects_to_report[0][1] if self.projects_to_report else ""

    def list_context(self, _rows: ReportQuerySet) -> dict[str, Any]:
        return {"projects_to_report": self.projects_to_report}

    def actions(self) -> list[Action]:
        found = []
        if may_see_presets(self.request.user):
            found.append(Action(_("Presets of reports"), self.url("presets")))
        if self.new_url:
            found.append(Action(_("New report"), self.new_url, "plus-lg", is_primary=True))
        return found

    def no_match(self) -> Empty:
        return Empty(_("No report matches"), _("Choose another project or status."), icon="search")

    def empty(self) -> Empty:
        text = _(
            "Reports appear here once the coordination has started them or shared them with you."
        )
        if self.new_url:
            text = _(
                "Start the report of a project year: write its sections, then have it signed off."
            )
        return Empty(_("No report yet"), text, icon="file-earmark-text")


def by_project() -> Expression:
    return written("project__short_title")


def by_status() -> Expression:
    return by_label("status", dict(Report.Status.choices))


def period_cell(report: Report) -> Cell:
    return Cell(range_in_table(report.start, report.end), key=report.start.isoformat())


def status_cell(report: Report) -> Cell:
    return Cell(chips=[Chip(report.get_status_display(), report.status)])


def download_line(report: Report, name: str, document: Rendition) -> str:
    facts = {"kind": "PDF", "pages": document.pages, "bytes": document.size}
    url = reverse("reports:download", args=[document.pk])
    context = {"url": url, "label": name, "title": report, **facts}
    return render_to_string("components/download.html", context)


def _documents_by_report(
    user: User, reports: list[Report]
) -> dict[int | None, list[tuple[str, Rendition]]]:
    """Return the final documents, each with a name that no other of its report has: its language,
    and its audience where there are several."""
    ready = Rendition.objects.ready().filter(is_draft=False, snapshot__report__in=reports)
    ready = ready.filter(snapshot__kind=DocumentKind.ANNUAL_REPORT)
    keys = list(ready.order_by().values_list("snapshot__report", flat=True).distinct())
    if not keys:
        return {}
    projects = {report.project_id for report in reports if report.pk in keys}
    rows = every_visible_rendition(user, projects).ready().filter(is_draft=False)
    rows = rows.filter(snapshot__report__in=keys, snapshot__kind=DocumentKind.ANNUAL_REPORT)
    newest: dict[tuple[int | None, str, str], Rendition] = {}
    for row in rows.select_related("snapshot").order_by("-pk"):
        newest.setdefault((row.snapshot.report_id, row.audience, row.language), row)
    audiences: dict[int | None, set[str]] = defaultdict(set)
    for report, audience, _language in newest:
        audiences[report].add(audience)
    found: dict[int | None, list[tuple[str, Rendition]]] = defaultdict(list)
    for row in sorted(newest.values(), key=lambda row: (row.audience, language_rank(row.language))):
        report, name = row.snapshot.report_id, str(row.get_language_display())
        if len(audiences[report]) > 1:
            name = f"{name} · {row.get_audience_display()}"
        found[report].append((name, row))
    return found


@READ_OR_SAVE
def report_create(request: Request, code: str) -> HttpResponse:
    project = get_object_or_404(Project.objects.visible_to(request.user), code=code)
    ask(may_create_report(request.user, project), _("Only the coordination can start a report."))
    form = NewReportForm(posted(request), project=project)
    if form.is_valid() and (
        begun := act(
            form,
            lambda: create_report(
                form.cleaned_data["period"],
                preset=form.cleaned_data["preset"],
                by=request.user,
                illustrative=project.illustrative,
            ),
        )
    ):
        return redirect(begun.result)
    return form_page(
        request,
        form,
        title=_("New report"),
        back=project,
        crumbs=trail(project, (_("Reports"), reverse("reports:list"))),
        submit=_("Start the report"),
    )


@require_POST
def preview(request: Request) -> HttpResponse:
    """Answer with a text as a page would show it, for the preview of an editor; nothing is
    stored."""
    text = request.POST.get("text", "")
    try:
        validate_markdown(text)
    except ValidationError as refusal:
        return HttpResponse(format_html("<p>{}</p>", " ".join(refusal.messages)))
    return HttpResponse(render_markdown(text))


@require_safe
def report_detail(request: Request, pk: int) -> HttpResponse:
    user, report = request.user, report_or_404(request.user, pk)
    writes, rows = may_write(user, report), ReportRows(user, report)
    edits = may_edit(user, report.project)
    versions, changes = rows.versions, rows.changes
    newer = versions[0] if versions and versions[0].version > report.version else None
    remarks = remarks_for(user, report, rows)
    are_there = donor_has_files(report)
    read_sections(report)
    context = {
        "title": str(report),
        "crumbs": trail(report.project, (_("Reports"), reverse("reports:list"))),
        "report": report,
        "outline": ReportOutline(
            report,
            request.GET.get("language", ""),
            writes=writes,
            sees_versions=sees_versions(user, report),
        ),
        "gaps": gaps(report, list(report.sections.all())) if writes else [],
        "acceptance_word": word_on_acceptance(user, report, are_files_there=are_there),
        "steps": steps_of(report, changes),
        "history": history_for(user, report, changes),
        "sent": sent_to_donor(report, changes, tuple(DONOR_NEWS)) if edits else [],
        "newer": newer,
        "earlier": version_before(versions, report),
        "way_on": next_after_return(user, report, newer, remarks["unanswered"]),
        "accepted": next_after_acceptance(user, report),
        "outcome": outcome_for(user, report),
        **steps_offered(user, report, newer, changes, are_files_there=are_there),
        "acceptance": acceptance_for(user, report, rows),
        **remarks,
        **documents_context(request, report, rows),
        "evidence": evidence_of(user, report),
        "may_name_persons": may_request(user, About(report, DocumentKind.PERSONS)),
    }
    return render(request, "reports/detail.html", context)


def steps_offered(
    user: User,
    report: Report,
    newer: Report | None,
    changes: list[StatusChange],
    *,
    are_files_there: bool,
) -> dict[str, Any]:
    """Return the steps that the head of the page offers, and those beside it."""
    verbs = open_steps_for(user, report, newer, are_files_there=are_files_there)
    further = [
        Action(label, reverse("reports:step", args=[report.pk, verb]))
        for verb, label, _is_strong in verbs[HEAD_STEPS:]
    ]
    outcome = outcome_step(report, changes) if may_record_outcome(user, report) else None
    if outcome and not outcome.is_primary:
        further.append(outcome)
    if report.is_frozen and may_create_report(user, report.project) and not newer:
        further.append(
            Action(_("Start a new version"), reverse("reports:revise", args=[report.pk]))
        )
    return {
        "verbs": verbs,
        "head_steps": verbs[:HEAD_STEPS],
        "outcome_step": outcome if outcome and outcome.is_primary else None,
        "further": further,
    }


def documents_context(request: Request, report: Report, rows: ReportRows) -> dict[str, Any]:
    """Return the documents of a report, and the forms for more of them."""
    user, about = request.user, About(report)
    documents = newest_of(user, rows.documents)
    context: dict[str, Any] = {
        "documents": documents,
        "document_table": table_of(documents, report.project.languages if documents else []),
        "is_waiting": any(document.in_hand for document in documents),
        "may_request": may_request_rendition(user, report),
    }
    if may_request(user, about):
        context["offer"] = offer_of(user, about)
    if context["may_request"]:
        context["form"] = rendition_form(request, report)
    if may_see_downloads(user, report.project):
        context["downloads"] = latest(report)
        context["downloads_url"] = reverse("reports:downloads", args=["report", report.pk])
    return context


def rendition_form(request: Request, report: Report) -> RenditionForm:
    initial = {"languages": report.project.languages, "audience": "donor"}
    about = About(report)
    audiences = audiences_offered(request.user, about, kind_of(about).audiences)
    return RenditionForm(posted(request), audiences=audiences, initial=initial)


@require_POST
@counted_once
def rendition_request(request: Request, pk: int) -> HttpResponse:
    report = report_or_404(request.user, pk)
    ask(
        may_request_rendition(request.user, report),
        _("Only the project's team can request documents."),
    )
    return requested(request, About(report), rendition_form(request, report))
