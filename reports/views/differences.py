"""The page that shows the differences between a version of a report and an earlier one."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from kernel.pages import Request
from kernel.text import active_language
from reports.comparison import compare, frozen_document
from reports.compose import compose
from reports.document_types import ReportDocument
from reports.forms.reports import ComparedVersionForm
from reports.kinds import kind_of
from reports.models import About, Report, ReportQuerySet
from reports.permissions.documents import audiences_offered
from reports.permissions.reports import every_visible_report
from reports.views.report_page import report_or_404

# /reports/<pk>/differences/


@require_safe
def report_differences(request: Request, pk: int) -> HttpResponse:
    report = report_or_404(request.user, pk)
    bases = bases_for(request.user, report)
    first = bases.first()
    if first is None:
        raise Http404(_("There is no earlier version to compare with."))
    form = ComparedVersionForm(request.GET if "base" in request.GET else None, bases=bases)
    form.initial["base"] = first.pk
    base = form.cleaned_data["base"] if form.is_valid() else first
    audience = audience_for(request.user, report)
    before = frozen_document(base, audience, active_language())
    after = document_now(report, audience)
    context = {
        "report": report,
        "base": base,
        "form": form,
        "has_choice": len(bases) > 1,
        "changes": compare(before, after) if before and after else [],
        "is_comparable": bool(before and after),
    }
    return render(request, "reports/differences.html", context)


def bases_for(user: User, report: Report) -> ReportQuerySet:
    """Return the earlier versions that the person sees too, the latest first."""
    versions = every_visible_report(user, [report.project]).versions_of(report).with_related()
    earlier = versions.filter(version__lt=report.version, snapshot__isnull=False)
    return earlier.order_by("-version")


def audience_for(user: User, report: Report) -> str:
    """Return the audience whose text is the fullest that the person may read; empty if none."""
    about = About(report)
    offered = audiences_offered(user, about, kind_of(about).audiences)
    order = ("coordination", "donor", "committee", "partners")
    return next((one for one in order if one in offered), "")


def document_now(report: Report, audience: str) -> ReportDocument | None:
    """Return the report as it was signed, or, for its writers, as it is today."""
    if report.snapshot:
        return frozen_document(report, audience, active_language())
    return compose(
        report, language=active_language(), audience=audience, as_of=report.project.today
    )
