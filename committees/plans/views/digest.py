"""The page of a person's actions, and of the weekly summary by mail."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.links import link_page, record_use
from accounts.models import AccessLink
from committees.plans.services.due_actions import DueActions, due_by_person, due_of
from committees.plans.services.reminders import DIGEST_PURPOSE, choose_digest, has_digest
from kernel.pages import READ_OR_SAVE, Request, saved


@require_safe
def my_actions(request: Request) -> HttpResponse:
    """Show overdue and coming actions of the institutions for which the person speaks."""
    terms = due_by_person(people=[request.user.pk]).get(request.user.pk, [])
    groups: dict[tuple[str, str], list] = {}
    for one in due_of(terms).all:
        groups.setdefault((str(one.plan.project), str(one.responsible)), []).append(one)
    context = {
        "groups": [
            {"project": project, "institution": institution, "due": due_of(found)}
            for (project, institution), found in sorted(groups.items())
        ],
        "due": DueActions() if not terms else due_of(terms),
        "has_digest": has_digest(request.user),
    }
    return render(request, "committees/my_actions.html", context)


@require_POST
def digest_choice(request: Request) -> HttpResponse:
    wanted = "again" in request.POST
    choose_digest(request.user, wanted=wanted)
    sentence = (
        _("You will receive the weekly summary again.")
        if wanted
        else _("You will no longer receive the weekly summary.")
    )
    return saved(request, sentence, "committees:actions")


@csrf_exempt
@READ_OR_SAVE
@link_page(DIGEST_PURPOSE)
def digest_link(request: HttpRequest, link: AccessLink) -> HttpResponse:
    """Stop the summary without signing in.

    Opening the page changes nothing. A mail program that posts to it by itself (RFC 8058) acts for
    the person who pressed its button.
    """
    if done := chosen_by_link(request, link, choose_digest):
        return done
    response = render(request, "committees/digest_link.html", {"has_digest": has_digest(link.user)})
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def chosen_by_link(
    request: HttpRequest, link: AccessLink, choose: Callable[..., None]
) -> HttpResponse | None:
    """Does what the pressed button asks, for the person of the link. Returns None if the page was
    only opened."""
    if link.thing != link.user:
        raise Http404
    if request.method != "POST":
        return None
    wanted = "again" in request.POST
    choose(link.user, wanted=wanted)
    record_use(link, wanted=wanted)
    return redirect(request.path)
