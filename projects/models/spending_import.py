"""The known layout of the files of an accounting system."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.project import Project


class ImportMapping(models.Model):
    """How to read the accounting file of this project, so that nobody has to enter it twice.

    `columns`: field by header. `categories`, `results`: primary key by word in the file (null: the
    word names no result). Headers and words are stored as `kernel.days.folded` returns them.
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

    def learn(self, **layout: Any) -> None:
        for name, value in layout.items():
            setattr(self, name, value)
        self.save()
