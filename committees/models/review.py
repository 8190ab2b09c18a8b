"""Around the answers to a plan: replies in a thread, more time for one institution, silence."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models.answer import Remark
from committees.models.plan import ActionPlan
from partners.models import Institution


class Reply(models.Model):
    """A further word below a remark, of the coordination or of the institution that gave it.

    It is read by those who read the remark, and only added.
    """

    remark = models.ForeignKey(Remark, on_delete=models.CASCADE, related_name="replies")
    # None: the coordination.
    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("institution"),
    )
    text = models.TextField(_("reply"), max_length=4000)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    # None: written before the portal kept who replied.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    # Of the form that gave it: the same form sent twice is one reply.
    entry_key = models.UUIDField(null=True, unique=True, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("reply")
        verbose_name_plural = _("replies")

    def __str__(self) -> str:
        return self.text[:80]


class ReviewExtension(models.Model):
    """An extension of the review for one institution.

    Until then any of its people may change its position, so an extension also reopens the position.
    Rows are only added: the newest counts.
    """

    plan = models.ForeignKey(ActionPlan, on_delete=models.CASCADE, related_name="extensions")
    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("institution"),
    )
    until = models.DateField(_("open until"))
    why = models.CharField(_("reason"), max_length=1000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("extension of a review")
        verbose_name_plural = _("extensions of reviews")

    def __str__(self) -> str:
        return f"{self.institution} · {self.until}"


class Silence(models.Model):
    """Records that an institution did not answer until its deadline.

    Silence is no consent. An answer that comes later, after an extension, takes precedence.
    """

    plan = models.ForeignKey(ActionPlan, on_delete=models.CASCADE, related_name="silences")
    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("institution"),
    )
    until = models.DateField(_("asked until"))
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("silence")
        verbose_name_plural = _("silences")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "institution"], name="silence_recorded_once_an_institution"
            )
        ]

    def __str__(self) -> str:
        return f"{self.institution} · {self.until}"
