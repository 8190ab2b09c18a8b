"""Locks days of the books: their expenditure is final."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from accounts.models import User
from kernel.formats import day
from kernel.refusal import Refusal
from projects.models import AccountingLock, Project
from projects.money.services.budget import lock_project


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
    """Locks the expenditure of these days. Raises ValidationError where some are locked already, or
    where vouchers wait for approval: that would change the figures of locked days."""
    lock_project(project)
    if other := project.accounting_locks.in_force().over(start, end).first():
        raise ValidationError(
            _("“%(other)s” already covers part of these dates."), params={"other": other}
        )
    if waiting := project.expenditures.waiting().filter(spent_on__range=(start, end)).count():
        raise ValidationError(
            ngettext(
                "%(count)s voucher of these days waits for approval: decide on it first.",
                "%(count)s vouchers of these days wait for approval: decide on them first.",
                waiting,
            ),
            params={"count": waiting},
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
