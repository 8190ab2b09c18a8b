"""The page for whoever takes over a project: what is open, what was decided, who is who, what comes
next, and the notes of those who were there before."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from committees.models import Committee
from committees.permissions.resolutions import visible_resolutions
from committees.seats.services.reading import read_committee
from committees.seats.views.committee import composition
from ibcr_portal.obligations.due import line_of
from ibcr_portal.obligations.writing import Chosen, Obligations
from ibcr_portal.reader import Reader
from kernel.formats import day_short
from kernel.pages import READ_OR_SAVE, Request, ask, locked, posted, save_page, trail
from projects.models import Assignment, HandoverNote, Project
from projects.pages import project_page, reverse_in, visible_project
from projects.permissions.representations import visible_representations
from projects.permissions.roles import may_see_team, may_write_handover
from projects.team.forms import HandoverForm

AHEAD = timedelta(days=60)
DECISIONS, OPEN, COMING = 10, 40, 20  # lines shown

Line = dict[str, Any]  # as components/row.html takes it


def _team_project(user: User, code: str) -> Project:
    project = visible_project(user, code)
    if not may_see_team(user, project):
        raise Http404
    return project


@require_safe
def handover(request: Request, code: str) -> HttpResponse:
    user, project = request.user, _team_project(request.user, code)
    obligations = Obligations(Reader(user, [project]), [project])
    day = timedelta(days=1)
    late = Chosen(span=(date.min, project.today - day), dated=True)
    undated = Chosen(dated=False)  # is open as well, however much is late
    ahead = Chosen(span=(project.today, project.today + AHEAD), dated=True)
    rows = [row for chosen in (late, undated) for row in obligations.rows(chosen, 0, OPEN)]
    is_open = obligations.shown(rows)
    coming = obligations.rows(ahead, 0, COMING)
    decisions = visible_resolutions(user, project).in_force()[:DECISIONS]
    context = {
        "title": _("Handover"),
        "open_for_you": [line_of(due, with_project=False) for due in is_open if due.is_theirs],
        "open_for_others": [
            line_of(due, with_project=False) for due in is_open if not due.is_theirs
        ],
        "more_open": sum(obligations.numbers(each)[-1] for each in (late, undated)) - len(rows),
        "coming": [line_of(due, with_project=False) for due in obligations.shown(coming)],
        "more_coming": obligations.numbers(ahead)[-1] - len(coming),
        "decisions": [
            {
                "title": f"{each.number} · {Truncator(each.text).chars(160)}",
                "url": each.get_absolute_url(),
                "when": day_short(each.resolved_on) if each.resolved_on else "",
            }
            for each in decisions
        ],
        "people": [
            (_("Team"), _team(project)),
            (_("Committee"), list(_seats(user, project))),
            (_("Partners"), list(_institutions(user, project))),
        ],
        "notes": _notes(project),
        "may_write": may_write_handover(user, project),
    }
    return project_page(request, "ibcr_portal/handover.html", project, context, tab="team")


def _team(project: Project) -> list[Line]:
    """Return who works for the project, those who run it first."""
    order = list(Assignment.Role.values)
    rows = sorted(
        project.assignments.current().select_related("user"), key=lambda row: order.index(row.role)
    )
    return [{"title": row.user, "meta": row.get_role_display()} for row in rows]


def _seats(user: User, project: Project) -> Iterator[Line]:
    """Yield who holds each seat today, by name where the reader may know it."""
    committee = Committee.objects.filter(project=project).first()
    if committee is None:
        return
    committee.project = project
    for seat in composition(user, committee, read_committee(user, committee).seats):
        held = [seat["holder"], *seat["alternates"]] if seat["holder"] else seat["alternates"]
        names = [str(person["name"]) for person in held if person["name"]]
        yield {"title": seat["names"], "meta": " · ".join(names) or _no_name(held)}


def _no_name(held: list[Any]) -> str:
    return "" if held else _("Vacant")


def _institutions(user: User, project: Project) -> Iterator[Line]:
    """Yield the institutions with their role, and who represents them, if the reader may know it."""
    rows = visible_representations(user).open().filter(participation__project=project)
    people: dict[int, list[str]] = {}
    for row in rows.select_related("contact"):
        people.setdefault(row.participation_id, []).append(str(row.contact))
    for place in project.participations.with_institutions():
        yield {
            "title": place.institution.short_name,
            "url": place.institution.get_absolute_url(),
            "meta": " · ".join([place.get_role_display(), *people.get(place.pk, [])]),
        }


def _notes(project: Project) -> list[Line]:
    """Return the notes as they are and as they were before, the latest first."""
    rows = HandoverNote.history.filter(project=project).select_related("history_user")
    return [
        {"when": row.history_date, "text": row.text, "who": row.history_user}
        for row in rows.order_by("-history_id")
    ]


@READ_OR_SAVE
def handover_notes(request: Request, code: str) -> HttpResponse:
    project = _team_project(request.user, code)
    ask(may_write_handover(request.user, project))
    locked(request, Project.objects.filter(pk=project.pk)).get()
    note = HandoverNote.objects.filter(project=project).first() or HandoverNote(project=project)
    form = HandoverForm(posted(request), instance=note)
    return save_page(
        request,
        form,
        sentence=_("The notes were saved."),
        title=_("Notes for whoever takes over"),
        crumbs=trail(
            project,
            (_("Team"), reverse_in(project, "team")),
            (_("Handover"), reverse_in(project, "handover")),
        ),
    )
