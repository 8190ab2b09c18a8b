"""The evidence chain backwards: who spoke of a thing, as far as the reader may see it."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import Action, ActionPlan, ActionTerms, AgendaItem, Meeting
from committees.models.agenda import AgendaItemQuerySet
from committees.permissions.meetings import visible_meetings
from committees.permissions.plans import visible_plans
from committees.permissions.resolutions import visible_resolutions
from committees.permissions.roles import audiences_of
from committees.plans.services.shifts import disclosed, shifts_since
from kernel.formats import day
from projects.models import Project
from projects.permissions.money import may_see_budget
from projects.permissions.roles import may_edit


def mentions_of(user: User, project: Project, **thing: Action | ActionPlan) -> list[dict[str, Any]]:
    """Return the resolutions and agenda items about a thing (`action=…` or `plan=…`), for
    `components/row.html`.

    Runs two queries beside those of the roles.
    """
    name, value = next(iter(thing.items()))
    about = {f"subjects__{name}": value}
    resolutions = visible_resolutions(user, project).filter(**about).distinct()
    items = items_seen(user, project).filter(**about).select_related("meeting").distinct()
    links = [
        {
            "title": str(resolution),
            "url": resolution.get_absolute_url(),
            "meta": resolution.text,
            "when": day(resolution.resolved_on) if resolution.resolved_on else "",
        }
        for resolution in resolutions
    ]
    return links + [
        {
            "title": item.title,
            "url": item.get_absolute_url(),
            "meta": _("Agenda item of the %(meeting)s") % {"meeting": item.meeting},
            "when": day(item.meeting.day),
        }
        for item in items
    ]


def followed_from(user: User, meeting: Meeting) -> dict[str, Any]:
    """Return the actions that carry out a meeting's resolutions, each as the newest visible plan
    has it, and the actions that were shifted since the meeting before."""
    project = meeting.committee.project
    terms = ActionTerms.objects.filter(
        action__origin__in=visible_resolutions(user, project).filter(meeting=meeting),
        plan__in=visible_plans(user, project),
    )
    newest = {
        one.action_id: one
        for one in terms.select_related("action", "plan__period", "plan__project").order_by(
            "plan__period__start", "plan__version"
        )
    }
    shifts = shifts_since(meeting)
    if shifts:
        plans = set(visible_plans(user, project).values_list("pk", flat=True))
        shifts = [shift for shift in shifts if shift.terms.plan_id in plans]
    return {
        "caused": list(newest.values()),
        "shifts": disclosed(shifts, show_budget=may_see_budget(user, project)),
    }


def items_seen(user: User, project: Project) -> AgendaItemQuerySet:
    items = AgendaItem.objects.filter(
        meeting__in=visible_meetings(user, project), audience__in=audiences_of(user, project)
    )
    return items if may_edit(user, project) else items.on_agenda()
