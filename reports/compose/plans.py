"""The action plan that was in force in the period, and the one that the next year follows."""

from typing import Any

from django.utils.translation import gettext as _

from committees.models import Action, ActionPlan, ActionTerms
from kernel.formats import MISSING, day, day_range, percent
from projects.models import Period
from reports.compose.blocks import (
    Block,
    Line,
    cell,
    column,
    figure,
    heading,
    joined,
    link,
    note_on_stars,
    pair,
    paragraph,
    starred,
    table,
)
from reports.compose.reading import ReportReading, said

Row = dict[str, Any]

# In the order of a life, each with the tone of its part of the chart.
TONES = {
    Action.Status.VERIFIED: "brand",
    Action.Status.DONE: "ok",
    Action.Status.IN_PROGRESS: "info",
    Action.Status.TO_DO: "neutral",
    Action.Status.BLOCKED: "warn",
    Action.Status.CANCELLED: "bad",
}


def plan_of_period(reading: ReportReading) -> list[Block]:
    row = plan_of(reading, reading.report.period)
    if row is None:
        return []
    chart = figure("states", _("Actions of the plan by state"), row["chart"])
    return _blocks(row, [chart] if row["chart"]["labels"] else [])


def plan_of_next_year(reading: ReportReading) -> list[Block]:
    following = reading.project.periods.filter(kind=Period.Kind.PROJECT_YEAR, start__gt=reading.end)
    period = reading.once("next year", lambda: following.order_by("start").first())
    row = plan_of(reading, period) if period else None
    return _blocks(row, []) if row else []


def _blocks(row: Row, pictures: list[Block]) -> list[Block]:
    columns = [
        column(_("No."), 8, key="number"),
        column(_("Action"), key="title"),
        column(_("Responsible"), 15, key="responsible"),
        column(_("When"), 20, key="when"),
        column(_("State"), 13, key="state"),
        column(_("Done (share)"), 11, num=True, key="share"),
    ]
    caption = _("Actions of: %(plan)s") % {"plan": row["name"]}
    actions = [_line(each) for each in row["rows"]]
    return [
        heading(starred(row["name"], row["illustrative"]), anchor=row["anchor"]),
        paragraph(_standing(row), "before"),
        *pictures,
        *([table(caption, columns, actions, head=1, key="actions")] if actions else []),
        *([note_on_stars()] if row["illustrative"] else []),
    ]


def _standing(row: Row) -> Line:
    """The committee validates and the donor approves: two facts."""
    decision = row["validated_by"]
    approved = _("approved on %(day)s") % {"day": row["donor_approved_on"]}
    committee: Line = []
    if decision:
        committee = [pair(_("Committee"), ""), link(decision["label"], decision["to"])]
    donor = approved if row["donor_approved_on"] else _("not approved yet")
    return joined(" · ", [row["period"], row["status_label"], committee, pair(_("Donor"), donor)])


def _line(row: Row) -> list[Any]:
    result = row["result"]
    late = _("late") if row["is_late"] else ""
    return [
        cell(row["reference"], anchor=row["anchor"]),
        cell(row["title"], small=pair(_("Result"), result["label"]) if result else ""),
        row["responsible"],
        row["when"],
        cell(row["status_label"], small=late, tone=tone_of(row["status"], row["is_late"])),
        row["share"],
    ]


def tone_of(status: str, is_late: bool) -> str:
    """The colour beside the words."""
    if status in {Action.Status.DONE, Action.Status.VERIFIED}:
        return "ok"
    if is_late or status == Action.Status.BLOCKED:
        return "bad"
    return "info" if status == Action.Status.IN_PROGRESS else ""


def plan_of(reading: ReportReading, period: Period) -> Row | None:
    """The latest version that a decision validated until the day of the document."""
    validated = ActionPlan.objects.filter(
        project=reading.project,
        period__start__lte=period.end,
        period__end__gte=period.start,
        status__in=ActionPlan.AFTER_VALIDATION,
        validated_by__resolved_on__lte=reading.as_of,
    )
    plan = reading.once(
        f"plan of {period.pk}",
        lambda: validated.with_related().order_by("-period__start", "-version").first(),
    )
    if plan is None:
        return None
    reading.as_it_stood([plan])
    terms = reading.once(
        f"terms of {plan.pk}", lambda: sorted(plan.terms.with_related(), key=_by_reference)
    )
    moved_on = reading.as_it_stood([each.action for each in terms])
    approved_on = plan.donor_approved_on
    return {
        "anchor": f"plan-{plan.pk}",
        "name": str(plan),
        "period": day_range(plan.period.start, plan.period.end),
        "status_label": plan.get_status_display(),
        "validated_by": {
            "label": str(plan.validated_by),
            "to": f"resolution-{plan.validated_by.number}",
        }
        if plan.validated_by.audience in reading.audiences
        else None,
        "donor_approved_on": day(approved_on) if reading.knows(approved_on) else "",
        "rows": [_action(reading, each, each.action.pk in moved_on) for each in terms],
        "chart": chart_of_states(terms),
        "illustrative": plan.illustrative,
    }


def _by_reference(terms: ActionTerms) -> list[int]:
    return [int(part) for part in terms.action.reference.split(".")]


def _action(reading: ReportReading, terms: ActionTerms, moved_on: bool) -> Row:
    """`moved_on`: after the day of the document; how much was done on it is not known."""
    action = terms.action
    return {
        "anchor": f"action-{action.reference}",
        "reference": action.reference,
        "title": said(terms, "title"),
        "deliverable": said(terms, "deliverable"),
        "responsible": reading.short_name(terms.responsible),
        "when": day_range(terms.starts_on, terms.ends_on),
        "status": action.status,
        "status_label": action.get_status_display(),
        "share": MISSING if moved_on else percent(action.share_done / 100),
        "is_late": action.status in Action.UNFINISHED and terms.ends_on < reading.as_of,
        "result": {"label": terms.result.code, "to": f"result-{terms.result.code}"}
        if terms.result
        else None,
    }


def chart_of_states(terms: list[ActionTerms]) -> Row:
    counts = {status: sum(each.action.status == status for each in terms) for status in TONES}
    present = [status for status in TONES if counts[status]]
    return {
        "labels": [str(status.label) for status in present],
        "values": [counts[status] for status in present],
        "tones": [TONES[status] for status in present],
    }
