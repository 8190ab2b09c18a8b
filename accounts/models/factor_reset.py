"""A lost second factor, which two people of the team remove together."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.keys import by_whom


class FactorResetQuerySet(models.QuerySet["FactorReset"]):
    def open(self) -> Self:
        """Keep those that wait for the second person."""
        return self.filter(ended_at=None, asked_at__gt=FactorReset.oldest_open())


class FactorReset(models.Model):
    """Somebody of the team knows that this person lost their second factor; another one has to
    confirm it before it is removed."""

    HOURS = 72  # to confirm it
    DAYS_KEPT = 90  # the access log has what lasts; the reason may say more than it should

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="factor_resets"
    )
    reason = models.CharField(_("How do you know that it is this person?"), max_length=300)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    confirmed_by = by_whom(on_delete=models.CASCADE, editable=True)
    ended_at = models.DateTimeField(null=True)  # confirmed or withdrawn

    objects = FactorResetQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = _("removal of a second step")
        verbose_name_plural = _("removals of second steps")
        constraints = [
            models.CheckConstraint(
                name="factor_reset_takes_two_others",
                condition=~Q(asked_by=F("person"))
                & (
                    Q(confirmed_by=None)
                    | (~Q(confirmed_by=F("person")) & ~Q(confirmed_by=F("asked_by")))
                ),
            ),
            models.CheckConstraint(
                name="factor_reset_confirmed_has_ended",
                condition=Q(confirmed_by=None) | Q(ended_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(ended_at=None),
                name="factor_reset_is_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)

    @classmethod
    def oldest_open(cls) -> datetime:
        return timezone.now() - timedelta(hours=cls.HOURS)

    @property
    def open_until(self) -> datetime:
        return self.asked_at + timedelta(hours=self.HOURS)
