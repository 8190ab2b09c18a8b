"""Calendar feeds: an address that a person gives to a calendar, which reads it again and again.

The address opens without signing in and is shown once: only its hash is kept. A new one replaces
it, and it can be revoked.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.links import LinkNotValid, absolute_url, link_or_404
from accounts.models import AccessLink, User
from accounts.models.links import AccessLinkQuerySet
from kernel.pages import Request, saved

LASTS = timedelta(days=2 * 365)


class FeedViews(NamedTuple):
    """The views of one feed, each for one line of `urls.py`."""

    page: Callable[..., HttpResponse]
    renew: Callable[..., HttpResponse]
    revoke: Callable[..., HttpResponse]
    file: Callable[..., HttpResponse]


def feed_views(
    compose: Callable[[User], bytes],
    *,
    purpose: str,
    page_name: str,
    file_view: str,
    template: str,
    file_name: str,
) -> FeedViews:
    """Make the views of a feed: its page, a new address, revoking it, and the file itself.

    `compose` writes the .ics file for the person, in whose language it is called. `purpose` is
    that of its access links. `page_name` and `file_view` name the page and the file in `urls.py`;
    the buttons are `<page_name>-renew` and `<page_name>-revoke`. `template` extends
    `components/feed_page.html`.
    """

    def links_of(person: User) -> AccessLinkQuerySet:
        return AccessLink.objects.filter(user=person, purpose=purpose).valid()

    def shown(request: Request, url: str = "") -> HttpResponse:
        context = {
            "link": links_of(request.user).first(),
            "url": url,
            "renew_url": reverse(f"{page_name}-renew"),
            "revoke_url": reverse(f"{page_name}-revoke"),
        }
        return render(request, template, context)

    @require_safe
    def page(request: Request) -> HttpResponse:
        """Say whether there is an address, and since when; never the address itself."""
        return shown(request)

    # Not cached: the page that answers is the only one that ever shows the address.
    @never_cache
    @require_POST
    def renew(request: Request) -> HttpResponse:
        """Replace the address and show the new one, this once."""
        # Not `request.user`, which is lazy and has no content type.
        person = User.objects.get(pk=request.user.pk)
        links_of(person).revoke(by=person)
        _link, token = AccessLink.issue(person, purpose, person, by=person, lasts=LASTS)
        return shown(request, absolute_url(reverse(file_view, args=[token])))

    @require_POST
    def revoke(request: Request) -> HttpResponse:
        """Take the address back: calendars that have it are answered with 404."""
        links_of(request.user).revoke(by=request.user)
        return saved(request, _("The address of your calendar opens nothing any more."), page_name)

    @login_not_required
    @never_cache
    @require_safe
    def file(request: HttpRequest, token: str) -> HttpResponse:
        """Answer a calendar, which has no session and no language of its own."""
        link = link_or_404(token, purpose)
        if link.thing != link.user:
            raise LinkNotValid
        with translation.override(link.user.language):
            content = compose(link.user)
        response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
        response.headers["Content-Disposition"] = f'inline; filename="{file_name}"'
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return FeedViews(page, renew, revoke, file)
