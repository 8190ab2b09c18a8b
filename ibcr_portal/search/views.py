"""The page of the search: a field, what was found, filters, and the searches that a person keeps."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from allauth.core.internal import ratelimit
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ibcr_portal.kinds import label_in_search
from ibcr_portal.models import SavedSearch
from ibcr_portal.search.forms import SavedSearchForm, SearchForm, among, keep_search, question_of
from ibcr_portal.search.question import LONGEST, Hit
from ibcr_portal.search.rights import EVERYTHING
from ibcr_portal.search.showing import FoundThing, Search, results, search, suggest
from ibcr_portal.search.words import pages_like
from kernel.apertium import is_installed
from kernel.pages import Request, act, page_of, saved
from kernel.refusal import Refusal

IN_A_SECTION = 5
# With more kinds than these a section has fewer. Nobody would see them all on a phone.
FEW_KINDS, OF_MANY = 6, 3
PAGE = "ibcr_portal/search.html"


class KindFound(NamedTuple):
    """The best results of a kind, how many there are, and whether there are more."""

    kind: str
    label: str
    number: int
    is_cut: bool
    results: list[FoundThing]


@require_safe
def search_page(request: Request) -> HttpResponse:
    """What is called exactly as somebody typed opens at once; with a filter, or `all`, the results
    are listed instead."""
    text = question_of(request.GET)
    if not text:
        return _page(request)
    if _asks_too_often(request, "search"):
        return _page(request, status=429, refusal=_too_often())
    try:
        found = search(request.user, text)
        if len(found.called_so) == 1 and len(request.GET) == 1:
            for only in results(found.called_so, found.question):
                return redirect(only.url)
        return _page(request, **_found(request, text, found))
    except Refusal as refusal:
        return _page(request, refusal=str(refusal))


def _page(request: Request, status: int = 200, **context: Any) -> HttpResponse:
    if "form" not in context:
        context["form"] = SearchForm(request.GET, user=request.user)
    context["saved"] = SavedSearch.objects.filter(user=request.user)
    return render(request, PAGE, context, status=status)


@require_safe
def search_quick(request: Request) -> HttpResponse:
    """A part of every page: what fits while somebody types."""
    text = request.GET.get("q", "")[:LONGEST]
    if _asks_too_often(request, "search_quick"):
        return render(request, "ibcr_portal/search_quick.html", {"refusal": _too_often()})
    try:
        found = suggest(request.user, text)
    except Refusal:  # the page of the search says why
        found = []
    context = {"text": text, "pages": pages_like(text, request.user), "found": found}
    return render(request, "ibcr_portal/search_quick.html", context)


@require_POST
def search_save(request: Request) -> HttpResponse:
    """Keep the question and the filters of a search."""
    form = SavedSearchForm(request.POST)
    if not form.is_valid():
        return redirect("search")
    query = form.cleaned_data["query"]
    to = f"{SavedSearch(query=query).get_absolute_url()}&all=1"
    if act(request, lambda: keep_search(request.user, query)):
        return saved(request, _("The search was saved."), to)
    return redirect(to)


@require_POST
def search_delete(request: Request, pk: int) -> HttpResponse:
    get_object_or_404(SavedSearch, pk=pk, user=request.user).delete()
    return saved(request, _("The search was removed."), "search")


def _asks_too_often(request: Request, action: str) -> bool:
    """Count one more page, which is read by GET: what allauth offers for all counts none of them."""
    allowed = ratelimit.consume(
        request, app="allauth.account", action=action, user=request.user, limit_get=True
    )
    return not allowed


def _too_often() -> str:
    return _("Too many searches in a short time. Please wait a minute, then search again.")


def _found(request: Request, text: str, found: Search) -> dict[str, Any]:
    every = _all(found)
    form = SearchForm(request.GET, user=request.user, hits=every, cut=found.cut)
    chosen = form.chosen
    if found.cut and chosen != EVERYTHING:  # the index narrows it down itself, and finds more
        found = search(request.user, text, chosen)
        every = _all(found)
    hits = among(every, chosen)
    context = {
        "form": form,
        "number": len(hits),
        "text": text,
        "is_cut": bool(found.cut),
        "is_narrowed": chosen != EVERYTHING,
        "kept": _kept(request),
        "has_translator": is_installed(),
    }
    if not chosen.kinds:
        return context | {"sections": _sections(hits, found)}
    page = page_of(request, hits)
    return context | {"page": page, "shown": results(list(page.object_list), found.question)}


def _kept(request: Request) -> str:
    """Return what a button would save; nothing of a question that is too long."""
    form = SavedSearchForm({"query": request.GET.urlencode()})
    return form.cleaned_data["query"] if form.is_valid() else ""


def _all(found: Search) -> list[Hit]:
    return list({hit.entry: hit for hit in [*found.called_so, *found.hits]}.values())


def _sections(hits: Sequence[Hit], found: Search) -> list[KindFound]:
    """Return a section for each kind, the kind with the best result first."""
    shown = results(first_of_each(hits), found.question)
    return [
        KindFound(
            kind,
            label_in_search(kind),
            len(rows),
            kind in found.cut,
            [result for result in shown if result.kind == kind],
        )
        for kind, rows in _by_kind(hits).items()
    ]


def first_of_each(hits: Sequence[Hit]) -> list[Hit]:
    """Return what the sections of the page show."""
    by_kind = _by_kind(hits)
    most = IN_A_SECTION if len(by_kind) <= FEW_KINDS else OF_MANY
    return [hit for rows in by_kind.values() for hit in rows[:most]]


def _by_kind(hits: Sequence[Hit]) -> dict[str, list[Hit]]:
    by_kind: dict[str, list[Hit]] = {}
    for hit in hits:
        by_kind.setdefault(hit.entry.kind, []).append(hit)
    return by_kind
