"""Documents of an action plan: the validated plan, and its progress."""

from collections import Counter
from collections.abc import Iterable
from copy import copy
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _, ngettext

from committees.models import Action, ActionPlan, ActionTerms, Audience, Position
from committees.permissions.amounts import AmountsRead, amounts_for
from committees.plans.services.board import (
    BoardGroup,
    ReviewStatus,
    board_of,
    order_of,
    review_statuses,
)
from kernel.formats import day, day_range, day_short, money, percent
from reports.compose.blocks import (
    Cell,
    cell,
    coded,
    facts,
    field,
    figure,
    heading,
    pair,
    paragraph,
    table_of,
)
from reports.compose.frame import framed
from reports.compose.plans import chart_of_states, state_of
from reports.compose.reading import DocumentReading, as_written, local_text, text_of
from reports.document_types import Block, FramedDocument
from reports.models import About

# Only the committee and the coordination see the position of each institution
# (`visible_positions`).
SEES_POSITIONS = frozenset({Audience.COMMITTEE, Audience.VOTING, Audience.COORDINATION})
NOT_GIVEN = "–"
MOST_WHOLE = 12  # a table of at most so many rows is not split between two pages


# The plan


def plan_document(about: About, reading: DocumentReading) -> FramedDocument:
    """Compose the plan with the present terms and the origin of each action, without its
    progress."""
    plan = about.of(ActionPlan)
    groups = board_of(plan, []).groups
    blocks: list[Block | None] = [
        heading(_("Actions by result"), anchor="actions"),
        *_actions(plan, groups, reading),
        *_timeline(groups),
        *_positions(plan, reading),
    ]
    return _framed(about, reading, blocks)


def _framed(about: About, reading: DocumentReading, blocks: list[Block | None]) -> FramedDocument:
    plan = about.of(ActionPlan)
    title, facts = str(plan), facts_of(plan, reading)
    return framed(about, reading, blocks, title=title, facts=facts, illustrative=plan.illustrative)


def actions_of(plan: ActionPlan, reading: DocumentReading) -> list[Block | None]:
    """Return the actions by result, for a document about something else, which may hold those of
    several plans: nothing leads to them."""
    return _actions(plan, board_of(plan, []).groups, reading, anchored=False)


def _actions(
    plan: ActionPlan, groups: list[BoardGroup], reading: DocumentReading, *, anchored: bool = True
) -> list[Block | None]:
    amounts = amounts_for(reading.audience, reading.project)
    return [
        *(block for one in groups for block in _group(one, reading, amounts, anchored)),
        _total(groups, plan) if amounts.totals else None,
    ]


def facts_of(plan: ActionPlan, reading: DocumentReading) -> list[tuple[str, str]]:
    """Return the facts on the cover as they were on the day of the document; the committee's
    validation and the donor's approval are separate."""
    return [
        (_("Project year"), day_range(plan.period.start, plan.period.end)),
        (_("State"), _state_then(plan, reading)),
        (_("Validated by"), _validation(plan, reading)),
        (_("Donor"), _donor(plan, reading) if plan.is_validated else ""),
    ]


def _state_then(plan: ActionPlan, reading: DocumentReading) -> str:
    then = copy(plan)
    reading.undo_later_steps([then])
    if plan.is_validated and not then.is_validated:  # it was recorded after the decision
        then.status = ActionPlan.Status.VALIDATED
    return then.get_status_display()


def _validation(plan: ActionPlan, reading: DocumentReading) -> str:
    decision = plan.validated_by
    if decision is None or decision.audience not in reading.audiences:
        return ""
    if decision.resolved_on is None:
        return str(decision)
    return f"{decision}, {day(decision.resolved_on)}"


def _donor(plan: ActionPlan, reading: DocumentReading) -> str:
    if reading.knows(plan.donor_approved_on):
        return _("approved on %(day)s") % {"day": day(plan.donor_approved_on)}
    return _("not approved yet")


