"""Noting progress by the access link of a reminder: one action, without a session.

Opening the page changes nothing, since mail scanners open links too; a note needs a pressed
button and is said back. No cookie stands for the person: a forged form has nothing to ride on.
"""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.links import link_page, record_use
from accounts.models import AccessLink
from committees.models import Action, ActionTerms, Channel
from committees.permissions.plans import notes_for
from committees.plans.forms.progress import ProgressForm
from committees.plans.services.reminders import NOTE_PURPOSE
from committees.plans.views.actions import noted


def action_link_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of one action, for one who speaks for the institution that is responsible."""

    @wraps(view)
    def page(request: HttpRequest, link: AccessLink) -> HttpResponse:
        if not isinstance(link.thing, Action):
            raise Http404
        action = Action.objects.select_related("project").get(pk=link.thing.pk)
        if notes_for(link.user, action) is None:  # who left, or whose plan closed, notes no more
            raise Http404
        response = view(request, link, action)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return csrf_exempt(link_page(NOTE_PURPOSE)(page))


@require_http_methods(["GET", "HEAD", "POST"])
@action_link_page
def action_link(request: HttpRequest, link: AccessLink, action: Action) -> HttpResponse:
    token = request.resolver_match.kwargs["token"]
    form = ProgressForm(
        *((request.POST, request.FILES) if request.method == "POST" else (None, None)),
        action=action,
        institution=notes_for(link.user, action),
    )
    if form.is_valid() and (note := noted(form, by=link.user, channel=Channel.LINK)):
        record_use(link, answer=note._meta.model_name)
        return redirect(f"{reverse('committees:action-link', args=[token])}?done={note.pk}")
    running = ActionTerms.objects.with_related().filter(plan__status="in_execution")
    terms = running.filter(action=action).order_by("plan__period__start").last()
    own = action.notes.with_related().filter(institution=form.institution)
    context = {
        "action": action,
        "terms": terms,
        "project": action.project,
        "form": form,
        "title": terms.title,
        "notes": list(own),
        "done": said_back(request.GET.get("done", ""), own),
        "by_link": True,
        "submit": _("Note the progress"),
    }
    return render(request, "committees/action_link.html", context)


def said_back(name: str, notes) -> str:
    """The confirmation of the note that was just given: read from what is kept."""
    found = [note for note in notes if str(note.pk) == name]
    if not found:
        return ""
    return _("Noted: %(share)s %% done. Thank you.") % {"share": found[0].share_done}
