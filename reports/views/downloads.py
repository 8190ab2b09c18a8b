"""The pages that list who downloaded the documents of a thing, and which documents of a project
were superseded, for the coordination and auditors."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.exports import handed_out
from accounts.models import AccessEventQuerySet, User
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    ask,
    form_page,
    page_of,
    posted,
    saved,
    trail,
)
from kernel.sheets import sheet
from projects.pages import reverse_in, visible_project
from projects.permissions.roles import may_edit
from reports.downloads import downloads_of, lines_of
from reports.forms.documents import DownloadFilterForm, WithdrawnWordsForm
from reports.models import KINDS_OF, About, DocumentKind, Rendition
from reports.permissions.documents import may_see_downloads, superseded_renditions
from reports.services.naming import downloaders, supersede
from reports.views.documents import documents_url, thing_or_404


@require_safe
def download_list(request: Request, thing: str, pk: int) -> HttpResponse:
    about = about_for(request.user, thing, pk)
    form, events = filtered(request, thing, about)
    page = page_of(request, events, 50)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "about": about,
        "documents_url": documents_url(about),
        "thing": thing,
        "form": form,
        "page": page,
        "lines": lines_of(page.object_list),
        "is_filtered": any(form.cleaned_data.values()),
        "query": query.urlencode(),
        "years": settings.RECORDS_YEARS,
    }
    return render(request, "reports/downloads.html", context)


@require_safe
def download_export(request: Request, thing: str, pk: int) -> HttpResponse:
    """Answer with the filtered list as a workbook; this export is logged as well."""
    about = about_for(request.user, thing, pk)
    _form, events = filtered(request, thing, about)
    head = [_("Date"), _("Time"), _("Person"), _("Document"), _("Language"), _("Medium")]
    rows = [
        (
            timezone.localdate(line.at),
            f"{timezone.localtime(line.at):%H:%M}",
            line.person,
            line.document,
            line.language,
            line.way,
        )
        for line in lines_of(events)
    ]
    content = sheet("xlsx", _("Downloads"), head, rows, [12, 8, 30, 28, 12, 40])
    name = f"{about.project.code}-downloads"
    return handed_out(request, content, name, thing=about.page, what="downloads")


@require_safe
def superseded_list(request: Request, code: str) -> HttpResponse:
    """List the documents of a project that were superseded or destroyed, each with the people who
    had downloaded it."""
    project = visible_project(request.user, code)
    ask(
        may_see_downloads(request.user, project),
        _("Only the coordination and auditors can see who downloaded what."),
    )
    rows = superseded_renditions(request.user, project).with_related()
    page = page_of(request, rows.order_by("-superseded_at", "-pk"), 20)
    downloads = downloaders(page.object_list)
    context = {
        "project": project,
        "crumbs": trail(project, (_("Reports and data"), reverse_in(project, "reports"))),
        "page": page,
        "rows": [(rendition, downloads[rendition.pk]) for rendition in page.object_list],
        "may_open": may_edit(request.user, project),
    }
    return render(request, "reports/superseded.html", context)


@READ_OR_SAVE
def words_withdraw(request: Request, code: str) -> HttpResponse:
    """Supersede the documents of a project that hold certain words, such as a quotation."""
    project = visible_project(request.user, code)
    ask(may_edit(request.user, project))
    form = WithdrawnWordsForm(posted(request), project=project)
    if form.is_valid():
        words = form.cleaned_data["words"]
        supersede(form.found, Rendition.Reason.CONSENT, words=[words])
        return saved(
            request, _("The documents were superseded."), "reports:superseded", project.code
        )
    return form_page(
        request,
        form,
        title=_("Withdraw a quotation"),
        back=reverse("reports:superseded", args=[project.code]),
        crumbs=[
            *trail(project, (_("Reports and data"), reverse_in(project, "reports"))),
            *trail((_("Superseded documents"), reverse("reports:superseded", args=[code]))),
        ],
        submit=_("Supersede"),
        danger=True,
    )


def about_for(user: User, thing: str, pk: int) -> About:
    about = About(thing_or_404(user, thing, pk), KINDS_OF[thing][0])
    ask(
        may_see_downloads(user, about.project),
        _("Only the coordination and auditors can see who downloaded what."),
    )
    return about


def filtered(
    request: Request, thing: str, about: About
) -> tuple[DownloadFilterForm, AccessEventQuerySet]:
    kinds = list(KINDS_OF[thing])
    if thing == "meeting":
        kinds.append(DocumentKind.CERTIFICATE)  # certificates are listed with their meeting
    form = DownloadFilterForm(request.GET, kinds=kinds)
    return form, form.narrow(downloads_of(about.page))
