"""Contributions to a project, exchange rates, locked periods and imports of expenditure.

An amount is stored in the currency in which it was paid, with its rate. Its value in the project's
currency is computed (`projects.money.budget_figures`) and rounded only for display. Expenditure of
a locked period is final: a later adjustment corrects it.
"""

from datetime import date
from decimal import Decimal
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from kernel.formats import day_range
from kernel.keys import by_whom
from projects.models.project import Participation, Project

CURRENCY = RegexValidator(
    r"^[A-Z]{3}$", _("Use the three letters of the currency, such as CAD or HNL.")
)


class ExchangeRate(models.Model):
    """The value of one unit of a currency in the project's currency, for a span of days."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="exchange_rates")
    currency = models.CharField(_("currency"), max_length=3, validators=[CURRENCY])
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8)
    source = models.CharField(
        _("source"),
        max_length=200,
        help_text=_("Such as the central bank, and which day or average."),
    )
    illustrative = models.BooleanField(_("illustrative"), default=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["currency", "-starts_on"]
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.CheckConstraint(
                name="exchangerate_is_positive",
                condition=Q(rate__gt=0),
                violation_error_message=_("A rate has to be greater than zero."),
            ),
            models.CheckConstraint(
                name="exchangerate_ends_after_it_starts",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The last day has to come after the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency}, {day_range(self.starts_on, self.ends_on)}"

    def clean(self) -> None:
        """There is one rate per day and currency; PostgreSQL has an exclusion constraint for it as
        well."""
        if not (self.project_id and self.starts_on and self.ends_on):
            return
        if self.currency == self.project.currency:
            raise ValidationError(
                {"currency": _("This is the project's own currency: it needs no rate.")}
            )
        others = self.project.exchange_rates.filter(currency=self.currency).exclude(pk=self.pk)
        if other := others.filter(starts_on__lte=self.ends_on, ends_on__gte=self.starts_on).first():
            raise ValidationError(
                _("“%(other)s” already covers part of these dates."), params={"other": other}
            )


class AccountingLockQuerySet(models.QuerySet["AccountingLock"]):
    def in_force(self) -> Self:
        return self.filter(lifted_on=None)

    def over(self, start: date, end: date) -> Self:
        return self.filter(starts_on__lte=end, ends_on__gte=start)


class AccountingLock(models.Model):
    """A span of days whose expenditure is final. It is lifted only with a reason, and the row
    stays."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="accounting_locks")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    locked_on = models.DateField(_("locked on"))
    # What changed after a lock is found by the moment: a day holds changes before and after it.
    locked_at = models.DateTimeField(default=timezone.now, editable=False)
    locked_by = by_whom(blank=True, on_delete=models.SET_NULL, editable=True)
    lifted_on = models.DateField(_("unlocked on"), null=True, blank=True)
    lifted_by = by_whom(blank=True, on_delete=models.SET_NULL, editable=True)
    lift_reason = models.CharField(_("reason"), max_length=500, blank=True)

    objects = AccountingLockQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        verbose_name = _("locked period")
        verbose_name_plural = _("locked periods")
        constraints = [
            models.CheckConstraint(
                name="accountinglock_ends_after_it_starts",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The last day has to come after the first."),
            ),
            models.CheckConstraint(
                name="accountinglock_is_lifted_with_a_reason",
                condition=Q(lifted_on=None, lift_reason="")
                | (Q(lifted_on__isnull=False) & ~Q(lift_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return day_range(self.starts_on, self.ends_on)

    def covers(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


class ImportBatch(models.Model):
    """One imported file: its name and hash, not its content."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="import_batches")
    original_name = models.CharField(_("name of the file"), max_length=150)
    sha256 = models.CharField("SHA-256", max_length=64)
    rows = models.PositiveIntegerField(_("rows imported"))
    left_out = models.PositiveIntegerField(_("rows left out"), default=0)
    at = models.DateTimeField(_("imported"), auto_now_add=True)
    by = by_whom(blank=True, on_delete=models.SET_NULL, editable=True)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.original_name


class Contribution(models.Model):
    """An instalment of an institution's contribution: promised, received, or both."""

    participation = models.ForeignKey(
        Participation,
        on_delete=models.PROTECT,
        related_name="contributions",
        verbose_name=_("from"),
    )
    currency = models.CharField(_("currency"), max_length=3, validators=[CURRENCY])
    promised = models.DecimalField(
        _("amount promised"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    expected_on = models.DateField(_("expected on"), null=True, blank=True)
    received = models.DecimalField(
        _("amount received"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    received_on = models.DateField(_("received on"), null=True, blank=True)
    rate = models.DecimalField(
        _("rate"),
        max_digits=18,
        decimal_places=8,
        default=Decimal(1),
        help_text=_(
            "What one unit is worth in the project's currency; 1 for the project's currency itself."
        ),
    )
    reference = models.CharField(
        _("reference"), max_length=100, blank=True, help_text=_("From the transfer or its notice.")
    )
    illustrative = models.BooleanField(_("illustrative"), default=False)

    history = HistoricalRecords()

    class Meta:
        ordering = [F("received_on").asc(nulls_last=True), "expected_on", "pk"]
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        constraints = [
            # `promised__isnull` is asked as well: in SQL an empty amount compared with 0 is unknown,
            # and a check constraint lets the unknown pass.
            models.CheckConstraint(
                name="contribution_is_promised_or_received",
                condition=Q(promised__isnull=False, promised__gt=0, expected_on__isnull=False)
                | Q(received__isnull=False, received__gt=0),
                violation_error_message=_(
                    "Say what is promised and when, or what was received; both above zero."
                ),
            ),
            models.CheckConstraint(
                name="contribution_received_has_its_day",
                condition=Q(received=None, received_on=None)
                | Q(received__isnull=False, received__gt=0, received_on__isnull=False),
                violation_error_message=_("What was received needs an amount and a day."),
            ),
            models.CheckConstraint(
                name="contribution_promised_is_not_negative",
                condition=Q(promised=None) | Q(promised__gt=0),
                violation_error_message=_("An amount promised has to be greater than zero."),
            ),
            models.CheckConstraint(
                name="contribution_rate_is_positive",
                condition=Q(rate__gt=0),
                violation_error_message=_("A rate has to be greater than zero."),
            ),
        ]

    def __str__(self) -> str:
        return self.reference or str(self.participation.institution)

    @property
    def value_received(self) -> Decimal | None:
        return None if self.received is None else self.received * self.rate

    @property
    def value_promised(self) -> Decimal | None:
        return None if self.promised is None else self.promised * self.rate
