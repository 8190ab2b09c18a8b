"""What a project brought along from elsewhere: the file that waits, and what became of it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from kernel.files import WaitingFile
from projects.models import Project


class IntakeUpload(WaitingFile):
    """A workbook, or rows that were pasted, between its upload and its confirmation. One per person
    and project; the next one replaces it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("data of a project waiting to be imported")
        verbose_name_plural = _("data of projects waiting to be imported")
        constraints = [
            models.UniqueConstraint(fields=["project", "owner"], name="intakeupload_one_per_owner")
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class Intake(models.Model):
    """One import into a project, which is undone as a whole."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="intakes")
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("imported by"),
    )
    imported_at = models.DateTimeField(_("imported at"), auto_now_add=True)
    # Of each row that was made: its model, its key, and a hash by which a later change is noticed.
    rows = models.JSONField(default=list, editable=False)
    # How many there were of each sheet.
    counts = models.JSONField(default=dict, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("undone by"),
    )
    undone_at = models.DateTimeField(_("undone at"), null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("import of a project's data")
        verbose_name_plural = _("imports of projects' data")

    def __str__(self) -> str:
        return f"{self.project_id} · {self.imported_at:%Y-%m-%d}"
