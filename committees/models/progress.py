"""Progress notes on actions: the share done, a text, and the files given as evidence; and which
reminders and summaries were sent or stopped."""

from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models.action import Action
from kernel.channel import ONLINE, Channel
from kernel.files import StoredFile
from kernel.formats import percent
from partners.models import Institution


class ProgressNoteQuerySet(models.QuerySet["ProgressNote"]):
    def with_related(self) -> Self:
        return self.select_related("institution", "by").prefetch_related(
            "institution__names", "files"
        )


class ProgressNote(models.Model):
    """The share of an action done on a day. Rows are only added; the newest is the present state."""

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="notes")
    share_done = models.PositiveSmallIntegerField(
        _("share done (%)"), validators=[MaxValueValidator(100)]
    )
    text = models.TextField(_("what was done"), max_length=4000, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    noted_on = models.DateField(_("noted on"), default=timezone.localdate)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    # None: the coordination itself, or what it entered for an institution names it here.
    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("institution"),
    )
    channel = models.CharField(_("channel"), max_length=20, choices=Channel, default=Channel.PORTAL)
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Of the form that gave it: the same form sent twice is one note.
    entry_key = models.UUIDField(null=True, unique=True, editable=False)

    objects = ProgressNoteQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("progress note")
        verbose_name_plural = _("progress notes")
        constraints = [
            models.CheckConstraint(
                name="progressnote_share_is_at_most_whole",
                condition=Q(share_done__lte=100),
                violation_error_message=_("The share done cannot exceed 100 %."),
            ),
            models.CheckConstraint(
                name="progressnote_entered_with_evidence",
                condition=Q(channel__in=sorted(ONLINE)) | ~Q(evidence=""),
                violation_error_message=_(
                    "Say how you know: who called and when, or which letter it was."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action.reference} · {percent(self.share_done / 100)}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("What was noted stays as it was noted: add another note.")
        super().save(*args, **kwargs)

    @property
    def was_entered_for_it(self) -> bool:
        return self.channel not in ONLINE


class NoteFile(StoredFile):
    """Evidence of what was noted: a photograph, a list, a report."""

    note = models.ForeignKey(ProgressNote, on_delete=models.PROTECT, related_name="files")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("file of a progress note")
        verbose_name_plural = _("files of progress notes")

    def __str__(self) -> str:
        return self.original_name

    def get_absolute_url(self) -> str:
        return reverse("committees:note-file", args=[self.note.action_id, self.pk])


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
