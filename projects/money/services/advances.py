"""Enters advances, and settles them against vouchers and money that comes back.

Every step is taken under the lock of the advance's row. So two people who accept two vouchers at
once never settle more than was paid: what the balance does not cover is due to the institution.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q, Sum
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.links import absolute_url
from accounts.mail import send_to_person
from accounts.models import AccessLink, User
from kernel.channel import Channel
from kernel.files import CheckedFile
from kernel.formats import money
from kernel.lifecycle import StatusChange
from kernel.refusal import Refusal
from projects.models import (
    Advance,
    AdvanceReturn,
    AdvanceVoucher,
    AdvanceVoucherFile,
    Instalment,
    Project,
    Representation,
)
from projects.money.letters import voucher_returned_letter

Status = AdvanceVoucher.Status


def locked_advance(pk: int) -> Advance:
    return Advance.objects.select_for_update(of=("self",)).select_related("project").get(pk=pk)


@transaction.atomic
def save_advance(advance: Advance) -> None:
    """Enters an advance, or changes one: its amount never falls below what was settled."""
    if advance.pk:
        fresh = locked_advance(advance.pk)
        advance.settled, advance.returned = fresh.settled, fresh.returned
        has_vouchers = fresh.vouchers.exists() or fresh.returns.exists()
        if has_vouchers and (advance.currency, advance.institution_id) != (
            fresh.currency,
            fresh.institution_id,
        ):
            raise Refusal(_("It has vouchers: its institution and its currency stay."))
    advance.full_clean()
    advance.save()


def advance_of(instalment: Instalment, *, settle_by: date) -> Advance:
    """Enters the advance of an instalment that was paid (`pay_instalment`)."""
    grant = instalment.grant
    assert instalment.paid_on is not None
    advance = Advance(
        project_id=grant.project_id,
        institution_id=grant.institution_id,
        instalment=instalment,
        amount=instalment.amount,
        currency=grant.currency,
        paid_on=instalment.paid_on,
        settle_by=settle_by,
        reference=instalment.reference,
        illustrative=grant.illustrative,
    )
    advance.full_clean()
    advance.save()
    return advance


@transaction.atomic
def return_money(advance: Advance, *, on: date, amount: Decimal, reference: str, by: User) -> None:
    """Records money that came back. Raises ValidationError for more than the balance."""
    fresh = locked_advance(advance.pk)
    if amount > fresh.balance:
        message = _("Of this advance, only %(left)s is left to be returned.") % {
            "left": money(fresh.balance, fresh.currency)
        }
        raise ValidationError({"amount": message})
    if on < fresh.paid_on:
        raise ValidationError({"on": _("This day is before the advance was paid.")})
    row = AdvanceReturn(advance=fresh, on=on, amount=amount, reference=reference, entered_by=by)
    row.full_clean()
    row.save()
    fresh.returned += amount
    fresh.save(update_fields=["returned"])
    advance.refresh_from_db()


# --- Vouchers ---


@transaction.atomic
def send_voucher(
    voucher: AdvanceVoucher,
    uploads: Iterable[CheckedFile],
    *,
    by: User,
    channel: str = Channel.PORTAL,
    received_on: date | None = None,
) -> None:
    """Sends a new voucher, or one again that was sent back. Raises ValidationError for one that was
    sent or accepted meanwhile."""
    advance = locked_advance(voucher.advance_id)
    is_new = voucher.pk is None
    voucher.submitted_by, voucher.channel = by, channel
    voucher.received_on = received_on or advance.project.today
    if not is_new:
        voucher.status = AdvanceVoucher.objects.values_list("status", flat=True).get(pk=voucher.pk)
        if voucher.status != Status.RETURNED:
            raise ValidationError(_("This voucher was sent already and can no longer change."))
    voucher.full_clean()
    voucher.save()
    for upload in uploads:
        _keep_file(voucher, upload)
    if not voucher.files.exists():
        raise ValidationError({"upload": _("Attach the scan or a photograph of the voucher.")})
    if not is_new:
        voucher.take("send", by=by)


def _keep_file(voucher: AdvanceVoucher, upload: CheckedFile) -> None:
    if voucher.files.filter(sha256=upload.sha256).exists():
        return
    if voucher.files.count() >= AdvanceVoucherFile.MOST:
        raise ValidationError(
            {
                "upload": _("A voucher has at most %(most)s files: put the pages into one PDF.")
                % {"most": AdvanceVoucherFile.MOST}
            }
        )
    file = AdvanceVoucherFile(voucher=voucher)
    file.keep(upload)
    file.save()


@transaction.atomic
def accept_voucher(voucher: AdvanceVoucher, *, seen: Decimal, by: User) -> None:
    """Accepts a voucher of the amount that its reader saw, and settles as much as the balance covers.

    Raises Refusal for one's own, and for one that was changed or decided meanwhile.
    """
    advance = locked_advance(voucher.advance_id)
    fresh = AdvanceVoucher.objects.get(pk=voucher.pk)
    _refuse_own(fresh, by)
    if fresh.amount != seen:
        raise Refusal(_("This voucher was changed in the meantime: look at it again."))
    settled = min(fresh.amount, advance.balance)
    fresh.take("accept", by=by, accepted_by=by, settled=settled)
    advance.settled += settled
    advance.save(update_fields=["settled"])
    voucher.refresh_from_db()


@transaction.atomic
def send_back_voucher(voucher: AdvanceVoucher, *, reason: str, by: User) -> None:
    """Sends a voucher back with a reason, which its institution gets in a message. Raises
    ValidationError without one."""
    advance = locked_advance(voucher.advance_id)
    fresh = AdvanceVoucher.objects.get(pk=voucher.pk)
    _refuse_own(fresh, by)
    if not reason.strip():
        raise ValidationError({"reason": _("Say what is missing or wrong.")})
    fresh.take("return", by=by, why=reason.strip())
    fresh.advance = advance
    for person in _people_to_inform(fresh):
        letter = partial(voucher_returned_letter, fresh, reason.strip())
        send_to_person(person, letter, by=by, about=advance)
    voucher.refresh_from_db()


def _people_to_inform(voucher: AdvanceVoucher) -> list[User]:
    """Return who sent it for the institution; all who represent it, if finance entered it or they no
    longer do."""
    advance = voucher.advance
    rows = Representation.objects.in_force().filter(
        participation__project=advance.project_id,
        participation__institution=advance.institution_id,
    )
    people = list(User.objects.filter(pk__in=rows.values("contact__user"), is_active=True))
    return [one for one in people if one.pk == voucher.submitted_by_id] or people


def return_reasons(vouchers: Iterable[AdvanceVoucher]) -> dict[int, str]:
    """Return why each of those that are sent back came back, by its id."""
    kind = ContentType.objects.get_for_model(AdvanceVoucher)
    returned = [one.pk for one in vouchers if one.status == Status.RETURNED]
    steps = StatusChange.objects.filter(
        content_type=kind, object_id__in=returned, to_status=Status.RETURNED
    )
    return dict(steps.order_by("pk").values_list("object_id", "why"))


def _refuse_own(voucher: AdvanceVoucher, by: User) -> None:
    if voucher.submitted_by_id == by.pk:
        raise Refusal(_("You sent this voucher yourself: somebody else has to decide on it."))


# --- Figures ---


class AgedBalance(NamedTuple):
    label: str
    amount: Decimal


@dataclass
class InstitutionAdvances:
    """The advances of one institution in one currency, with their sums. `ages`: the balance that is
    not due yet, and late by up to 30, up to 90 and more days."""

    institution: Any
    currency: str
    advances: list[Advance] = field(default_factory=list)
    due_to_them: Decimal = Decimal(0)

    @property
    def balance(self) -> Decimal:
        return sum((one.balance for one in self.advances), Decimal(0))

    @property
    def paid(self) -> Decimal:
        return sum((one.amount for one in self.advances), Decimal(0))

    @property
    def ages(self) -> list[AgedBalance]:
        sums = [Decimal(0)] * 4
        for one in self.advances:
            days = one.days_late
            sums[0 if not days else 1 if days <= 30 else 2 if days <= 90 else 3] += one.balance
        labels = (
            _("Not due yet"),
            _("Up to 30 days late"),
            _("Up to 90 days late"),
            _("More than 90 days late"),
        )
        return [AgedBalance(*each) for each in zip(labels, sums, strict=True)]


def by_institution(advances: Iterable[Advance]) -> list[InstitutionAdvances]:
    """Groups advances by institution and currency, with what is due to each (`with_excess`)."""
    groups: dict[tuple[int, str], InstitutionAdvances] = {}
    for one in advances:
        key = (one.institution_id, one.currency)
        group = groups.setdefault(key, InstitutionAdvances(one.institution, one.currency))
        group.advances.append(one)
        group.due_to_them += getattr(one, "excess", None) or Decimal(0)
    return sorted(groups.values(), key=lambda each: (str(each.institution), each.currency))


def with_excess(advances: Any) -> Any:
    """Adds to each advance what is due to the institution, as `excess`."""
    accepted = Q(vouchers__status=Status.ACCEPTED)
    excess = Sum(F("vouchers__amount") - F("vouchers__settled"), filter=accepted)
    return advances.annotate(excess=excess)


def open_balances(project: Project) -> dict[str, Decimal]:
    """Returns what is open of all advances, by currency."""
    rows = project.advances.order_by().values_list("currency")
    sums = rows.annotate(left=Sum(F("amount") - F("settled") - F("returned")))
    return {currency: left for currency, left in sums if left}


PURPOSE = "settle_advance"
PAGE = "projects:advance-link"


def link_to_advance(person: User, pk: int, *, lasts: timedelta) -> str:
    """Return the address of a new link, which the person asked for themselves."""
    advance = get_object_or_404(Advance, pk=pk)
    _link, token = AccessLink.issue(person, PURPOSE, advance, by=person, lasts=lasts)
    return absolute_url(reverse(PAGE, args=[token]))
