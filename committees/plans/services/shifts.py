"""Shifts within the committee's tolerance: an action in execution moves a little, with a reason.

A shift is measured from the dates and the budget that the committee validated, so that many small
shifts cannot add up to a large one.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _, ngettext

from accounts.models import User
from committees.models import ActionPlan, ActionTerms, Committee, Meeting, Shift
from committees.permissions.amounts import AmountsRead
from kernel.formats import day, money, percent
from kernel.refusal import Refusal

Field = Shift.Field


@transaction.atomic
def shift_terms(
    terms: ActionTerms,
    *,
    starts_on: date,
    ends_on: date,
    budget: Decimal | None,
    reason: str,
    by: User,
) -> list[Shift]:
    """Move an action of the plan in execution, as far as the committee tolerates it.

    Raises Refusal, or ValidationError by field, with a sentence.
    """
    plan = ActionPlan.objects.select_for_update().get(pk=terms.plan_id)
    held = ActionTerms.objects.select_related("action", "plan__project").get(pk=terms.pk)
    if plan.status != ActionPlan.Status.IN_EXECUTION:
        raise Refusal(_("Only an action of a plan in execution can be shifted."))
    now = {name: getattr(held, name) for name in Field.values}
    wanted = {"starts_on": starts_on, "ends_on": ends_on, "budget": budget}
    changes = {name: wanted[name] for name in Field.values if wanted[name] != now[name]}
    if not changes:
        raise Refusal(_("Nothing is different: choose another date or budget."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the reason is reported at the next meeting.")})

    _refuse_beyond_tolerance(held, changes)
    _write(held, changes)
    kept = {"terms": held, "reason": reason.strip(), "by": by}
    return Shift.objects.bulk_create(
        Shift(field=name, before=written(now[name]), after=written(value), **kept)
        for name, value in changes.items()
    )


def _write(terms: ActionTerms, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(terms, name, value)
    if changes.keys() & {"starts_on", "ends_on"}:
        terms.refuse_impossible_dates()
    terms.save(update_fields=list(changes))


def _refuse_beyond_tolerance(terms: ActionTerms, wanted: dict[str, Any]) -> None:
    committee = Committee.objects.filter(project=terms.plan.project_id).first()
    days = committee.tolerance_days if committee else 0
    share = committee.tolerance_share if committee else Decimal(0)
    validated, refused = validated_values(terms), dict[str, str]()
    for name in ("starts_on", "ends_on"):
        if name in wanted and abs((wanted[name] - validated[name]).days) > days:
            refused[name] = ngettext(
                "The committee validated %(day)s and tolerates %(days)s day. "
                "Open a new version of the plan for more.",
                "The committee validated %(day)s and tolerates %(days)s days. "
                "Open a new version of the plan for more.",
                days,
            ) % {"day": day(validated[name]), "days": days}
    if "budget" in wanted:
        before, after = validated["budget"], wanted["budget"]
        if before is None or after is None or abs(after - before) > before * share:
            currency = terms.plan.project.currency
            refused["budget"] = _(
                "The committee validated %(amount)s and tolerates %(share)s of it. "
                "Open a new version of the plan for more."
            ) % {"amount": money(before, currency), "share": percent(share)}
    if refused:
        raise ValidationError(refused)


def validated_values(terms: ActionTerms) -> dict[str, Any]:
    """Return the dates and the budget of the action as the committee validated them.

    These are the values before the first shift of each field. An amendment, which the committee
    recommended and the donor approved, starts the count anew from the value that it set.
    """
    values = {name: getattr(terms, name) for name in Field.values}
    settled = set()
    for shift in reversed(list(terms.shifts.all())):
        if shift.amendment_id:
            settled.add(shift.field)
        elif shift.field not in settled:
            values[shift.field] = shift.value_before
    return values


def written(value: date | Decimal | None) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def shifts_of(plan: ActionPlan) -> list[Shift]:
    """Return all shifts of a version, newest first."""
    return list(Shift.objects.filter(terms__plan=plan).with_related().order_by("-pk"))


def shifts_since(meeting: Meeting) -> list[Shift]:
    """Return the shifts to report at this meeting: those since the meeting before it, or all of
    them if it is the first."""
    project = meeting.committee.project_id
    before = (
        Meeting.objects.filter(committee=meeting.committee_id, starts_at__lt=meeting.starts_at)
        .held()
        .order_by("-starts_at")
        .first()
    )
    found = Shift.objects.filter(terms__plan__project=project, recorded_at__lte=meeting.starts_at)
    if before:
        found = found.filter(recorded_at__gt=before.starts_at)
    return list(found.with_related().order_by("terms__plan", "pk"))


def disclosed(shifts: Iterable[Shift], amounts: AmountsRead) -> list[Shift]:
    """Return the shifts that the reader may see: not those of amounts that they do not read."""
    return [shift for shift in shifts if not shift.is_amount or amounts.reads(shift.terms)]
