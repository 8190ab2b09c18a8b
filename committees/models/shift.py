"""Shifts: how the terms of an action in execution move within the committee's tolerance."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models.action import ActionTerms
from projects.models import Amendment


class ShiftQuerySet(models.QuerySet["Shift"]):
    def with_related(self) -> Self:
        return self.select_related(
            "terms__action", "terms__plan__period", "terms__plan__project", "by"
        )


class Shift(models.Model):
    """One date or amount that the coordination moved, and why. Rows are only added: what the
    committee validated is read from the first of them (`services.shifts.validated_values`), or
    from the last that an amendment made."""

    class Field(models.TextChoices):
        STARTS_ON = "starts_on", _("Start")
        ENDS_ON = "ends_on", _("End")
        BUDGET = "budget", _("Budget")

    terms = models.ForeignKey(ActionTerms, on_delete=models.PROTECT, related_name="shifts")
    field = models.CharField(_("what moved"), max_length=20, choices=Field)
    before = models.CharField(_("before"), max_length=30)
    after = models.CharField(_("after"), max_length=30)
    reason = models.TextField(_("reason"), max_length=1000)
    amendment = models.ForeignKey(
        Amendment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="shifts",
        verbose_name=_("amendment"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    on = models.DateField(_("on"), default=timezone.localdate)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ShiftQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")

    def __str__(self) -> str:
        return f"{self.terms.action.reference} · {self.get_field_display()}"

    @property
    def is_amount(self) -> bool:
        return self.field == self.Field.BUDGET

    @property
    def value_before(self) -> date | Decimal:
        return self.read(self.before)

    @property
    def value_after(self) -> date | Decimal:
        return self.read(self.after)

    def read(self, text: str) -> date | Decimal:
        return Decimal(text) if self.is_amount else date.fromisoformat(text)
