"""Writing a plan fast: rows in place, copies, order, dates of several, last year's unfinished
actions."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import Action, ActionPlan, ActionTerms
from committees.plans.services.board import order_of
from committees.plans.services.lifecycle import (
    add_usual_actions,
    create_plan,
    propose_reference,
    terms_open_to_change,
)
from kernel.names import plain
from kernel.refusal import Refusal
from kernel.text import LANGUAGES
from partners.models import Institution
from projects.models import Indicator, Participation, Period, Result


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
    copy.pk = None
    for name, value in others.items():
        setattr(copy, name, value)
    copy.save()
    copy.supporting.set(terms.supporting.all())
    copy.indicators.set(terms.indicators.all())
    return copy


# Order


def siblings_of(terms: ActionTerms) -> list[ActionTerms]:
    """Return the actions of the same result in the plan, in their order."""
    rows = ActionTerms.objects.filter(plan=terms.plan_id, result=terms.result_id)
    return sorted(rows.select_related("action"), key=order_of)


def move(terms: ActionTerms, step: int) -> None:
    """Move one place up (-1) or down (1) among the actions of the result; references stay."""
    with _order_open(terms.plan):
        siblings = siblings_of(terms)
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
        terms.refuse_impossible_dates()
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
        found = []
        for terms in rows:
            starts_on, ends_on = _dates_within(plan.period, terms)
            found.append(
                _add_copy(terms, plan=plan, position=0, starts_on=starts_on, ends_on=ends_on)
            )
        return found


def _dates_within(period: Period, terms: ActionTerms) -> tuple[date, date]:
    """Move a start before the year to its first day.

    The end stays unless it would come before the start: then the action keeps its length, to the
    end of the year at most.
    """
    lasts = terms.ends_on - terms.starts_on
    start = max(terms.starts_on, period.start)
    end = terms.ends_on if terms.ends_on >= start else min(start + lasts, period.end)
    return start, end


# Copying actions


def copy_actions(plan: ActionPlan, source: ActionPlan, *, otherwise: Institution) -> int:
    """Add the actions of another plan as new ones, and return how many: those whose title the plan
    has already are left out.

    Each keeps its words. Its dates are moved from that year into this one. What only the other
    project has is replaced: an institution that does not take part here by `otherwise`, a result or
    an indicator by the one of the same code here, if there is one. The budget stays with its project,
    as do activities, origins and progress.
    """
    try:
        with terms_open_to_change(plan) as held:
            copied = _Copying(held, source, otherwise).copied()
    except IntegrityError:
        raise Refusal(reference_taken()) from None
    if not copied:
        raise Refusal(_("This plan already has all the actions of that one."))
    return copied


class _Copying:
    def __init__(self, plan: ActionPlan, source: ActionPlan, otherwise: Institution) -> None:
        self.plan, self.source, self.otherwise = plan, source, otherwise
        project = plan.project
        self.is_own = source.project_id == project.pk
        self.partners = set(project.participations.values_list("institution", flat=True))
        self.results = {result.code: result for result in project.results.all()}
        indicators = Indicator.objects.filter(result__project=project)
        self.indicators = {each.code: each for each in indicators}
        self.days = plan.period.start - source.period.start

    def copied(self) -> int:
        known = {title for terms in self.plan.terms.all() for title in _titles(terms)}
        rows = self.source.terms.select_related("action", "result", "responsible")
        rows = rows.prefetch_related("supporting", "indicators")
        new = [terms for terms in sorted(rows, key=order_of) if not _titles(terms) & known]
        for terms in new:
            self._copy(terms)
        return len(new)

    def _copy(self, terms: ActionTerms) -> None:
        starts_on, ends_on = self._dates(terms)
        result = self._result(terms.result)
        action = Action(project_id=self.plan.project_id)
        action.reference = propose_reference(self.plan, result)
        action.full_clean()
        action.save()
        copy = ActionTerms(
            plan=self.plan,
            action=action,
            starts_on=starts_on,
            ends_on=ends_on,
            result=result,
            responsible=self._partner(terms.responsible) or self.otherwise,
            budget=terms.budget if self.is_own else None,
            translation_sources=terms.translation_sources,
        )
        for name in ("title", "deliverable"):
            for language in LANGUAGES:
                column = f"{name}_{language}"
                setattr(copy, column, getattr(terms, column))
        copy.full_clean()
        copy.save()
        copy.supporting.set([each for each in terms.supporting.all() if self._partner(each)])
        codes = [each.code for each in terms.indicators.all()]
        copy.indicators.set([self.indicators[code] for code in codes if code in self.indicators])

    def _partner(self, institution: Institution) -> Institution | None:
        return institution if institution.pk in self.partners else None

    def _result(self, result: Result | None) -> Result | None:
        return self.results.get(result.code) if result else None

    def _dates(self, terms: ActionTerms) -> tuple[date, date]:
        """Move both dates by the distance of the two years, but not out of this one."""
        first, last = self.plan.period.start, self.plan.period.end
        start = min(max(_moved(terms.starts_on, self.days), first), last)
        return start, min(max(_moved(terms.ends_on, self.days), start), last)


def _moved(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        return day


def _titles(terms: ActionTerms) -> set[str]:
    texts = (getattr(terms, f"title_{language}") for language in LANGUAGES)
    return {plain(text) for text in texts if text}


# What a plan begins with


@transaction.atomic
def begin_plan(
    period: Period, *, source: ActionPlan | None = None, usual: bool = False, by: User
) -> ActionPlan:
    """Begin the plan of a year, with a copy of the actions of `source` or with the usual ones.

    A next version has those of the version before, and no others.
    """
    plan = create_plan(period, by=by)
    if plan.version > 1 or not (source or usual):
        return plan
    places = period.project.participations.select_related("institution")
    own = places.filter(role=Participation.Role.ACCOUNTABLE).first() or places.first()
    if own is None:
        raise Refusal(
            _("Add an institution to the project first: it is responsible for the actions.")
        )
    if source:
        copy_actions(plan, source, otherwise=own.institution)
    else:
        add_usual_actions(plan, own.institution)
    return plan
