"""The page of a project's reports and other documents, the data behind them, and archives: one's
own, and the editions that the coordination keeps or hands over."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.exports import handed_out
from accounts.models import User
from kernel.files import serve
from kernel.pages import Request, ask, trail
from kernel.sent_forms import counted_once
from kernel.text import active_language
from projects.models import IatiPublication, Project
from projects.pages import project_tabs, visible_project
from projects.permissions.exchange import may_see_exchange
from projects.permissions.roles import TEAM, Role, roles_of
from reports.downloads import latest
from reports.forms.reports import DataPeriodForm
from reports.library import lines_of, other_documents
from reports.models import Archive
from reports.permissions.archives import may_download, may_request_editions, usable_archives
from reports.permissions.documents import may_see_downloads, superseded_renditions
from reports.permissions.reports import may_create_report, visible_reports
from reports.services.archiving import record_archive_download, request_archive, retry_archive
from reports.services.data_book import data_book
from reports.services.file_names import name_in_project, years_of
from reports.services.requesting import queue_note

EDITIONS = (Archive.Edition.FULL, Archive.Edition.DONOR)


def editions_of(user: User, project: Project) -> list[dict[str, Any]]:
    """Return what the page of closing shows of each edition, in the language that is read now."""
    if not may_request_editions(user, project):
        return []
    return [edition_of(user, project, edition) for edition in EDITIONS]


def edition_of(user: User, project: Project, edition: Archive.Edition) -> dict[str, Any]:
    mine = usable_archives(user).filter(project=project, language=active_language())
    archive = mine.filter(edition=edition).select_related("project").first()
    return shown_edition(user, project, edition, archive)


def shown_edition(
    user: User, project: Project, edition: Archive.Edition, archive: Archive | None
) -> dict[str, Any]:
    """Return what a page shows of an archive. One whose content the person may no longer have is
    treated as if it did not exist."""
    if archive and archive.is_ready and not may_download(user, archive):
        archive = None
    texts = {
        Archive.Edition.OWN: _(
            "Every report and document above in all languages, the data behind them, and an index "
            "with the verification codes."
        ),
        Archive.Edition.FULL: _(
            "All final documents, letters, agreements, papers, evidence and vouchers, and the data. "
            "It holds what is confidential: it stays in the organisation."
        ),
        Archive.Edition.DONOR: _(
            "What the donor may read: no confidential document, no name and no small count that is "
            "withheld from it."
        ),
    }
    if edition == Archive.Edition.OWN:
        ask_url = reverse("reports:archive-request", args=[project.code])
    else:
        ask_url = reverse("reports:archive-edition", args=[project.code, edition])
    return {
        # The page of the project has one alone, under a heading of its own.
        "label": "" if edition == Archive.Edition.OWN else edition.label,
        "text": texts[edition],
        "ask_url": ask_url,
        "archive": archive,
    }


def archive_or_404(user: User, pk: int) -> Archive:
    return get_object_or_404(usable_archives(user).select_related("project"), pk=pk)


@require_POST
@counted_once
def archive_request(request: Request, code: str) -> HttpResponse:
    project = visible_project(request.user, code)
    return _requested(request, project, Archive.Edition.OWN)


@require_POST
@counted_once
def archive_edition(request: Request, code: str, edition: str) -> HttpResponse:
    project = visible_project(request.user, code)
    ask(may_request_editions(request.user, project))
    if edition not in EDITIONS:
        raise Http404
    return _requested(request, project, edition)


def _requested(request: Request, project: Project, edition: str) -> HttpResponse:
    language = active_language()
    archive = request_archive(project, by=request.user, language=language, edition=edition)
    if note := queue_note():
        messages.warning(request, note)
    return redirect(archive)


@require_safe
def archive_status(request: Request, pk: int) -> HttpResponse:
    """Answer with the part of the page that waits for the archive; the page polls it."""
    archive = archive_or_404(request.user, pk)
    edition = Archive.Edition(archive.edition)
    context = {"each": shown_edition(request.user, archive.project, edition, archive)}
    return render(request, "reports/archive_edition.html", context)


@require_POST
def archive_cancel(request: Request, pk: int) -> HttpResponse:
    archive = archive_or_404(request.user, pk)
    if not archive.cancel():
        messages.error(request, _("It is too late to cancel: the archive is ready."))
    return redirect(archive)


@require_POST
def archive_retry(request: Request, pk: int) -> HttpResponse:
    archive = archive_or_404(request.user, pk)
    if not retry_archive(archive):
        messages.error(request, _("The archive is already being prepared, or is ready."))
    return redirect(archive)


@require_safe
def archive_download(request: Request, pk: int) -> FileResponse:
    """Answer with the archive, after checking the rights again: some may have ended since."""
    archive = archive_or_404(request.user, pk)
    if not archive.is_ready or not may_download(request.user, archive):
        raise Http404(
            _(
                "This archive is not ready, or you may no longer access all of it. "
                "Request it again on the page of the project."
            )
        )
    words = {
        Archive.Edition.OWN: _("Reports"),
        Archive.Edition.FULL: _("Archive"),
        Archive.Edition.DONOR: _("Archive for the donor"),
    }
    what = words[Archive.Edition(archive.edition)]
    name = name_in_project(request.user, archive.project, what, archive.language)
    answer = serve(archive, filename=name)
    if request.method == "GET":
        record_archive_download(archive, by=request.user)
    return answer


# The page of the project


@require_safe
def project_reports(request: Request, code: str) -> HttpResponse:
    """List all reports and data of a project that the person may download."""
    user, project = request.user, visible_project(request.user, code)
    roles = roles_of(user, project)
    context = {
        "title": _("Reports and data"),
        "place_title": project.short_title,
        "project": project,
        "crumbs": trail(project),
        "tabs": project_tabs(user, project, "reports"),
        "lines": lines_of(user, [project], visible_reports(user, project)),
        "is_donor": Role.DONOR in roles,
        "is_team": bool(roles & TEAM),
        "may_create": may_create_report(user, project),
        "documents": [(kind.label, found) for kind, found in other_documents(user, project)],
        "public": IatiPublication.objects.filter(project=project).current().first(),
        "sees_exchange": may_see_exchange(user, project),
        "edition": edition_of(user, project, Archive.Edition.OWN),
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
