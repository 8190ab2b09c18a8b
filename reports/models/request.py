"""Requests for documents: who asked for which, and whether they were notified."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports.models.rendition import Rendition


class RenditionRequest(models.Model):
    """A person who requested a document, also if somebody else had requested it before.

    Documents that were requested at once (in several languages) have one `batch`, so that one
    message covers all of them. `told_at` is set in the transaction that writes the message, or if
    none is needed because the document was ready or came while the person waited.
    """

    rendition = models.ForeignKey(Rendition, on_delete=models.CASCADE, related_name="requests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    batch = models.UUIDField(default=uuid.uuid4, editable=False)
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    told_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("request for a document")
        verbose_name_plural = _("requests for documents")
        constraints = [
            models.UniqueConstraint(
                fields=["rendition", "user"], name="rendition_asked_for_once_by_each"
            )
        ]
        indexes = [
            models.Index(
                fields=["user", "batch"],
                condition=models.Q(told_at=None),
                name="rendition_request_untold",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rendition} · {self.user}"
