"""Approves large vouchers by a second person, or sends them back.

A voucher waits if its value is above the amount that the project sets (`Budget.approval_above`),
however it came into the books. All steps are taken under the project's lock, so of two people who
decide at once one wins, and nobody approves what was changed after they had looked at it.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.refusal import Refusal
from projects.models import Budget, Expenditure
from projects.money.services.budget import lock_project
from projects.money.services.locks import refuse_locked

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
