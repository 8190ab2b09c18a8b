"""Extends the review for one institution, presents the plan to the committee, and records which
institutions let their deadline pass without an answer."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _, ngettext

from accounts.models import User
from committees.models import ActionPlan, ReviewExtension, Silence
from committees.plans.services.review import (
    ReviewReceipt,
    notify_institutions,
    prolong_links,
    refuse_a_past_deadline,
)
from kernel.refusal import Refusal
from partners.models import Institution


@transaction.atomic
def extend_for(
    plan: ActionPlan, institution: Institution, *, until: date, why: str, by: User
) -> ReviewReceipt:
    """Extend the review for one institution, which also lets it change the position that it gave.

    Its people are notified, with the reason. Raises Refusal with a sentence.
    """
    held = ActionPlan.objects.select_for_update().get(pk=plan.pk)
    if held.status != ActionPlan.Status.IN_REVIEW:
        raise Refusal(held.why_no_answers)
    refuse_a_past_deadline(held, until)
    if held.review_until and until < held.review_until:
        raise Refusal(_("The review is open longer than that: choose a later day."))
    if not held.reviewers().filter(pk=institution.pk).exists():
        raise Refusal(_("This institution is not one of those asked for their position."))
    row = ReviewExtension(plan=held, institution=institution, until=until, why=why.strip(), by=by)
    row.full_clean()
    row.save()
    prolong_links(held)
    return notify_institutions(held, [institution], by=by, until=until, why=row.why)


@transaction.atomic
def present_plan(plan: ActionPlan, *, by: User) -> None:
    """Present the plan to the committee. Institutions without an answer are recorded as silent.

    Raises Refusal while proposals are open: afterwards nobody could settle them.
    """
    held = ActionPlan.objects.select_for_update().get(pk=plan.pk)
    if unsettled := held.proposals.open().count():
        sentence = ngettext(
            "%(count)d proposal is not settled yet: accept or decline it first.",
            "%(count)d proposals are not settled yet: accept or decline each first.",
            unsettled,
        )
        raise Refusal(sentence % {"count": unsettled})
    plan.take("present", by=by)
    _record_silence(plan, list(plan.reviewers()))


def record_silences() -> int:
    """Record the institutions whose deadline passed without an answer, for all plans in review.

    Returns how many are new. May run any number of times.
    """
    plans = ActionPlan.objects.in_review().filter(project__closed_on=None)
    plans = plans.select_related("project")
    return sum(
        _record_silence(plan, [one for one in plan.reviewers() if not plan.review_is_open_for(one)])
        for plan in plans
    )


def _record_silence(plan: ActionPlan, institutions: list[Institution]) -> int:
    answered = set(plan.positions.values_list("institution", flat=True))
    recorded = set(plan.silences.values_list("institution", flat=True))
    today = plan.project.today
    rows = [
        Silence(plan=plan, institution=one, until=min(plan.review_end_of(one) or today, today))
        for one in institutions
        if one.pk not in answered | recorded
    ]
    # Two workers that run at once record each institution once.
    Silence.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
