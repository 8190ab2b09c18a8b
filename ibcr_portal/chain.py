"""The evidence chain on pages of `projects` and `committees`: which meetings spoke of a thing, what was resolved,
which actions serve it, where it is reported. Each link leads only to what the reader may see.

`projects` knows nothing of committees and reports, `committees` nothing of reports; their views
take a `chain` function and a template that extends theirs (see `ibcr_portal.urls`).
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, Q
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
from ibcr_portal.chain_links import LINKED
from kernel.text import columns_of
from projects.models import (
    Activity,
    Amendment,
    CallForProposals,
    Indicator,
    Project,
    Result,
    Risk,
)
from projects.permissions.amendments import visible_amendments
from projects.permissions.roles import roles_of
from projects.risks.register import RiskRegister
from projects.risks.services.risks import risk_changes_since
from reports.evidence import anchor_of, citation_label, name_of
from reports.models import Citation, FiledDocument, Report
from reports.on_page import place_of_citation
from reports.permissions.filing import visible_filed
from reports.permissions.reports import visible_reports

# What a line shows of a report that cites something.
CITED = (
    *("section__kind", "section__report__project", "section__report__period"),
    *("section__report__preset", "section__report__version", "section__report__status"),
    *("section__report__period__number", "section__report__period__kind"),
    "section__report__preset__type",
    *Citation.THINGS,
    *columns_of("section__report__preset__title"),
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
        "may_take_effect": amendment.may_take("take_effect")
        and may_put_into_effect(user, amendment),
    }


def resolution_chain(user: User, resolution: Resolution) -> dict[str, Any]:
    """The reports that the committee validated or noted by it, and those that cite it."""
    reports = visible_reports(user, resolution.committee.project).filter(resolution=resolution)
    filed = filed_about(user, resolution.committee.project, resolution=resolution)
    return {
        "reports": list(reports.with_related()),
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
