"""Which things a person may cite in a report, and which citations they may see."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from committees.permissions.meetings import visible_meetings
from committees.permissions.plans import visible_actions, visible_plans
from committees.permissions.resolutions import visible_resolutions
from projects.models import Indicator, Project
from projects.permissions.amendments import visible_amendments
from projects.permissions.risks import visible_risks
from reports.models import Citation


def visible_evidence(user: User, project: Project) -> dict[str, QuerySet[Any]]:
    """Return the things of a project that the person may read and so cite, by `Citation.THINGS`.

    Whoever sees the project sees its results, indicators and activities.
    """
    return {
        "result": project.results.all(),
        "indicator": Indicator.objects.filter(result__project=project),
        "activity": project.activities.all(),
        "action": visible_actions(user, project),
        "plan": visible_plans(user, project),
        "amendment": visible_amendments(user, project),
        "risk": visible_risks(user, project),
        "resolution": visible_resolutions(user, project),
        "meeting": visible_meetings(user, project),
    }


def citations_seen(user: User, project: Project, citations: Iterable[Citation]) -> list[Citation]:
    """Return the citations of things that the person may read; one query for each kind of thing."""
    citations = list(citations)
    cited = {
        name: {one.thing_pk for one in citations if one.name == name} for name in Citation.THINGS
    }
    seen = {
        name: set(things.filter(pk__in=cited[name]).values_list("pk", flat=True))
        for name, things in visible_evidence(user, project).items()
        if cited[name]
    }
    return [one for one in citations if one.thing_pk in seen[one.name]]
