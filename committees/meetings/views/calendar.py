"""The calendar feed of a person: an address that opens nothing but their meetings, read-only."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.links import absolute_url, link_or_404
from accounts.models import AccessLink, User
from committees.calendars import feed_file
from committees.permissions.meetings import every_visible_meeting
from kernel.pages import Request

PURPOSE = "calendar"
LASTS = timedelta(days=2 * 365)
SINCE = timedelta(days=400)  # what is longer past burdens calendars


def links_of(user: User):
    return user.access_links.filter(purpose=PURPOSE).valid()


@require_safe
def calendar(request: Request) -> HttpResponse:
    return shown(request)


def shown(request: Request, url: str = "") -> HttpResponse:
    context = {"link": links_of(request.user).first(), "url": url}
    return render(request, "committees/calendar.html", context)


@never_cache
@require_POST
def calendar_renew(request: Request) -> HttpResponse:
    """A new address, shown this once, in place of the one before."""
    links_of(request.user).update(revoked_at=timezone.now())
    person = User.objects.get(pk=request.user.pk)
    _link, token = AccessLink.issue(person, PURPOSE, person, by=person, lasts=LASTS)
    return shown(request, absolute_url(reverse("committees:calendar-feed", args=[token])))


@require_POST
def calendar_revoke(request: Request) -> HttpResponse:
    links_of(request.user).update(revoked_at=timezone.now())
    messages.success(request, _("The address of your calendar opens nothing any more."))
    return redirect("committees:calendar")


@login_not_required
@never_cache
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    link = link_or_404(token, PURPOSE)
    if link.thing != link.user:
        raise Http404
    person = link.user
    meetings = every_visible_meeting(person).with_related()
    meetings = meetings.filter(ends_at__gte=timezone.now() - SINCE).order_by("starts_at", "pk")
    with translation.override(person.language):
        content = feed_file(meetings, person)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response
