"""The help pages, open to anybody: they say nothing of any project."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_safe

from committees.meetings.views.people import KEYS
from ibcr_portal.help.pages import HELP, SUBJECTS, glossary, help_text
from kernel.pages import trail


@login_not_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    language = get_language() or ""
    subjects = [
        (subject, [(page, help_text(page, language).title) for page in pages])
        for subject, pages in SUBJECTS
    ]
    return render(
        request, "ibcr_portal/help/index.html", {"subjects": subjects, "title": _("Help")}
    )


@login_not_required
@require_safe
def text_page(request: HttpRequest, page: str) -> HttpResponse:
    if page not in HELP:
        raise Http404
    found = help_text(page, get_language() or "")
    context = titled(found.title) | {"help": found, "back": back(request)}
    in_place = "HX-Request" in request.headers
    template = "ibcr_portal/help/in_place.html" if in_place else "ibcr_portal/help/page.html"
    return render(request, template, context)


@login_not_required
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    context = titled(_("Glossary")) | {"terms": glossary(get_language() or "").values()}
    return render(request, "ibcr_portal/help/glossary.html", context)


@login_not_required
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    marks = [(key.upper(), mark.label) for mark, key in KEYS.items()]
    context = titled(_("Keyboard shortcuts")) | {"marks": marks}
    return render(request, "ibcr_portal/help/keys.html", context)


def titled(title: str) -> dict[str, Any]:
    return {"title": title, "crumbs": trail((_("Help"), reverse("help")))}


def back(request: HttpRequest) -> str:
    """Return the page that the reader came from, if it is one of ours."""
    url = request.GET.get("from", "")
    return url if url_has_allowed_host_and_scheme(url, allowed_hosts=None) else ""
