"""The list of reports, the page of one report, and how to begin a report or request its
documents."""

from collections import defaultdict
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from kernel.addresses import addresses
from kernel.languages import language_rank
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, page_of_keys, posted, trail
from kernel.sent_forms import counted_once
from kernel.sorting import RowOrders, SortedRows, by_label, written
from kernel.text import columns_of, render_markdown, validate_markdown
from projects.choosing import links_shown
from projects.models import Project
from projects.permissions.roles import edited_projects
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
from reports.services.writing import create_report
from reports.views.citing import evidence_of
from reports.views.documents import newest_of, offer_of, requested
from reports.views.outline import ReportOutline
from reports.views.report_page import (
    acceptance_for,
    history_for,
    next_after_return,
    open_steps_for,
    outcome_for,
    remarks_for,
    report_or_404,
    steps_of,
    table_of,
)

# /reports/

ORDERS: RowOrders = {
    "report": "period__number",
    "project": lambda: written("project__short_title"),
    "period": "period__start",
    "status": lambda: by_label("status", dict(Report.Status.choices)),
}


@require_safe
def report_list(request: Request) -> HttpResponse:
    form = ReportFilterForm(request.GET, user=request.user)
    reports = form.narrow(every_visible_report(request.user))
    sorting = SortedRows(request, ORDERS)
    page = page_of_keys(request, sorting.of(reports), _reports_to_list)
    documents = _documents_by_report(request.user, list(page))
    edited = form.narrowed(edited_projects(request.user))
    report_url, new_url = addresses("reports:detail"), addresses("reports:create")
    projects = Project.objects.filter(pk__in=edited).only("code", *columns_of("short_title"))
    first = projects[: int(links_shown(edited))]
    to_report = [(one, new_url(one.code)) for one in first]
    context = {
        "form": form,
        "page": page,
        "sorting": sorting,
        "rows": [(one, report_url(one.pk), documents.get(one.pk, [])) for one in page],
        "may_see_presets": may_see_presets(request.user),
        "projects_to_report": to_report,
        # Of several projects, the list beside says which.
        "new_url": "" if not to_report else to_report[0][1] if len(to_report) == 1 else "#new",
        "is_narrowed": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "reports/list.html", context)


def _reports_to_list(keys: list[int]) -> ReportQuerySet:
    reports = Report.objects.filter(pk__in=keys).select_related("project", "period", "preset")
    return reports.only(
        *(
            "status",
            "project__starts_on",
            "period__number",
            "period__kind",
            "period__start",
            "period__end",
        ),
        *("preset__type", *columns_of("preset__title", "project__short_title")),
    )


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
    versions, changes = rows.versions, rows.changes
    newer = versions[0] if versions and versions[0].version > report.version else None
    remarks = remarks_for(user, report, rows)
    are_there = donor_has_files(report)
    read_sections(report)
    context = {
        "report": report,
        "outline": ReportOutline(
            report,
            request.GET.get("language", ""),
            writes=writes,
            sees_versions=sees_versions(user, report),
        ),
        "gaps": gaps(report, list(report.sections.all())) if writes else [],
        "verbs": open_steps_for(user, report, newer, are_files_there=are_there),
        "waits_for_files": report.status == Report.Status.SUBMITTED and not are_there,
        "steps": steps_of(report, changes),
        "history": history_for(user, report, changes),
        "may_revise": report.is_frozen and may_create_report(user, report.project),
        "newer": newer,
        "earlier": version_before(versions, report),
        "way_on": next_after_return(user, report, newer, remarks["unanswered"]),
        "outcome": outcome_for(user, report),
        "may_record_outcome": may_record_outcome(user, report),
        "acceptance": acceptance_for(user, report, rows),
        **remarks,
        **documents_context(request, report, rows),
        "evidence": evidence_of(user, report),
        "may_name_persons": may_request(user, About(report, DocumentKind.PERSONS)),
    }
    return render(request, "reports/detail.html", context)


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
