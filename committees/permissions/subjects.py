"""Which of the things that an item or a resolution is about a person may see."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from committees.models import (
    Subject,
)
from committees.permissions.minutes import visible_minutes
from committees.permissions.plans import visible_actions, visible_plans
from committees.permissions.resolutions import visible_resolutions
from projects.models import Project
from projects.permissions.amendments import visible_amendments
from projects.permissions.risks import visible_risks
from projects.permissions.roles import TEAM, Role, roles_of

VISIBLE: dict[str, Callable[[User, Project], QuerySet[Any]]] = {
    "plan": visible_plans,
    "action": visible_actions,
    "amendment": visible_amendments,
    "minutes": visible_minutes,
    "earlier": visible_resolutions,
    "risk": visible_risks,
}


def subjects_seen(user: User, project: Project, subjects: Iterable[Subject]) -> set[int]:
    """Return the keys of the links to things that the person may see.

    Everybody who sees the project sees its results, indicators and activities.
    """
    by_kind: dict[str, dict[int, int]] = defaultdict(dict)  # of each link, the key of its thing
    found: set[int] = set()
    roles = roles_of(user, project)
    for subject in subjects:
        if subject.call:  # the donor sees what was awarded
            awarded = Role.DONOR in roles and subject.call.status == "awarded"
            if awarded or roles & TEAM:
                found.add(subject.pk)
        elif subject.name in VISIBLE:
            by_kind[subject.name][subject.pk] = getattr(subject, f"{subject.name}_id")
        else:
            found.add(subject.pk)
    for name, things in by_kind.items():
        visible = VISIBLE[name](user, project).filter(pk__in=set(things.values())).order_by()
        seen = set(visible.values_list("pk", flat=True))
        found |= {pk for pk, thing in things.items() if thing in seen}
    return found
