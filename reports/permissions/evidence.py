"""Which things a person may cite in a report, and which citations they may see."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from committees.kinds import KINDS as OF_COMMITTEES
from projects.kinds import KINDS as OF_PROJECTS
from projects.models import Project
from projects.permissions.roles import roles_of
from reports.models import Citation

# What can be cited, by the fields of a citation.
KINDS = {
    kind.called: kind for kind in (*OF_PROJECTS, *OF_COMMITTEES) if kind.called in Citation.THINGS
}


def visible_evidence(user: User, project: Project) -> dict[str, QuerySet[Any]]:
    """Return the things of a project that the person may read and so cite, by `Citation.THINGS`."""
    roles = roles_of(user, project)
    return {name: kind.seen_by(user, project, roles) for name, kind in KINDS.items()}


def _readable(user: User, project: Project, name: str) -> QuerySet[Any]:
    """The things of a kind that the person may read, as far as a link to them needs it."""
    kind = KINDS[name]
    related = {column.rpartition("__")[0] for column in kind.named_by} - {""}
    rows = kind.seen_by(user, project, roles_of(user, project)).order_by()
    return (rows.select_related(*related) if related else rows).only(*kind.named_by)


def cited_evidence(
    user: User, project: Project, citations: Iterable[Citation]
) -> dict[tuple[str, int], Any]:
    """Return the cited things that the person may read by kind and key, as far as a link to them
    needs it."""
    cited: dict[str, set[int]] = defaultdict(set)
    for one in citations:
        cited[one.name].add(one.thing_pk)
    return {
        (name, thing.pk): with_project(thing, name, project)
        for name, keys in cited.items()
        for thing in _readable(user, project, name).filter(pk__in=keys)
    }


def evidence_of_project(user: User, project: Project, names: Iterable[str]) -> list[Any]:
    """Return everything of these kinds that the person may read in a project, as far as a link to
    it needs it."""
    return [
        with_project(thing, name, project)
        for name in sorted(set(names) & set(KINDS))
        for thing in _readable(user, project, name)
    ]


def with_project(thing: Any, name: str, project: Project) -> Any:
    """Return the thing of this kind with the project, which its label and address need."""
    if name == "indicator":
        thing.result.project = project
    elif hasattr(thing, "project_id"):
        thing.project = project
    return thing


def citations_seen(user: User, project: Project, citations: Iterable[Citation]) -> list[Citation]:
    """Return the citations of things that the person may read."""
    citations = list(citations)
    seen = cited_evidence(user, project, citations)
    return [one for one in citations if (one.name, one.thing_pk) in seen]
