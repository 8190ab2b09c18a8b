"""Automatic messages about actions: which were sent to whom, and who has chosen to get none."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models.action import Action


class Reminder(models.Model):
    """A person was reminded of an action's day, once before and once after. The row is written
    in one transaction with the message, so that neither is there without the other."""

    class Kind(models.TextChoices):
        BEFORE = "before", _("Before the day")
        AFTER = "after", _("After the day")

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="reminders")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    due_on = models.DateField()
    sent_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(
                fields=["action", "user", "kind", "due_on"],
                name="reminder_of_one_thing_is_sent_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} · {self.due_on} · {self.kind}"


class DigestChoiceQuerySet(models.QuerySet["DigestChoice"]):
    def without_reminders(self) -> Self:
        return self.filter(reminders_stopped_at__isnull=False)


class DigestChoice(models.Model):
    """Whether a person wants the weekly summary, and reminders of single actions; the week of the
    last summary."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digest_choice"
    )
    stopped_at = models.DateTimeField(null=True)
    last_week = models.CharField(max_length=8, blank=True)
    reminders_stopped_at = models.DateTimeField(null=True)

    objects = DigestChoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("choice of the weekly summary")
        verbose_name_plural = _("choices of the weekly summary")

    def __str__(self) -> str:
        return f"{self.user_id} · {self.last_week}"
