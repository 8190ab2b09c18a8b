"""Calendar feeds: an address that a person gives to a calendar, which reads it again and again.

The address opens without signing in and is shown once: only its hash is kept. A new one replaces
it, and it can be revoked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.links import LinkNotValid, absolute_url, link_or_404
from accounts.models import AccessLink, User
from accounts.models.links import AccessLinkQuerySet
from accounts.reading import written_for
from kernel.pages import Request, saved

LASTS = timedelta(days=2 * 365)


@dataclass(frozen=True)
class CalendarFeed:
    """A feed with its views: its page, a new address, revoking it, and the file itself.

    `compose` writes the .ics file for the person, in whose language it is called. `purpose` is
    that of its access links. `page_name` and `file_view` name the page and the file in `urls.py`;
    the buttons are `<page_name>-renew` and `<page_name>-revoke`. `template` extends
    `components/feed_page.html`.
    """

    compose: Callable[[User], bytes]
    purpose: str
    page_name: str
    file_view: str
    template: str
    file_name: str

    @method_decorator(require_safe)
    def page(self, request: Request) -> HttpResponse:
        """Says whether there is an address, and since when; never shows the address itself."""
        return self._show(request)

    # Not cached: the page that answers is the only one that ever shows the address.
    @method_decorator([never_cache, require_POST])
    def renew(self, request: Request) -> HttpResponse:
        """Replaces the address and shows the new one, this once."""
        # Not `request.user`, which is lazy and has no content type.
        person = User.objects.get(pk=request.user.pk)
        self._links_of(person).revoke(by=person)
        _link, token = AccessLink.issue(person, self.purpose, person, by=person, lasts=LASTS)
        return self._show(request, absolute_url(reverse(self.file_view, args=[token])))

    @method_decorator(require_POST)
    def revoke(self, request: Request) -> HttpResponse:
        """Revokes the address: calendars that have it are answered with 404."""
        self._links_of(request.user).revoke(by=request.user)
        sentence = _("The address of your calendar no longer opens anything.")
        return saved(request, sentence, self.page_name)

    @method_decorator([login_not_required, never_cache, require_safe])
    def file(self, request: HttpRequest, token: str) -> HttpResponse:
        """Answers a calendar, which has no session and no language of its own."""
        link = link_or_404(token, self.purpose)
        if link.thing != link.user:
            raise LinkNotValid
        with written_for(link.user), translation.override(link.user.language):
            content = self.compose(link.user)
        response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
        response.headers["Content-Disposition"] = f'inline; filename="{self.file_name}"'
        return response

    def _links_of(self, person: User) -> AccessLinkQuerySet:
        return AccessLink.objects.filter(user=person, purpose=self.purpose).valid()

    def _show(self, request: Request, url: str = "") -> HttpResponse:
        context = {
            "link": self._links_of(request.user).first(),
            "url": url,
            "renew_url": reverse(f"{self.page_name}-renew"),
            "revoke_url": reverse(f"{self.page_name}-revoke"),
        }
        return render(request, self.template, context)
