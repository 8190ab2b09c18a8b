"""Which backups were made, so that pages and alerts can say how old the last good one is."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class BackupQuerySet(models.QuerySet["Backup"]):
    def good(self) -> Self:
        return self.made().filter(is_complete=True)

    def made(self) -> Self:
        """Also those that lack files."""
        return self.exclude(finished_at=None).filter(failure="")

    def of_data(self) -> Self:
        return self.filter(kind=Backup.Kind.DATA)

    def forget(self, before: datetime) -> int:
        """Delete rows that nobody asks about any more, and return how many were deleted. The last
        good one of each kind stays: its age is what matters."""
        kept = [self.good().filter(kind=kind).order_by("-at").first() for kind in Backup.Kind]
        old = self.filter(at__lt=before).exclude(pk__in=[row.pk for row in kept if row])
        return old.delete()[0]


class Backup(models.Model):
    """An attempt to make a backup. It names no secret: an address of its target has none in it."""

    DAYS_KEPT = 400

    class Kind(models.TextChoices):
        DATA = "data"
        KEYS = "keys"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.DATA)
    # The moment whose data it has; what was entered later is not in it.
    at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    target = models.CharField(max_length=500)
    size = models.PositiveBigIntegerField(null=True)
    rows = models.PositiveBigIntegerField(null=True)
    files = models.PositiveBigIntegerField(null=True)
    # Files that a row named and that were not there.
    missing = models.PositiveIntegerField(default=0)
    # Whether no file was missing or altered, but those of which somebody has said that they are lost.
    is_complete = models.BooleanField(default=True, db_default=True)
    # Of the file as it lies there, encrypted; of a backup of keys, which keys it has.
    sha256 = models.CharField(max_length=64, blank=True)
    keys = models.JSONField(default=list)
    failure = models.CharField(max_length=500, blank=True)
    # The hour for which a schedule makes it: of two schedules, one does.
    slot = models.CharField(max_length=20, blank=True)

    objects = BackupQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("backup")
        verbose_name_plural = _("backups")
        constraints = [
            models.CheckConstraint(
                name="backup_finished_has_its_size",
                condition=Q(finished_at=None) | ~Q(failure="") | Q(size__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["slot"], condition=~Q(slot=""), name="backup_slot_has_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.at:%Y-%m-%d %H:%M}"
