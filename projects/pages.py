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
from projects.models import (
    Activity,
    Amendment,
    Assignment,
    BudgetCategory,
    CallForProposals,
    Contribution,
    Project,
    Result,
    Risk,
)
from projects.permissions.amendments import amendments_seen
from projects.permissions.calls import may_see_calls, visible_grants
from projects.permissions.exchange import may_see_exchange
from projects.permissions.money import may_audit, may_keep_budget, may_see_books, may_see_budget
from projects.permissions.risks import may_see_risks, risks_seen
from projects.permissions.roles import (
    Role,
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
    """The numbers beside the tabs of a project, and which subjects it uses."""

    activities: int
    mean_share_done: Decimal | None
    amendments: int
    team: int
    has_grants: bool
    has_results: bool
    has_budget: bool
    has_contributions: bool
    has_risks: bool
    has_calls: bool


def tab_counts(user: User, project: Project) -> TabCounts:
    roles = roles_of(user, project)
    here = {"project": OuterRef("pk")}
    figures = Project.objects.filter(pk=project.pk).values_list(
        _number(Activity.objects.all()),
        _figure(Activity.objects.all(), Avg("share_done")),
        _number(Amendment.objects.filter(amendments_seen(roles))),
        _number(Assignment.objects.current()),
        Exists(visible_grants(user, project)),
        Exists(Result.objects.filter(**here)),
        Exists(BudgetCategory.objects.filter(**here)),
        Exists(Contribution.objects.filter(participation__project=OuterRef("pk"))),
        Exists(Risk.objects.filter(risks_seen(roles), **here)),
        Exists(CallForProposals.objects.filter(**here)),
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
    """Return the tabs of a project's pages: a subject has one once the project uses it, and the pages of
    each that the person sees; the last leads to all subjects. Some lead to pages of apps above this
    one.

    `here`: the page, which is current with its subject, which then has a tab in any case. `numbers`:
    those beside the tabs, if they are known already.
    """
    tabs = []
    for subject in project_subjects(user, project, numbers or tab_counts(user, project)):
        shown = [page | {"current": page["page"] == here} for page in subject.pages]
        current = any(page["current"] for page in shown)
        if shown and (subject.is_used or current):
            url = shown[0]["url"]
            tabs.append({"label": subject.label, "url": url, "current": current, "tabs": shown})
    all_subjects = tabs[-1]
    if here == ALL_SUBJECTS:
        all_subjects["tabs"] = all_subjects["tabs"][:1]  # the page itself has the others
    return tabs


def project_page(
    request: HttpRequest, template: str, project: Project, context: dict[str, Any], *, tab: str = ""
) -> HttpResponse:
    """Answer with a page of a project, whose name stands behind its title: one of its `tab`s, or one
    below it."""
    tabs = project_tabs(cast(User, request.user), project, tab) if tab else []
    usual = {"project": project, "place_title": project.short_title, "crumbs": trail(project)}
    return render(request, template, usual | {"tabs": tabs} | context)


ALL_SUBJECTS = "subjects"
# Those who come to read a project, and look for what it has.
READS_ALL = frozenset({Role.AUDITOR, Role.DIRECTION})
# The name of a page, its label, whether the person sees it, and a number.
_Page = tuple[str, str, bool, int | str]


class Subject(NamedTuple):
    """A subject of a project: its pages that the person sees, and whether it has a tab."""

    label: str
    pages: list[dict[str, Any]]
    is_used: bool


def project_subjects(user: User, project: Project, numbers: TabCounts) -> list[Subject]:
    """Return all subjects, those first that every project has; the last leads to all."""
    reads_all = bool(roles_of(user, project) & READS_ALL)
    has_results = numbers.has_results or bool(numbers.activities)
    has_money = numbers.has_budget or numbers.has_contributions
    has_calls = numbers.has_calls or numbers.has_grants
    found: list[tuple[str, list[_Page], bool]] = [
        (_("Overview"), [("detail", _("Project"), True, "")], True),
        (pgettext("calendar", "Due"), [("due", pgettext("calendar", "Due"), True, "")], True),
        (_("Committee"), _committee(), True),
        (_("Action plans"), [("plans", _("Action plans"), True, "")], True),
        (_("Reports"), [("reports", _("Reports"), True, "")], True),
        (_("Results"), _results(numbers), has_results),
        (_("Money"), _money(user, project), has_money),
        (_("Risks"), [("risks", _("Risks"), may_see_risks(user, project), "")], numbers.has_risks),
        (_("Amendments"), _amendments(numbers), bool(numbers.amendments)),
        (_("Calls"), _calls(user, project, numbers), has_calls),
        (_("All subjects"), _settings(user, project, numbers), True),
    ]
    return [
        Subject(
            label,
            [
                {"page": page, "label": name, "url": reverse_in(project, page), "count": count}
                for page, name, is_visible, count in pages
                if is_visible
            ],
            is_used or reads_all,
        )
        for label, pages, is_used in found
    ]


def _committee() -> list[_Page]:
    return [
        ("committee", _("Committee"), True, ""),
        ("meetings", _("Meetings"), True, ""),
        ("resolutions", _("Decisions"), True, ""),
    ]


def _results(numbers: TabCounts) -> list[_Page]:
    return [
        ("logic-model", _("Logic model"), True, ""),
        ("framework", _("Framework"), True, ""),
        ("activities", _("Activities"), True, numbers.activities),
        ("lessons", _("Lessons learned"), True, ""),
    ]


def _amendments(numbers: TabCounts) -> list[_Page]:
    return [("amendments", _("Amendments"), True, numbers.amendments)]


def _calls(user: User, project: Project, numbers: TabCounts) -> list[_Page]:
    return [("calls", _("Calls"), may_see_calls(user, project) or numbers.has_grants, "")]


def _settings(user: User, project: Project, numbers: TabCounts) -> list[_Page]:
    return [
        (ALL_SUBJECTS, _("All subjects"), True, ""),
        ("participations", _("Partners"), True, ""),
        ("team", _("Team"), may_see_team(user, project), numbers.team),
        ("periods", _("Periods"), True, ""),
        ("duties", _("Reporting duties"), True, ""),
        ("documents", _("Documents"), True, ""),
        ("translations", _("Translations"), may_edit(user, project), ""),
        ("exchange", _("Exchange"), may_see_exchange(user, project), ""),
        ("audit", _("Audit"), may_audit(user, project), ""),
        ("closing", _("Closing"), may_edit(user, project) or project.closed_on is not None, ""),
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
