"""The evidence chain on pages of `projects` and `committees`: which meetings spoke of a thing, what was resolved,
which actions serve it, where it is reported. Each link leads only to what the reader may see.

`projects` knows nothing of committees and reports, `committees` nothing of reports; their views
take a `chain` function and a template that extends theirs (see `ibcr_portal.urls`).
"""

from typing import Any

from django.db.models import Model, QuerySet

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
from committees.permissions.plans import visible_plans
from committees.permissions.resolutions import may_put_into_effect, visible_resolutions
from kernel.formats import join_list
from kernel.prepared import prepared
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
from projects.permissions.roles import roles_of
from projects.risks.register import RiskRegister
from projects.risks.services.risks import risk_changes_since
from reports.evidence import name_of
from reports.models import Citation, Report
from reports.permissions.reports import visible_reports

# What a line shows of a report that cites something.
CITED = (
    *("section__kind", "section__report__project", "section__report__period"),
    *("section__report__preset", "section__report__version", "section__report__status"),
    *(
        "section__report__period__number",
        "section__report__period__kind",
        "section__report__preset__type",
    ),
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
    return {
        **_linked_resolutions(user, amendment.project, amendment),
        "cited": cited_in(user, amendment.project, amendment),
        "may_take_effect": amendment.may_take("take_effect")
        and may_put_into_effect(user, amendment),
    }


def resolution_chain(user: User, resolution: Resolution) -> dict[str, Any]:
    """The reports that the committee validated or noted by it, and those that cite it."""
    reports = visible_reports(user, resolution.committee.project).filter(resolution=resolution)
    return {"reports": list(reports.with_related()), **resolved_chain(user, resolution)}


def risk_chain(user: User, risk: Risk) -> dict[str, Any]:
    return {
        **_linked_resolutions(user, risk.project, risk),
        "cited": cited_in(user, risk.project, risk),
    }


def resolved_chain(user: User, thing: Resolution | Meeting) -> dict[str, Any]:
    return {"cited": cited_in(user, thing.committee.project, thing)}


def planned_chain(user: User, thing: Action | ActionPlan) -> dict[str, Any]:
    return {"cited": cited_in(user, thing.project, thing)}


def cited_in(user: User, project: Project, thing: Model) -> list[dict[str, Any]]:
    """The reports that cite the thing, of those that the person may see, with the sections in
    which they do, for `ibcr_portal/chain/cited.html`. One query beside those of the roles, and one
    more if there are any."""
    if not (keys := [pk for (pk,) in _citations(name_of(thing), thing.pk)]):
        return []
    citations = Citation.objects.filter(
        pk__in=keys, section__report__in=visible_reports(user, project)
    ).select_related("section__report__period", "section__report__preset")
    narrow = citations.only(*CITED)
    sections: dict[Report, list[str]] = {}
    for one in narrow.order_by("-section__report__period__start", "-section__report__version"):
        one.section.report.project = project
        labels = sections.setdefault(one.section.report, [])
        if (label := str(one.section.get_kind_display())) not in labels:
            labels.append(label)
    return [
        {"report": report, "sections": join_list(labels)} for report, labels in sections.items()
    ]


@prepared
def _citations(name: str, key: int) -> QuerySet[Citation, tuple[int]]:
    return Citation.objects.filter(**{name: key}).order_by().values_list("pk")


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
    resolutions = subjects.filter(resolution__in=visible_resolutions(user, project))
    return {
        "items": [subject.agenda_item for subject in items],
        "resolutions": [
            subject.resolution for subject in resolutions.select_related("resolution__committee")
        ],
    }
