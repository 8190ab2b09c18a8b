"""Holds: what they cover is neither deleted nor forgotten, whatever its period says."""

from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.keys import by_whom


class HoldQuerySet(models.QuerySet["Hold"]):
    def open(self) -> Self:
        return self.filter(Q(until=None) | Q(until__gte=timezone.localdate()), lifted_at=None)

    def on_everything(self) -> Self:
        return self.open().filter(content_type=None)

    def keys_of(self, model: type[models.Model]) -> "models.QuerySet[Any, Any]":
        """Return the keys of the things of this kind that are held."""
        kind = ContentType.objects.get_for_model(model)
        return self.open().filter(content_type=kind).values("object_id")


class Hold(models.Model):
    """Stops deletion and forgetting, of one person or project or of everything: a court, an audit
    or an inquiry asks for it."""

    # Empty: it covers everything.
    content_type = models.ForeignKey(
        ContentType, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    object_id = models.PositiveBigIntegerField(null=True, editable=False)
    thing = GenericForeignKey()
    reason = models.TextField(
        _("reason"), max_length=2000, help_text=_("Who asks for it, and in which letter.")
    )
    until = models.DateField(
        _("until"), null=True, blank=True, help_text=_("Empty: until somebody lifts it.")
    )
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    placed_at = models.DateTimeField(default=timezone.now, editable=False)
    lifted_by = by_whom()
    lifted_at = models.DateTimeField(null=True, editable=False)

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.CheckConstraint(
                name="hold_covers_one_thing_or_everything",
                condition=Q(content_type=None, object_id=None)
                | Q(content_type__isnull=False, object_id__isnull=False),
            ),
            models.CheckConstraint(
                name="hold_lifted_says_by_whom",
                condition=Q(lifted_at=None) | Q(lifted_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        if self.content_type_id is None:
            return str(_("Everything"))
        return str(self.thing or _("Something that no longer exists"))

    def get_absolute_url(self) -> str:
        return reverse("persons:index")

    @property
    def is_open(self) -> bool:
        is_over = self.until is not None and self.until < timezone.localdate()
        return self.lifted_at is None and not is_over
