"""The life of an action plan: its versions, its actions, the committee's validation, the start of
its execution, and the donor's answer."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _, gettext_lazy

from accounts.models import User
from accounts.undo import messages_wait
from committees.models import Action, ActionPlan, ActionTerms, Resolution
from committees.models.resolution import ResolutionQuerySet
from committees.plans.letters import plan_for_donor_letter
from kernel.formats import day
from kernel.refusal import Refusal
from kernel.text import StrOrPromise, columns_of
from partners.models import Institution
from projects.models import Indicator, Period, Result
from projects.sending.donor import write_to_donor
from projects.sending.recipients import NoticeReceipt

Status = ActionPlan.Status


# Versions


@transaction.atomic
def create_plan(period: Period, *, by: User, illustrative: bool = False) -> ActionPlan:
    """Begin the plan of a project year, or its next version with a copy of the last one's actions.

    The year is locked, so that of two people who do this at once the second is refused with the
    name of the plan that the first began.
    """
    Period.objects.select_for_update().get(pk=period.pk)
    if period.project.is_over:
        raise Refusal(_("The project is closed: nothing more is planned for it."))
    last = period.plans.order_by("-version").first()
    if last and not last.is_validated:
        raise Refusal(
            _("“%(plan)s” is still being prepared: continue with that version.") % {"plan": last}
        )
    if last and last.status == Status.CLOSED:
        raise Refusal(_("The plan of this year is closed: it cannot have another version."))

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
    """Propose the next free reference: 2.4 after 2.3 of the same result, else 3.1 in a new group.

    A reference is never used twice in a project, so that it means the same action in all years.
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
    """Lock the plan while its actions are changed. Raises Refusal if they may not be changed."""
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
    """Save an action as this version of the plan has it. A new action also gets its reference and
    the resolution from which it originates."""
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
    """Correct the resolution from which an action originates.

    Refused once a version with the action is validated.
    """
    with transaction.atomic():
        if action.origin == origin:
            return
        refuse_circular_origin(action, origin)
        if action.terms.filter(plan__status__in=ActionPlan.AFTER_VALIDATION).exists():
            raise Refusal(_("This action is in a validated plan: its origin can no longer change."))
        action.origin = origin
        action.save(update_fields=["origin"])


def refuse_circular_origin(action: Action, origin: Resolution | None) -> None:
    """Refuse an origin that itself follows from the action, directly or through other actions."""
    if origin and action.pk in _followed_back(origin.pk)[1]:
        sentence = _(
            "%(origin)s itself follows from action %(reference)s: the action cannot come from it."
        ) % {"origin": origin, "reference": action.reference}
        raise ValidationError({"origin": sentence})


def refuse_circular_link(resolution: Resolution, action: Action) -> None:
    """Refuse to link a resolution to an action that originates from it, directly or not."""
    if action.origin_id and resolution.pk in _followed_back(action.origin_id)[0]:
        raise Refusal(
            _(
                "Action %(reference)s comes from %(origin)s, which therefore cannot concern "
                "it as well."
            )
            % {"reference": action.reference, "origin": resolution}
        )


def _followed_back(origin: int) -> tuple[set[int], set[int]]:
    """Follow the links back from a resolution to everything that led to it.

    A resolution follows from the actions that it is linked to, an action from its origin. Takes
    the key of a resolution; returns the keys of resolutions (itself included) and of actions.
    """
    resolutions, actions, ahead = set(), set(), {origin}
    while ahead:
        resolutions |= ahead
        linked_actions = Action.objects.filter(subjects__resolution__in=ahead)
        found = dict(linked_actions.values_list("pk", "origin"))
        actions |= set(found)
        ahead = {pk for pk in found.values() if pk} - resolutions
    return resolutions, actions


def remove_action(terms: ActionTerms) -> None:
    """Take an action out of a version, and delete it if nothing else refers to it."""
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


def decisions_on(plan: ActionPlan) -> ResolutionQuerySet:
    """Return the adopted decisions that name this plan: each of them may validate it."""
    project = {"committee__project": plan.project_id}
    return Resolution.objects.in_force().filter(subjects__plan=plan, **project).distinct()


@transaction.atomic
def validate_plan(plan: ActionPlan, *, decision: Resolution, by: User | None) -> None:
    """Record that the committee's decision validates a presented plan.

    The decision must belong to the project, name this plan and be adopted, with its quorum
    reached (`quorum_holds`). This is not the donor's approval. Raises Refusal or TransitionError
    with a sentence.
    """
    decision = Resolution.objects.select_related("meeting", "committee").get(pk=decision.pk)
    if reason := why_not_validating(plan, decision):
        raise Refusal(reason)
    plan.take("validate", by=by, on=decision.resolved_on, why=str(decision), validated_by=decision)


