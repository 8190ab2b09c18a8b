"""Links by which an institution settles an advance without signing in."""

from datetime import timedelta

from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.links import absolute_url
from accounts.models import AccessLink, User
from projects.models import Advance

PURPOSE = "settle_advance"
PAGE = "projects:advance-link"


def link_to_advance(person: User, pk: int, *, lasts: timedelta) -> str:
    """Return the address of a new link, which the person asked for themselves."""
    advance = get_object_or_404(Advance, pk=pk)
    _link, token = AccessLink.issue(person, PURPOSE, advance, by=person, lasts=lasts)
    return absolute_url(reverse(PAGE, args=[token]))
