"""The page that shows the whole evidence chain of a record, up to the sentence of the report."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from committees.models import ActionTerms
from ibcr_portal.chain import (
    LINKED,
    ChainLinks,
    ChainNode,
    cited_things,
)
from kernel.formats import day
from kernel.languages import reading_order
from kernel.pages import Request, trail
from kernel.text import active_language, columns_of
from projects.models import Project
from projects.permissions.roles import note_place, sees_project
from reports.evidence import anchor_of, citation_label, name_of
from reports.models import Citation, Report
from reports.on_page import places_of
from reports.permissions.reports import visible_reports
from reports.reading import documents_in
from reports.views.reading import audience_for

# What the steps of the chain are called on the page.
ABOUT, DISCUSSED = gettext_lazy("What it is about"), gettext_lazy("Discussed in meetings")
RESOLVED, PLANNED = gettext_lazy("Decisions and recommendations"), gettext_lazy("Plans and actions")
AMENDED = gettext_lazy("Amendments")
STEPS = ("", ABOUT, ABOUT, DISCUSSED, DISCUSSED, RESOLVED, PLANNED, PLANNED, AMENDED)
WITH_DAY, WITH_STATUS = range(3, 6), range(5, 9)

# /chain/<kind>/<pk>/


@require_safe
def whole_chain(request: Request, kind: str, pk: int) -> HttpResponse:
    """Show what the record goes back to, what followed from it, and where it is reported."""
    if kind not in LINKED:
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
    things = ChainThings(nodes, plans=links.keys_of("plan"))
    record = things.line(start)
    context = {
        "project": project,
        "record": record,
        "crumbs": trail(project, (record["label"], record["url"])),
        "steps": steps_of(nodes, things, start),
        "cited": with_sentences(
            reported_in(user, project, things.found[start]),
            cited_things(user, project, things.found.values()),
        ),
    }
    return render(request, "ibcr_portal/chain/whole.html", context)


def reported_in(user: User, project: Project, thing: Model) -> list[dict[str, Any]]:
    """The signed reports that print the thing, in the words that the person may read, each with the
    chapters whose tables and headings have it."""
    if name_of(thing) not in Citation.THINGS:
        return []
    reports = visible_reports(user, project).exclude(snapshot=None)
    by_audience: dict[str, list[Report]] = defaultdict(list)
    for report in reports.select_related("period", "preset"):
        report.project = project
        by_audience[audience_for(user, report)].append(report)
    languages = dict.fromkeys([active_language(), *reading_order()])
    found, anchor = [], anchor_of(thing)
    for audience, rows in by_audience.items():
        keys = [report.snapshot_id for report in rows if report.snapshot_id and audience]
        documents = documents_in(keys, audience, languages, anchor=anchor)
        for report in rows:
            places = places_of(report, documents.get(report.snapshot_id or 0), anchor)
            if places:
                found.append({"report": report, "places": places})
    return sorted(found, key=lambda each: each["report"].period.start, reverse=True)


def with_sentences(
    printed: list[dict[str, Any]], cited: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The reports that print a thing and those that cite what belongs to its chain, each once."""
    places = {each["report"]: each["places"] for each in printed}
    for each in cited:
        places[each["report"]] = [*places.get(each["report"], []), *each["places"]]
    return [{"report": report, "places": found} for report, found in places.items()]


def project_of(kind: str, pk: int) -> Project:
    key = LINKED[kind].model._default_manager.filter(pk=pk).values(LINKED[kind].way)
    return get_object_or_404(Project, pk__in=key)


def steps_of(
    nodes: Iterable[ChainNode], things: "ChainThings", start: ChainNode
) -> list[dict[str, Any]]:
    """Return the records by their step of the chain, each in the order of its kind."""
    order = list(LINKED)
    by_step: dict[str, list[dict[str, Any]]] = {}
    for node in sorted(
        nodes, key=lambda node: (LINKED[node.kind].step, order.index(node.kind), node.key)
    ):
        if node in things.found:
            line = things.line(node) | {"is_here": node == start}
            by_step.setdefault(str(STEPS[LINKED[node.kind].step]), []).append(line)
    return [{"title": title, "rows": rows} for title, rows in by_step.items()]


class ChainThings:
    """The records of a chain as lines of a page, each kind read by one statement."""

    def __init__(self, nodes: Iterable[ChainNode], *, plans: list[int]) -> None:
        keys: dict[str, list[int]] = {}
        for node in nodes:
            keys.setdefault(node.kind, []).append(node.key)
        titles = _titles(sorted(keys.get("action", [])), plans)
        self._titles = {terms.action_id: terms.title for terms in titles}
        self.found: dict[ChainNode, Any] = {
            ChainNode(kind, thing.pk): thing
            for kind, found in keys.items()
            for thing in LINKED[kind].with_related(
                LINKED[kind].model._default_manager.filter(pk__in=found)
            )
        }

    def line(self, node: ChainNode) -> dict[str, Any]:
        thing, kind = self.found[node], LINKED[node.kind]
        label = thing.title if node.kind == "item" else citation_label(thing)
        text, when = self._text(node), kind.day_of(thing) if kind.step in WITH_DAY else None
        has_status = kind.step in WITH_STATUS
        return {
            "kind": str(capfirst(thing._meta.verbose_name)),
            "label": label,
            "url": thing.get_absolute_url(),
            "chain_url": reverse("chain", args=[node.kind, node.key]),
            "text": "" if text == str(label) else text,
            "when": day(when) if when else "",
            "status": thing.status if has_status else "",
            "state": thing.get_status_display() if has_status else "",
        }

    def _text(self, node: ChainNode) -> str:
        thing, kind = self.found[node], LINKED[node.kind]
        if node.kind == "action":
            return self._titles.get(node.key, "")
        if node.kind == "item":
            return str(thing.meeting)
        return str(getattr(thing, kind.titles[0])) if kind.titles else ""


def _titles(actions: list[int], plans: list[int]) -> QuerySet[ActionTerms]:
    """What these plans call the actions, the newest last."""
    rows = ActionTerms.objects.filter(action__in=actions, plan__in=plans)
    rows = rows.order_by("plan__period__start", "plan__version")
    return rows.only("action", *columns_of("title"))
