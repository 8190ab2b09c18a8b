"""The page of the search: a field, what was found, and filters."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from ibcr_portal.models import SearchKind
from ibcr_portal.search.forms import SearchForm
from ibcr_portal.search.pages import pages_like
from ibcr_portal.search.question import LONGEST, SearchQuestion
from ibcr_portal.search.scoring import Hit
from ibcr_portal.search.searching import Search, search, suggest
from ibcr_portal.search.showing import FoundThing, results
from kernel.pages import Request, page_of
from kernel.refusal import Refusal

IN_A_SECTION = 5


class KindFound(NamedTuple):
    """The best results of a kind, and how many there are."""

    kind: str
    label: str
    number: int
    results: list[FoundThing]


@require_safe
def search_page(request: Request) -> HttpResponse:
    """What is called exactly as somebody typed opens at once; with a filter, or `all`, the results
    are listed instead."""
    form = SearchForm(request.GET)
    if not form.text:
        return render(request, "ibcr_portal/search.html", {"form": form})
    try:
        found = search(request.user, form.text)
    except Refusal as refusal:
        context = {"form": form, "refusal": str(refusal)}
        return render(request, "ibcr_portal/search.html", context)
    if len(found.called_so) == 1 and len(request.GET) == 1:
        for only in results(found.called_so, found.question):
            return redirect(only.url)
    return render(request, "ibcr_portal/search.html", _found(request, found))


@require_safe
def search_quick(request: Request) -> HttpResponse:
    """A part of every page: what fits while somebody types."""
    text = request.GET.get("q", "")[:LONGEST]
    try:
        found = suggest(request.user, text)
    except Refusal:  # the page of the search says why
        found = []
    context = {"text": text, "pages": pages_like(text, request.user), "found": found}
    return render(request, "ibcr_portal/search_quick.html", context)


def _found(request: Request, found: Search) -> dict[str, Any]:
    every = list({hit.entry: hit for hit in [*found.called_so, *found.hits]}.values())
    form = SearchForm(request.GET, hits=every)
    hits = form.chosen(every)
    context = {"form": form, "number": len(hits), "text": form.text}
    if not form.cleaned_data.get("kind"):
        return context | {"sections": _sections(hits, found.question)}
    page = page_of(request, hits)
    return context | {"page": page, "shown": results(list(page.object_list), found.question)}


def _sections(hits: Sequence[Hit], question: SearchQuestion) -> list[KindFound]:
    """Return a section for each kind, the kind with the best result first."""
    by_kind: dict[str, list[Hit]] = {}
    for hit in hits:
        by_kind.setdefault(hit.entry.kind, []).append(hit)
    shown = results([hit for rows in by_kind.values() for hit in rows[:IN_A_SECTION]], question)
    return [
        KindFound(
            kind,
            str(SearchKind(kind).label),
            len(rows),
            [result for result in shown if result.kind == kind],
        )
        for kind, rows in by_kind.items()
    ]
