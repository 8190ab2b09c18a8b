"""The accounting system's file between its upload and its confirmation, and what was learnt of
how it is laid out."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from kernel.files import WaitingFile
from projects.models.project import Project


class ImportMapping(models.Model):
    """How this project's accounting file is read; remembered, so that nobody says it twice.

    `columns`: field by header. `categories`, `results`: the key of what a word of the file means
    (null: a word that names no result). Headers and words are kept as `kernel.days.folded` has them.
    """

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="import_mapping")
    columns = models.JSONField(default=dict)
    categories = models.JSONField(default=dict)
    results = models.JSONField(default=dict)
    date_order = models.CharField(max_length=3, blank=True)
    decimal_mark = models.CharField(max_length=1, blank=True)
    currency = models.CharField(max_length=3, blank=True)

    class Meta:
        verbose_name = _("import mapping")
        verbose_name_plural = _("import mappings")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def of(cls, project: Project) -> "ImportMapping":
        return cls.objects.filter(project=project).first() or cls(project=project)

    def learn(self, **said: Any) -> None:
        for name, value in said.items():
            setattr(self, name, value)
        self.save()


class ExpenditureUpload(WaitingFile):
    """One file per person and project; a new one takes its place."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("file of the accounting system")
        verbose_name_plural = _("files of the accounting system")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "owner"], name="expenditureupload_one_per_owner"
            )
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
