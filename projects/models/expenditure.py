"""Expenditure of a project: vouchers, the scans of them, and the approval of large ones.

Above the amount that a project sets, somebody else than who entered a voucher approves it. Until
then it waits and counts in no figure.
"""

from datetime import date
from decimal import Decimal
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from simple_history.models import HistoricalRecords

from kernel.files import MEGABYTE, PICTURES, StoredFile
from kernel.keys import by_whom
from kernel.lifecycle import Lifecycle, Step, status_field
from projects.models.activity import Activity
from projects.models.budget import BudgetCategory, refuse_foreign
from projects.models.project import Project
from projects.models.result import Result
from projects.models.spending import CURRENCY, ImportBatch


class ExpenditureQuerySet(models.QuerySet["Expenditure"]):
    def counted(self) -> Self:
        """Keep what the figures include: not what waits for approval or was sent back."""
        return self.filter(status__in=Expenditure.COUNTED)

    def waiting(self) -> Self:
        return self.filter(status=Expenditure.Status.WAITING)

    def without_scan(self) -> Self:
        return self.filter(lacks_scan())


def lacks_scan() -> Q:
    """Match vouchers that should have a scan and have none. A correction has the one of what it
    corrects."""
    scans = VoucherScan.objects.filter(expenditure=OuterRef("pk"))
    return Q(adjusts=None, concerns_on=None) & ~Q(Exists(scans))


