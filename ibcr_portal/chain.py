"""The evidence chain on pages of `projects` and `committees`: which meetings spoke of a thing, what was resolved,
which actions serve it, where it is reported. Each link leads only to what the reader may see.

`projects` knows nothing of committees and reports, `committees` nothing of reports; their views
take a `chain` function and a template that extends theirs (see `ibcr_portal.urls`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import Model, Q, QuerySet
from django.urls import reverse

from accounts.models import User
from committees.agenda.services.carry_over import risks_offer
from committees.models import (
    Action,
    ActionPlan,
    ActionTerms,
    Committee,
    Meeting,
    Resolution,
    Subject,
)
from committees.permissions.meetings import items_seen, may_edit_meeting, visible_meetings
from committees.permissions.plans import visible_actions, visible_plans
from committees.permissions.resolutions import may_put_into_effect, visible_resolutions
from ibcr_portal.kinds import KINDS
from kernel.text import columns_of
from projects.models import Activity, Amendment, CallForProposals, Indicator, Project, Result, Risk
from projects.permissions.amendments import visible_amendments
from projects.permissions.roles import roles_of
from projects.risks.register import RiskRegister
from projects.risks.services import risk_changes_since
from reports.evidence import anchor_of, citation_label, name_of
from reports.models import Citation, FiledDocument, Report
from reports.on_page import place_of_citation
from reports.permissions.evidence import visible_evidence
from reports.permissions.reports import visible_filed, visible_reports

# --- The whole evidence chain of one record: what it goes back to, and what followed from it ---
#
# The kinds of records have an order: what there is (results, indicators, activities, risks), where
# it was discussed, what was decided, what was planned, what an amendment changed, where it is
# reported. From a record, links are followed backwards as far as they go, and forwards as far as
# they go. Changing the direction on the way would lead to everything. Only records that the person
# may see count, also as links between others: a decision must not reveal what a reserved item is
# about.

# The kinds of records in the order of the chain. Those on one step are linked with each other as well.
LINKED = {kind.called: kind for kind in KINDS if kind.step}
SUBJECTS = ("result", "indicator", "activity", "risk", "plan", "action", "amendment")


class ChainNode(NamedTuple):
    """A record: its kind, and its key."""

    kind: str
    key: int


class ChainLinks:
    """The links between the records of a project that a person may see."""

    def __init__(self, user: User, project: Project) -> None:
        self._project = project.pk
        self._items = list(items_seen(user, project).order_by().values_list("pk", "meeting"))
        self._seen = {ChainNode("item", pk) for pk, _meeting in self._items}
        for name, rows in visible_evidence(user, project).items():
            keys = rows.order_by().values_list("pk", flat=True)
            self._seen |= {ChainNode(name, pk) for pk in keys}
        self._after: dict[ChainNode, set[ChainNode]] = defaultdict(set)
        self._before: dict[ChainNode, set[ChainNode]] = defaultdict(set)
        for one, other in self._edges():
            self._link(one, other)

    def sees(self, node: ChainNode) -> bool:
        return node in self._seen

    def keys_of(self, kind: str) -> list[int]:
        """Return the keys of the records of a kind that the person sees."""
        return sorted(node.key for node in self._seen if node.kind == kind)

    def around(self, start: ChainNode) -> set[ChainNode]:
        """Return the record with all that it goes back to and all that followed from it."""
        return self._reached(start, self._before) | self._reached(start, self._after)

    def _reached(self, start: ChainNode, links: dict[ChainNode, set[ChainNode]]) -> set[ChainNode]:
        found, waiting = {start}, [start]
        while waiting:
            one = waiting.pop()
            new = links[one] - found
            if one.kind == "plan" and one != start and links is self._after:
                continue  # a decision leads to its plan, and not to everything in it
            found |= new
            waiting += new
        return found

    def _link(self, one: ChainNode, other: ChainNode) -> None:
        """Link two records in the order of the chain, whichever of them names the other."""
        if one not in self._seen or other not in self._seen or one == other:
            return
        first, last = sorted((one, other), key=lambda node: LINKED[node.kind].step)
        self._after[first].add(last)
        self._before[last].add(first)

    def _edges(self) -> Iterator[tuple[ChainNode, ChainNode]]:
        project = self._project
        actions = list(_of(Action, "origin", project=project))
        yield from self._of_subjects(actions)
        resolutions = _of(Resolution, "meeting", "agenda_item", committee__project=project)
        ways: tuple[tuple[Iterable[tuple[Any, ...]], str, tuple[str, ...]], ...] = (
            (resolutions, "resolution", ("meeting", "item")),
            (self._items, "item", ("meeting",)),
            (_of(Indicator, "result", result__project=project), "indicator", ("result",)),
            (_of(Activity, "result", project=project), "activity", ("result",)),
            (actions, "action", ("resolution",)),
            (_of(ActionPlan, "validated_by", project=project), "plan", ("resolution",)),
        )
        for rows, kind, others in ways:
            yield from _edges_of(rows, kind, others)
        yield from self._of_terms()

    def _of_terms(self) -> Iterator[tuple[ChainNode, ChainNode]]:
        """What a version of the plan says of an action is known with that version."""
        of_project: dict[str, Any] = {"action__project": self._project}
        for _terms, plan, *row in _of(
            ActionTerms, "plan", "action", "result", "activity", **of_project
        ):
            if ChainNode("plan", plan) in self._seen:
                yield ChainNode("action", row[0]), ChainNode("plan", plan)
                yield from _edges_of([tuple(row)], "action", ("result", "activity"))
        of_project["indicators__isnull"] = False
        measured = _of(ActionTerms, "plan", "action", "indicators", **of_project)
        for _terms, plan, action, indicator in measured:
            if ChainNode("plan", plan) in self._seen:
                yield ChainNode("action", action), ChainNode("indicator", indicator)

    def _of_subjects(
        self, actions: Iterable[tuple[Any, ...]]
    ) -> Iterator[tuple[ChainNode, ChainNode]]:
        """What items and resolutions are about. An amendment of a resolution is also what its actions
        prepare or follow from."""
        amended: dict[int, set[int]] = defaultdict(set)
        for item, resolution, *things in _subjects(self._project):
            about = next(
                (ChainNode(*one) for one in zip(SUBJECTS, things, strict=True) if one[1]), None
            )
            if about is None:
                continue
            if item:
                yield ChainNode("item", item), about
            if resolution:
                yield ChainNode("resolution", resolution), about
                if about.kind == "amendment":
                    amended[resolution].add(about.key)
        for action, origin in actions:
            if ChainNode("resolution", origin or 0) in self._seen:
                yield from (
                    (ChainNode("action", action), ChainNode("amendment", one))
                    for one in amended[origin]
                )


def _edges_of(
    rows: Iterable[tuple[Any, ...]], kind: str, others: tuple[str, ...]
) -> Iterator[tuple[ChainNode, ChainNode]]:
    for key, *keys in rows:
        for other, other_key in zip(others, keys, strict=False):
            if other_key:
                yield ChainNode(kind, key), ChainNode(other, other_key)


def _of(model: type[Model], *columns: str, **where: Any) -> QuerySet[Any, tuple[Any, ...]]:
    """Return the keys of the rows, and those of what they refer to."""
    return model._default_manager.filter(**where).order_by().values_list("pk", *columns)


def _subjects(project: int) -> QuerySet[Subject, tuple[Any, ...]]:
    of_project = Q(agenda_item__meeting__committee__project=project)
    of_project |= Q(resolution__committee__project=project)
    rows = Subject.objects.filter(of_project).order_by()
    return rows.values_list("agenda_item", "resolution", *SUBJECTS)


# --- Chain ---

# What a line shows of a report that cites something.
CITED = (
    *("section__kind", "section__report__project", "section__report__period"),
    *("section__report__preset", "section__report__version", "section__report__status"),
    *("section__report__period__number", "section__report__period__kind"),
    "section__report__preset__type",
    *Citation.THINGS,
    *columns_of("section__report__preset__title"),
)
# What a line shows of a report that the committee validated or noted.
RESOLVED_IN = (
    *("project", "period", "preset", "version", "committee_outcome", "resolution"),
    *("period__number", "period__kind", "preset__type", *columns_of("preset__title")),
)
# Whose agenda takes something in by itself.
IN_PREPARATION = (Meeting.Status.PLANNED, Meeting.Status.CONVENED)


def thing_chain(user: User, thing: Result | Indicator | Activity) -> dict[str, Any]:
    """Agenda items and resolutions that speak of the thing, and the actions that serve it."""
    project = thing.result.project if isinstance(thing, Indicator) else thing.project
    kind = {Result: "result", Indicator: "indicators", Activity: "activity"}[type(thing)]
    terms = ActionTerms.objects.filter(**{kind: thing}, plan__in=visible_plans(user, project))
    rows = list(terms.select_related("action", "plan__period"))
    for row in rows:
        row.plan.project = project
    return {
        **_linked_resolutions(user, project, thing),
        "cited": cited_in(user, project, thing),
        "terms": rows,
    }


def amendment_chain(user: User, amendment: Amendment) -> dict[str, Any]:
    """With the actions that come from the same decisions."""
    project = amendment.project
    linked = _linked_resolutions(user, project, amendment)
    resolved = [one.pk for one in linked["resolutions"]]
    actions = visible_actions(user, project).filter(origin__in=resolved)
    return {
        **linked,
        "actions": list(actions.select_related("project")) if resolved else [],
        "cited": cited_in(user, project, amendment),
        "filed": filed_about(user, project, amendment=amendment),
        "may_be_recommended": amendment.may_take("recommend")
        and may_put_into_effect(user, amendment),
        "may_take_effect": amendment.may_take("take_effect")
        and may_put_into_effect(user, amendment),
    }


def resolution_chain(user: User, resolution: Resolution) -> dict[str, Any]:
    """The reports that the committee validated or noted by it, and those that cite it."""
    reports = visible_reports(user, resolution.committee.project).filter(resolution=resolution)
    filed = filed_about(user, resolution.committee.project, resolution=resolution)
    return {
        "reports": list(reports.select_related("period", "preset").only(*RESOLVED_IN)),
        "filed": filed,
        **resolved_chain(user, resolution),
    }


def filed_about(user: User, project: Project, **thing: Model) -> list[FiledDocument]:
    """The letters and other documents that belong to the thing, of those that the person reads."""
    rows = list(visible_filed(user, project).present().filter(**thing))
    for row in rows:
        row.project = project
    return rows


def risk_chain(user: User, risk: Risk) -> dict[str, Any]:
    return {
        **_linked_resolutions(user, risk.project, risk),
        "cited": cited_in(user, risk.project, risk),
    }


def resolved_chain(user: User, thing: Resolution | Meeting) -> dict[str, Any]:
    return {
        "cited": cited_in(user, thing.committee.project, thing),
        "chain_url": chain_url(thing),
    }


def planned_chain(user: User, thing: Action | ActionPlan) -> dict[str, Any]:
    """Of an action also the amendments on which the committee resolved together with it."""
    project, amendments = thing.project, []
    if isinstance(thing, Action) and thing.origin_id:
        origin = visible_resolutions(user, project).filter(pk=thing.origin_id)
        found = visible_amendments(user, project).filter(subjects__resolution__in=origin)
        amendments = list(found.distinct())
        for one in amendments:
            one.project = project
    return {
        "cited": cited_in(user, project, thing),
        "amendments": amendments,
        "chain_url": chain_url(thing),
    }


def cited_in(user: User, project: Project, thing: Model) -> list[dict[str, Any]]:
    """The reports that cite the thing, of those that the person may see, with the sentences in
    which they do, for `ibcr_portal/chain/cited.html`. One query beside those of the roles, and one
    more if there are any."""
    cites = Q(**{name_of(thing): thing.pk})
    if not Citation.objects.filter(cites).exists():
        return []
    return _by_report(user, project, cites, {(name_of(thing), thing.pk): thing})


def cited_things(user: User, project: Project, things: Iterable[Model]) -> list[dict[str, Any]]:
    """The same of several things, whose names are shown as well."""
    found = {(name_of(one), one.pk): one for one in things if name_of(one) in Citation.THINGS}
    keys: dict[str, list[int]] = {}
    for name, key in found:
        keys.setdefault(name, []).append(key)
    cites = Q(pk__in=[])
    for name, of_kind in keys.items():
        cites |= Q(**{f"{name}__in": of_kind})
    return _by_report(user, project, cites, found)


def _by_report(
    user: User, project: Project, cites: Q, things: dict[tuple[str, int], Any]
) -> list[dict[str, Any]]:
    rows = Citation.objects.filter(cites, section__report__in=visible_reports(user, project))
    rows = rows.select_related("section__report__period", "section__report__preset").only(*CITED)
    found: dict[Report, dict[str, str]] = {}
    for one in rows.order_by("-section__report__period__start", "-section__report__version", "pk"):
        report, kind = one.section.report, one.section.kind
        report.project = project
        thing = things[one.name, one.thing_pk]
        label = str(one.section.get_kind_display())
        if len(things) > 1:
            label = f"{label} · {citation_label(thing)}"
        places = found.setdefault(report, {})
        places.setdefault(label, place_of_citation(report, kind, anchor_of(thing)))
    return [
        {"report": report, "places": [{"label": label, "url": url} for label, url in one.items()]}
        for report, one in found.items()
    ]


def risk_register_chain(user: User, register: RiskRegister) -> dict[str, Any]:
    """Return the chain of the register: risks that changed since the committee last met, and the
    agenda that they may go to."""
    # Whoever sees the register sees the project, and so its committee.
    project = register.project
    committee = Committee.objects.filter(project=project).first()
    if committee is None:
        return {}
    committee.project = project
    meetings = list(visible_meetings(user, project).order_by("starts_at", "pk"))
    for meeting in meetings:
        meeting.committee = committee
    open_ones = (one for one in meetings if one.status in IN_PREPARATION and not one.is_past)
    coming = next(open_ones, None)
    held = (one for one in reversed(meetings) if one.status == Meeting.Status.HELD)
    last = next((one for one in held if not coming or one.starts_at < coming.starts_at), None)
    changes = risk_changes_since(project, last.ends_at if last else None, register.risks)
    may_add = coming is not None and may_edit_meeting(user, coming)
    waits = coming is not None and may_add and risks_offer(coming, last, changes) is not None
    return {
        "committee": committee,
        "coming": coming,
        "last": last,
        "changes": changes,
        "may_add": may_add,
        "waits": waits,
    }


def call_chain(user: User, call: CallForProposals) -> dict[str, Any]:
    """Return the chain of a call. Somebody who is only on the panel sees nothing of the committee."""
    if not roles_of(user, call.project):
        return {"items": [], "resolutions": []}
    return _linked_resolutions(user, call.project, call, kind="call")


def _linked_resolutions(
    user: User, project: Project, thing: Model, *, kind: str = ""
) -> dict[str, Any]:
    subjects = Subject.objects.filter(**{kind or str(thing._meta.model_name): thing})
    items = subjects.filter(
        agenda_item__in=items_seen(user, project),
    ).select_related("agenda_item__meeting__committee")
    # What was resolved on an item that is about the thing is about it as well.
    spoken = [subject.agenda_item for subject in items if subject.agenda_item]
    direct = subjects.exclude(resolution=None).values("resolution")
    on_items = Q(agenda_item__in=[item.pk for item in spoken])
    resolutions = visible_resolutions(user, project).filter(Q(pk__in=direct) | on_items)
    return {
        "items": spoken,
        "resolutions": list(resolutions.select_related("committee")),
        "chain_url": chain_url(thing),
    }


def chain_url(thing: Model) -> str:
    """Return the page of the whole chain of a thing."""
    name = str(thing._meta.model_name)
    kind = {"actionplan": "plan", "agendaitem": "item"}.get(name, name)
    return reverse("chain", args=[kind, thing.pk]) if kind in LINKED else ""
