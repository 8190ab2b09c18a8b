"""The chapters on the action plan in force in the period, and on the plan of the next year."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from committees.models import Action, ActionPlan, ActionTerms
from kernel.formats import MISSING, day, day_range, percent
from projects.models import Period
from reports.block_types import Block, LocalText, StatesData, StatesFigure, TextLine
from reports.compose.blocks import (
    Cell,
    CrossReference,
    cell,
    column,
    heading,
    joined,
    link,
    note_on_stars,
    pair,
    paragraph,
    starred,
    states_figure,
    table,
)
from reports.compose.reading import ReportReading, local_text


@dataclass(frozen=True)
class PlanActionRow:
    """An action of the plan in words, as of the day of the document."""

    anchor: str
    reference: str
    title: LocalText | None
    responsible: str
    when: str
    status: str
    status_label: str
    share: str
    is_late: bool
    result: CrossReference | None


@dataclass(frozen=True)
class PlanInForce:
    """The plan that a decision validated; `validated_by` is None if the readers may not know the
    decision."""

    anchor: str
    name: str
    period: str
    status_label: str
    validated_by: CrossReference | None
    donor_approved_on: str
    rows: list[PlanActionRow]
    chart: StatesData
    illustrative: bool


# In the order in which actions pass through them, each with its tone in the chart.
TONES = {
    Action.Status.VERIFIED: "brand",
    Action.Status.DONE: "ok",
    Action.Status.IN_PROGRESS: "info",
    Action.Status.TO_DO: "neutral",
    Action.Status.BLOCKED: "warn",
    Action.Status.CANCELLED: "bad",
}


def plan_of_period(reading: ReportReading) -> list[Block]:
    """Return the action plan of the report's period with a chart of its states; nothing without a
    plan."""
    plan = plan_of(reading, reading.report.period)
    if plan is None:
        return []
    chart = states_figure(_("Actions of the plan by state"), plan.chart)
    return _blocks(plan, [chart] if plan.chart["labels"] else [])


def plan_of_next_year(reading: ReportReading) -> list[Block]:
    """Return the action plan of the first project year that begins after the period; nothing
    without one."""
    following = reading.project.periods.filter(kind=Period.Kind.PROJECT_YEAR, start__gt=reading.end)
    period = reading.once("next year", lambda: following.order_by("start").first())
    plan = plan_of(reading, period) if period else None
    return _blocks(plan, []) if plan else []


def _blocks(plan: PlanInForce, figures: list[StatesFigure]) -> list[Block]:
    columns = [
        column(_("No."), 8, key="number"),
        column(_("Action"), key="title"),
        column(_("Responsible"), 15, key="responsible"),
        column(_("When"), 20, key="when"),
        column(_("State"), 13, key="state"),
        column(_("Done (share)"), 11, num=True, key="share"),
    ]
    caption = _("Actions of: %(plan)s") % {"plan": plan.name}
    actions = [_line(each) for each in plan.rows]
    return [
        heading(starred(plan.name, plan.illustrative), anchor=plan.anchor),
        paragraph(_approvals(plan), "before"),
        *figures,
        *([table(caption, columns, actions, head=1, key="actions")] if actions else []),
        *([note_on_stars()] if plan.illustrative else []),
    ]


def _approvals(plan: PlanInForce) -> TextLine:
    """Return the committee's validation and the donor's approval, which are separate facts."""
    decision = plan.validated_by
    approved = _("approved on %(day)s") % {"day": plan.donor_approved_on}
    committee: TextLine = []
    if decision:
        committee = [pair(_("Committee"), ""), link(decision)]
    donor = approved if plan.donor_approved_on else _("not approved yet")
    return joined(" · ", [plan.period, plan.status_label, committee, pair(_("Donor"), donor)])


def _line(row: PlanActionRow) -> list[Cell]:
    result = row.result
    late = _("late") if row.is_late else ""
    return [
        cell(row.reference, anchor=row.anchor),
        cell(row.title, small=pair(_("Result"), result.label) if result else ""),
        row.responsible,
        row.when,
        cell(row.status_label, small=late, tone=tone_of(row.status, row.is_late)),
        row.share,
    ]


def tone_of(status: str, is_late: bool) -> str:
    """Return the colour beside the words of a state."""
    if status in {Action.Status.DONE, Action.Status.VERIFIED}:
        return "ok"
    if is_late or status == Action.Status.BLOCKED:
        return "bad"
    return "info" if status == Action.Status.IN_PROGRESS else ""


def plan_of(reading: ReportReading, period: Period) -> PlanInForce | None:
    """Return the latest version that a decision validated by the day of the document."""
    validated = ActionPlan.objects.filter(
        project=reading.project,
        period__start__lte=period.end,
        period__end__gte=period.start,
        status__in=ActionPlan.AFTER_VALIDATION,
        validated_by__resolved_on__lte=reading.as_of,
    )
    latest = validated.with_related().order_by("-period__start", "-version")
    plan = reading.once(f"plan of {period.pk}", lambda: _as_known(reading, latest))
    if plan is None:
        return None
    terms, moved_on = reading.once(f"terms of {plan.pk}", lambda: _terms_as_known(reading, plan))
    approved_on, decision = plan.donor_approved_on, plan.validated_by
    return PlanInForce(
        anchor=f"plan-{plan.pk}",
        name=str(plan),
        period=day_range(plan.period.start, plan.period.end),
        status_label=plan.get_status_display(),
        validated_by=CrossReference(str(decision), f"resolution-{decision.number}")
        if decision and decision.audience in reading.audiences
        else None,
        donor_approved_on=day(approved_on) if reading.knows(approved_on) else "",
        rows=reading.once_for_such_readers(
            f"actions of {plan.pk}",
            lambda: [_action(reading, each, each.action.pk in moved_on) for each in terms],
        ),
        chart=chart_of_states(terms),
        illustrative=plan.illustrative,
    )


def _as_known(reading: ReportReading, latest: QuerySet[ActionPlan]) -> ActionPlan | None:
    plan = latest.first()
    reading.undo_later_steps([plan] if plan else [])
    return plan


def _terms_as_known(reading: ReportReading, plan: ActionPlan) -> tuple[list[ActionTerms], set[int]]:
    """Return the actions of the plan, and the keys of those that changed their state later."""
    terms = sorted(plan.terms.with_related(), key=_by_reference)
    return terms, reading.undo_later_steps([each.action for each in terms])


def _by_reference(terms: ActionTerms) -> list[int]:
    return [int(part) for part in terms.action.reference.split(".")]


def _action(reading: ReportReading, terms: ActionTerms, moved_on: bool) -> PlanActionRow:
    """`moved_on`: it changed its state after the day of the document, so its progress then is not
    known."""
    action = terms.action
    return PlanActionRow(
        anchor=f"action-{action.reference}",
        reference=action.reference,
        title=local_text(terms, "title"),
        responsible=reading.short_name(terms.responsible),
        when=day_range(terms.starts_on, terms.ends_on),
        status=action.status,
        status_label=str(Action.Status(action.status).label),
        share=MISSING if moved_on else percent(action.share_done / 100),
        is_late=action.status in Action.UNFINISHED and terms.last_day < reading.as_of,
        result=CrossReference(terms.result.code, f"result-{terms.result.code}")
        if terms.result
        else None,
    )


def chart_of_states(terms: list[ActionTerms]) -> StatesData:
    """Return how many actions are in each state, without the states that none is in."""
    counts = {status: sum(each.action.status == status for each in terms) for status in TONES}
    present = [status for status in TONES if counts[status]]
    return {
        "labels": [str(status.label) for status in present],
        "values": [counts[status] for status in present],
        "tones": [TONES[status] for status in present],
    }
