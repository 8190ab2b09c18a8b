"""Uploaded workbooks of the framework that wait to be confirmed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from kernel.files import WaitingFile
from projects.models.project import Project


class FrameworkUpload(WaitingFile):
    """One workbook per person and project; the next one replaces it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("workbook of a framework")
        verbose_name_plural = _("workbooks of frameworks")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "owner"], name="frameworkupload_one_per_owner"
            )
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