def why_not_validating(plan: ActionPlan, decision: Resolution) -> str:
    """Return the sentence that says why this decision cannot validate this plan, or an empty one."""
    if decision.committee.project_id != plan.project_id:
        return _("That decision belongs to another project.")
    if not decision.is_decision:
        return _("A recommendation cannot validate a plan: the committee has to decide.")
    if decision.status not in {Resolution.Status.ADOPTED, Resolution.Status.EXECUTED}:
        return _("%(decision)s is not in force (%(status)s): only an adopted decision counts.") % {
            "decision": decision,
            "status": decision.get_status_display().lower(),
        }
    if not decision.subjects.filter(plan=plan).exists():
        return _(
            "%(decision)s does not name this version of the plan: add the plan to what "
            "the decision concerns."
        ) % {"decision": decision}
    if not quorum_holds(decision):
        return _("%(decision)s was taken without a quorum: it cannot validate anything.") % {
            "decision": decision
        }
    return ""


def quorum_holds(decision: Resolution) -> bool:
    """Whether a decision counts as taken with a quorum.

    The records are trusted for a constitutive meeting, which has no seats to count yet, and for a
    meeting from before the portal that does not state its quorum.
    """
    if decision.seats_required is not None:
        return (decision.seats_present or 0) >= decision.seats_required
    meeting = decision.meeting
    return bool(meeting and (meeting.is_constitutive or not meeting.quorum_is_stated))


@transaction.atomic
def start_plan(plan: ActionPlan, *, by: User | None, on: date | None = None) -> None:
    """Put a validated plan into execution. It supersedes the earlier versions of its year."""
    Period.objects.select_for_update().get(pk=plan.period_id)
    others = plan.period.plans.exclude(pk=plan.pk)
    newer = others.filter(status=Status.IN_EXECUTION, version__gt=plan.version).first()
    if newer:
        raise Refusal(_("“%(plan)s” is already in execution.") % {"plan": newer})
    replaceable = ActionPlan.STARTABLE | {Status.IN_EXECUTION}
    if plan.may_take("start"):
        for earlier in others.filter(status__in=replaceable, version__lt=plan.version):
            earlier.take("supersede", by=by, on=on, why=str(plan))
    plan.take("start", by=by, on=on)


@transaction.atomic
@messages_wait()
def submit_to_donor(
    plan: ActionPlan,
    *,
    by: User,
    on: date | None = None,
    why: str = "",
    lines: Mapping[str, str] | None = None,
) -> NoticeReceipt:
    """Submit what the committee validated to the donor, whose people get a message, with these lines of
    the sender's own by language."""
    plan.take("submit_to_donor", by=by, on=on, why=why)
    letter = partial(plan_for_donor_letter, plan)
    return write_to_donor(plan, letter, by=by, on=on, lines=lines)


@transaction.atomic
def record_approval(plan: ActionPlan, *, on: date, reference: str, by: User) -> None:
    """Record the donor's approval: its own answer, or the letter that the coordination received.

    A plan that is already in execution stays in it.
    """
    held = ActionPlan.objects.select_for_update().get(pk=plan.pk)
    if held.donor_approved_on:
        raise Refusal(
            _("The donor's approval of %(day)s is already recorded.")
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
    """Record that the donor asks for changes. They go into the next version, since the committee
    has validated this one."""
    under_way = plan.status == Status.IN_EXECUTION
    plan.take(
        "request_changes_under_way" if under_way else "request_changes",
        by=by,
        on=on,
        why=f"{why} ({reference})" if reference else why,
    )


# The actions of nearly every year


@dataclass(frozen=True)
class UsualAction:
    """`first` and `last` are per cent of the days of the year, or of what is left of it."""

    title: StrOrPromise
    deliverable: StrOrPromise
    first: int
    last: int


USUAL = (
    UsualAction(
        gettext_lazy("Hold the meetings of the steering committee"),
        gettext_lazy("Minutes of each meeting"),
        0,
        100,
    ),
    UsualAction(
        gettext_lazy("Collect and check the values of the indicators"),
        gettext_lazy("Values of each period, approved"),
        0,
        100,
    ),
    UsualAction(gettext_lazy("Reassess the risks"), gettext_lazy("Risk register updated"), 45, 55),
    UsualAction(
        gettext_lazy("Prepare the action plan of the next year"),
        gettext_lazy("Plan validated by the committee"),
        70,
        90,
    ),
    UsualAction(
        gettext_lazy("Write the annual report"),
        gettext_lazy("Report signed and submitted"),
        80,
        100,
    ),
)


def add_usual_actions(plan: ActionPlan, responsible: Institution) -> int:
    """Add the usual actions, in the languages of the project, and return how many. In a year that
    has begun they share the days that are left of it."""
    year, today = plan.period, plan.project.today
    first = today if year.start < today < year.end else year.start
    for usual in USUAL:
        starts_on, ends_on = (_day(first, year.end, share) for share in (usual.first, usual.last))
        terms = ActionTerms(
            plan=plan, responsible=responsible, starts_on=starts_on, ends_on=ends_on
        )
        for language in plan.project.languages:
            with translation.override(language):
                setattr(terms, f"title_{language}", str(usual.title))
                setattr(terms, f"deliverable_{language}", str(usual.deliverable))
        terms.note_translations(columns_of("title", "deliverable"))
        terms.full_clean(exclude={"action"}, validate_unique=False)
        keep_action(terms, reference=propose_reference(plan))
    return len(USUAL)


def _day(first: date, last: date, share: int) -> date:
    return first + (last - first) * share // 100
