"""The list of reports, and a report's own page: its texts, its steps, what to ask of it."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from committees.permissions import may_see_history, may_see_names
from kernel.lifecycle import TransitionError
from kernel.text import render_markdown, validate_markdown
from projects.models import Project
from reports import services
from reports.compose import gaps
from reports.downloads import latest
from reports.forms import (
    RenditionForm,
    ReportFilterForm,
    ReportForm,
    SectionForm,
    StepForm,
)
from reports.kinds import kind_of
from reports.models import About, Rendition, Report, Section
from reports.permissions import (
    audiences_offered,
    every_visible_rendition,
    every_visible_report,
    may_create_report,
    may_request_rendition,
    may_see_downloads,
    may_take,
    may_write,
)
from reports.views.documents import documents_of

# Steps that say more than a verb: who asks for them is asked for a reason.
REASONED = frozenset({"return", "comment", "accept"})
BACKWARDS = frozenset({"return", "comment"})


def report_for(user: User, pk: int) -> Report:
    return get_object_or_404(every_visible_report(user).with_related(), pk=pk)


# /reports/


@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    form = ReportFilterForm(request.GET, user=request.user)
    reports = form.narrow(every_visible_report(request.user).with_related())
    page = Paginator(reports, per_page=25).get_page(request.GET.get("page"))
    documents = (
        every_visible_rendition(request.user)
        .ready()
        .filter(is_draft=False, snapshot__report__in=[report.pk for report in page])
    )
    by_report: dict[int, list[Rendition]] = {}
    for document in documents.select_related("snapshot").order_by("language"):
        by_report.setdefault(document.snapshot.report_id, []).append(document)
    rows = [(report, by_report.get(report.pk, [])) for report in page]
    context = {"form": form, "page": page, "rows": rows}
    return render(request, "reports/list.html", context)


def report_create(request: HttpRequest, code: str) -> HttpResponse:
    project = get_object_or_404(Project.objects.visible_to(request.user), code=code)
    if not may_create_report(request.user, project):
        raise PermissionDenied(_("Only the coordination begins a report."))
    form = ReportForm(request.POST or None, project=project)
    if request.method == "POST" and form.is_valid():
        try:
            report = services.create_report(
                form.cleaned_data["period"], by=request.user, illustrative=project.illustrative
            )
        except services.ReportError as error:
            form.add_error("period", str(error))
        else:
            return redirect(report)
    context = {
        "form": form,
        "project": project,
        "title": _("New annual report"),
        "submit": _("Begin the report"),
        "cancel_url": project.get_absolute_url(),
    }
    return render(request, "reports/create.html", context)


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The text that is being written, as it will be shown; nothing is kept."""
    text = request.POST.get("text", "")
    try:
        validate_markdown(text)
    except ValidationError as refusal:
        return HttpResponse(format_html("<p>{}</p>", " ".join(refusal.messages)))
    return HttpResponse(render_markdown(text))


@require_safe
def report_detail(request: HttpRequest, pk: int) -> HttpResponse:
    report = report_for(request.user, pk)
    writes = may_write(request.user, report)
    context = {
        "report": report,
        "may_write": writes,
        "sections": sections_of(report) if writes or report.is_frozen else [],
        "gaps": gaps(report) if writes else [],
        "documents": documents_of(request.user, report),
        "verbs": verbs_for(request.user, report),
        "steps": steps_of(report),
        "history": history_for(request.user, report),
        "may_request": may_request_rendition(request.user, report),
        "may_revise": report.is_frozen and may_create_report(request.user, report.project),
        "newer": every_visible_report(request.user).newer_than(report),
    }
    context["is_waiting"] = any(document.in_hand for document in context["documents"])
    if context["may_request"]:
        context["form"] = rendition_form(request, report)
    if may_see_downloads(request.user, report.project):
        context["downloads"] = latest(report)
        context["downloads_url"] = reverse("reports:downloads", args=["report", pk])
    return render(request, "reports/detail.html", context)


def verbs_for(user: User, report: Report) -> list[tuple[str, str, bool]]:
    """The steps that the person may take now; the one that leads on comes first, and is strong."""
    verbs = [verb for verb in report.open_steps if may_take(user, report, verb)]
    verbs.sort(key=lambda verb: verb in BACKWARDS)
    return [
        (verb, Report.STEPS[verb].label, place == 0 and verb not in BACKWARDS)
        for place, verb in enumerate(verbs)
    ]


def history_for(user: User, report: Report) -> list[dict]:
    """For the team and the committee; names are for the coordination."""
    if not may_see_history(user, report.project):
        return []
    shows_names = may_see_names(user, report.project)
    return [
        {
            "on": change.happened_on,
            "text": change.label,
            "who": change.by if shows_names else "",
            "note": change.why,
        }
        for change in reversed(report.status_changes)
    ]


def rendition_form(request: HttpRequest, report: Report) -> RenditionForm:
    asked = request.POST if request.method == "POST" else None
    initial = {"languages": ["fr", "es", "en"], "audience": "donor"}
    about = About(report)
    audiences = audiences_offered(request.user, about, kind_of(about).audiences)
    return RenditionForm(asked, audiences=audiences, initial=initial)


def sections_of(report: Report) -> list[tuple[str, str, list[tuple[str, Section | None]]]]:
    """Each kind with its label and, per language, the section that is there.

    Of a report that is signed off only what was written: nothing can be added any more.
    """
    found = {
        (section.kind, section.language): section
        for section in report.sections.select_related("updated_by")
    }
    return [
        (
            kind.value,
            kind.label,
            [(language, found.get((kind.value, language))) for language in services.LANGUAGES],
        )
        for kind in Section.Kind
        if not report.is_frozen or kind.value in {one for one, _language in found}
    ]


