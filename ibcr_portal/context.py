"""The context of every page: navigation, the reader's initials, and the links of the footer."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext_lazy as _

from accounts.models import User
from accounts.permissions import may_read_mailbox
from ibcr_portal.public.pages import public_page
from kernel.apertium import is_installed
from kernel.organisation import organisation
from kernel.pages import way_back
from projects.models import Project
from projects.only_reading import ends_beside_others, sentence_beside_others, sentence_for
from projects.permissions.roles import has_announced_end, only_reads, place_of

# Label, address, and the beginnings of view names on which the entry is marked as current.
# The longer beginning wins, so "committees:plan" is not taken by "committees:".
NAVIGATION = [
    (_("Home"), "home", ["home", "due"]),
    (_("Projects"), "projects:list", ["projects:", "portfolio", "reports:filed"]),
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


# Pages on which messages are about to be sent, or were; a step has its verb in the address. Pages
# that others read, too, say by themselves who sends (`accounts.mail.mail_stays`).
MESSAGE_PAGES = frozenset(
    {
        "accounts:access-log-checkpoints",
        "committees:action-ask",
        "committees:consultation-step:extend",
        "committees:consultation-step:open",
        "committees:consultation-step:remind",
        "committees:feedback-ask",
        "committees:meeting-invitations-send",
        "committees:meeting-invitations-update",
        "committees:meeting-invite-guest",
        "committees:meeting-step:cancel",
        "committees:meeting-step:convene",
        "committees:meeting-step:postpone",
        "committees:meeting-step:reconvene",
        "committees:minutes-step:adopt",
        "committees:minutes-step:circulate",
        "committees:minutes-step:extend",
        "committees:minutes-step:finalise",
        "committees:plan-extend",
        "committees:plan-extend-for",
        "committees:plan-links",
        "committees:plan-submit",
        "committees:plan-to-donor",
        "committees:resolution-ask",
        "projects:amendment-step:approve",
        "projects:amendment-step:ask_changes",
        "projects:amendment-step:refuse",
        "projects:due-ask",
        "projects:representation-create",
        "projects:request-create",
        "projects:seen-ask",
        "reports:step:publish",
        "reports:step:resubmit",
        "reports:step:submit",
    }
)


def portal(request: HttpRequest) -> dict[str, Any]:
    # Lazily: a page that shows neither (an error page) must not ask the database who reads.
    return {
        "nav": SimpleLazyObject(lambda: navigation(request)),
        "initials": SimpleLazyObject(lambda: initials(request)),
        "organisation": SimpleLazyObject(organisation),
        "here": request.get_full_path(),
        "public_page": SimpleLazyObject(lambda: public_page(request)),
        "way_back": way_back(request),
        "mail_stays": not settings.SENDS_MAIL and is_about_messages(request),
        "has_translator": is_installed(),
        "has_passwords": settings.PASSWORD_SIGN_IN,
        "organisation_account": settings.OIDC.name,
        "closed_place": SimpleLazyObject(lambda: closed_place(request)),
        "only_reads": SimpleLazyObject(lambda: sentence_of_who_only_reads(request)),
        "has_mailbox": SimpleLazyObject(lambda: has_mailbox(request)),
    }


def closed_place(request: HttpRequest) -> Project | None:
    """Return the project that the page is about, if it is closed; nothing is asked for it."""
    user = getattr(request, "user", None)
    place = place_of(user) if isinstance(user, User) else None
    # Some pages read few columns of a project: none is asked for that was left out.
    return place if place and place.__dict__.get("closed_on") else None


def sentence_of_who_only_reads(request: HttpRequest) -> str:
    """Return what a person reads on each page of a project in which their access is going to end; nothing
    is asked for those whose access goes on."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not has_announced_end(user):
        return ""
    place = place_of(user)
    if place and only_reads(user, place):
        return sentence_for(user, place)
    if place and ends_beside_others(user, place):
        return sentence_beside_others(user, place)
    return ""


def has_mailbox(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return isinstance(user, User) and may_read_mailbox(user)


def is_about_messages(request: HttpRequest) -> bool:
    """Whether somebody signed in is about to send messages here, or sees which were sent."""
    match, user = request.resolver_match, getattr(request, "user", None)
    if match is None or user is None or hasattr(request, "link_user"):
        return False
    verb = match.kwargs.get("verb")
    name = f"{match.view_name}:{verb}" if verb else match.view_name
    return name in MESSAGE_PAGES and user.is_authenticated


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