def _group(
    group: BoardGroup, reading: DocumentReading, amounts: AmountsRead, anchored: bool
) -> list[Block | None]:
    terms = [row.terms for row in group.rows]
    terms.sort(key=order_of)
    currency = reading.project.currency
    fields = [
        field(_("No."), lambda one: _number(one, anchored), 8),
        field(_("Action"), lambda one: _action(one, reading)),
        field(_("Responsible"), lambda one: _responsible(one, reading), 20),
        field(_("When"), lambda one: day_range(one.starts_on, one.ends_on), 20),
    ]
    if amounts.each:
        label = _("Budget (%(currency)s)") % {"currency": currency}
        fields.append(field(label, lambda one: money(one.budget, currency), 15, num=True))
    return [
        heading(_heading_of(group), 2),
        paragraph(local_text(group.result, "statement") or "", "before") if group.result else None,
        table_of(terms, fields, head=1),
        _subtotal(amounts.total(terms), currency),
    ]


def _subtotal(total: Decimal | None, currency: str) -> Block | None:
    return None if total is None else paragraph(pair(_("Budget"), money(total, currency)))


def _heading_of(group: BoardGroup) -> str:
    if group.result is None:
        return _("For no result in particular")
    return _("Result %(code)s") % {"code": group.result.code}


def _number(terms: ActionTerms, anchored: bool) -> Cell:
    number = terms.action.reference
    return cell(number, anchor=f"action-{number}" if anchored else "")


def _action(terms: ActionTerms, reading: DocumentReading) -> Cell:
    small = [local_text(terms, "deliverable") or "", _chain(terms, reading)]
    return cell(local_text(terms, "title"), small=small)


def _responsible(terms: ActionTerms, reading: DocumentReading) -> Cell:
    names = sorted(reading.short_name(one) for one in terms.supporting.all())
    small = _("with %(institutions)s") % {"institutions": ", ".join(names)} if names else ""
    return cell(reading.short_name(terms.responsible), small=small)


def _chain(terms: ActionTerms, reading: DocumentReading) -> str:
    """Return the origin of an action and the result that it serves, as far as the reader may know
    them."""
    links = []
    origin = terms.action.origin
    if origin and origin.audience in reading.audiences:
        links.append(str(origin))
    if terms.activity:
        links.append(str(terms.activity))
    links += [_("Indicator %(code)s") % {"code": one.code} for one in terms.indicators.all()]
    return _("See: %(links)s") % {"links": " · ".join(links)} if links else ""


def _total(groups: list[BoardGroup], plan: ActionPlan) -> Block | None:
    amounts = [row.terms.budget for group in groups for row in group.rows]
    known = [amount for amount in amounts if amount is not None]
    if not known:
        return None
    missing = len(amounts) - len(known)
    total = money(sum(known), plan.project.currency)
    rows = [(_("Total budget"), total)]
    if missing:
        without = ngettext("%(count)s action", "%(count)s actions", missing)
        rows.append((_("Without a budget"), without % {"count": missing}))
    return facts(rows)


def _timeline(groups: list[BoardGroup]) -> list[Block]:
    """Return the chart of the planned terms; progress is left out, since only the plan was
    validated."""
    terms = sorted((row.terms for group in groups for row in group.rows), key=order_of)
    if not terms:
        return []
    return [
        heading(_("Timeline"), anchor="timeline"),
        _chart([_bar(one) for one in terms], ""),
    ]


def _chart(bars: list[dict[str, Any]], today: str) -> Block:
    return figure("timeline", _("Actions from start to end"), {"bars": bars, "today": today})


def _bar(terms: ActionTerms, *, done: int | None = None, is_late: bool = False) -> dict[str, Any]:
    return {
        "name": coded(terms.action.reference, text_of(terms, "title"))["text"],
        "start": terms.starts_on.isoformat(),
        "end": terms.ends_on.isoformat(),
        "done": done,
        "is_late": is_late,
        "note": _("late") if is_late else "",
    }


# Positions