WAY = (
    Report.Status.DRAFT,
    Report.Status.IN_REVIEW,
    Report.Status.SIGNED_OFF,
    Report.Status.PRESENTED,
    Report.Status.SUBMITTED,
    Report.Status.ACCEPTED,
    Report.Status.PUBLISHED,
)


def steps_of(report: Report) -> list[dict]:
    """The way of a report: done with its day, now, next. What was left out is not shown as done."""
    days = {change.to_status: change.happened_on for change in report.status_changes}
    present = Report.Status.SUBMITTED if report.status == "returned" else report.status
    here = WAY.index(Report.Status(present))
    steps = []
    for place, status in enumerate(WAY):
        was_taken = status == Report.Status.DRAFT or status.value in days
        if place < here and not was_taken:
            continue
        state = "done" if place < here else "now" if place == here else "next"
        day = days.get(status.value) if place <= here else None
        steps.append({"label": status.label, "state": state, "date": day})
    return steps


@require_POST
def rendition_request(request: HttpRequest, pk: int) -> HttpResponse:
    report = report_for(request.user, pk)
    if not may_request_rendition(request.user, report):
        raise PermissionDenied(_("Only the project's team asks for documents."))
    form = rendition_form(request, report)
    if form.is_valid():
        services.request_renditions(
            About(report),
            form.cleaned_data["languages"],
            audience=form.cleaned_data["audience"],
            by=request.user,
        )
        messages.success(request, _("The document is being prepared: its place is below."))
    else:
        messages.error(
            request, " ".join(error for errors in form.errors.values() for error in errors)
        )
    return redirect(f"{report.get_absolute_url()}#documents")


def section_edit(request: HttpRequest, pk: int, kind: str, language: str) -> HttpResponse:
    report = report_for(request.user, pk)
    if kind not in Section.Kind.values or language not in services.LANGUAGES:
        raise Http404
    if not may_write(request.user, report):
        raise PermissionDenied(_("The report is signed off, or it is not yours to write."))
    section = report.sections.filter(kind=kind, language=language).first()
    section = section or Section(report=report, kind=kind, language=language)
    form = SectionForm(
        request.POST or None, instance=section, initial={"seen_version": section.version}
    )
    shown = None
    if request.method == "POST" and form.is_valid():
        if "preview" in request.POST:
            shown = render_markdown(form.cleaned_data["text"])
        elif keep_section(request, report, form, kind, language):
            return redirect(f"{report.get_absolute_url()}#sections")
    saved = Section.objects.filter(pk=section.pk).first() if section.pk else None
    context = {"form": form, "report": report, "section": section, "saved": saved, "shown": shown}
    return render(request, "reports/section.html", context)


def keep_section(
    request: HttpRequest, report: Report, form: SectionForm, kind: str, language: str
) -> bool:
    try:
        services.save_section(
            report,
            kind,
            language,
            form.cleaned_data["text"],
            seen_version=form.cleaned_data["seen_version"],
            by=request.user,
        )
    except services.WrittenMeanwhile as error:
        form.add_error(None, str(error))
        kept = report.sections.filter(kind=kind, language=language).first()
        form.data = form.data.copy()  # a second press is a decision
        form.data["seen_version"] = kept.version if kept else 0
        return False
    except services.ReportError as error:
        form.add_error(None, str(error))
        return False
    for warning in form.warnings:
        messages.warning(request, warning)
    messages.success(request, _("The section is saved."))
    return True


def report_step(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Ask when and why, then take the step."""
    report = report_for(request.user, pk)
    if verb not in Report.STEPS:
        raise Http404
    if not may_take(request.user, report, verb):
        raise PermissionDenied(_("This step is not yours to take."))
    sent = request.POST if request.method == "POST" else None
    form = StepForm(sent, needs_reason=verb in REASONED)
    if request.method == "POST" and form.is_valid():
        try:
            take_step(report, verb, request.user, form.cleaned_data["on"], form.cleaned_data["why"])
        except (services.ReportError, TransitionError) as error:
            form.add_error(None, str(error))
        else:
            report.refresh_from_db()
            messages.success(
                request,
                _("The report is now: %(status)s.") % {"status": report.get_status_display()},
            )
            return redirect(report)
    context = {
        "form": form,
        "report": report,
        "title": Report.STEPS[verb].label,
        "submit": Report.STEPS[verb].label,
        "cancel_url": report.get_absolute_url(),
    }
    if verb == "sign_off":
        # Refused for it, the form says so itself.
        signs_own = request.user.pk in services.writers_of(report)
        context["signs_own"] = signs_own and not form.non_field_errors()
        context["gaps"] = gaps(report)
    return render(request, "reports/step.html", context)


@require_POST
def report_revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the next version of a report that stands."""
    report = report_for(request.user, pk)
    if not may_create_report(request.user, report.project):
        raise PermissionDenied(_("Only the coordination begins a report."))
    try:
        revised = services.start_new_version(report, by=request.user)
    except services.ReportError as error:
        messages.error(request, str(error))
        return redirect(report)
    messages.success(request, _("The new version begins with the texts of the last one."))
    return redirect(revised)


def take_step(report: Report, verb: str, user: User, on: date | None, why: str) -> None:
    if verb == "sign_off":
        services.sign_off(report, by=user, on=on, exception=why)
    elif verb in {"submit", "resubmit"}:
        services.submit_report(report, by=user, on=on)
    elif verb == "present":
        services.present_report(report, by=user, on=on, why=why)
    elif verb == "publish":
        services.publish_report(report, by=user, on=on)
    else:
        report.take(verb, by=user, on=on, why=why)
