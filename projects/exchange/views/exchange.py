"""Pages to look at, publish and withdraw the IATI file of a project, and the public file itself."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.exports import handed_out
from accounts.models import User
from kernel.files import FileGone
from kernel.pages import READ_OR_SAVE, Request, ask, locked, posted, saved, trail
from kernel.sent_forms import counted_once
from projects.exchange.forms import ClassificationPage, SeenVersionForm
from projects.exchange.services.importing import (
    compose_file,
    file_findings,
    fingerprint,
    mark_checked,
    publication_errors,
    publish,
    withdraw,
)
from projects.iati.export import to_xml
from projects.iati.publishable import PublishableFile, publishable_file
from projects.models import IatiImport, IatiPublication, Project
from projects.pages import editable_project, project_page, reverse_in, visible_project
from projects.permissions.exchange import may_publish, may_see_exchange
from projects.permissions.roles import may_edit

XML = "application/xml; charset=utf-8"
CACHED_FOR = 300  # seconds for which caches may still serve a withdrawn file


def exchanged_project(user: User, code: str) -> Project:
    project = visible_project(user, code)
    if not may_see_exchange(user, project):
        raise Http404
    return project


@require_safe
def exchange(request: Request, code: str) -> HttpResponse:
    project = exchanged_project(request.user, code)
    publications = list(IatiPublication.objects.filter(project=project)[:5])
    outgoing = publishable_file(project)
    edits = may_edit(request.user, project)
    context = {
        "title": _("Exchange"),
        "errors": publication_errors(outgoing) if edits else [],
        "is_ready": outgoing.document is not None,
        "size": len(to_xml(outgoing.document)) if outgoing.document else None,
        "publications": publications,
        "current": next((each for each in publications if each.is_public), None),
        "public_url": public_url(project),
        "came_in": IatiImport.objects.filter(project=project).first(),
        "may_edit": edits,
        "may_publish": may_publish(request.user, project),
        **classification_context(project),
    }
    return project_page(request, "projects/exchange.html", project, context, tab="exchange")


def classification_context(project: Project) -> dict[str, Any]:
    """Returns what a page shows of countries, sectors, markers, targets and types of funding;
    `publishable_file` has read them."""
    return {
        "countries": list(project.countries.all()),
        "sectors": list(project.sectors.all()),
        "markers": [each for each in project.markers.all() if each.significance != "0"],
        "targets": list(project.tags.all()),
        "funds": getattr(project, "classification", None),
    }


def public_url(project: Project) -> str:
    return settings.SITE_URL + reverse("iati-file", args=[project.code])


@require_safe
def download(request: Request, code: str) -> HttpResponse:
    """Downloads the file as it would be published now."""
    project = exchanged_project(request.user, code)
    try:
        content = compose_file(project, updated=timezone.now())
    except ValidationError as error:
        for sentence in error.messages:
            messages.error(request, sentence)
        return redirect(reverse_in(project, "exchange"))
    return handed_out(request, content, project.code, "xml", thing=project)


@READ_OR_SAVE
def publish_file(request: Request, code: str) -> HttpResponse:
    """Shows what will be public and what is held back; a press publishes exactly that."""
    project = exchanged_project(request.user, code)
    ask(may_publish(request.user, project))
    form = SeenVersionForm(posted(request))
    if form.is_valid():
        try:
            publish(project, by=request.user, seen=form.cleaned_data["seen"])
        except ValidationError as error:
            for sentence in error.messages:
                messages.error(request, sentence)
            return redirect(reverse_in(project, "exchange-publish"))
        done = _("The file is public at %(url)s.") % {"url": public_url(project)}
        return saved(request, done, reverse_in(project, "exchange"))
    return render(request, "projects/exchange_publish.html", _preview(project))


def _preview(project: Project) -> dict[str, Any]:
    outgoing = publishable_file(project)
    back = reverse_in(project, "exchange")
    content = to_xml(outgoing.document) if outgoing.document else b""
    return {
        "project": project,
        "outgoing": outgoing,
        "document": outgoing.document,
        "errors": publication_errors(outgoing),
        "warnings": [
            *outgoing.hints,
            *(each.sentence for each in file_findings(outgoing) if not each.is_error),
        ],
        "money": _number_of_amounts(outgoing),
        "values": _number_of_values(outgoing),
        "seen": fingerprint(content),
        "size": len(content),
        "is_draft": IatiImport.objects.filter(project=project, checked_at=None).exists(),
        "public_url": public_url(project),
        "crumbs": trail(project, (_("Exchange"), back)),
        "cancel_url": back,
    }


def _number_of_amounts(outgoing: PublishableFile) -> int:
    document = outgoing.document
    if document is None:
        return 0
    payments = len(document.planned_disbursements) + len(document.transactions)
    return len(document.budgets) + payments


def _number_of_values(outgoing: PublishableFile) -> int:
    if outgoing.document is None:
        return 0
    indicators = [each for result in outgoing.document.results for each in result.indicators]
    return sum(
        len(each.baselines) + sum(len(p.targets) + len(p.actuals) for p in each.periods)
        for each in indicators
    )


@READ_OR_SAVE
def withdraw_file(request: Request, code: str) -> HttpResponse:
    project = exchanged_project(request.user, code)
    ask(may_publish(request.user, project))
    back = reverse_in(project, "exchange")
    if request.method == "POST":
        if withdraw(project, by=request.user):
            messages.success(request, _("The file is no longer public."))
        return redirect(back)
    context = {
        "title": _("Withdraw the public file?"),
        "intro": _(
            "Nothing is then found at its address. Anybody who has copied the file keeps "
            "it; copies may remain on the way for a few minutes."
        ),
        "submit": _("Withdraw"),
        "danger": True,
        "cancel_url": back,
        "crumbs": trail(project, (_("Exchange"), back)),
    }
    return render(request, "components/form_page.html", context)


@require_POST
@counted_once
def checked_import(request: Request, code: str) -> HttpResponse:
    project = exchanged_project(request.user, code)
    ask(may_edit(request.user, project))
    mark_checked(project, by=request.user)
    return saved(request, _("The project is no longer a draft."), reverse_in(project, "exchange"))


@login_not_required
@require_safe
def public_file(request: HttpRequest, code: str) -> HttpResponse:
    """Serves the published file byte for byte, with one query and without composing it anew."""
    publication = get_object_or_404(
        IatiPublication.objects.current().filter(project__code=code, project__training=False)
    )
    etag = quote_etag(publication.sha256)
    modified = int(publication.published_at.timestamp())
    answer = get_conditional_response(request, etag=etag, last_modified=modified)
    if answer is None:
        answer = HttpResponse(_content_of(publication), content_type=XML)
        answer["Content-Length"] = str(publication.size)
        # No middleware may compress it: its length and bytes would change.
        answer["Content-Encoding"] = "identity"
    headers = {
        "ETag": etag,
        "Last-Modified": http_date(modified),
        "Cache-Control": f"public, max-age={CACHED_FOR}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
    }
    for name, value in headers.items():
        answer[name] = value
    return answer


def _content_of(publication: IatiPublication) -> bytes:
    try:
        with publication.file.storage.open(str(publication.file.name)) as file:
            content: bytes = file.read()
            return content
    except FileNotFoundError:
        raise FileGone(_("This file is missing; tell the coordination.")) from None


@READ_OR_SAVE
def edit(request: Request, code: str) -> HttpResponse:
    project = editable_project(request.user, code)
    project = locked(request, Project.objects.filter(pk=project.pk)).get()
    page = ClassificationPage(project, request.POST if request.method == "POST" else None)
    if request.method == "POST" and page.is_valid():
        page.save()
        return saved(request, _("The classification was saved."), reverse_in(project, "exchange"))
    back = reverse_in(project, "exchange")
    context = {
        "project": project,
        "page": page,
        "title": _("Sectors, markers and countries"),
        "cancel_url": back,
        "crumbs": trail(project, (_("Exchange"), back)),
    }
    return render(request, "projects/classification.html", context)
