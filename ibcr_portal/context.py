"""The context of every page: navigation, the reader's initials, and the links of the footer."""

from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext_lazy as _

from ibcr_portal.public.pages import public_page
from kernel.organisation import organisation
from kernel.pages import way_back

# Label, address, and the beginnings of view names on which the entry is marked as current.
# The longer beginning wins, so "committees:plan" is not taken by "committees:".
NAVIGATION = [
    (_("Home"), "home", ["home", "due"]),
    (_("Projects"), "projects:list", ["projects:"]),
    (_("Meetings"), "committees:meetings", ["committees:"]),
    (_("Action plans"), "committees:plans", ["committees:plan", "committees:action"]),
    (_("Reports"), "reports:list", ["reports:"]),
    (_("Partners"), "partners:list", ["partners:"]),
]
# The documents of a thing are below it, whatever app makes them.
DOCUMENT_PAGES = {
    "meeting": "committees:meetings",
    "attendance": "committees:meetings",
    "seat": "committees:meetings",
    "plan": "committees:plans",
}


def portal(request: HttpRequest) -> dict[str, Any]:
    # Lazily: a page that shows neither (an error page) must not ask the database who reads.
    return {
        "nav": SimpleLazyObject(lambda: navigation(request)),
        "initials": SimpleLazyObject(lambda: initials(request)),
        "organisation": SimpleLazyObject(organisation),
        "here": request.get_full_path(),
        "public_page": SimpleLazyObject(lambda: public_page(request)),
        "way_back": way_back(request),
    }


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return []
    return entries(get_language() or "", current_entry(request))


@lru_cache
def entries(language: str, current: str) -> list[dict[str, Any]]:
    """Return the entries in the language, which is the active one; they change with neither the
    person nor the page but for the current one."""
    found = []
    for label, name, _beginnings in NAVIGATION:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        found.append({"label": str(label), "url": url, "current": name == current})
    return found


def current_entry(request: HttpRequest) -> str:
    match = request.resolver_match
    view_name = match.view_name if match else ""
    if match and (page_name := DOCUMENT_PAGES.get(match.kwargs.get("thing", ""))):
        return page_name
    found, longest = "", 0
    for _label, name, beginnings in NAVIGATION:
        for beginning in beginnings:
            if view_name.startswith(beginning) and len(beginning) > longest:
                found, longest = name, len(beginning)
    return found


def initials(request: HttpRequest) -> str:
    """Two letters for the round sign of the account menu."""
    words = str(getattr(request.user, "full_name", "") or request.user).split()
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper()
