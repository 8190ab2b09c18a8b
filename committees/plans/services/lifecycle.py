"""What reaches beyond one row of a plan: its versions, its actions, and what decides on it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import Action, ActionPlan, ActionTerms, Resolution
from kernel.formats import day
from kernel.refusal import Refusal
from partners.models import Institution
from projects.models import Indicator, Period, Result

Status = ActionPlan.Status


# Versions


@transaction.atomic
def create_plan(period: Period, *, by: User, illustrative: bool = False) -> ActionPlan:
    """Begin the plan of a project year, or its next version with the terms of the last one.

    Two people who press at once get one plan: the second is led to the first.
    """
    Period.objects.select_for_update().get(pk=period.pk)
    if period.project.is_over:
        raise Refusal(_("The project is closed: nothing more is planned for it."))
    last = period.plans.order_by("-version").first()
    if last and not last.is_validated:
        raise Refusal(
            _("“%(plan)s” is still being prepared: go on with that version.") % {"plan": last}
        )
    if last and last.status == Status.CLOSED:
        raise Refusal(_("The plan of this year is closed: it has no further version."))

    plan = ActionPlan(
        project=period.project,
        period=period,
        version=last.version + 1 if last else 1,
        illustrative=last.illustrative if last else illustrative,
    )
    plan.full_clean()
    plan.save()
    if last:
        _copy_terms(last, plan)
    return plan


def _copy_terms(source: ActionPlan, target: ActionPlan) -> None:
    copies: list[ActionTerms] = []
    supported: list[tuple[ActionTerms, Institution]] = []
    indicated: list[tuple[ActionTerms, Indicator]] = []
    for terms in source.terms.prefetch_related("supporting", "indicators"):
        supported += [(terms, institution) for institution in terms.supporting.all()]
        indicated += [(terms, indicator) for indicator in terms.indicators.all()]
        terms.pk, terms.plan = None, target
        terms._state.adding = True
        copies.append(terms)
    ActionTerms.objects.bulk_create(copies)
    supporting, indicators = ActionTerms.supporting.through, ActionTerms.indicators.through
    supporting.objects.bulk_create(
        supporting(actionterms=terms, institution=institution) for terms, institution in supported
    )
    indicators.objects.bulk_create(
        indicators(actionterms=terms, indicator=indicator) for terms, indicator in indicated
    )


# Actions


def propose_reference(plan: ActionPlan, result: Result | None = None) -> str:
    """The next free reference: 2.4 after 2.3 of the same result, else the first of a new group.

    A reference is never given twice in a project, so that it means one action in all years.
    """
    taken = set(Action.objects.filter(project=plan.project_id).values_list("reference", flat=True))
    kin = ActionTerms.objects.filter(plan__project=plan.project_id)
    kin = kin.filter(result=result) if result else kin.filter(plan=plan)
    last = kin.order_by("-action__pk").values_list("action__reference", flat=True).first()
    if last:
        group = last.split(".")[0]
    else:
        group = str(max((int(reference.split(".")[0]) for reference in taken), default=0) + 1)
    number = 1
    while f"{group}.{number}" in taken:
        number += 1
    return f"{group}.{number}"


@contextmanager
def terms_open_to_change(plan: ActionPlan) -> Iterator[ActionPlan]:
    """Hold the plan while its terms are written; refuse where they stand."""
    with transaction.atomic():
        held = ActionPlan.objects.select_for_update().get(pk=plan.pk)
        if not held.terms_are_open:
            raise Refusal(held.why_terms_are_closed)
        yield held
        held.terms_changed_at = plan.terms_changed_at = timezone.now()
        held.save(update_fields=["terms_changed_at"])


def keep_action(
    terms: ActionTerms,
    *,
    reference: str = "",
    origin: Resolution | None = None,
    supporting: Iterable[Institution | int] = (),
    indicators: Iterable[Indicator | int] = (),
) -> Action:
    """Write the terms of an action; a new action gets its reference and origin with them."""
    with terms_open_to_change(terms.plan) as plan:
        if terms.action_id is None:
            terms.action = Action(project_id=plan.project_id, reference=reference, origin=origin)
            terms.action.full_clean()
            terms.action.save()
        terms.save()
        terms.supporting.set(supporting)
        terms.indicators.set(indicators)
    return terms.action


def change_origin(action: Action, origin: Resolution | None) -> None:
    """Where an action comes from may be corrected until a version with it is validated."""
    with transaction.atomic():
        if action.origin == origin:
            return
        refuse_circular_origin(action, origin)
        if action.terms.filter(plan__status__in=ActionPlan.AFTER_VALIDATION).exists():
            raise Refusal(
                _("This action stands in a validated plan: where it comes from is fixed.")
            )
        action.origin = origin
        action.save(update_fields=["origin"])


def refuse_circular_origin(action: Action, origin: Resolution | None) -> None:
    """What speaks of an action cannot be where it comes from, not by a detour either."""
    if origin and action.pk in _followed_back(origin.pk)[1]:
        sentence = _(
            "%(origin)s itself follows from action %(reference)s: the action cannot come from it."
        ) % {"origin": origin, "reference": action.reference}
        raise ValidationError({"origin": sentence})


def refuse_circular_link(resolution: Resolution, action: Action) -> None:
    """The other side: a resolution does not speak of an action that follows from it."""
    if action.origin_id and resolution.pk in _followed_back(action.origin_id)[0]:
        raise Refusal(
            _("Action %(reference)s comes from %(origin)s: that cannot speak of it as well.")
            % {"reference": action.reference, "origin": resolution}
        )


def _followed_back(origin: int) -> tuple[set[int], set[int]]:
    """The resolutions and the actions from which something follows that comes from `origin`: an
    action follows from its origin, a resolution from the actions that it speaks of."""
    resolutions, actions, ahead = set(), set(), {origin}
    while ahead:
        resolutions |= ahead
        spoken_of = Action.objects.filter(subjects__resolution__in=ahead)
        found = dict(spoken_of.values_list("pk", "origin"))
        actions |= set(found)
        ahead = {pk for pk in found.values() if pk} - resolutions
    return resolutions, actions


def remove_action(terms: ActionTerms) -> None:
    """Take an action out of a version. What nobody spoke of yet goes altogether."""
    with terms_open_to_change(terms.plan):
        action = terms.action
        terms.delete()
        if not (
            action.terms.exists()
            or action.remarks.exists()
            or action.proposals.exists()
            or action.subjects.exists()
            or action.status_changes.exists()
        ):
            action.delete()


# The committee and the donor


def decisions_on(plan: ActionPlan) -> list[Resolution]:
    """The adopted decisions that name this plan: each of them may validate it."""
    decisions = Resolution.objects.decisions().filter(
        subjects__plan=plan,
        committee__project=plan.project_id,
        status__in=[Resolution.Status.ADOPTED, Resolution.Status.EXECUTED],
    )
    return list(decisions.select_related("meeting__committee").distinct())


@transaction.atomic
def validate_plan(plan: ActionPlan, *, decision: Resolution, by: User | None) -> None:
    """The committee's decision makes a presented plan the plan of the year.

    Only a decision that was adopted, with its quorum reached (or by a meeting whose quorum is
    not stated, or that constituted the committee), of this project, that names this plan.
    Raises Refusal or TransitionError with a sentence. It is not the donor's approval.
    """
    decision = Resolution.objects.select_related("meeting", "committee").get(pk=decision.pk)
    if reason := why_not_validating(plan, decision):
        raise Refusal(reason)
    plan.take("validate", by=by, on=decision.resolved_on, why=str(decision), validated_by=decision)


def why_not_validating(plan: ActionPlan, decision: Resolution) -> str:
    """The sentence that says why this decision cannot validate this plan, or nothing."""
    if decision.committee.project_id != plan.project_id:
        return _("That decision belongs to another project.")
    if not decision.is_decision:
        return _("A recommendation validates no plan: the committee has to decide.")
    if decision.status not in {Resolution.Status.ADOPTED, Resolution.Status.EXECUTED}:
        return _("%(decision)s is not in force (%(status)s): only an adopted decision counts.") % {
            "decision": decision,
            "status": decision.get_status_display().lower(),
        }
    if not decision.subjects.filter(plan=plan).exists():
        return _(
            "%(decision)s does not name this version of the plan: "
            "add the plan to what the decision speaks of."
        ) % {"decision": decision}
    if not quorum_holds(decision):
        return _("%(decision)s was taken without a quorum: it validates nothing.") % {
            "decision": decision
        }
    return ""


def quorum_holds(decision: Resolution) -> bool:
    """Reached where it is counted; a constitutive meeting or one of the time before the
    portal, whose quorum is not stated, is taken as its records say."""
    if decision.seats_required is not None:
        return (decision.seats_present or 0) >= decision.seats_required
    meeting = decision.meeting
    return bool(meeting and (meeting.is_constitutive or not meeting.quorum_is_stated))


@transaction.atomic
def start_plan(plan: ActionPlan, *, by: User | None, on: date | None = None) -> None:
    """Put a validated plan into execution; it takes the place of the earlier version."""
    Period.objects.select_for_update().get(pk=plan.period_id)
    others = plan.period.plans.exclude(pk=plan.pk)
    newer = others.filter(status=Status.IN_EXECUTION, version__gt=plan.version).first()
    if newer:
        raise Refusal(_("“%(plan)s” is in execution already.") % {"plan": newer})
    replaceable = ActionPlan.STARTABLE | {Status.IN_EXECUTION}
    if plan.may_take("start"):
        for earlier in others.filter(status__in=replaceable, version__lt=plan.version):
            earlier.take("supersede", by=by, on=on, why=str(plan))
    plan.take("start", by=by, on=on)


@transaction.atomic
def record_approval(plan: ActionPlan, *, on: date, reference: str, by: User) -> None:
    """The donor's own answer, or its letter as the coordination received it."""
    held = ActionPlan.objects.select_for_update().get(pk=plan.pk)
    if held.donor_approved_on:
        raise Refusal(
            _("The donor's approval of %(day)s is recorded already.")
            % {"day": day(held.donor_approved_on)}
        )
    under_way = plan.status == Status.IN_EXECUTION
    plan.take(
        "approve_under_way" if under_way else "approve",
        by=by,
        on=on,
        why=reference,
        donor_approved_on=on,
        donor_reference=reference,
    )


@transaction.atomic
def record_changes_asked(plan: ActionPlan, *, on: date, reference: str, why: str, by: User) -> None:
    """What the committee validated stays; the changes go into the next version."""
    under_way = plan.status == Status.IN_EXECUTION
    plan.take(
        "request_changes_under_way" if under_way else "request_changes",
        by=by,
        on=on,
        why=f"{why} ({reference})" if reference else why,
    )
