"""Files that somebody gave to a project and has yet to confirm."""

from typing import Any, Self

from django.core.files.base import ContentFile
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from kernel.files import CheckedFile, WaitingFile
from projects.models.project import Project


class ProjectUpload(WaitingFile):
    """One per person and project; the next one replaces it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["project", "owner"], name="%(class)s_one_per_owner")
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def keep_instead(cls, checked: CheckedFile, name: str, **of: Any) -> Self:
        """Keep a file, called `name`, in place of an earlier one `of` the same project and owner. The
        caller holds a lock under which nobody else does the same."""
        for earlier in cls._default_manager.filter(**of):
            earlier.discard()
        checked.content.seek(0)
        content = ContentFile(checked.content.read(), name)
        waiting = cls(**of)
        waiting.keep(CheckedFile(content, name, checked.kind, checked.size, checked.sha256))
        waiting.save()
        return waiting


class FrameworkUpload(ProjectUpload):
    class Meta(ProjectUpload.Meta):
        verbose_name = _("workbook of a framework")
        verbose_name_plural = _("workbooks of frameworks")


class ExpenditureUpload(ProjectUpload):
    class Meta(ProjectUpload.Meta):
        verbose_name = _("file of the accounting system")
        verbose_name_plural = _("files of the accounting system")
