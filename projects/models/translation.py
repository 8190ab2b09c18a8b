"""What somebody translated in the translation queue: a text with its translation, and who confirmed it.

Names and titles are written into their own columns, sections of reports into their own rows, words of
minutes into their courtesy translations; of those a row here says from which text that was. Of every
other text the row is the translation itself.
"""

from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from projects.models.project import Project


def same_source(text: str) -> str:
    """Return what a text and its copies have in common: neither white space at its ends nor the kind
    of line ends makes another text of it."""
    return text.replace("\r\n", "\n").strip()


class TranslationQuerySet(models.QuerySet["Translation"]):
    def confirmed(self) -> Self:
        return self.filter(state=Translation.State.CONFIRMED)


class Translation(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("of a translation", "Draft")
        CONFIRMED = "confirmed", pgettext_lazy("of a translation", "Confirmed")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="translations")
    # Of which thing and field it is. Triggers delete it with the thing (`ibcr_portal.migrations._initial_operations`).
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    thing = GenericForeignKey()
    field = models.CharField(max_length=60)
    source_language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    # As it was when it was translated: what changed since is shown by it.
    source = models.TextField(_("original text"))
    text = models.TextField(_("translation"))
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TranslationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "field", "language"],
                name="translation_once_a_language",
            )
        ]
        indexes = [
            models.Index(fields=["project", "language", "state"], name="translation_of_a_project")
        ]

    def __str__(self) -> str:
        return f"{self.get_source_language_display()} → {self.get_language_display()}"

    @property
    def is_confirmed(self) -> bool:
        return self.state == self.State.CONFIRMED

    def fits(self, source: str) -> bool:
        """Whether it was made from this text."""
        return same_source(self.source) == same_source(source)

    def as_key(self) -> tuple[Any, ...]:
        return (self.content_type_id, self.object_id, self.field, self.language)
