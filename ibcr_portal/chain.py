"""The evidence chain on pages of `projects`: which meetings spoke of a thing, what was resolved,
which actions serve it, where it is reported. Each link leads only to what the reader may see.

`projects` knows nothing of committees and reports; its views take a `chain` function and a
template that extends theirs (see `ibcr_portal.urls`).
"""

from typing import Any

from django.db.models import Model

from accounts.models import User
from committees.models import ActionTerms, Subject
from committees.permissions import (
    items_seen,
    may_put_into_effect,
    visible_plans,
    visible_resolutions,
)
from projects.models import Activity, Amendment, Indicator, Project, Result


def thing_chain(user: User, thing: Result | Indicator | Activity) -> dict[str, Any]:
    """Agenda items and resolutions that speak of the thing, and the actions that serve it."""
    project = thing.result.project if isinstance(thing, Indicator) else thing.project
    kind = {Result: "result", Indicator: "indicators", Activity: "activity"}[type(thing)]
    terms = ActionTerms.objects.filter(**{kind: thing}, plan__in=visible_plans(user, project))
    return {
        **_spoken_of(user, project, thing),
        "terms": list(terms.select_related("action", "plan__period", "plan__project")),
    }


def amendment_chain(user: User, amendment: Amendment) -> dict[str, Any]:
    return {
        **_spoken_of(user, amendment.project, amendment),
        "may_take_effect": amendment.may_take("take_effect")
        and may_put_into_effect(user, amendment),
    }


def _spoken_of(user: User, project: Project, thing: Model) -> dict[str, Any]:
    subjects = Subject.objects.filter(**{thing._meta.model_name: thing})
    items = subjects.filter(
        agenda_item__in=items_seen(user, project),
    ).select_related("agenda_item__meeting__committee")
    resolutions = subjects.filter(resolution__in=visible_resolutions(user, project))
    return {
        "items": [subject.agenda_item for subject in items],
        "resolutions": [
            subject.resolution for subject in resolutions.select_related("resolution__committee")
        ],
    }
