"""The participants file of a video call between its upload and its confirmation."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from committees.models.meeting import Meeting
from kernel.files import WaitingFile

KEPT_FOR = timedelta(days=1)


class ParticipantsUploadQuerySet(models.QuerySet["ParticipantsUpload"]):
    def forgotten(self) -> Self:
        return self.filter(uploaded_at__lt=timezone.now() - KEPT_FOR)


class ParticipantsUpload(WaitingFile):
    """One file per coordinator and meeting; a new one takes its place. It names people: only the
    person who gave it sees it, it has no history, and it is deleted after a day at the latest."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # Chosen by the owner of the file if 03/09 could be in March or in September.
    date_order = models.CharField(
        max_length=3,
        blank=True,
        choices=[("dmy", _("Day first")), ("mdy", _("Month first"))],
    )

    objects = ParticipantsUploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("participants file")
        verbose_name_plural = _("participants files")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "owner"], name="participantsupload_one_per_owner"
            )
        ]

    def settle_date_order(self, order: str) -> None:
        self.date_order = order
        self.save(update_fields=["date_order"])

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
