"""Which things a person may cite in a report, and which citations they may see."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from committees.permissions.meetings import visible_meetings
from committees.permissions.plans import visible_actions, visible_plans
from committees.permissions.resolutions import visible_resolutions
from kernel.text import columns_of
from projects.models import Indicator, Project
from projects.permissions.amendments import visible_amendments
from projects.permissions.risks import visible_risks
from reports.models import Citation

VISIBLE: dict[str, Callable[[User, Project], QuerySet[Any]]] = {
    "result": lambda _user, project: project.results.all(),
    "indicator": lambda _user, project: Indicator.objects.filter(result__project=project),
    "activity": lambda _user, project: project.activities.all(),
    "action": visible_actions,
    "plan": visible_plans,
    "amendment": visible_amendments,
    "risk": visible_risks,
    "resolution": visible_resolutions,
    "meeting": visible_meetings,
}


def visible_evidence(user: User, project: Project) -> dict[str, QuerySet[Any]]:
    """Return the things of a project that the person may read and so cite, by `Citation.THINGS`.

    Whoever sees the project sees its results, indicators and activities.
    """
    return {name: visible(user, project) for name, visible in VISIBLE.items()}


# What the address of a thing and the name by which it is cited are made of.
NAMED_BY = {
    "result": ("project", "code"),
    "indicator": ("result", "code", "result__project"),
    "activity": ("project", "code", *columns_of("title")),
    "action": ("project", "reference"),
    "plan": ("project", "period", "version", "period__number"),
    "amendment": ("project", "number"),
    "risk": ("project", "number"),
    "resolution": ("committee", "kind", "number"),
    "meeting": ("committee", "number"),
}
OF = {"indicator": ["result"], "plan": ["period"]}


def things_seen(
    user: User, project: Project, citations: Iterable[Citation]
) -> dict[tuple[str, int], Any]:
    """Return the cited things that the person may read, by kind and key, as far as a link to them
    needs it; one query for each kind of thing."""
    cited: dict[str, set[int]] = defaultdict(set)
    for one in citations:
        cited[one.name].add(one.thing_pk)
    found = {}
    for name, keys in cited.items():
        rows = VISIBLE[name](user, project).filter(pk__in=keys).order_by()
        for thing in rows.select_related(*OF.get(name, [None])).only(*NAMED_BY[name]):
            if name == "indicator":
                thing.result.project = project
            elif hasattr(thing, "project_id"):
                thing.project = project
            found[name, thing.pk] = thing
    return found


def citations_seen(user: User, project: Project, citations: Iterable[Citation]) -> list[Citation]:
    """Return the citations of things that the person may read; one query for each kind of thing."""
    citations = list(citations)
    seen = things_seen(user, project, citations)
    return [one for one in citations if (one.name, one.thing_pk) in seen]
