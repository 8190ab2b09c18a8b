"""What the portal noticed about itself: whether it still looks, and what needs a person."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone


class Watch(models.Model):
    """When the portal last looked at itself, which only happens while scheduler and worker run; and
    what the last check of the access log and of the clocks found. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    looked_at = models.DateTimeField(null=True)
    log_is_whole = models.BooleanField(null=True)
    # How many workers answered whose clock is not that of the database.
    clocks_apart = models.PositiveSmallIntegerField(null=True)
    # Why the worker of documents could seal nothing: one of the reasons of `kernel.jobs.Job.Failure`.
    seal_failure = models.CharField(max_length=20, null=True)  # noqa: DJ001  (null: never tried)

    class Meta:
        constraints = [models.CheckConstraint(name="watch_is_one", condition=Q(pk=1))]

    def __str__(self) -> str:
        return "-"

    @classmethod
    def note(cls, **facts: object) -> None:
        cls.objects.update_or_create(pk=1, defaults=facts)


class AlertQuerySet(models.QuerySet["Alert"]):
    def told(self) -> Self:
        """Return what lasted so long that administrators were told."""
        return self.exclude(told_at=None)


class Alert(models.Model):
    """Something that needs a person, as long as it lasts."""

    kind = models.CharField(max_length=30, primary_key=True)
    since = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["since"]

    def __str__(self) -> str:
        return self.kind
