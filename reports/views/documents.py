"""One document: how far it is, its file; and the public page that says whether it is genuine."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from committees.models import Audience
from kernel.files import serve
from reports import services
from reports.forms import (
    VerifyForm,
)
from reports.models import Rendition, Report, Snapshot
from reports.permissions import (
    every_visible_rendition,
    may_manage_rendition,
)


def rendition_for(user: User, pk: int) -> Rendition:
    return get_object_or_404(every_visible_rendition(user).with_related(), pk=pk)


# /documents/


@require_safe
def rendition_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "reports/rendition.html", rendition_context(request, pk))


@require_safe
def rendition_status(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that waits for the document; the page polls it."""
    return render(request, "reports/rendition.html#state", rendition_context(request, pk))


def rendition_context(request: HttpRequest, pk: int) -> dict:
    rendition = rendition_for(request.user, pk)
    return {
        "rendition": rendition,
        "report": rendition.snapshot.report,
        "may_manage": may_manage_rendition(request.user, rendition),
    }


def managed_rendition(user: User, pk: int) -> Rendition:
    rendition = rendition_for(user, pk)
    if not may_manage_rendition(user, rendition):
        raise PermissionDenied(_("Only who asked for it and the coordination may do this."))
    return rendition


@require_POST
def rendition_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    rendition = managed_rendition(request.user, pk)
    if not rendition.cancel():
        messages.error(request, _("It is too late to cancel: the document is done."))
    return redirect(rendition)


@require_POST
def rendition_retry(request: HttpRequest, pk: int) -> HttpResponse:
    rendition = managed_rendition(request.user, pk)
    if not services.retry_rendition(rendition):
        messages.error(request, _("The document is being prepared already, or it is done."))
    return redirect(rendition)


@require_safe
def rendition_download(request: HttpRequest, pk: int) -> FileResponse:
    rendition = rendition_for(request.user, pk)
    if not rendition.is_ready:
        raise Http404(_("This document is not ready yet."))
    # Neutral, since telephones lie on tables.
    name = _("Report") + f" {rendition.snapshot.report.period.number} {rendition.language}"
    answer = serve(rendition, filename=name)
    if request.method == "GET":
        services.record_download(rendition, by=request.user)
    return answer


# /verify/


@login_not_required
@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    form = VerifyForm(request.GET if "code" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect("reports:verify-code", code=form.cleaned_data["code"])
    return render(request, "reports/verify.html", {"form": form})


@login_not_required
@require_safe
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """Says whether a published document is genuine; of anything else it says "unknown"."""
    form = VerifyForm({"code": code})
    report = published_under(form.cleaned_data["code"]) if form.is_valid() else None
    context = {"form": form, "code": code, "report": report, "asked": True}
    if report:
        ready = report.snapshot.renditions.ready().exclude(audience=Audience.COORDINATION)
        context["languages"] = sorted({document.get_language_display() for document in ready})
        context["superseded_by"] = Report.objects.published().newer_than(report)
    return render(request, "reports/verify.html", context, status=200 if report else 404)


def published_under(code: str) -> Report | None:
    start = code.replace("-", "").lower()
    snapshots = Snapshot.objects.filter(sha256__startswith=start)
    return Report.objects.published().with_related().filter(snapshot__in=snapshots).first()
