"""The evidence chain backwards: who spoke of a thing, as far as the reader may see it."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import Action, ActionPlan, ActionTerms, Meeting, Subject
from committees.permissions.amounts import amounts_read
from committees.permissions.meetings import items_seen
from committees.permissions.plans import visible_plans
from committees.permissions.resolutions import (
    resolutions_left,
    resolutions_seen,
    visible_resolutions,
)
from committees.permissions.roles import audiences_of
from committees.plans.services.shifts import disclosed, shifts_since
from kernel.formats import day
from kernel.text import columns_of
from projects.models import Project
from projects.permissions.roles import roles_of


def mentions_of(user: User, project: Project, **thing: Action | ActionPlan) -> list[dict[str, Any]]:
    """Return the resolutions and agenda items about a thing (`action=…` or `plan=…`), for
    `components/row.html`."""
    name, value = next(iter(thing.items()))
    roles, audiences = roles_of(user, project), audiences_of(user, project)
    left = resolutions_left(user, [project], roles)
    subjects = Subject.objects.filter(**{name: value})
    resolutions = resolutions_seen([project.pk], roles, audiences, *left).filter(
        pk__in=subjects.exclude(resolution=None).values("resolution")
    )
    items = items_seen(user, project).filter(
        pk__in=subjects.exclude(agenda_item=None).values("agenda_item")
    )
    place = ("meeting__number", "meeting__starts_at", "meeting__time_zone")
    links = [
        {
            "title": str(resolution),
            "url": resolution.get_absolute_url(),
            "meta": resolution.text,
            "when": day(resolution.resolved_on) if resolution.resolved_on else "",
        }
        for resolution in resolutions.only("kind", "number", "resolved_on", *columns_of("text"))
    ]
    return links + [
        {
            "title": item.title,
            "url": item.get_absolute_url(),
            "meta": _("Agenda item of the %(meeting)s") % {"meeting": item.meeting},
            "when": day(item.meeting.day),
        }
        for item in items.select_related("meeting").only(*place, *columns_of("title"))
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
        "shifts": disclosed(shifts, amounts_read(user, project)),
    }
