"""Shared parts of the pages of projects: fetching the project, its tabs, and hooks for
`ibcr_portal`."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple, cast

from django.db import models
from django.db.models import Aggregate, Avg, Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _, pgettext

from accounts.models import AccessEvent, User
from kernel.files import serve
from kernel.pages import Request, ask, trail
from projects.models import Activity, Amendment, Assignment, Project
from projects.permissions.amendments import amendments_seen
from projects.permissions.calls import may_see_calls, visible_grants
from projects.permissions.exchange import may_see_exchange
from projects.permissions.money import may_audit, may_keep_budget, may_see_books, may_see_budget
from projects.permissions.risks import may_see_risks
from projects.permissions.roles import (
    may_edit,
    may_see_team,
    note_place,
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
    has_grants: bool


def tab_counts(user: User, project: Project) -> TabCounts:
    amendments = Amendment.objects.filter(amendments_seen(roles_of(user, project)))
    figures = Project.objects.filter(pk=project.pk).values_list(
        _number(Activity.objects.all()),
        _figure(Activity.objects.all(), Avg("share_done")),
        _number(amendments),
        _number(Assignment.objects.current()),
        Exists(visible_grants(user, project)),
    )
    return TabCounts(*figures.get())


def _figure(rows: QuerySet[Any], figure: Aggregate) -> Subquery:
    """Return a figure of the rows of a project."""
    grouped = rows.filter(project=OuterRef("pk")).order_by().values("project")
    return Subquery(grouped.annotate(figure=figure).values("figure"))


def _number(rows: QuerySet[Any]) -> Coalesce:
    return Coalesce(_figure(rows, Count("pk")), 0)


Tab = dict[str, Any]


def project_tabs(
    user: User, project: Project, here: str, numbers: TabCounts | None = None
) -> list[Tab]:
    """Return the tabs of a project's pages: at most five groups, and the pages of each that the
    person sees. Some lead to pages of apps above this one.

    `here`: the page, which is current with its group. `numbers`: those beside the tabs, if they are
    known already.
    """
    tabs = []
    for label, pages in _groups(user, project, numbers or tab_counts(user, project)):
        shown: list[Tab] = [
            {
                "label": name,
                "url": reverse_in(project, page),
                "count": count,
                "current": page == here,
            }
            for page, name, is_visible, count in pages
            if is_visible
        ]
        if shown:
            current = any(tab["current"] for tab in shown)
            tabs.append({"label": label, "url": shown[0]["url"], "current": current, "tabs": shown})
    return tabs


def project_page(
    request: HttpRequest, template: str, project: Project, context: dict[str, Any], *, tab: str = ""
) -> HttpResponse:
    """Answer with a page of a project, whose name stands behind its title: one of its `tab`s, or one
    below it."""
    tabs = project_tabs(cast(User, request.user), project, tab) if tab else []
    usual = {"project": project, "place_title": project.short_title, "crumbs": trail(project)}
    return render(request, template, usual | {"tabs": tabs} | context)


# The name of a page, its label, whether the person sees it, and a number.
_Page = tuple[str, str, bool, int | str]


def _groups(user: User, project: Project, numbers: TabCounts) -> list[tuple[str, list[_Page]]]:
    sees_calls = may_see_calls(user, project) or numbers.has_grants
    overview: list[_Page] = [
        ("detail", _("Project"), True, ""),
        ("due", pgettext("calendar", "Due"), True, ""),
        ("translations", _("Translations"), may_edit(user, project), ""),
        ("documents", _("Documents"), True, ""),
        ("closing", _("Closing"), may_edit(user, project) or project.closed_on is not None, ""),
    ]
    governance: list[_Page] = [
        ("committee", _("Committee"), True, ""),
        ("meetings", _("Meetings"), True, ""),
        ("plans", _("Action plans"), True, ""),
        ("resolutions", _("Decisions"), True, ""),
        ("risks", _("Risks"), may_see_risks(user, project), ""),
        ("amendments", _("Amendments"), True, numbers.amendments),
    ]
    results: list[_Page] = [
        ("logic-model", _("Logic model"), True, ""),
        ("framework", _("Framework"), True, ""),
        ("activities", _("Activities"), True, numbers.activities),
        ("lessons", _("Lessons learned"), True, ""),
        ("calls", _("Calls"), sees_calls, ""),
        ("reports", _("Reports"), True, ""),
    ]
    settings: list[_Page] = [
        ("participations", _("Partners"), True, ""),
        ("team", _("Team"), may_see_team(user, project), numbers.team),
        ("periods", _("Periods"), True, ""),
        ("duties", _("Reporting duties"), True, ""),
        ("exchange", _("Exchange"), may_see_exchange(user, project), ""),
        ("audit", _("Audit"), may_audit(user, project), ""),
    ]
    return [
        (_("Overview"), overview),
        (_("Governance"), governance),
        (_("Results"), results),
        (_("Money"), _money(user, project)),
        (_("Settings"), settings),
    ]


def _money(user: User, project: Project) -> list[_Page]:
    sees, keeps = may_see_budget(user, project), may_keep_budget(user, project)
    sees_books = may_see_books(user, project)
    return [
        ("budget", _("Budget"), sees, ""),
        ("expenditures", _("Expenditure"), sees_books, ""),
        ("contributions", _("Contributions"), sees, ""),
        ("rates", _("Rates"), sees, ""),
        ("locks", _("Locked periods"), sees_books, ""),
        ("advances", _("Advances"), sees_books, ""),
        ("budget-categories", _("Categories"), keeps, ""),
    ]


def reverse_in(project: Project, name: str, *args: Any) -> str:
    return reverse(f"projects:{name}", args=[project.code, *args])


def handed_file(
    request: Request,
    stored: Any,
    name: str,
    *,
    inline: bool = False,
    thing: Any = None,
    **more: Any,
) -> FileResponse:
    """Answer with a stored file, called `name` (see `serve`). The download of it, or of the `thing` to
    which it belongs, is logged, unless the request asks for the head only."""
    answer = serve(stored, filename=name, inline=inline)
    if request.method == "GET":
        thing = thing or stored
        AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=request.user, thing=thing, **more)
    return answer
