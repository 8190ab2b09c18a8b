"""The page of a person's actions."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from committees.plans.services.due_actions import DueActions, due_by_person, due_of
from committees.plans.services.reminders import choose_digest, has_digest
from kernel.pages import Request, saved


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
