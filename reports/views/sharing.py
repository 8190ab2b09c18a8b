"""Links that give one document to somebody without an account: made, listed and revoked by the
coordination; and what their bearers see."""

from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.links import LinkNotValid, View, absolute_url, reading_in
from accounts.models import User
from kernel.files import serve
from reports import services
from reports.downloads import counts_by_link
from reports.forms import SharedLinkForm
from reports.models import Rendition, SharedLink
from reports.permissions import is_shareable, may_share
from reports.views.documents import file_name, rendition_for, shelf_of

# /documents/…/links/


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def links(request: HttpRequest, pk: int) -> HttpResponse:
    """The links of a document. A fresh one is shown in the answer itself: a redirect would have
    to keep its address somewhere."""
    rendition = shared_rendition(request.user, pk)
    form = SharedLinkForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        link, token = SharedLink.issue(
            rendition,
            label=form.cleaned_data["label"],
            expires_at=form.expires_at,
            by=request.user,
        )
        for sentence in form.warnings:
            messages.warning(request, _("%(sentence)s Check it, please.") % {"sentence": sentence})
        fresh = {"link": link, "url": absolute_url(reverse("reports:shared", args=[token]))}
        return links_page(request, rendition, SharedLinkForm(), fresh=fresh)
    return links_page(request, rendition, form)


@require_POST
def link_revoke(request: HttpRequest, pk: int, link_pk: int) -> HttpResponse:
    rendition = shared_rendition(request.user, pk)
    get_object_or_404(rendition.shared_links, pk=link_pk).revoke(by=request.user)
    messages.success(request, _("The link opens nothing any more."))
    return redirect("reports:links", rendition.pk)


def shared_rendition(user: User, pk: int) -> Rendition:
    rendition = rendition_for(user, pk)
    if not may_share(user, rendition):
        raise PermissionDenied(
            _(
                "Only the coordination gives documents away by link, and only those that are "
                "final, hold no names and are not reserved."
            )
        )
    return rendition


def links_page(
    request: HttpRequest, rendition: Rendition, form: SharedLinkForm, **context: Any
) -> HttpResponse:
    about = rendition.snapshot.about
    rows = list(rendition.shared_links.all())
    counts = counts_by_link(rows, about.page)
    context |= {
        "rendition": rendition,
        "about": about,
        "shelf": shelf_of(about),
        "form": form,
        "rows": [(link, *counts.get(link.pk, (0, None))) for link in rows],
    }
    return render(request, "reports/links.html", context)


# /shared/ (public)


def bearer_page(view: View) -> View:
    """A page that a link opens: without sign-in, kept by nobody, in the document's language. One
    answer for all that is not valid, whatever the reason."""

    @wraps(view)
    def page(request: HttpRequest, token: str) -> HttpResponse:
        link = SharedLink.objects.opened_by(token)
        document = link and Rendition.objects.with_related().get(pk=link.rendition_id)
        if link is None or not is_shareable(document):
            raise LinkNotValid
        link.rendition = document
        with reading_in(request, document.language):
            response = view(request, link, token)
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return login_not_required(require_safe(never_cache(page)))


@bearer_page
def shared(request: HttpRequest, link: SharedLink, token: str) -> HttpResponse:
    """Says what can be downloaded, and nothing else. Opening it changes nothing."""
    about = link.rendition.snapshot.about
    context = {"link": link, "rendition": link.rendition, "about": about, "token": token}
    return render(request, "reports/shared.html", context)


@bearer_page
def shared_download(request: HttpRequest, link: SharedLink, token: str) -> FileResponse:
    """The file; that it was taken by this link is logged, and nothing of who took it."""
    rendition = link.rendition
    name = f"{file_name(rendition.snapshot.about)} {rendition.language}"
    answer = serve(rendition, filename=name)
    if request.method == "GET":
        services.record_download(rendition, by=None, link=link.pk)
    return answer
