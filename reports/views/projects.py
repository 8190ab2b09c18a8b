"""The page of a project's reports and other documents, and the data behind them."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.exports import handed_out
from kernel.pages import Request, trail
from kernel.text import active_language
from projects.models import IatiPublication
from projects.pages import project_tabs, visible_project
from projects.permissions.exchange import may_see_exchange
from projects.permissions.roles import Role, roles_of
from reports.downloads import latest
from reports.forms.reports import DataPeriodForm
from reports.library import lines_of, other_documents
from reports.permissions.documents import may_see_downloads, superseded_renditions
from reports.permissions.reports import visible_reports
from reports.services.data_book import data_book
from reports.services.file_names import name_in_project, years_of
from reports.views.archives import archive_context, own_archive


@require_safe
def project_reports(request: Request, code: str) -> HttpResponse:
    """List all reports and data of a project that the person may download."""
    user, project = request.user, visible_project(request.user, code)
    roles = roles_of(user, project)
    archive = own_archive(user, project)
    context = {
        "project": project,
        "crumbs": trail(project),
        "tabs": project_tabs(user, project, "reports"),
        "lines": lines_of(user, [project], visible_reports(user, project)),
        "is_donor": Role.DONOR in roles,
        "documents": [(kind.label, found) for kind, found in other_documents(user, project)],
        "public": IatiPublication.objects.filter(project=project).current().first(),
        "sees_exchange": may_see_exchange(user, project),
        **archive_context(user, archive),
    }
    if may_see_downloads(user, project):
        context["downloads"] = latest(project)
        context["shows_downloads"] = True
        context["superseded"] = superseded_renditions(user, project).count()
    return render(request, "reports/project.html", context)


@require_safe
def data_workbook(request: Request, code: str) -> HttpResponse:
    """Answer with the data behind the reports: of one period (`?period=`), or of the whole
    project."""
    project = visible_project(request.user, code)
    form = DataPeriodForm(request.GET, periods=project.periods.all())
    if not form.is_valid():
        raise Http404(_("This period does not belong to the project: choose one of its own."))
    period = form.cleaned_data["period"]
    content = data_book(request.user, project, at=timezone.now(), period=period)
    years = years_of(period) if period else ""
    name = name_in_project(request.user, project, "data", years, active_language())
    return handed_out(
        request, content, name, thing=project, what="data", period=period.pk if period else None
    )
