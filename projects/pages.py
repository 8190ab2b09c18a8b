"""What the pages of this app have in common: whose project, a page of one form, deleting."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db import models, transaction
from django.db.models import ProtectedError, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _, pgettext
from django.views.decorators.http import require_http_methods

from accounts.models import User
from kernel.formats import join_list
from projects.models import Project
from projects.permissions.amendments import visible_amendments
from projects.permissions.calls import may_see_calls
from projects.permissions.exchange import may_see_exchange
from projects.permissions.grants import visible_grants
from projects.permissions.money import may_see_budget
from projects.permissions.risks import may_see_risks
from projects.permissions.roles import Role, may_edit, may_see_team

Crumbs = list[dict[str, str]]
Chain = Callable[[User, models.Model], dict[str, Any]]
# Of a project's own page: what to add to the facts that are read already.
Overview = Callable[[User, Project, dict[str, Any]], dict[str, Any]]
Roles = Callable[[User, Project], frozenset[Role]]

ROWS_ON_A_PAGE = 25
READ_OR_SAVE = require_http_methods(["GET", "HEAD", "POST"])


def no_chain(user: User, thing: models.Model) -> dict[str, Any]:
    return {}


def no_overview(user: User, project: Project, facts: dict[str, Any]) -> dict[str, Any]:
    return {}


def atomic_post(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Save in one transaction; to read needs none (on SQLite it would wait for who writes)."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic() if request.method == "POST" else nullcontext():
            return view(request, *args, **kwargs)

    return wrapped


def locked(request: HttpRequest, rows: QuerySet) -> QuerySet:
    """Where a form is saved, let nobody change the row between its check and the UPDATE."""
    return rows.select_for_update(of=("self",)) if request.method == "POST" else rows


def visible_project(user: User, code: str) -> Project:
    return get_object_or_404(Project.objects.visible_to(user), code=code)


def editable_project(user: User, code: str) -> Project:
    project = visible_project(user, code)
    demand(may_edit(user, project))
    return project


def demand(allowed: bool, sentence: str = "") -> None:
    if not allowed:
        raise PermissionDenied(
            sentence or _("Only the coordination of the project does this. Ask your coordinator.")
        )


def project_crumbs(project: Project, *more: tuple[str, str]) -> Crumbs:
    pairs = [(str(project), project.get_absolute_url()), *more]
    return [{"label": label, "url": url} for label, url in pairs]


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


def page_of(request: HttpRequest, rows: Any) -> Page:
    return Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("page"))


def form_page(
    request: HttpRequest, form: forms.BaseForm, *, title: str, back: str, **context: Any
) -> HttpResponse:
    """A page of one form; a refused one is shown again with what was typed."""
    context |= {"form": form, "title": title, "cancel_url": back}
    return render(request, "components/form_page.html", context)


def saved(request: HttpRequest, sentence: str, to: str | models.Model) -> HttpResponse:
    messages.success(request, sentence)
    return redirect(to)


def delete_page(
    request: HttpRequest, thing: models.Model, *, back: str, done: str, **context: Any
) -> HttpResponse:
    """Ask, then delete `thing`; refuse with a sentence where something else needs it."""
    # Before: what is gone can no longer be asked for its name.
    label = f"{thing._meta.verbose_name}, {thing}"
    if request.method == "POST":
        try:
            with transaction.atomic():
                thing.delete()
        except ProtectedError as error:
            messages.error(request, in_use(thing, error))
            return redirect(back)
        return saved(request, _("Deleted: %(thing)s.") % {"thing": label}, done)
    title = _("Delete “%(thing)s”?") % {"thing": thing}
    context.setdefault("intro", _("This cannot be undone."))
    return form_page(
        request, forms.Form(), title=title, back=back, danger=True, submit=_("Delete"), **context
    )


def in_use(thing: models.Model, error: ProtectedError) -> str:
    # A mere link is named by what it leads from: that is what a reader finds and can mend.
    others = (getattr(other, "owner", other) for other in error.protected_objects)
    kinds = {capfirst(other._meta.verbose_name_plural) for other in others}
    return _(
        "“%(thing)s” is in use and cannot be deleted. Remove first what refers to it: %(kinds)s."
    ) % {"thing": thing, "kinds": join_list(sorted(kinds))}
