"""Writing a plan fast: rows in place, copies, order, dates of several, last year's unfinished
actions."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from committees.models import Action, ActionPlan, ActionTerms
from committees.plans.services.board import order_of
from committees.plans.services.lifecycle import propose_reference, terms_open_to_change
from kernel.refusal import Refusal
from projects.models import Period


def keep_row(terms: ActionTerms, *, reference: str = "") -> Action:
    """Save a row of the table. Fields that the table does not show stay as they are."""
    try:
        with terms_open_to_change(terms.plan) as plan:
            if terms.action_id is None:
                terms.action = Action(project_id=plan.project_id, reference=reference)
                terms.action.full_clean()
                terms.action.save()
            terms.save()
    except IntegrityError:
        raise Refusal(reference_taken()) from None
    return terms.action


def reference_taken() -> str:
    return _("Somebody has just used this reference: take the next one and save again.")


def duplicate(terms: ActionTerms) -> ActionTerms:
    """Add an action with the same words, dates and institutions, right after this one. Where it
    comes from and how far it is stay with the first."""
    try:
        with terms_open_to_change(terms.plan) as plan:
            action = Action(project_id=plan.project_id)
            action.reference = propose_reference(plan, terms.result)
            action.full_clean()
            action.save()
            return _add_copy(terms, plan=plan, action=action)
    except IntegrityError:
        raise Refusal(reference_taken()) from None


def _add_copy(terms: ActionTerms, **others: Any) -> ActionTerms:
    """Add terms with other values and the same institutions and indicators."""
    copy = ActionTerms.objects.get(pk=terms.pk)
    copy.pk, copy._state.adding = None, True
    for name, value in others.items():
        setattr(copy, name, value)
    copy.save()
    copy.supporting.set(terms.supporting.all())
    copy.indicators.set(terms.indicators.all())
    return copy


# Order


def move(terms: ActionTerms, step: int) -> None:
    """Move one place up (-1) or down (1) among the actions of the result; references stay."""
    with _order_open(terms.plan):
        siblings = sorted(
            ActionTerms.objects.filter(plan=terms.plan_id, result=terms.result_id).select_related(
                "action"
            ),
            key=order_of,
        )
        place = next(n for n, one in enumerate(siblings) if one.pk == terms.pk)
        other = place + step
        if 0 <= other < len(siblings):
            siblings[place], siblings[other] = siblings[other], siblings[place]
        for number, one in enumerate(siblings, start=1):
            one.position = number
        ActionTerms.objects.bulk_update(siblings, ["position"])


@contextmanager
def _order_open(plan: ActionPlan) -> Iterator[None]:
    """The order is no term: it changes without making earlier positions those of another text.
    But only while the plan is written."""
    with transaction.atomic():
        held = ActionPlan.objects.select_for_update().get(pk=plan.pk)
        if not held.terms_are_open:
            raise Refusal(held.why_terms_are_closed)
        yield


# Dates of many


def shift_dates(plan: ActionPlan, keys: Collection[int], days: int) -> int:
    """Move both dates of these actions by so many days, later or earlier. All of them or none: raises
    ValidationError with a sentence for each that does not fit."""

    def moved(terms: ActionTerms) -> None:
        terms.starts_on += timedelta(days=days)
        terms.ends_on += timedelta(days=days)

    return _change_dates(plan, keys, moved)


def set_dates(
    plan: ActionPlan, keys: Collection[int], *, starts_on: date | None, ends_on: date | None
) -> int:
    """Set the same start or end for all of these actions, or for none."""

    def moved(terms: ActionTerms) -> None:
        terms.starts_on = starts_on or terms.starts_on
        terms.ends_on = ends_on or terms.ends_on

    return _change_dates(plan, keys, moved)


def _change_dates(
    plan: ActionPlan, keys: Collection[int], moved: Callable[[ActionTerms], None]
) -> int:
    with terms_open_to_change(plan):
        rows = list(plan.terms.filter(pk__in=keys).select_related("action"))
        if len(rows) != len(set(keys)):
            raise Refusal(_("An action was removed in the meantime. Choose again."))
        refusals = [sentence for one in rows for sentence in _refusals(plan, one, moved)]
        if refusals:
            raise ValidationError(refusals)
        ActionTerms.objects.bulk_update(rows, ["starts_on", "ends_on"])
    return len(rows)


def _refusals(
    plan: ActionPlan, terms: ActionTerms, moved: Callable[[ActionTerms], None]
) -> list[str]:
    terms.plan = plan
    try:
        moved(terms)
        if terms.ends_on < terms.starts_on:
            raise ValidationError(_("The action ends before it starts."))
        terms.refuse_dates_outside_the_project()
    except OverflowError:
        sentences = [_("There is no such day in the calendar.")]
    except ValidationError as refusal:
        sentences = list(dict.fromkeys(refusal.messages))
    else:
        return []
    return [f"{terms.action.reference}: {sentence}" for sentence in sentences]


# Actions of last year


def plan_before(plan: ActionPlan) -> ActionPlan | None:
    """Return the newest validated version of the latest earlier year that has a plan."""
    earlier = ActionPlan.objects.filter(
        project=plan.project_id,
        period__start__lt=plan.period.start,
        status__in=ActionPlan.AFTER_VALIDATION,
    )
    return earlier.select_related("period").order_by("-period__start", "-version").first()


def left_over(plan: ActionPlan) -> list[ActionTerms]:
    """Return the unfinished actions of the year before that this plan does not have."""
    before = plan_before(plan)
    if before is None:
        return []
    rows = before.terms.with_related().filter(action__status__in=Action.UNFINISHED)
    return sorted(rows.exclude(action__in=plan.terms.values("action")), key=order_of)


def carry_over(plan: ActionPlan, keys: Iterable[int]) -> list[ActionTerms]:
    """Take these actions of last year into this plan. Each stays the action that it is, with
    its reference, origin and progress; its dates are moved into the year."""
    wanted = set(keys)
    with terms_open_to_change(plan):
        rows = [one for one in left_over(plan) if one.pk in wanted]
        if len(rows) != len(wanted):
            raise Refusal(_("One of these actions was finished or taken over in the meantime."))
        return [_carry(terms, plan) for terms in rows]


def _carry(terms: ActionTerms, plan: ActionPlan) -> ActionTerms:
    starts_on, ends_on = _dates_within(plan.period, terms)
    return _add_copy(terms, plan=plan, position=0, starts_on=starts_on, ends_on=ends_on)


def _dates_within(period: Period, terms: ActionTerms) -> tuple[date, date]:
    """Move a start before the year to its first day.

    The end stays unless it would come before the start: then the action keeps its length, to the
    end of the year at most.
    """
    lasts = terms.ends_on - terms.starts_on
    start = max(terms.starts_on, period.start)
    end = terms.ends_on if terms.ends_on >= start else min(start + lasts, period.end)
    return start, end
