"""A donor's own Word file, with fields that the portal fills from a report."""

from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from kernel.files import MEGABYTE, CheckedFile, StoredFile
from reports.models.preset import ReportPreset


class WordTemplateQuerySet(models.QuerySet["WordTemplate"]):
    def with_related(self) -> Self:
        return self.select_related("preset", "added_by")


class WordTemplate(StoredFile):
    """A template belongs to a preset, and may be for one language only.

    The file is as the donor made it; each use treats it as hostile input (`reports.fill`).
    """

    ACCEPTED = ("docx",)
    MAX_BYTES = 5 * MEGABYTE

    preset = models.ForeignKey(
        ReportPreset,
        on_delete=models.PROTECT,
        related_name="word_templates",
        verbose_name=_("report preset"),
    )
    name = models.CharField(_("name"), max_length=80)
    # Empty: it has no words of its own, or serves every language.
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )

    objects = WordTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["name", "language", "pk"]
        verbose_name = _("Word template")
        verbose_name_plural = _("Word templates")
        constraints = [
            models.UniqueConstraint(
                fields=["preset", "name", "language"],
                name="preset_has_a_word_template_once",
                violation_error_message=_("There is already a template with this name."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_language_display()})" if self.language else self.name

    def take_file(self, checked: CheckedFile, *, by: User) -> None:
        """Store a file in place of the one before. The caller saves the row."""
        if self.file:
            self.delete_content_on_commit()
        self.keep(checked)
        self.added_by, self.uploaded_at = by, timezone.now()

    def remove(self) -> None:
        self.delete_content_on_commit()
        self.delete()

    def get_absolute_url(self) -> str:
        return reverse("reports:preset-template", args=[self.preset_id, self.pk])
