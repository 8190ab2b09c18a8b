"""Enters and corrects expenditure, and undoes imports."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.refusal import Refusal
from projects.models import (
    Budget,
    BudgetCategory,
    Expenditure,
    ImportBatch,
    Project,
    Result,
)
from projects.money.services.approval import (
    begin_status,
    delete_scans,
    locks_in_force,
    refuse_locked,
    settle_status,
)
from projects.money.services.budget import lock_project

# --- Single rows ---


@transaction.atomic
def save_expenditure(expenditure: Expenditure, *, by: User | None) -> None:
    """Enters an expenditure or changes one that was entered by hand.

    Above the amount that the project sets it waits for a second person; a change of the amount or
    the line asks for approval anew. Raises ValidationError where the day, or the one that it had
    before, is in a locked period.
    """
    project = expenditure.project
    lock_project(project)
    budget = Budget.of(project)
    days, before = {expenditure.spent_on}, None
    if expenditure.pk:
        before = Expenditure.objects.get(pk=expenditure.pk)
        refuse_if_final(before)
        days.add(before.spent_on)
        expenditure.status = before.status  # nobody but `take` writes it
    else:
        begin_status(expenditure, by=by, waits=budget.needs_approval(expenditure.value))
    refuse_locked(project, *days)
    expenditure.full_clean()
    expenditure.save()
    if before and before.approved_content != expenditure.approved_content:
        settle_status(expenditure, budget, by=by)


@transaction.atomic
def delete_expenditure(expenditure: Expenditure) -> None:
    """Deletes it with its scans. Raises ValidationError for expenditure that was imported,
    corrected, approved or locked."""
    lock_project(expenditure.project)
    fresh = Expenditure.objects.get(pk=expenditure.pk)
    refuse_if_final(fresh)
    if fresh.status == Expenditure.Status.APPROVED:
        raise ValidationError(
            _("It was approved by a second person. Correct it by an adjustment instead.")
        )
    refuse_locked(expenditure.project, fresh.spent_on)
    delete_scans([fresh.pk])
    expenditure.delete()


def refuse_if_final(expenditure: Expenditure) -> None:
    if expenditure.is_imported:
        raise ValidationError(
            _("It was imported as it is in the accounting system. Correct it by an adjustment.")
        )
    if expenditure.is_adjustment or expenditure.adjustments.exists():
        raise ValidationError(
            _("A correction is kept, with what it corrects: correct it once more.")
        )


# --- Corrections ---


@transaction.atomic
def adjust_expenditure(
    original: Expenditure,
    *,
    category: BudgetCategory,
    result: Result | None,
    amount: Decimal,
    on: date,
    reason: str,
    by: User | None,
) -> list[Expenditure]:
    """Corrects an expenditure by further rows, which are dated in an open period.

    The original row stays. The sum of it and of its earlier corrections is moved to the category and
    result where it belongs, at the original's rate, so that no remainder is left. Returns the new
    rows. If one of them or their outcome is above the amount that the project sets, or if the
    original was approved, all of them wait for approval. Raises ValidationError where nothing would change, on a locked day, and for what is not approved
    itself.
    """
    project = original.project
    lock_project(project)
    root = _counted_root(original)
    refuse_locked(project, on)
    if on < root.spent_on:
        raise ValidationError(
            {"spent_on": _("A correction cannot be dated before what it corrects.")}
        )
    wanted = {(category.pk, result.pk if result else None): amount} if amount else {}
    booked = net_amounts(root)
    rows = [
        _adjustment(root, ids, difference, on, reason)
        for ids in booked.keys() | wanted.keys()
        if (difference := wanted.get(ids, Decimal(0)) - booked.get(ids, Decimal(0)))
    ]
    if not rows:
        raise ValidationError(_("It is already like this: there is nothing to correct."))
    _enter_corrections(rows, root, outcome=amount * root.rate, by=by)
    return rows


def _counted_root(expenditure: Expenditure) -> Expenditure:
    """Returns what is corrected, as it is now."""
    root = Expenditure.objects.get(pk=expenditure.adjusts_id or expenditure.pk)
    root.project = expenditure.project
    if not root.is_counted:
        raise ValidationError(
            _("This voucher waits for approval or was sent back: decide on it, or change it.")
        )
    return root


def _enter_corrections(
    rows: list[Expenditure], root: Expenditure, *, outcome: Decimal, by: User | None
) -> None:
    """`outcome`: what the voucher is worth afterwards. Many small steps are one large amount."""
    budget = Budget.of(root.project)
    waits = any(budget.needs_approval(value) for value in (outcome, *(row.value for row in rows)))
    if budget.has_second_approval and root.status == Expenditure.Status.APPROVED:
        waits = True  # otherwise one person changes what two agreed on
    key = uuid4()
    for row in sorted(rows, key=lambda one: one.amount):
        begin_status(row, by=by, waits=waits)
        row.correction = key
        row.full_clean()
        row.save()


def net_amounts(root: Expenditure) -> dict[tuple[int, int | None], Decimal]:
    """Returns the sums of an expenditure and its corrections, by the ids of category and result.

    A correction that was sent back corrects nothing.
    """
    amounts: dict[tuple[int, int | None], Decimal] = defaultdict(Decimal)
    for row in [root, *root.adjustments.exclude(status=Expenditure.Status.RETURNED)]:
        amounts[row.category_id, row.result_id] += row.amount
    return {ids: amount for ids, amount in amounts.items() if amount}


def _adjustment(
    root: Expenditure, ids: tuple[int, int | None], amount: Decimal, on: date, reason: str
) -> Expenditure:
    category, result = ids
    return Expenditure(
        project=root.project,
        category_id=category,
        result_id=result,
        spent_on=on,
        amount=amount,
        currency=root.currency,
        rate=root.rate,
        description=reason[:300],
        voucher=root.voucher,
        adjusts=root,
        illustrative=root.illustrative,
    )


# --- Imports ---


@transaction.atomic
def undo_import(batch: ImportBatch) -> int:
    """Deletes the rows of an import and returns how many there were.

    Raises Refusal where rows are locked, or were approved or corrected since.
    """
    lock_project(batch.project)
    rows = Expenditure.objects.filter(batch=batch)
    if not ImportBatch.objects.filter(pk=batch.pk, undone_at=None).exists():
        raise Refusal(_("This import has already been undone."))
    for lock in locks_in_force(batch.project):
        if rows.filter(spent_on__range=(lock.starts_on, lock.ends_on)).exists():
            raise Refusal(
                _("Rows of this import are in a locked period (%(lock)s): correct them instead.")
                % {"lock": lock}
            )
    if Expenditure.objects.filter(adjusts__batch=batch).exclude(batch=batch).exists():
        raise Refusal(
            _("Rows of this import have since been corrected: it can no longer be undone.")
        )
    if rows.filter(status=Expenditure.Status.APPROVED).exists():
        raise Refusal(
            _("Rows of this import were approved by a second person: correct them instead.")
        )
    delete_scans(list(rows.values_list("pk", flat=True)))
    count, _kinds = rows.delete()
    ImportBatch.objects.filter(pk=batch.pk).update(undone_at=timezone.now())
    return count


def rate_on(project: Project, currency: str, on: date) -> Decimal | None:
    """Returns the worth of a unit of the currency in the project's on that day; None if unknown."""
    if currency == project.currency:
        return Decimal(1)
    rates = project.exchange_rates.filter(currency=currency, starts_on__lte=on, ends_on__gte=on)
    return rates.values_list("rate", flat=True).first()
