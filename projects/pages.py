"""What the pages of projects share: fetching the project, its tabs, and the seam by which
`ibcr_portal` adds the panels of the evidence chain."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _, pgettext

from accounts.models import User
from kernel.pages import ask
from projects.models import Project
from projects.permissions.amendments import visible_amendments
from projects.permissions.calls import may_see_calls
from projects.permissions.exchange import may_see_exchange
from projects.permissions.grants import visible_grants
from projects.permissions.money import may_see_budget
from projects.permissions.risks import may_see_risks
from projects.permissions.roles import may_edit, may_see_team

Chain = Callable[[User, models.Model], dict[str, Any]]
# Of a project's own page: what to add to the facts that are read already.
Overview = Callable[[User, Project, dict[str, Any]], dict[str, Any]]


def no_chain(user: User, thing: models.Model) -> dict[str, Any]:
    return {}


def no_overview(user: User, project: Project, facts: dict[str, Any]) -> dict[str, Any]:
    return {}


def visible_project(user: User, code: str) -> Project:
    return get_object_or_404(Project.objects.visible_to(user), code=code)


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
    """The pages of one project; `ibcr_portal` adds those of the apps further left.

    `activities`: how many there are, where it is known.
    """
    amendments = visible_amendments(user, project).count()
    tabs = [
        ("detail", _("Project"), ""),
        ("logic-model", _("Results"), ""),
        ("framework", _("Framework"), ""),
        (
            "activities",
            _("Activities"),
            project.activities.count() if activities is None else activities,
        ),
    ]
    if may_see_budget(user, project):
        tabs.append(("budget", _("Budget"), ""))
    if may_see_risks(user, project):
        tabs.append(("risks", _("Risks"), ""))
    tabs.append(("amendments", _("Amendments"), amendments))
    tabs.append(("reports", _("Reports"), ""))  # as "due": a page of the apps further left
    tabs.append(("due", pgettext("calendar", "Due"), ""))
    if may_see_exchange(user, project):
        tabs.append(("exchange", _("Exchange"), ""))
    if may_see_calls(user, project) or visible_grants(user, project).exists():
        tabs.append(("calls", _("Calls"), ""))
    if may_see_team(user, project):
        tabs.append(("team", _("Team"), project.assignments.current().count()))
    return [
        {
            "label": label,
            "url": reverse_in(project, name),
            "count": count,
            "current": name == here,
        }
        for name, label, count in tabs
    ]


def reverse_in(project: Project, name: str, *args: Any) -> str:
    return reverse(f"projects:{name}", args=[project.code, *args])