class Expenditure(Lifecycle):
    class Status(models.TextChoices):
        RECORDED = "recorded", pgettext_lazy("of a voucher", "Recorded")
        WAITING = "waiting", pgettext_lazy("of a voucher", "Waiting for approval")
        APPROVED = "approved", pgettext_lazy("of a voucher", "Approved")
        RETURNED = "returned", pgettext_lazy("of a voucher", "Sent back")

    STEPS = {
        "approve": Step.of(Status.WAITING, Status.APPROVED, pgettext_lazy("a voucher", "Approve")),
        "return": Step.of(Status.WAITING, Status.RETURNED, pgettext_lazy("a voucher", "Send back")),
        "ask": Step.of(Status.RETURNED, Status.WAITING, _("Ask for approval again")),
        # What follows from a change of its amount or line, by the amount that the project has set.
        "change": Step.of(
            [Status.RECORDED, Status.APPROVED, Status.RETURNED], Status.WAITING, _("Change")
        ),
        "lower": Step.of(
            [Status.WAITING, Status.APPROVED, Status.RETURNED], Status.RECORDED, _("Change")
        ),
    }
    COUNTED = (Status.RECORDED, Status.APPROVED)
    # The amount and the line: what somebody approves.
    APPROVED_FIELDS = ("spent_on", "category_id", "result_id", "amount", "currency", "rate")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="expenditures")
    category = models.ForeignKey(
        BudgetCategory,
        on_delete=models.PROTECT,
        related_name="expenditures",
        verbose_name=_("category"),
    )
    result = models.ForeignKey(
        Result,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="expenditures",
        verbose_name=_("result"),
    )
    activity = models.ForeignKey(
        Activity,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="expenditures",
        verbose_name=_("activity"),
    )
    spent_on = models.DateField(_("date"))
    amount = models.DecimalField(
        _("amount"),
        max_digits=14,
        decimal_places=2,
        help_text=_("Negative for a refund or a credit note."),
    )
    currency = models.CharField(_("currency"), max_length=3, validators=[CURRENCY])
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8, default=Decimal(1))
    description = models.CharField(
        _("description"),
        max_length=300,
        blank=True,
        help_text=_("What was paid for. No names of people, and nothing about victims."),
    )
    voucher = models.CharField(_("voucher number"), max_length=60, blank=True)
    batch = models.ForeignKey(
        ImportBatch,
        on_delete=models.CASCADE,
        null=True,
        editable=False,
        related_name="expenditures",
    )
    row_key = models.CharField(max_length=64, blank=True, editable=False)
    adjusts = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="adjustments",
        verbose_name=_("corrects"),
    )
    # The rows of one correction have the same key and are decided together.
    correction = models.UUIDField(null=True, editable=False)
    # The day that an adjustment concerns, if that day lies in a locked period.
    concerns_on = models.DateField(_("concerns"), null=True, blank=True, editable=False)
    status = status_field(Status, Status.RECORDED)
    # None: entered before somebody was noted, or by the portal.
    entered_by = by_whom()
    # Who changed the amount or the line last.
    changed_by = by_whom()
    approved_by = by_whom()
    waits_since = models.DateField(_("waits since"), null=True, editable=False)
    illustrative = models.BooleanField(_("illustrative"), default=False)

    objects = ExpenditureQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["entered_by", "changed_by", "approved_by"])

    class Meta:
        ordering = ["-spent_on", "-pk"]
        verbose_name = _("expenditure")
        verbose_name_plural = _("expenditures")
        indexes = [models.Index(fields=["project", "spent_on"])]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "row_key"],
                condition=~Q(row_key=""),
                name="expenditure_row_is_imported_once",
            ),
            models.CheckConstraint(
                name="expenditure_is_not_nothing",
                condition=~Q(amount=0),
                violation_error_message=_("An amount of zero is not an expenditure."),
            ),
            models.CheckConstraint(
                name="expenditure_rate_is_positive",
                condition=Q(rate__gt=0),
                violation_error_message=_("A rate has to be greater than zero."),
            ),
            models.CheckConstraint(
                name="expenditure_does_not_correct_itself",
                condition=Q(adjusts=None) | ~Q(adjusts=F("pk")),
            ),
            models.CheckConstraint(
                name="expenditure_is_approved_by_another",
                condition=~Q(status="approved")
                | (
                    Q(approved_by__isnull=False)
                    & (Q(entered_by=None) | ~Q(approved_by=F("entered_by")))
                    & (Q(changed_by=None) | ~Q(approved_by=F("changed_by")))
                ),
            ),
            models.CheckConstraint(
                name="expenditure_waits_since_a_day",
                condition=~Q(status="waiting") | Q(waits_since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.voucher or self.description or f"{self.category}, {self.spent_on}"

    def get_absolute_url(self) -> str:
        return reverse("projects:expenditure", args=[self.project.code, self.pk])

    @property
    def value(self) -> Decimal:
        """Return the exact value in the project's currency; it is rounded to cents only for
        display."""
        return self.amount * self.rate

    @property
    def is_adjustment(self) -> bool:
        return self.adjusts_id is not None or self.concerns_on is not None

    @property
    def is_imported(self) -> bool:
        return self.batch_id is not None

    @property
    def is_counted(self) -> bool:
        return self.status in self.COUNTED

    @property
    def approved_content(self) -> tuple[date | Decimal | str | int | None, ...]:
        """Return what an approval is about; a change of it asks for approval anew."""
        return tuple(getattr(self, name) for name in self.APPROVED_FIELDS)

    @property
    def approval_mark(self) -> str:
        """Return the same as a text, by which an approval says what its reader saw. It tells all rows
        of a correction: they keep their content, and their key names them."""
        amount, rate = f"{self.amount:.2f}", f"{self.rate:.8f}"
        line = f"{self.spent_on}.{self.category_id}.{self.result_id or 0}"
        mark = f"{line}.{amount}.{self.currency}.{rate}"
        return f"{mark}.{self.correction.hex}" if self.correction else mark

    @property
    def decided_together(self) -> models.QuerySet["Expenditure"]:
        """Return this row or, of a correction, all its rows: it takes an amount from one line and
        puts it on another, and one half alone would be wrong."""
        if self.correction is None:
            return Expenditure.objects.filter(pk=self.pk)
        return Expenditure.objects.filter(correction=self.correction).order_by("pk")

    def is_by(self, user: models.Model) -> bool:
        """Return whether the person entered it, or changed its amount or line last."""
        return user.pk in (self.entered_by_id, self.changed_by_id)

    def clean(self) -> None:
        refuse_foreign(self, "category", "result", "activity", "adjusts")


class VoucherScan(StoredFile):
    """The scan or photograph of a voucher: an invoice, a receipt, the proof of a transfer."""

    ACCEPTED = ("pdf", *PICTURES)
    MAX_BYTES = 10 * MEGABYTE
    MOST = 20

    expenditure = models.ForeignKey(Expenditure, on_delete=models.PROTECT, related_name="scans")
    added_by = by_whom()
    illustrative = models.BooleanField(_("illustrative"), default=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("scan of a voucher")
        verbose_name_plural = _("scans of vouchers")
        constraints = [
            models.UniqueConstraint(
                fields=["expenditure", "sha256"],
                name="voucherscan_is_given_once",
                violation_error_message=_("This file is already attached to the voucher."),
            )
        ]

    def __str__(self) -> str:
        return self.original_name

    def clean(self) -> None:
        if not self.pk and self.expenditure.scans.count() >= self.MOST:
            raise ValidationError(
                _("A voucher has at most %(most)s scans: put the pages into one PDF."),
                params={"most": self.MOST},
            )
