"""All news of a person, and marking them as read."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.services import mark_news_as_read
from ibcr_portal.news.reading import news_lines
from ibcr_portal.reader import Reader
from kernel.pages import Request, page_of, saved

MOST = 100  # places of each kind


@require_safe
def news_list(request: Request) -> HttpResponse:
    lines = news_lines(Reader(request.user), MOST)
    until = lines[0].at if lines else None
    context = {"title": _("New"), "page": page_of(request, lines), "until": until}
    return render(request, "ibcr_portal/news.html", context)


@require_POST
def news_read(request: Request) -> HttpResponse:
    """Mark as read what the page showed, and not what was recorded since."""
    mark_news_as_read(request.user, until=_moment(request.POST.get("until", "")))
    return saved(request, _("Marked as read."), "home")


def _moment(typed: str) -> datetime:
    """Return the moment that the page gave; without one that can be read, now."""
    try:
        found = parse_datetime(typed)
    except ValueError:
        found = None
    if found is None or timezone.is_naive(found):
        return timezone.now()
    return found
