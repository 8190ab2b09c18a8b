"""What somebody who leaves tells those who take over a project."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from projects.models.project import Project


class HandoverNote(models.Model):
    project = models.OneToOneField(
        Project, on_delete=models.CASCADE, related_name="handover_note", editable=False
    )
    text = models.TextField(_("notes for whoever takes over"), max_length=10000, blank=True)

    history = HistoricalRecords()  # which says who wrote what, and when

    class Meta:
        verbose_name = _("handover notes")
        verbose_name_plural = _("handover notes")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def get_absolute_url(self) -> str:
        return reverse("projects:handover", args=[self.project.code])
