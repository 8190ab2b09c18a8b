"""The page that shows the whole evidence chain of a record, up to the sentence of the report."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.models import Action, ActionPlan, ActionTerms, AgendaItem, Meeting, Resolution
from ibcr_portal.chain import cited_things
from ibcr_portal.chain_links import KINDS, STEPS, ChainLinks, ChainNode
from kernel.formats import day
from kernel.pages import Request, trail
from kernel.prepared import prepared
from kernel.text import columns_of
from projects.models import Activity, Amendment, Indicator, Project, Result, Risk
from projects.permissions.roles import note_place, sees_project
from reports.evidence import citation_label
from reports.permissions.evidence import with_project

# What each kind is, and the way from it to its project.
MODELS: dict[str, tuple[type[Model], str]] = {
    "result": (Result, "project"),
    "indicator": (Indicator, "result__project"),
    "activity": (Activity, "project"),
    "risk": (Risk, "project"),
    "meeting": (Meeting, "committee__project"),
    "item": (AgendaItem, "meeting__committee__project"),
    "resolution": (Resolution, "committee__project"),
    "plan": (ActionPlan, "project"),
    "action": (Action, "project"),
    "amendment": (Amendment, "project"),
}

# /chain/<kind>/<pk>/


@require_safe
def whole_chain(request: Request, kind: str, pk: int) -> HttpResponse:
    """Show what the record goes back to, what followed from it, and where it is reported."""
    if kind not in KINDS:
        raise Http404
    user, start = request.user, ChainNode(kind, pk)
    project = project_of(kind, pk)
    if not sees_project(user, project):
        raise Http404
    note_place(user, project)
    links = ChainLinks(user, project)
    if not links.sees(start):
        raise Http404
    nodes = links.around(start)
    things = ChainThings(project, nodes, plans=links.keys_of("plan"))
    record = things.line(start)
    context = {
        "project": project,
        "record": record,
        "crumbs": trail(project, (record["label"], record["url"])),
        "steps": steps_of(nodes, things, start),
        "cited": cited_things(user, project, things.found.values()),
    }
    return render(request, "ibcr_portal/chain/whole.html", context)


def project_of(kind: str, pk: int) -> Project:
    model, way = MODELS[kind]
    key = model._default_manager.filter(pk=pk).values(way)
    return get_object_or_404(Project, pk__in=key)


def steps_of(
    nodes: Iterable[ChainNode], things: "ChainThings", start: ChainNode
) -> list[dict[str, Any]]:
    """Return the records by their step of the chain, each in the order of its kind."""
    by_step: dict[str, list[dict[str, Any]]] = {}
    for node in sorted(
        nodes, key=lambda node: (STEPS[node.kind], KINDS.index(node.kind), node.key)
    ):
        if node in things.found:
            line = things.line(node) | {"is_here": node == start}
            by_step.setdefault(step_name(node.kind), []).append(line)
    return [{"title": title, "rows": rows} for title, rows in by_step.items()]


def step_name(kind: str) -> str:
    if kind in ("result", "indicator", "activity", "risk"):
        return _("What it is about")
    if kind in ("meeting", "item"):
        return _("Discussed in meetings")
    if kind == "resolution":
        return _("Decisions and recommendations")
    return _("Amendments") if kind == "amendment" else _("Plans and actions")


class ChainThings:
    """The records of a chain as lines of a page: read in the few columns that these show, each kind
    as one statement."""

    def __init__(self, project: Project, nodes: Iterable[ChainNode], *, plans: list[int]) -> None:
        keys: dict[str, list[int]] = {}
        for node in nodes:
            keys.setdefault(node.kind, []).append(node.key)
        titles = _titles(sorted(keys.get("action", [])), plans)
        self._titles = {terms.action_id: terms.title for terms in titles}
        self.found: dict[ChainNode, Any] = {
            ChainNode(kind, thing.pk): with_project(thing, kind, project)
            for kind, found in keys.items()
            for thing in _shown(kind, sorted(found))
        }

    def line(self, node: ChainNode) -> dict[str, Any]:
        thing = self.found[node]
        label = thing.title if node.kind == "item" else citation_label(thing)
        return {
            "kind": str(capfirst(thing._meta.verbose_name)),
            "label": label,
            "url": thing.get_absolute_url(),
            "chain_url": reverse("chain", args=[node.kind, node.key]),
            "text": "" if str(self._text(node)) == str(label) else self._text(node),
            "when": self._when(node),
            "status": getattr(thing, "status", "") if node.kind in WITH_STATUS else "",
            "state": thing.get_status_display() if node.kind in WITH_STATUS else "",
        }

    def _text(self, node: ChainNode) -> str:
        thing = self.found[node]
        if node.kind == "action":
            return self._titles.get(node.key, "")
        if node.kind == "item":
            return str(thing.meeting)
        name = TEXTS.get(node.kind, "")
        return str(getattr(thing, name)) if name else ""

    def _when(self, node: ChainNode) -> str:
        thing = self.found[node]
        if node.kind == "resolution":
            return day(thing.resolved_on) if thing.resolved_on else ""
        if node.kind == "item":
            return day(thing.meeting.day)
        return day(thing.day) if node.kind == "meeting" else ""


TEXTS = {
    "result": "statement",
    "indicator": "name",
    "activity": "title",
    "risk": "definition",
    "resolution": "text",
    "amendment": "title",
}
WITH_STATUS = frozenset({"resolution", "plan", "action", "amendment"})
COLUMNS = {
    "result": ("project", "code", *columns_of("statement")),
    "indicator": ("result__code", "result__project", "code", *columns_of("name")),
    "activity": ("project", "code", *columns_of("title")),
    "risk": ("project", "number", *columns_of("definition")),
    "meeting": ("committee", "number", "starts_at", "time_zone"),
    "item": (*columns_of("title"), "meeting__number", "meeting__starts_at", "meeting__time_zone"),
    "resolution": ("committee", "kind", "number", "status", "resolved_on", *columns_of("text")),
    "plan": ("project", "version", "status", "period__number"),
    "action": ("project", "reference", "status"),
    "amendment": ("project", "number", "status", *columns_of("title")),
}
WITH = {"indicator": ["result"], "item": ["meeting"], "plan": ["period"]}


@prepared
def _shown(kind: str, keys: list[int]) -> QuerySet[Any]:
    rows = MODELS[kind][0]._default_manager.filter(pk__in=keys).order_by()
    return rows.select_related(*WITH.get(kind, [None])).only(*COLUMNS[kind])


@prepared
def _titles(actions: list[int], plans: list[int]) -> QuerySet[ActionTerms]:
    """What these plans call the actions, the newest last."""
    rows = ActionTerms.objects.filter(action__in=actions, plan__in=plans)
    rows = rows.order_by("plan__period__start", "plan__version")
    return rows.only("action", *columns_of("title"))
