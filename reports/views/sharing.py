"""Links that give one document to somebody without an account, who downloaded documents, and which were
superseded.

The coordination makes, lists and revokes the links; their bearers see the document and nothing else.
"""

from collections.abc import Callable
from functools import wraps
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.exports import handed_out
from accounts.links import LinkNotValid, absolute_url, reading_in
from accounts.models import AccessEventQuerySet, User
from kernel.cells import NOTHING, Action, Cell, Chip, Column, Empty, Table
from kernel.files import serve
from kernel.formats import day_in_table
from kernel.pages import (
    READ_OR_SAVE,
    Crumb,
    Request,
    act,
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
from reports.downloads import counts_by_link, downloads_of, lines_of
from reports.forms.documents import DownloadFilterForm, SharedLinkForm, WithdrawnWordsForm
from reports.models import KINDS_OF, About, DocumentKind, Rendition, SharedLink
from reports.permissions.documents import (
    is_shareable,
    may_see_downloads,
    may_share,
    superseded_renditions,
)
from reports.services.file_names import neutral_name
from reports.services.naming import downloaders, supersede
from reports.services.published import listed_links, refuse_listing, why_not_listed
from reports.services.requesting import record_download
from reports.views.documents import rendition_or_404, thing_or_404, trail_to

# /documents/…/links/


@never_cache
@READ_OR_SAVE
def links(request: Request, pk: int) -> HttpResponse:
    """Show the links of a document, and make one.

    A new link is shown in the answer itself: a redirect would have to keep its address somewhere.
    """
    rendition = shared_rendition(request.user, pk)
    unlisted = why_not_listed(rendition)
    form = SharedLinkForm(posted(request), unlisted=unlisted)
    if form.is_valid() and (issued := act(form, lambda: issue_link(rendition, form, request.user))):
        link, token = issued.result
        fresh = {"label": link.label, "url": absolute_url(reverse("reports:shared", args=[token]))}
        return links_page(request, rendition, SharedLinkForm(unlisted=unlisted), fresh=fresh)
    return links_page(request, rendition, form)


def issue_link(rendition: Rendition, form: SharedLinkForm, by: User) -> tuple[SharedLink, str]:
    fields = form.cleaned_data
    if fields["is_listed"]:
        refuse_listing(rendition)
    return SharedLink.issue(
        rendition,
        label=fields["label"],
        expires_at=form.expires_at,
        is_listed=fields["is_listed"],
        by=by,
    )


@READ_OR_SAVE
def link_revoke(request: Request, pk: int, link_pk: int) -> HttpResponse:
    """Ask first: whoever has the link is not told that it ends."""
    rendition = shared_rendition(request.user, pk)
    link = get_object_or_404(rendition.shared_links, pk=link_pk)
    form, back = Form(posted(request)), reverse("reports:links", args=[rendition.pk])
    if form.is_valid():
        link.revoke(by=request.user)
        return saved(request, _("The link no longer opens anything."), back)
    return form_page(
        request,
        form,
        title=_("Revoke the link “%(label)s”?") % {"label": link.label},
        back=back,
        crumbs=[
            *trail_to(rendition.snapshot.about),
            Crumb(_("Links for people without an account"), back),
        ],
        intro=_(
            "From now on it will not open anything. A file that has already been downloaded cannot be "
            "taken back."
        ),
        submit=_("Revoke"),
        danger=True,
    )


def shared_rendition(user: User, pk: int) -> Rendition:
    rendition = rendition_or_404(user, pk)
    ask(
        may_share(user, rendition),
        _(
            "Only the coordination can share documents by link, and only those that are "
            "final, contain no names and are not reserved."
        ),
    )
    return rendition


def links_page(
    request: Request, rendition: Rendition, form: SharedLinkForm, **context: Any
) -> HttpResponse:
    about = rendition.snapshot.about
    found = list(rendition.shared_links.all())
    counts = counts_by_link(found, about.page)
    rows = [(link, *counts.get(link.pk, (0, None))) for link in found]
    context |= {
        "title": _("Links for people without an account"),
        "crumbs": [*trail_to(about), Crumb(rendition.name, rendition.get_absolute_url())],
        "rendition": rendition,
        "form": form,
        "rows": rows,
        "table": Table(link_columns(), rows),
    }
    return render(request, "reports/links.html", context)


def link_columns() -> list[Column]:
    """Return the columns of the links, each with its downloads and the moment of the last one."""
    return [
        Column("label", _("For whom"), lambda row: label_cell(row[0])),
        Column("state", _("State"), lambda row: state_cell(row[0])),
        Column("created", _("Created on"), lambda row: timezone.localdate(row[0].created_at)),
        Column("downloads", _("Downloads"), itemgetter(1), css="num"),
        Column("last", _("Last download"), itemgetter(2)),
        Column("revoke", "", lambda row: revoke_cell(row[0])),
    ]


def label_cell(link: SharedLink) -> Cell:
    chips = [Chip(_("On the public page"), "info")] if link.is_listed else []
    return Cell(link.label, chips=chips)


def state_cell(link: SharedLink) -> Cell:
    day = day_in_table(link.revoked_at or link.last_day)
    if link.is_valid:
        until = _("until %(day)s") % {"day": day}
        return Cell(chips=[Chip(link.state.label, "ok")], notes=[until])
    return Cell(chips=[Chip(link.state.label)], notes=[day])


def revoke_cell(link: SharedLink) -> Cell:
    if not link.is_valid:
        return Cell()
    url = reverse("reports:link-revoke", args=[link.rendition_id, link.pk])
    return Cell(_("Revoke…"), url=url, hidden=f": {link.label}")


# /shared/ (public)


# A page or a file.
BearerView = Callable[..., HttpResponseBase]


def bearer_page(view: BearerView) -> BearerView:
    """Make a view of a page that a shared link opens.

    The page needs no sign-in, is kept by no cache and speaks the language of the document. A link
    that is altered, expired or revoked gets the same answer, which does not reveal the reason.
    """

    @wraps(view)
    def page(request: HttpRequest, token: str) -> HttpResponseBase:
        link = SharedLink.objects.opened_by(token)
        if link is None:
            raise LinkNotValid
        link.rendition = Rendition.objects.with_related().get(pk=link.rendition_id)
        if not is_shareable(link.rendition):
            raise LinkNotValid
        with reading_in(request, link.rendition.language):
            return view(request, link, token)

    return login_not_required(require_safe(never_cache(page)))


@bearer_page
def shared(request: HttpRequest, link: SharedLink, token: str) -> HttpResponse:
    """Show which document can be downloaded, and nothing else. Opening the page changes nothing."""
    about = link.rendition.snapshot.about
    context = {"title": _("A document for you"), "link": link, "about": about, "token": token}
    context["rendition"] = link.rendition
    return render(request, "reports/shared.html", context)


@bearer_page
def shared_download(request: HttpRequest, link: SharedLink, token: str) -> FileResponse:
    return file_of_link(request, link, link.rendition)


def file_of_link(request: HttpRequest, link: SharedLink, rendition: Rendition) -> FileResponse:
    """Answer with the file. The log says by which link it was downloaded, and nothing of the
    person."""
    answer = serve(rendition, filename=neutral_name(rendition.snapshot.about, rendition.language))
    if request.method == "GET":
        record_download(rendition, by=None, link=link.pk)
    return answer


# /published/ (public)


@login_not_required
@require_safe
def published(request: HttpRequest, pk: int) -> FileResponse:
    """Answer with a document that the public page lists."""
    link = get_object_or_404(listed_links(), pk=pk)
    rendition = Rendition.objects.with_related().get(pk=link.rendition_id)
    if not is_shareable(rendition):
        raise Http404
    return file_of_link(request, link, rendition)


# Downloads


@require_safe
def download_list(request: Request, thing: str, pk: int) -> HttpResponse:
    about = about_for(request.user, thing, pk)
    form, events = filtered(request, thing, about)
    page = page_of(request, events, 50)
    lines = lines_of(page.object_list)
    columns = [
        Column("when", _("When"), lambda line: line.at),
        Column("person", _("Person"), lambda line: line.person or NOTHING),
        Column("document", _("Document"), lambda line: line.document),
        Column("language", _("Language"), lambda line: line.language),
        Column("way", _("Medium"), lambda line: line.way),
    ]
    list_url = reverse("reports:downloads", args=[thing, pk])
    if is_filtered := any(form.cleaned_data.values()):
        title, all_of_them = _("No download matches the filter"), _("See all")
        empty = Empty(title, url=list_url, action=all_of_them, icon="download")
    else:
        empty = Empty(_("Nobody has downloaded anything yet."), icon="download")
    query = request.GET.copy()
    query.pop("page", None)
    export = reverse("reports:downloads-export", args=[thing, pk])
    context = {
        "title": f"{_('Downloads')} · {about.page}",
        "crumbs": trail_to(about),
        "form": form,
        "page": page,
        "lines": lines,
        "table": Table(columns, lines),
        "is_filtered": is_filtered,
        "left_out": True,  # the filters are shown whatever there is
        "list_url": list_url,
        "empty": empty,
        "actions": [Action(_("Excel"), f"{export}?{query.urlencode()}", "download")],
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
        "title": _("Superseded documents"),
        "place_title": project.short_title,
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