def _positions(plan: ActionPlan, reading: DocumentReading) -> list[Block]:
    blocks = positions_of(plan, reading)
    return (
        [heading(_("Positions of the institutions"), anchor="positions"), *blocks] if blocks else []
    )


def positions_of(plan: ActionPlan, reading: DocumentReading) -> list[Block]:
    """Return the position of each institution, also of those that gave none.

    Readers outside the committee get the numbers of positions only.
    """
    if plan.status == ActionPlan.Status.DRAFT:
        return []
    positions = list(plan.positions.with_related())
    statuses = review_statuses(plan.reviewers(), positions, _readable(positions, reading))
    if not statuses:
        return []
    if reading.audience not in SEES_POSITIONS:
        return [paragraph(_counts(statuses))]
    statuses.sort(key=lambda status: reading.short_name(status.institution))
    fields = [
        field(_("Institution"), lambda status: reading.short_name(status.institution), 26),
        field(_("Position"), lambda status: _stance(status.position), 24),
        field(_("Given on"), lambda status: _given_on(status.position), 20),
        field(_("Reason or remark"), _reason),
    ]
    return [table_of(statuses, fields, _("Positions on: %(plan)s") % {"plan": plan})]


def _readable(positions: Iterable[Position], reading: DocumentReading) -> set[int]:
    """Return the positions whose text the reader may read: its author chose the audience."""
    return {
        one.pk for one in positions if reading.is_internal or one.audience == Audience.COMMITTEE
    }


def _stance(position: Position | None) -> Cell:
    if position is None:
        return _("Silent")
    notes = [
        position.get_channel_display() if position.was_entered_for_it else "",
        _("on an earlier text") if position.is_of_another_text else "",
    ]
    return cell(position.get_stance_display(), small=notes)


def _given_on(position: Position | None) -> str:
    return day_short(position.given_on) if position else NOT_GIVEN


def _reason(status: ReviewStatus) -> Cell:
    position = status.position
    return cell(as_written(position.text)) if position and status.words_shown else ""


def _counts(statuses: list[ReviewStatus]) -> str:
    counts = Counter(
        status.position.get_stance_display() if status.position else _("Silent")
        for status in statuses
    )
    return " · ".join(pair(label, count) for label, count in counts.items())


# Progress


def progress_document(about: About, reading: DocumentReading) -> FramedDocument:
    """Return how far the actions of a plan are: by state, one by one, and on a timeline."""
    plan = about.of(ActionPlan)
    terms = sorted(plan.terms.with_related(), key=order_of)
    fields = [
        field(_("No."), lambda one: one.action.reference, 8),
        field(_("Action"), lambda one: cell(local_text(one, "title"))),
        field(_("Responsible"), lambda one: reading.short_name(one.responsible), 18),
        field(_("Due"), lambda one: day(one.ends_on), 18),
        field(_("State"), lambda one: state_of(one.action, _is_late(one, reading)), 15),
        field(_("Done (share)"), lambda one: percent(one.action.share_done / 100), 11, num=True),
    ]
    late = sum(_is_late(one, reading) for one in terms)
    sentence = ngettext("%(count)s action is late.", "%(count)s actions are late.", late) % {
        "count": late
    }
    blocks: list[Block | None] = [
        chart_of_states(terms),
        paragraph(sentence) if late else None,
        table_of(terms, fields, _("Actions"), head=1) if terms else None,
        _chart(_followed_bars(terms, reading), reading.as_of.isoformat()) if terms else None,
    ]
    return _framed(about, reading, blocks)


def _followed_bars(terms: list[ActionTerms], reading: DocumentReading) -> list[dict[str, Any]]:
    return [_bar(one, done=one.action.share_done, is_late=_is_late(one, reading)) for one in terms]


def _is_late(terms: ActionTerms, reading: DocumentReading) -> bool:
    if terms.plan.promises_nothing:
        return False
    return terms.action.status in Action.UNFINISHED and terms.last_day < reading.as_of
