"""The page on which the coordination asks an institution by link, at any time."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.models import User
from committees.asking import Asking, ask_institution
from kernel.pages import Crumbs, HasPage, Request, saved


def asking_page(
    request: Request, asking: Asking, back: str | HasPage, *, title: str, crumbs: Crumbs
) -> HttpResponse:
    """Say who is asked. One button writes to all, another makes a link for one of them, which is
    shown in the answer itself: a redirect would have to store it."""
    people = asking.people
    context: dict[str, Any] = {
        "asking": asking,
        "what": asking.what(),
        "people": [(person, asking.has_link_for(person)) for person in people],
        "reached": [person for person in people if person.email],
        "title": title,
        "crumbs": crumbs,
        "back": back if isinstance(back, str) else back.get_absolute_url(),
    }
    if request.method == "POST":
        if "person" not in request.POST:
            return saved(request, ask_institution(asking, by=request.user).sentence, back)
        chosen = request.POST["person"]
        known = User.objects.filter(pk__in=[one.pk for one in people if asking.has_link_for(one)])
        person = get_object_or_404(known, pk=chosen if chosen.isdecimal() else None)
        url = asking.new_link(person, by=request.user)
        context["fresh"] = {
            "person": person,
            "url": url,
            "text": asking.short_text(person, url),
        }
    return render(request, "committees/ask_by_link.html", context)
