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
from kernel.languages import language_rank
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, page_of, posted, trail
from kernel.sent_forms import counted_once
from kernel.text import render_markdown, validate_markdown
from projects.choosing import MANY
from projects.models import Project
from reports.compose import gaps
from reports.downloads import latest
from reports.forms.documents import RenditionForm
from reports.forms.reports import NewReportForm, ReportFilterForm
from reports.kinds import kind_of
from reports.models import About, Rendition, Report
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
from reports.reading import read_sections, version_before, visible_versions
from reports.services.writing import create_report
from reports.views.citing import evidence_of
from reports.views.documents import documents_of, offer_of, requested
from reports.views.report_page import (
    acceptance_for,
    history_for,
    next_after_return,
    open_steps_for,
    outcome_for,
    remarks_for,
    report_or_404,
    sections_of,
    steps_of,
)

# /reports/


@require_safe
def report_list(request: Request) -> HttpResponse:
    form = ReportFilterForm(request.GET, user=request.user)
    reports = form.narrow(every_visible_report(request.user).with_related())
    page = page_of(request, reports)
    projects_to_report = Project.objects.coordinated_by(request.user)
    if (chosen := form.chosen_projects) is not None:
        projects_to_report = projects_to_report.filter(pk__in=chosen)
    documents = _documents_by_report(request.user, list(page))
    context = {
        "form": form,
        "page": page,
        "rows": [(report, documents.get(report.pk, [])) for report in page],
        "may_see_presets": may_see_presets(request.user),
        "projects_to_report": list(projects_to_report[:MANY]),
    }
    return render(request, "reports/list.html", context)


def _documents_by_report(
    user: User, reports: list[Report]
) -> dict[int | None, list[tuple[str, Rendition]]]:
    """Return the final documents, each with a name that no other of its report has: its language,
    and its audience where there are several."""
    rows = every_visible_rendition(user).ready().filter(is_draft=False)
    rows = rows.filter(snapshot__report__in=[report.pk for report in reports])
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
    ask(may_create_report(request.user, project), _("Only the coordination begins a report."))
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
        submit=_("Begin the report"),
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
    writes = may_write(user, report)
    versions = visible_versions(user, report)
    newer = versions[0] if versions and versions[0].version > report.version else None
    remarks = remarks_for(user, report)
    read_sections(report)
    changes = list(report.status_changes)
    context = {
        "report": report,
        "sections": sections_of(report, writes=writes, sees_versions=sees_versions(user, report)),
        "gaps": gaps(report) if writes else [],
        "verbs": open_steps_for(user, report, newer),
        "steps": steps_of(report, changes),
        "history": history_for(user, report, changes),
        "may_revise": report.is_frozen and may_create_report(user, report.project),
        "newer": newer,
        "earlier": version_before(versions, report),
        "way_on": next_after_return(user, report, newer, remarks["unanswered"]),
        "outcome": outcome_for(user, report),
        "may_record_outcome": may_record_outcome(user, report),
        "acceptance": acceptance_for(user, report),
        **remarks,
        **documents_context(request, report),
        "evidence": evidence_of(user, report),
    }
    return render(request, "reports/detail.html", context)


def documents_context(request: Request, report: Report) -> dict[str, Any]:
    """Return the documents of a report, and the forms for more of them."""
    user, about = request.user, About(report)
    documents = documents_of(user, report)
    context: dict[str, Any] = {
        "documents": documents,
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
        _("Only the project's team asks for documents."),
    )
    return requested(request, About(report), rendition_form(request, report))
