"""What a project brought along from elsewhere: the file that waits, and what became of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.keys import by_whom
from projects.models import Project
from projects.models.uploads import ProjectUpload


class IntakeUpload(ProjectUpload):
    """A workbook, or rows that were pasted, between its upload and its confirmation."""

    class Meta(ProjectUpload.Meta):
        verbose_name = _("data of a project waiting to be imported")
        verbose_name_plural = _("data of projects waiting to be imported")


class Intake(models.Model):
    """One import into a project, which is undone as a whole."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="intakes")
    imported_by = by_whom(verbose_name=_("imported by"), on_delete=models.SET_NULL, editable=True)
    imported_at = models.DateTimeField(_("imported at"), auto_now_add=True)
    # Of each row that was made: its model, its key, and a hash by which a later change is noticed.
    rows = models.JSONField(default=list, editable=False)
    # How many there were of each sheet.
    counts = models.JSONField(default=dict, editable=False)
    undone_by = by_whom(verbose_name=_("undone by"), on_delete=models.SET_NULL, editable=True)
    undone_at = models.DateTimeField(_("undone at"), null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("import of a project's data")
        verbose_name_plural = _("imports of projects' data")

    def __str__(self) -> str:
        return f"{self.project_id} · {self.imported_at:%Y-%m-%d}"
