"""Pages of what is due: of all projects of the reader and of one, as a list and by month."""

from collections.abc import Iterable
from typing import Any, cast

from django.core.paginator import Page
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _, pgettext
from django.views.decorators.http import require_POST, require_safe

from accounts.exports import handed_out
from accounts.feeds import CalendarFeed
from accounts.models import User
from ibcr_portal.models import ObligationKind, ReminderRule
from ibcr_portal.obligations.due import Due, DueState, line_of
from ibcr_portal.obligations.forms import DueFilterForm, ReminderRuleForm
from ibcr_portal.obligations.months import days_of, heading, month_of, month_with
from ibcr_portal.obligations.reminders import (
    DEFAULT,
    DEFAULTS,
    ELSEWHERE,
    choose_reminders,
    has_reminders,
    save_rules,
)
from ibcr_portal.obligations.sheet import WIDTHS, sheet_head, sheet_rows
from ibcr_portal.obligations.writing import Chosen, Obligations, RowsOfPages
from ibcr_portal.reader import Reader
from kernel.pages import READ_OR_SAVE, Request, ask, page_of, posted, saved, trail
from kernel.sheets import excel_sheet
from projects.models import Project
from projects.pages import project_tabs, reverse_in, visible_project
from projects.permissions.roles import may_edit

LINES_ON_A_PAGE = 15


@require_safe
def due_list(request: Request) -> HttpResponse:
    return _due_page(request, Reader(request.user))


@require_safe
def project_due(request: Request, code: str) -> HttpResponse:
    project = visible_project(request.user, code)
    return _due_page(request, Reader(request.user, [project]), project)


def _due_page(request: Request, reader: Reader, project: Project | None = None) -> HttpResponse:
    form = DueFilterForm(request.GET, reader=reader, one_project=project is not None)
    # An invitation and a panel wait for people who may not see the project itself.
    obligations = Obligations(reader, [project] if project else None)
    narrowed = None if project else form.chosen_projects
    listed = obligations if narrowed is None else Obligations(reader, narrowed)
    numbers = obligations.numbers(form.chosen)
    context: dict[str, Any] = {
        "project": project,
        "form": form,
        "is_filtered": form.is_filtered,
        "counts": [
            {"state": state, "number": found}
            for state, found in zip(DueState, numbers, strict=False)
        ],
        "here": reverse_in(project, "due") if project else reverse("due"),
        "export_url": _export_url(request, project),
        "has_reminders": has_reminders(request.user),
    }
    if project:
        context["tabs"] = project_tabs(request.user, project, "due")
        context["may_edit"] = may_edit(request.user, project)
    if "month" in request.GET:
        first = month_of(request.GET["month"], reader.today)
        shown = listed.chosen(form.chosen._replace(span=days_of(first)))
        context["month"] = month_with(shown, first, reader.today)
        return render(request, "ibcr_portal/due_month.html", context)
    number = (numbers if narrowed is None else listed.numbers(form.chosen))[-1]
    rows = RowsOfPages(listed, form.chosen, number)
    page: Page[Any] = page_of(request, cast("list[Any]", rows), LINES_ON_A_PAGE)
    page.object_list = listed.shown(page.object_list)
    context |= {"page": page, "today": reader.today}
    context["groups"] = _groups(page.object_list, with_project=project is None)
    return render(request, "ibcr_portal/due.html", context)


def _groups(rows: Iterable[Due], *, with_project: bool) -> dict[str, list[dict[str, str]]]:
    """Return what is late, then each month under its heading."""
    groups: dict[str, list[dict[str, str]]] = {}
    for due in rows:
        groups.setdefault(heading(due), []).append(line_of(due, with_project=with_project))
    return groups


def _export_url(request: Request, project: Project | None) -> str:
    query = request.GET.copy()
    for name in ("page", "month", "sort"):
        query.pop(name, None)
    if project:
        query["project"] = project.code
    return f"{reverse('due-export')}?{query.urlencode()}"


@require_safe
def due_export(request: Request) -> HttpResponse:
    """Export the filtered list as a workbook, and logs the export."""
    reader = Reader(request.user)
    form = DueFilterForm(request.GET, reader=reader)
    rows = Obligations(reader, form.chosen_projects).chosen(form.chosen)
    content = excel_sheet(pgettext("calendar", "Due"), sheet_head(), sheet_rows(rows), WIDTHS)
    return handed_out(request, content, "due", what="due", rows=len(rows))


# Reminders


@require_POST
def due_reminders(request: Request) -> HttpResponse:
    """Ask whether the person wants reminders of obligations."""
    wanted = "again" in request.POST
    choose_reminders(request.user, wanted=wanted)
    sentence = _("You will be reminded again.") if wanted else _("You will not be reminded.")
    return saved(request, sentence, reverse("due"))


@READ_OR_SAVE
def project_reminders(request: Request, code: str) -> HttpResponse:
    """Edit the project's reminder rules, one for each kind of obligation."""
    project = visible_project(request.user, code)
    ask(may_edit(request.user, project))
    kept = {rule.kind: rule for rule in ReminderRule.objects.filter(project=project)}
    forms = [
        ReminderRuleForm(
            posted(request),
            instance=kept.get(kind.value) or _usual(project, kind),
            prefix=kind.value,
        )
        for kind in ObligationKind
        if kind not in ELSEWHERE
    ]
    back = reverse_in(project, "due")
    if all(form.is_valid() for form in forms):
        changed = {form.instance.kind: form.cleaned_data for form in forms if form.has_changed()}
        save_rules(project, changed)
        return saved(request, _("The reminders were saved."), back)
    context = {
        "forms": forms,
        "title": _("Reminders"),
        "cancel_url": back,
        "crumbs": trail(project, (pgettext("calendar", "Due"), back)),
    }
    return render(request, "ibcr_portal/due_rules.html", context)


def _usual(project: Project, kind: ObligationKind) -> ReminderRule:
    usual = DEFAULTS.get(kind, DEFAULT)
    return ReminderRule(project=project, kind=kind.value, **usual._asdict())


# The feed


def _own_obligations(person: User) -> bytes:
    """Write the person's own obligations as a calendar, without meetings, which have their own
    feed."""
    from ibcr_portal.obligations.calendars import feed_of  # noqa: PLC0415  (it imports icalendar)

    reader = Reader(person)
    found = Obligations(reader).chosen(Chosen(is_mine=True, events=False))
    return feed_of(found, person)


feed = CalendarFeed(
    _own_obligations,
    purpose="due_calendar",
    page_name="due-calendar",
    file_view="due-feed",
    template="ibcr_portal/due_calendar.html",
    file_name="due.ics",
)
