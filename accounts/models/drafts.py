"""What somebody typed on a page that opens by link and has not sent yet."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class FormDraftQuerySet(models.QuerySet["FormDraft"]):
    def forget(self, before: datetime) -> int:
        """Delete what nobody came back to, and return how many were deleted."""
        return self.filter(saved_at__lt=before).delete()[0]


class FormDraft(models.Model):
    """The fields of a page as they were typed, for whoever opens its link again: nobody else reads
    them. They are another row than what was sent, so keeping a draft takes nothing back."""

    DAYS_KEPT = 60

    # A hash of the person, the thing and the page.
    key = models.CharField(max_length=64, primary_key=True)
    # None: of an organisation without an account, which has the link to its proposal.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    # By the name of the field, the values as the browser sent them.
    content = models.JSONField(_("draft"), default=dict)
    saved_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = FormDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft of a form")
        verbose_name_plural = _("drafts of forms")

    def __str__(self) -> str:
        return f"{self.saved_at:%Y-%m-%d}"
