"""Pages of what is due: of all projects of the reader and of one, as a list and by month."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.exports import handed_out
from accounts.links import absolute_url, link_or_404, link_page
from accounts.models import AccessLink, User
from committees.plans.views.digest import chosen_by_link
from ibcr_portal.models import Owed, ReminderRule
from ibcr_portal.obligations import mine, obligations_of
from ibcr_portal.obligations.calendars import feed_of
from ibcr_portal.obligations.due import Due, State
from ibcr_portal.obligations.forms import DueFilterForm, ReminderRuleForm
from ibcr_portal.obligations.months import heading, month_of, month_with
from ibcr_portal.obligations.reminders import (
    DEFAULT,
    DEFAULTS,
    ELSEWHERE,
    STOP_PURPOSE,
    choose_reminders,
    has_reminders,
)
from ibcr_portal.obligations.sheet import WIDTHS, sheet_head, sheet_rows
from ibcr_portal.reader import Reader
from kernel.sheets import excel_sheet
from projects.models import Project
from projects.pages import (
    READ_OR_SAVE,
    demand,
    page_of,
    project_crumbs,
    project_tabs,
    reverse_in,
    saved,
    visible_project,
)
from projects.permissions.roles import may_edit

FEED = "due_calendar"
LASTS = timedelta(days=2 * 365)


@require_safe
def due_list(request: HttpRequest) -> HttpResponse:
    return _due_page(request, Reader(request.user))


@require_safe
def project_due(request: HttpRequest, code: str) -> HttpResponse:
    project = visible_project(request.user, code)
    return _due_page(request, Reader(request.user, [project]), project)


def _due_page(request: HttpRequest, reader: Reader, project: Project | None = None) -> HttpResponse:
    found = obligations_of(reader)
    form = DueFilterForm(request.GET, reader=reader, one_project=project is not None)
    rows = form.chosen(found)
    context: dict[str, Any] = {
        "project": project,
        "form": form,
        "reader": reader,
        "is_filtered": form.is_filtered,
        "counts": [
            {"state": state, "number": sum(1 for due in found if due.state == state)}
            for state in State
        ],
        "here": reverse_in(project, "due") if project else reverse("due"),
        "export_url": _export_url(request, project),
        "has_reminders": has_reminders(request.user),
    }
    if project:
        context |= _of_project(request.user, project)
    if "month" in request.GET:
        first = month_of(request.GET["month"], reader.today)
        context["month"] = month_with(rows, first, reader.today)
        return render(request, "ibcr_portal/due_month.html", context)
    page = page_of(request, rows)
    context |= {"page": page, "groups": _by_heading(page.object_list), "today": reader.today}
    return render(request, "ibcr_portal/due.html", context)


def _of_project(user: User, project: Project) -> dict[str, Any]:
    return {
        "tabs": project_tabs(user, project, "due"),
        "may_edit": may_edit(user, project),
    }


def _by_heading(rows: list[Due]) -> list[tuple[str, list[Due]]]:
    groups: dict[str, list[Due]] = {}
    for due in rows:
        groups.setdefault(heading(due), []).append(due)
    return list(groups.items())


def _export_url(request: HttpRequest, project: Project | None) -> str:
    query = request.GET.copy()
    for name in ("page", "month"):
        query.pop(name, None)
    if project:
        query["project"] = project.code
    return f"{reverse('due-export')}?{query.urlencode()}"


@require_safe
def due_export(request: HttpRequest) -> HttpResponse:
    """What the filters let pass, as a workbook; an export is logged."""
    reader = Reader(request.user)
    rows = DueFilterForm(request.GET, reader=reader).chosen(obligations_of(reader))
    content = excel_sheet(pgettext("calendar", "Due"), sheet_head(), sheet_rows(rows), WIDTHS)
    return handed_out(request, content, "due", what="due", rows=len(rows))


# Reminders


@require_POST
def due_reminders(request: HttpRequest) -> HttpResponse:
    """Whether the person wants reminders of what is due."""
    wanted = "again" in request.POST
    choose_reminders(request.user, wanted=wanted)
    sentence = _("You will be reminded again.") if wanted else _("You will not be reminded.")
    return saved(request, sentence, reverse("due"))


@csrf_exempt  # no cookie stands for the person: a forged form has nothing to ride on
@READ_OR_SAVE
@link_page(STOP_PURPOSE)
def due_reminders_link(request: HttpRequest, link: AccessLink) -> HttpResponse:
    """The same without signing in, from a reminder. Opening the page changes nothing."""
    if done := chosen_by_link(request, link, choose_reminders):
        return done
    context = {"has_reminders": has_reminders(link.user)}
    response = render(request, "ibcr_portal/due_reminders_link.html", context)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@READ_OR_SAVE
def project_reminders(request: HttpRequest, code: str) -> HttpResponse:
    """How the project wants its people to be reminded of each kind of thing."""
    project = visible_project(request.user, code)
    demand(may_edit(request.user, project))
    kept = {rule.kind: rule for rule in ReminderRule.objects.filter(project=project)}
    forms = [
        ReminderRuleForm(
            request.POST or None,
            instance=kept.get(kind.value) or _usual(project, kind),
            prefix=kind.value,
        )
        for kind in Owed
        if kind not in ELSEWHERE
    ]
    back = reverse_in(project, "due")
    if request.method == "POST" and all(form.is_valid() for form in forms):
        for form in forms:
            if form.has_changed():
                ReminderRule.objects.update_or_create(
                    project=project, kind=form.instance.kind, defaults=form.cleaned_data
                )
        return saved(request, _("The reminders were saved."), back)
    context = {
        "forms": forms,
        "title": _("Reminders"),
        "cancel_url": back,
        "crumbs": project_crumbs(project, (pgettext("calendar", "Due"), back)),
    }
    return render(request, "ibcr_portal/due_rules.html", context)


def _usual(project: Project, kind: Owed) -> ReminderRule:
    usual = DEFAULTS.get(kind, DEFAULT)
    return ReminderRule(project=project, kind=kind.value, **usual._asdict())


# The feed


def _feeds(user: User):
    return user.access_links.filter(purpose=FEED).valid()


@require_safe
def due_calendar(request: HttpRequest) -> HttpResponse:
    return _calendar_page(request)


def _calendar_page(request: HttpRequest, url: str = "") -> HttpResponse:
    context = {"link": _feeds(request.user).first(), "url": url}
    return render(request, "ibcr_portal/due_calendar.html", context)


@never_cache
@require_POST
def due_calendar_renew(request: HttpRequest) -> HttpResponse:
    """A new address, shown this once, in place of the one before."""
    _feeds(request.user).update(revoked_at=timezone.now())
    person = User.objects.get(pk=request.user.pk)
    _link, token = AccessLink.issue(person, FEED, person, by=person, lasts=LASTS)
    return _calendar_page(request, absolute_url(reverse("due-feed", args=[token])))


@require_POST
def due_calendar_revoke(request: HttpRequest) -> HttpResponse:
    _feeds(request.user).update(revoked_at=timezone.now())
    messages.success(request, _("The address of your calendar opens nothing any more."))
    return redirect("due-calendar")


@login_not_required
@never_cache
@require_safe
def due_feed(request: HttpRequest, token: str) -> HttpResponse:
    """What is the person's to do, without the meetings, which have a feed of their own."""
    link = link_or_404(token, FEED)
    if link.thing != link.user:
        raise Http404
    person = link.user
    with translation.override(person.language):
        reader = Reader(person)
        found = [due for due in mine(reader, obligations_of(reader)) if not due.is_event]
        content = feed_of(found, person)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="due.ics"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response
