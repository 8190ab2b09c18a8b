"""Shared parts of the pages of projects: fetching the project, its tabs, and hooks for
`ibcr_portal`."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Aggregate, Avg, Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _, pgettext

from accounts.models import User
from kernel.pages import ask
from kernel.prepared import prepared
from projects.models import Activity, Amendment, Assignment, Grant, Project
from projects.permissions.amendments import amendments_seen
from projects.permissions.calls import may_see_calls
from projects.permissions.exchange import may_see_exchange
from projects.permissions.grants import grants_seen
from projects.permissions.money import may_see_budget
from projects.permissions.risks import may_see_risks
from projects.permissions.roles import (
    Role,
    may_edit,
    may_see_team,
    note_place,
    own_institutions,
    roles_of,
    sees_project,
)

Chain = Callable[[User, models.Model], dict[str, Any]]
# Adds to the context of a project's own page; takes the facts that were read already.
Overview = Callable[[User, Project, dict[str, Any]], dict[str, Any]]


def no_chain(user: User, thing: models.Model) -> dict[str, Any]:
    return {}


def no_overview(user: User, project: Project, facts: dict[str, Any]) -> dict[str, Any]:
    return {}


def visible_project(user: User, code: str) -> Project:
    project = get_object_or_404(Project, code=code)
    if not sees_project(user, project):
        raise Http404
    note_place(user, project)
    return project


def editable_project(user: User, code: str) -> Project:
    project = visible_project(user, code)
    ask(may_edit(user, project))
    return project


class TabCounts(NamedTuple):
    """The numbers beside the tabs of a project."""

    activities: int
    mean_share_done: Decimal | None
    amendments: int
    team: int
    grants: int


def tab_counts(user: User, project: Project) -> TabCounts:
    own = sorted(own_institutions(user, project))
    return TabCounts(*_tab_counts(project.pk, roles_of(user, project), own)[0])


@prepared
def _tab_counts(
    project: int, roles: frozenset[Role], own: list[int]
) -> QuerySet[Project, tuple[Any, ...]]:
    def summed(rows: QuerySet[Any], figure: Aggregate) -> Subquery:
        grouped = rows.filter(project=OuterRef("pk")).order_by().values("project")
        return Subquery(grouped.annotate(figure=figure).values("figure"))

    def number(rows: QuerySet[Any]) -> Coalesce:
        return Coalesce(summed(rows, Count("pk")), 0)

    return Project.objects.filter(pk=project).values_list(
        number(Activity.objects.all()),
        summed(Activity.objects.all(), Avg("share_done")),
        number(Amendment.objects.filter(amendments_seen(roles))),
        number(Assignment.objects.current()),
        number(Grant.objects.filter(grants_seen(roles, own))),
    )


def project_tabs(
    user: User, project: Project, here: str, numbers: TabCounts | None = None
) -> list[dict[str, Any]]:
    """Return the tabs of a project's pages; some lead to pages of apps above this one.

    `numbers`: those beside the tabs, if they are known already.
    """
    sees_team = may_see_team(user, project)
    numbers = numbers or tab_counts(user, project)
    sees_calls = may_see_calls(user, project) or numbers.grants > 0
    tabs = [
        ("detail", _("Project"), True, ""),
        ("logic-model", _("Results"), True, ""),
        ("framework", _("Framework"), True, ""),
        ("activities", _("Activities"), True, numbers.activities),
        ("budget", _("Budget"), may_see_budget(user, project), ""),
        ("risks", _("Risks"), may_see_risks(user, project), ""),
        ("amendments", _("Amendments"), True, numbers.amendments),
        ("reports", _("Reports"), True, ""),
        ("due", pgettext("calendar", "Due"), True, ""),
        ("exchange", _("Exchange"), may_see_exchange(user, project), ""),
        ("calls", _("Calls"), sees_calls, ""),
        ("team", _("Team"), sees_team, numbers.team),
    ]
    return [
        {
            "label": label,
            "url": reverse_in(project, name),
            "count": count,
            "current": name == here,
        }
        for name, label, is_visible, count in tabs
        if is_visible
    ]


def reverse_in(project: Project, name: str, *args: Any) -> str:
    return reverse(f"projects:{name}", args=[project.code, *args])
