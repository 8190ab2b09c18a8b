"""Shared parts of the pages of projects: fetching the project, its tabs, and hooks for
`ibcr_portal`."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _, pgettext

from accounts.models import User
from kernel.counts import counts
from kernel.pages import ask
from projects.models import Project
from projects.permissions.amendments import visible_amendments
from projects.permissions.calls import may_see_calls
from projects.permissions.exchange import may_see_exchange
from projects.permissions.grants import visible_grants
from projects.permissions.money import may_see_budget
from projects.permissions.risks import may_see_risks
from projects.permissions.roles import may_edit, may_see_team, note_place, sees_project

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


def project_tabs(
    user: User,
    project: Project,
    here: str,
    activities: int | None = None,
) -> list[dict[str, Any]]:
    """Return the tabs of a project's pages; some lead to pages of apps above this one.

    `activities`: their number, if it is known already.
    """
    sees_team = may_see_team(user, project)
    sees_calls = may_see_calls(user, project)
    nothing = Project.objects.none()
    amendments, team, grants, counted = counts(
        visible_amendments(user, project),
        project.assignments.current() if sees_team else nothing,
        nothing if sees_calls else visible_grants(user, project),
        project.activities.all() if activities is None else nothing,
    )
    tabs = [
        ("detail", _("Project"), True, ""),
        ("logic-model", _("Results"), True, ""),
        ("framework", _("Framework"), True, ""),
        ("activities", _("Activities"), True, counted if activities is None else activities),
        ("budget", _("Budget"), may_see_budget(user, project), ""),
        ("risks", _("Risks"), may_see_risks(user, project), ""),
        ("amendments", _("Amendments"), True, amendments),
        ("reports", _("Reports"), True, ""),
        ("due", pgettext("calendar", "Due"), True, ""),
        ("exchange", _("Exchange"), may_see_exchange(user, project), ""),
        ("calls", _("Calls"), sees_calls or grants > 0, ""),
        ("team", _("Team"), sees_team, team),
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
