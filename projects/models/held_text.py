"""Texts that only their author and the coordination read for now."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.keys import by_whom
from projects.models.project import Project


class HeldTextQuerySet(models.QuerySet["HeldText"]):
    def unreleased(self) -> Self:
        return self.filter(released_at=None)


class HeldText(models.Model):
    """A text that names an institution which its author may not know by name.

    It is found again by its words, like a translation, wherever it is shown in its project. Once the
    coordination changes the words, it is another text and no longer held.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="held_texts")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    source = models.TextField(_("text"))
    held_at = models.DateTimeField(_("held since"), default=timezone.now, editable=False)
    released_at = models.DateTimeField(null=True, editable=False)
    released_by = by_whom()

    objects = HeldTextQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("held text")
        verbose_name_plural = _("held texts")
        indexes = [
            models.Index(
                fields=["project"], condition=Q(released_at=None), name="heldtext_unreleased"
            )
        ]

    def __str__(self) -> str:
        return self.source[:80]
