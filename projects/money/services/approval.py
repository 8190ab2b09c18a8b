"""Approves vouchers by a second person, attaches scans to them, and locks days of the books: their
expenditure is final."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from accounts.models import User
from kernel.files import CheckedFile
from kernel.formats import day
from kernel.refusal import Refusal
from projects.models import AccountingLock, Budget, Expenditure, Project, VoucherScan
from projects.money.services.budget import lock_project

CHANGED = ("status", "approved_by", "changed_by", "waits_since")


def begin_status(expenditure: Expenditure, *, by: User | None, waits: bool) -> None:
    """Sets who entered a new voucher, and whether it waits. The caller saves it."""
    expenditure.entered_by = by
    if waits:
        expenditure.status = Expenditure.Status.WAITING
        expenditure.waits_since = timezone.localdate()


def settle_status(expenditure: Expenditure, budget: Budget, *, by: User | None) -> None:
    """Takes the step that follows from a change of the amount or the line, which was saved."""
    status = Expenditure.Status
    facts: dict[str, Any] = {"changed_by": by, "approved_by": None}
    if budget.needs_approval(expenditure.value):
        facts["waits_since"] = timezone.localdate()
        if expenditure.status == status.WAITING:  # it waits for another approval than before
            Expenditure.objects.filter(pk=expenditure.pk).update(**facts)
            expenditure.refresh_from_db(fields=list(facts))
        else:
            expenditure.take("change", by=by, **facts)
        return
    facts["waits_since"] = None
    if expenditure.status == status.RECORDED:
        Expenditure.objects.filter(pk=expenditure.pk).update(**facts)
        expenditure.refresh_from_db(fields=list(facts))
    else:
        expenditure.take("lower", by=by, **facts)


@transaction.atomic
def approve_expenditure(expenditure: Expenditure, *, seen: str, by: User) -> None:
    """Approves a voucher as its reader saw it (`Expenditure.approval_mark`).

    Raises Refusal where the person entered it, and where it was changed or decided meanwhile.
    """
    for row in _to_decide(expenditure, seen):
        if row.is_by(by):
            raise Refusal(own_message())
        row.take("approve", by=by, approved_by=by, waits_since=None)
    expenditure.refresh_from_db(fields=list(CHANGED))


@transaction.atomic
def return_expenditure(expenditure: Expenditure, *, seen: str, reason: str, by: User) -> None:
    """Sends a voucher back with a reason. Raises ValidationError without one, and Refusal as
    `approve_expenditure` does."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say what is missing or wrong.")})
    for row in _to_decide(expenditure, seen):
        if row.is_by(by):
            raise Refusal(own_message())
        row.take("return", by=by, why=reason.strip(), waits_since=None)
    expenditure.refresh_from_db(fields=list(CHANGED))


@transaction.atomic
def ask_again(expenditure: Expenditure, *, by: User) -> None:
    """Asks for the approval of a voucher that was sent back, once what was missing is there.

    Raises Refusal for a correction after which the same voucher was corrected in another way: it was
    computed from other amounts, and both would count.
    """
    lock_project(expenditure.project)
    fresh = Expenditure.objects.get(pk=expenditure.pk)
    refuse_locked(expenditure.project, fresh.spent_on)
    if was_replaced(fresh):
        raise Refusal(replaced_message())
    for row in _together(fresh):
        row.take("ask", by=by, waits_since=timezone.localdate())
    expenditure.refresh_from_db(fields=list(CHANGED))


def was_replaced(row: Expenditure) -> bool:
    """Whether the voucher that this correction corrects was corrected in another way since."""
    if row.adjusts is None:
        return False
    later = row.adjusts.adjustments.filter(pk__gt=row.pk).exclude(correction=row.correction)
    return later.exclude(status=Expenditure.Status.RETURNED).exists()


def replaced_message() -> str:
    return _("Another correction was entered since: enter a new one if the amount is still wrong.")


def _to_decide(expenditure: Expenditure, seen: str) -> list[Expenditure]:
    lock_project(expenditure.project)
    fresh = Expenditure.objects.filter(pk=expenditure.pk).first()
    if fresh is None:
        raise Refusal(_("This voucher was deleted in the meantime."))
    if fresh.status == Expenditure.Status.WAITING and fresh.approval_mark != seen:
        raise Refusal(
            _("This voucher was changed in the meantime: look at it again before you decide.")
        )
    return _together(fresh)


def _together(row: Expenditure) -> list[Expenditure]:
    return list(row.decided_together.select_for_update())


def own_message() -> str:
    return _("You entered or changed this voucher yourself: somebody else has to decide on it.")


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


@transaction.atomic
def add_scans(
    expenditure: Expenditure, uploads: list[CheckedFile], *, by: User
) -> list[Expenditure]:
    """Attaches files, also to a voucher that is locked: what was missing is added.

    Returns other vouchers of the project that have the very same file. Raises ValidationError.
    """
    lock_project(expenditure.project)
    for upload in uploads:
        scan = VoucherScan(expenditure=expenditure, added_by=by, sha256=upload.sha256)
        scan.clean()
        if expenditure.scans.filter(sha256=upload.sha256).exists():
            sentence = _("“%(file)s” is already attached to the voucher.")
            raise ValidationError({"uploads": sentence % {"file": upload.original_name}})
        scan.keep(upload)
        scan.save()
    files = [upload.sha256 for upload in uploads]
    others = expenditure.project.expenditures.filter(scans__sha256__in=files)
    return list(others.exclude(pk=expenditure.pk).select_related("category").distinct()[:5])


@transaction.atomic
def remove_scan(scan: VoucherScan) -> None:
    """Takes a scan off and deletes the file. Raises ValidationError once the voucher is approved or
    locked: the scan is part of what was looked at."""
    expenditure = scan.expenditure
    lock_project(expenditure.project)
    status = Expenditure.objects.values_list("status", flat=True).get(pk=expenditure.pk)
    if status == Expenditure.Status.APPROVED:
        raise ValidationError(
            _("The voucher is approved: its scans stay. Attach a better one beside it.")
        )
    refuse_locked(expenditure.project, expenditure.spent_on)
    scan.delete_content_on_commit()
    scan.delete()


def delete_scans(expenditures: list[int]) -> None:
    """Deletes the scans of vouchers that are deleted themselves, with their files."""
    for scan in VoucherScan.objects.filter(expenditure__in=expenditures):
        scan.delete_content_on_commit()
        scan.delete()
