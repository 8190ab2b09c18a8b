"""The evidence chain on pages of `projects`: which meetings spoke of a thing, what was resolved,
which actions serve it, where it is reported. Each link leads only to what the reader may see.

`projects` knows nothing of committees and reports; its views take a `chain` function and a
template that extends theirs (see `ibcr_portal.urls`).
"""

from typing import Any

from django.db.models import Model

from accounts.models import User
from committees.models import ActionTerms, Committee, Subject
from committees.permissions import (
    items_seen,
    may_create_committee,
    may_create_plan,
    may_put_into_effect,
    visible_meetings,
    visible_plans,
    visible_resolutions,
)
from projects.models import Activity, Amendment, CallForProposals, Indicator, Project, Result
from projects.permissions import roles_of
from reports.permissions import may_create_report, visible_reports

SHOWN = 5


def project_chain(user: User, project: Project) -> dict[str, Any]:
    """What the committee did with the project and what was told of it."""
    meetings = visible_meetings(user, project).with_related()
    committee = Committee.objects.visible_to(user).filter(project=project).first()
    return {
        "committee": committee,
        "next_meeting": meetings.upcoming().order_by("starts_at").first(),
        "last_meeting": meetings.held().first(),
        "resolutions": list(visible_resolutions(user, project).select_related("committee")[:SHOWN]),
        "plans": list(visible_plans(user, project).with_related()[:SHOWN]),
        "reports": list(visible_reports(user, project).with_related()[:SHOWN]),
        "may_create_committee": committee is None and may_create_committee(user, project),
        "may_create_plan": may_create_plan(user, project),
        "may_create_report": may_create_report(user, project),
    }


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


def call_chain(user: User, call: CallForProposals) -> dict[str, Any]:
    """Who sits on the panel alone sees nothing of the committee."""
    if not roles_of(user, call.project):
        return {"items": [], "resolutions": []}
    return _spoken_of(user, call.project, call, kind="call")


def _spoken_of(user: User, project: Project, thing: Model, *, kind: str = "") -> dict[str, Any]:
    subjects = Subject.objects.filter(**{kind or thing._meta.model_name: thing})
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
