"""The guide of a call for projects, which anybody downloads as a PDF."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.models import CallForProposals


class CallGuide(models.Model):
    """The PDF of what a public call says, in one language. It is made again when the call says
    something else (`facts`, the hash of what it was made of)."""

    FOLDER = "reports/guides"
    kind = "pdf"  # the type of its file, for `kernel.files.serve`

    call = models.ForeignKey(CallForProposals, on_delete=models.CASCADE, related_name="guides")
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    facts = models.CharField(max_length=64, editable=False)
    file = models.FileField(max_length=200, editable=False)
    pages = models.PositiveIntegerField(editable=False)
    size = models.PositiveBigIntegerField(editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["call", "language"]
        verbose_name = _("guide of a call")
        verbose_name_plural = _("guides of calls")
        constraints = [
            models.UniqueConstraint(
                fields=["call", "language"], name="callguide_once_in_each_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.call} · {self.get_language_display()}"
