"""The chapters on the action plan in force in the period, and on the plan of the next year."""

from collections import Counter

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from committees.models import Action, ActionPlan, ActionTerms
from kernel.formats import MISSING, day, day_range, percent
from projects.models import Period
from reports.compose.blocks import (
    Cell,
    CrossReference,
    Field,
    cell,
    field,
    heading,
    joined,
    link,
    note_on_stars,
    pair,
    paragraph,
    starred,
    states_figure,
    table_of,
)
from reports.compose.reading import ReportReading, local_text
from reports.document_types import Block, FigureBlock, TextLine

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
    return _blocks(reading, plan_of(reading, reading.report.period), has_chart=True)


def plan_of_next_year(reading: ReportReading) -> list[Block]:
    """Return the action plan of the first project year that begins after the period; nothing
    without one."""
    following = reading.project.periods.filter(kind=Period.Kind.PROJECT_YEAR, start__gt=reading.end)
    period = reading.once("next year", lambda: following.order_by("start").first())
    return _blocks(reading, plan_of(reading, period) if period else None, has_chart=False)


def plan_of(reading: ReportReading, period: Period) -> ActionPlan | None:
    """Return the latest version that a decision validated by the day of the document."""
    validated = ActionPlan.objects.filter(
        project=reading.project,
        period__start__lte=period.end,
        period__end__gte=period.start,
        status__in=ActionPlan.AFTER_VALIDATION,
        validated_by__resolved_on__lte=reading.as_of,
    )
    latest = validated.with_related().order_by("-period__start", "-version")
    return reading.once(f"plan of {period.pk}", lambda: _as_known(reading, latest))


def _blocks(reading: ReportReading, plan: ActionPlan | None, *, has_chart: bool) -> list[Block]:
    if plan is None:
        return []
    terms, moved_on = reading.once(f"terms of {plan.pk}", lambda: _terms_as_known(reading, plan))
    caption = _("Actions of: %(plan)s") % {"plan": plan}
    fields = _fields(reading, moved_on)
    blocks = [
        heading(starred(str(plan), plan.illustrative), anchor=f"plan-{plan.pk}"),
        paragraph(_approvals(reading, plan), "before"),
        chart_of_states(terms) if has_chart else None,
        table_of(terms, fields, caption, head=1, key="actions") if terms else None,
        note_on_stars() if plan.illustrative else None,
    ]
    return [block for block in blocks if block]


def _approvals(reading: ReportReading, plan: ActionPlan) -> TextLine:
    """Return the committee's validation, unless the readers may not know the decision, and the
    donor's approval, which are separate facts."""
    decision, approved_on = plan.validated_by, plan.donor_approved_on
    committee: TextLine = []
    if decision and decision.audience in reading.audiences:
        to = CrossReference(str(decision), f"resolution-{decision.number}")
        committee = [pair(_("Committee"), ""), link(to)]
    donor = _("not approved yet")
    if reading.knows(approved_on):
        donor = _("approved on %(day)s") % {"day": day(approved_on)}
    period = day_range(plan.period.start, plan.period.end)
    status = plan.get_status_display()
    return joined(" · ", [period, status, committee, pair(_("Donor"), donor)])


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


def _fields(reading: ReportReading, moved_on: set[int]) -> list[Field]:
    """`moved_on`: the actions that changed their state after the day of the document, so that their
    progress then is not known."""

    def number(terms: ActionTerms) -> Cell:
        return cell(terms.action.reference, anchor=f"action-{terms.action.reference}")

    def title(terms: ActionTerms) -> Cell:
        small = pair(_("Result"), terms.result.code) if terms.result else ""
        return cell(local_text(terms, "title"), small=small)

    def state(terms: ActionTerms) -> Cell:
        is_open = terms.action.status in Action.UNFINISHED
        return state_of(terms.action, is_open and terms.last_day < reading.as_of)

    def share(terms: ActionTerms) -> str:
        action = terms.action
        return MISSING if action.pk in moved_on else percent(action.share_done / 100)

    return [
        field(_("No."), number, 8, key="number"),
        field(_("Action"), title, key="title"),
        field(
            _("Responsible"), lambda one: reading.short_name(one.responsible), 15, key="responsible"
        ),
        field(_("When"), lambda one: day_range(one.starts_on, one.ends_on), 20, key="when"),
        field(_("State"), state, 13, key="state"),
        field(_("Done (share)"), share, 11, num=True, key="share"),
    ]


def state_of(action: Action, is_late: bool) -> Cell:
    label = str(Action.Status(action.status).label)
    return cell(label, small=_("late") if is_late else "", tone=tone_of(action.status, is_late))


def tone_of(status: str, is_late: bool) -> str:
    """Return the colour beside the words of a state."""
    if status in {Action.Status.DONE, Action.Status.VERIFIED}:
        return "ok"
    if is_late or status == Action.Status.BLOCKED:
        return "bad"
    return "info" if status == Action.Status.IN_PROGRESS else ""


def chart_of_states(terms: list[ActionTerms]) -> FigureBlock | None:
    """Return how many actions are in each state."""
    counts = Counter(Action.Status(each.action.status) for each in terms)
    return states_figure(_("Actions of the plan by state"), counts, TONES)
