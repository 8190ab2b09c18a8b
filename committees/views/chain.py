"""The evidence chain backwards: who spoke of a thing, as far as the reader may see it."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import Action, ActionPlan, AgendaItem
from committees.models.agenda import AgendaItemQuerySet
from committees.permissions import audiences_of, visible_meetings, visible_resolutions
from kernel.formats import day
from projects.models import Project
from projects.permissions import may_edit


def spoken_of(user: User, project: Project, **thing: Action | ActionPlan) -> list[dict[str, Any]]:
    """The resolutions and agenda items that speak of a thing, `action=…` or `plan=…`, for
    `components/row.html`. Two queries beside those of the roles."""
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


def items_seen(user: User, project: Project) -> AgendaItemQuerySet:
    items = AgendaItem.objects.filter(
        meeting__in=visible_meetings(user, project), audience__in=audiences_of(user, project)
    )
    return items if may_edit(user, project) else items.on_agenda()
