"""Enters and corrects expenditure, locks periods of the books, and undoes imports."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.formats import day
from kernel.refusal import Refusal
from projects.models import (
    AccountingLock,
    BudgetCategory,
    Expenditure,
    ImportBatch,
    Project,
    Result,
)
from projects.money.services.budget import lock_project

# Locks


def locks_in_force(project: Project) -> list[AccountingLock]:
    """Return the locks of periods in the accounts of the project that nobody has lifted."""
    return list(project.accounting_locks.in_force())


def lock_covering(locks: Iterable[AccountingLock], on: date) -> AccountingLock | None:
    """Return the first of these locks whose period has the day, or None."""
    return next((lock for lock in locks if lock.covers(on)), None)


def refuse_locked(project: Project, *days: date) -> None:
    """Raises ValidationError where one of the days is in a locked period.

    After `lock_project` the answer stays true until the transaction ends.
    """
    locks = locks_in_force(project)
    for each in days:
        if lock := lock_covering(locks, each):
            raise ValidationError({"spent_on": locked_message(each, lock)})


def locked_message(on: date, lock: AccountingLock) -> str:
    """Return the sentence that refuses an entry of this day, since the lock covers it."""
    return _(
        "%(day)s is in a locked period (%(lock)s). Enter a correction dated in an open one."
    ) % {"day": day(on), "lock": lock}


@transaction.atomic
def lock_days(project: Project, *, start: date, end: date, by: User) -> AccountingLock:
    """Locks the expenditure of these days. Raises ValidationError where some are locked already."""
    lock_project(project)
    if other := project.accounting_locks.in_force().over(start, end).first():
        raise ValidationError(
            _("“%(other)s” already covers part of these dates."), params={"other": other}
        )
    lock = AccountingLock(
        project=project, starts_on=start, ends_on=end, locked_on=timezone.localdate(), locked_by=by
    )
    lock.full_clean()
    lock.save()
    return lock


@transaction.atomic
def lift_lock(lock: AccountingLock, *, reason: str, by: User) -> None:
    """Unlocks the days and keeps the lock with the reason. Raises Refusal if they are unlocked."""
    lifted = AccountingLock.objects.in_force().filter(pk=lock.pk)
    if not lifted.update(lifted_on=timezone.localdate(), lifted_by=by, lift_reason=reason.strip()):
        raise Refusal(_("This period has already been unlocked."))


# Single rows


@transaction.atomic
def save_expenditure(expenditure: Expenditure) -> None:
    """Enters an expenditure or changes one that was entered by hand.

    Raises ValidationError where the day, or the one that it had before, is in a locked period.
    """
    lock_project(expenditure.project)
    days = {expenditure.spent_on}
    if expenditure.pk:
        before = Expenditure.objects.get(pk=expenditure.pk)
        refuse_if_final(before)
        days.add(before.spent_on)
    refuse_locked(expenditure.project, *days)
    expenditure.full_clean()
    expenditure.save()


@transaction.atomic
def delete_expenditure(expenditure: Expenditure) -> None:
    """Raises ValidationError for expenditure that was imported, corrected or locked."""
    lock_project(expenditure.project)
    refuse_if_final(expenditure)
    refuse_locked(expenditure.project, expenditure.spent_on)
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


# Corrections


@transaction.atomic
def adjust_expenditure(
    original: Expenditure,
    *,
    category: BudgetCategory,
    result: Result | None,
    amount: Decimal,
    on: date,
    reason: str,
) -> list[Expenditure]:
    """Corrects an expenditure by further rows, which are dated in an open period.

    The original row stays. The sum of it and of its earlier corrections is moved to the category and
    result where it belongs, at the original's rate, so that no remainder is left. Returns the new
    rows. Raises ValidationError where nothing would change, and on a locked day.
    """
    project = original.project
    lock_project(project)
    root = original.adjusts or original
    refuse_locked(project, on)
    if on < root.spent_on:
        raise ValidationError(
            {"spent_on": _("A correction cannot be dated before what it corrects.")}
        )
    wanted = {(category.pk, result.pk if result else None): amount} if amount else {}
    booked = net_amounts(root)
    rows = []
    for ids in booked.keys() | wanted.keys():
        if difference := wanted.get(ids, Decimal(0)) - booked.get(ids, Decimal(0)):
            rows.append(_adjustment(root, ids, difference, on, reason))
    if not rows:
        raise ValidationError(_("It is already like this: there is nothing to correct."))
    for row in sorted(rows, key=lambda one: one.amount):
        row.full_clean()
        row.save()
    return rows


def net_amounts(root: Expenditure) -> dict[tuple[int, int | None], Decimal]:
    """Returns the sums of an expenditure and its corrections, by the ids of category and result."""
    amounts: dict[tuple[int, int | None], Decimal] = defaultdict(Decimal)
    for row in [root, *root.adjustments.all()]:
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


# Imports


@transaction.atomic
def undo_import(batch: ImportBatch) -> int:
    """Deletes the rows of an import and returns how many there were.

    Raises Refusal where rows are locked or were corrected since.
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
    count, _kinds = rows.delete()
    ImportBatch.objects.filter(pk=batch.pk).update(undone_at=timezone.now())
    return count


def rate_on(project: Project, currency: str, on: date) -> Decimal | None:
    """Returns the worth of a unit of the currency in the project's on that day; None if unknown."""
    if currency == project.currency:
        return Decimal(1)
    rates = project.exchange_rates.filter(currency=currency, starts_on__lte=on, ends_on__gte=on)
    return rates.values_list("rate", flat=True).first()
