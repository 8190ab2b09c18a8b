"""Pages that somebody keeps on their phone, to read and to answer them without a connection.

A service worker (static/js/kept-worker.js) keeps the pages after a press of “Keep on this phone”. It
asks for them with a header that says for whom it keeps them, so that nobody else's session fills or
sends them, and so that the page leaves out what a kept page must not hold (`request.is_kept`).
docs/rules/offline.md has the rules.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import AccessLink, User
from kernel.pages import Crumb

Handler = Callable[[HttpRequest], HttpResponse]

# Another site cannot send it: browsers ask first whether they may, and the portal never says yes.
KEPT_FOR = "X-Kept-For"
BY_LINK = "link"
DAYS_KEPT = 14


@dataclass(frozen=True)
class Offer:
    """What the button keeps: the page at `prefix`, and the pages with the names in `pages` below it."""

    prefix: str
    reader: str
    """The key of the person who is signed in, or `BY_LINK`."""
    until: datetime
    pages: str = ""

    @property
    def ends(self) -> str:
        """The end for a script, in seconds."""
        return str(int(self.until.timestamp()))


def offer_by_link(
    request: HttpRequest, link: AccessLink, token: str, pages: Iterable[str] = ()
) -> Offer | None:
    """Return what a page that opened by link offers to keep; nothing on a page that is kept."""
    if is_kept(request):
        return None
    before, _token, _after = request.path.partition(token)
    until = min(link.expires_at, timezone.now() + timedelta(days=DAYS_KEPT))
    return Offer(f"{before}{token}/", BY_LINK, until, " ".join(pages))


def offer_to_person(request: HttpRequest) -> Offer | None:
    """The same for a page behind the sign-in, which shows nothing of other institutions."""
    if is_kept(request):
        return None
    until = timezone.now() + timedelta(days=DAYS_KEPT)
    return Offer(request.path, str(request.user.pk), until)


def is_kept(request: HttpRequest) -> bool:
    return bool(getattr(request, "is_kept", False))


class KeptMiddleware:
    """Answers the worker only in the name of the person for whom it keeps a page. Comes before the
    sign-in, which would lead it to a page that it cannot use."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.is_kept = KEPT_FOR in request.headers  # type: ignore[attr-defined]  # for templates
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Handler, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        reader = request.headers.get(KEPT_FOR, BY_LINK)
        if reader == BY_LINK:
            return None
        if not isinstance(request.user, User):
            return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
        if reader != str(request.user.pk):  # somebody else signed in on this phone
            return HttpResponse(status=HTTPStatus.FORBIDDEN)
        return None


@login_not_required
@never_cache
@require_safe
def kept(request: HttpRequest, rest: str = "") -> HttpResponse:
    """List what is kept on this phone. The list is made there; the portal does not know it."""
    title = _("Kept on this phone")
    return render(request, "accounts/kept.html", {"title": title, "crumbs": [Crumb(title)]})


@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The script itself: its address stays, so that browsers find its next version."""
    script = Path(str(finders.find("js/kept-worker.js"))).read_bytes()
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response.headers["Service-Worker-Allowed"] = "/"
    response.headers["Cache-Control"] = "no-cache"
    return response
