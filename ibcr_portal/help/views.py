"""The help pages, open to anybody: they say nothing of any project."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from committees.meetings.views.check_in import KEYS
from ibcr_portal.help.glossary import glossary
from ibcr_portal.help.pages import HELP, SUBJECTS, help_text


@login_not_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    language = get_language() or ""
    subjects = [
        (subject, [(page, help_text(page, language).title) for page in pages])
        for subject, pages in SUBJECTS
    ]
    return render(request, "ibcr_portal/help/index.html", {"subjects": subjects})


@login_not_required
@require_safe
def text_page(request: HttpRequest, page: str) -> HttpResponse:
    if page not in HELP:
        raise Http404
    context: dict[str, Any] = {"help": help_text(page, get_language() or ""), "back": back(request)}
    in_place = "HX-Request" in request.headers
    template = "ibcr_portal/help/in_place.html" if in_place else "ibcr_portal/help/page.html"
    return render(request, template, context)


@login_not_required
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    context = {"terms": glossary(get_language() or "").values()}
    return render(request, "ibcr_portal/help/glossary.html", context)


@login_not_required
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    marks = [(key.upper(), mark.label) for mark, key in KEYS.items()]
    return render(request, "ibcr_portal/help/keys.html", {"marks": marks})


def back(request: HttpRequest) -> str:
    """Return the page that the reader came from, if it is one of ours."""
    url = request.GET.get("from", "")
    return url if url_has_allowed_host_and_scheme(url, allowed_hosts=None) else ""
