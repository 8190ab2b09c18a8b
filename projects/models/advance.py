"""Advances to grantees and partner institutions, and the vouchers that settle them.

An advance is money that was paid before it was spent. Its balance is what was paid, less what was
settled by accepted vouchers and less what was returned; it is never below zero. What somebody spent
beyond it is due to the institution. Vouchers of an advance are no expenditure of the project: the
payment of the advance is in the books already.
"""

from datetime import date
from decimal import Decimal
from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from simple_history.models import HistoricalRecords

from kernel.channel import Channel
from kernel.files import MEGABYTE, PICTURES, StoredFile
from kernel.keys import by_whom
from kernel.lifecycle import Lifecycle, Step, status_field
from partners.models import Institution
from projects.models.call import money_field
from projects.models.grant import Instalment
from projects.models.project import Project


class AdvanceQuerySet(models.QuerySet["Advance"]):
    def with_related(self) -> Self:
        related = self.select_related("project", "institution", "instalment__grant")
        return related.prefetch_related("institution__names")

    def open(self) -> Self:
        """Keep those that are not settled to the last cent."""
        return self.filter(amount__gt=F("settled") + F("returned"))


class Advance(models.Model):
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="advances")
    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        related_name="advances",
        verbose_name=_("institution"),
    )
    # None: paid to a partner institution without a grant.
    instalment = models.OneToOneField(
        Instalment,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="advance",
    )
    amount = money_field(_("amount paid"))
    currency = models.CharField(
        _("currency"),
        max_length=3,
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Three capital letters, such as USD."))],
    )
    paid_on = models.DateField(_("paid on"))
    settle_by = models.DateField(_("to be settled by"))
    reference = models.CharField(_("reference of the payment"), max_length=100)
    # Kept by the services under the lock of this row, so that the constraint below holds.
    settled = models.DecimalField(
        _("settled"), max_digits=14, decimal_places=2, default=Decimal(0), editable=False
    )
    returned = models.DecimalField(
        _("returned"), max_digits=14, decimal_places=2, default=Decimal(0), editable=False
    )
    illustrative = models.BooleanField(_("illustrative"), default=False)

    objects = AdvanceQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["settle_by", "pk"]
        verbose_name = _("advance")
        verbose_name_plural = _("advances")
        constraints = [
            models.CheckConstraint(
                name="advance_is_positive",
                condition=Q(amount__gt=0),
                violation_error_message=_("An advance has to be greater than zero."),
            ),
            models.CheckConstraint(
                name="advance_is_not_settled_beyond_its_amount",
                condition=Q(
                    settled__gte=0, returned__gte=0, amount__gte=F("settled") + F("returned")
                ),
                violation_error_message=_("More than this was settled or returned already."),
            ),
            models.CheckConstraint(
                name="advance_is_settled_after_it_is_paid",
                condition=Q(settle_by__gte=F("paid_on")),
                violation_error_message=_("It cannot be settled before it is paid."),
            ),
            models.UniqueConstraint(
                fields=["project", "institution", "reference", "paid_on"],
                name="advance_is_entered_once",
                violation_error_message=_("The project already has this advance."),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("projects:advance", args=[self.project.code, self.pk])

    @property
    def balance(self) -> Decimal:
        left: Decimal = self.amount - self.settled - self.returned
        return left

    @property
    def is_open(self) -> bool:
        return self.balance > 0

    @property
    def days_late(self) -> int:
        """Return for how many days it should have been settled."""
        return self.days_late_on(timezone.localdate())

    def days_late_on(self, today: date) -> int:
        return max((today - self.settle_by).days, 0) if self.is_open else 0


class AdvanceReturn(models.Model):
    """Money of an advance that the institution paid back."""

    advance = models.ForeignKey(Advance, on_delete=models.PROTECT, related_name="returns")
    on = models.DateField(_("returned on"))
    amount = money_field(_("amount"))
    reference = models.CharField(_("reference of the payment"), max_length=100)
    entered_by = by_whom()

    history = HistoricalRecords(excluded_fields=["entered_by"])

    class Meta:
        ordering = ["on", "pk"]
        verbose_name = _("money returned")
        verbose_name_plural = pgettext_lazy("several", "money returned")
        constraints = [
            models.CheckConstraint(
                name="advancereturn_is_positive",
                condition=Q(amount__gt=0),
                violation_error_message=_("Enter an amount greater than zero."),
            ),
            models.UniqueConstraint(
                fields=["advance", "on", "reference"],
                name="advancereturn_is_entered_once",
                violation_error_message=_("This payment was entered already."),
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class AdvanceVoucher(Lifecycle):
    """What an institution spent of an advance: sent by it, accepted or sent back by the project.

    It has the currency of its advance. `settled`: the part of an accepted one that the balance
    covered; the rest is due to the institution.
    """

    class Status(models.TextChoices):
        SENT = "submitted", pgettext_lazy("of a voucher", "Waiting for acceptance")
        ACCEPTED = "accepted", pgettext_lazy("of a voucher", "Accepted")
        RETURNED = "returned", pgettext_lazy("of a voucher", "Sent back")

    STEPS = {
        "accept": Step.of(Status.SENT, Status.ACCEPTED, pgettext_lazy("a voucher", "Accept")),
        "return": Step.of(Status.SENT, Status.RETURNED, pgettext_lazy("a voucher", "Send back")),
        "send": Step.of(Status.RETURNED, Status.SENT, pgettext_lazy("a voucher", "Send again")),
    }

    advance = models.ForeignKey(Advance, on_delete=models.PROTECT, related_name="vouchers")
    spent_on = models.DateField(_("date"))
    amount = money_field(_("amount"))
    number = models.CharField(_("voucher number"), max_length=60)
    description = models.CharField(
        _("description"),
        max_length=300,
        help_text=_("What was paid for. No names of people, and nothing about victims."),
    )
    settled = models.DecimalField(
        _("settled"), max_digits=14, decimal_places=2, default=Decimal(0), editable=False
    )
    status = status_field(Status, Status.SENT)
    submitted_by = by_whom()
    accepted_by = by_whom()
    received_on = models.DateField(_("received on"), default=timezone.localdate, editable=False)
    channel = models.CharField(
        _("received by"),
        max_length=20,
        choices=Channel,
        default=Channel.PORTAL,
        editable=False,
    )
    illustrative = models.BooleanField(_("illustrative"), default=False, editable=False)

    history = HistoricalRecords(excluded_fields=["submitted_by", "accepted_by"])

    class Meta:
        ordering = ["spent_on", "pk"]
        verbose_name = _("voucher of an advance")
        verbose_name_plural = _("vouchers of advances")
        constraints = [
            models.CheckConstraint(
                name="advancevoucher_is_positive",
                condition=Q(amount__gt=0),
                violation_error_message=_("Enter an amount greater than zero."),
            ),
            models.CheckConstraint(
                name="advancevoucher_settles_at_most_its_amount",
                condition=Q(settled=0)
                | Q(status="accepted", settled__gt=0, settled__lte=F("amount")),
            ),
            models.CheckConstraint(
                name="advancevoucher_accepted_by_another",
                condition=~Q(status="accepted")
                | (
                    Q(accepted_by__isnull=False)
                    & (Q(submitted_by=None) | ~Q(accepted_by=F("submitted_by")))
                ),
            ),
            models.UniqueConstraint(
                fields=["advance", "number"],
                name="advancevoucher_number_once",
                violation_error_message=_("This advance already has a voucher with this number."),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        advance = self.advance
        return reverse("projects:advance-voucher", args=[advance.project.code, advance.pk, self.pk])

    @property
    def excess(self) -> Decimal:
        """Return the part of an accepted voucher that is due to the institution."""
        return self.amount - self.settled if self.status == self.Status.ACCEPTED else Decimal(0)


class AdvanceVoucherFile(StoredFile):
    ACCEPTED = ("pdf", *PICTURES)
    MAX_BYTES = 10 * MEGABYTE
    MOST = 10

    voucher = models.ForeignKey(AdvanceVoucher, on_delete=models.PROTECT, related_name="files")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("file of a voucher")
        verbose_name_plural = _("files of vouchers")
        constraints = [
            models.UniqueConstraint(
                fields=["voucher", "sha256"], name="advancevoucherfile_is_given_once"
            )
        ]

    def __str__(self) -> str:
        return self.original_name
