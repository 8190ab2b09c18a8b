"""Files that rows name and that are missing or altered, and how far the portal has looked."""

from collections.abc import Iterable, Mapping
from typing import Self

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import pgettext_lazy


class FileProblemQuerySet(models.QuerySet["FileProblem"]):
    def unaccepted(self) -> Self:
        """Return what needs a person; of the others somebody has said that they are lost."""
        return self.filter(accepted_at=None)


class FileProblem(models.Model):
    """A file that a row names and that is missing, or not as its row says; no more once it is."""

    class Kind(models.TextChoices):
        MISSING = "missing", pgettext_lazy("of a file", "missing")
        ALTERED = "altered", pgettext_lazy("of a file", "altered")

    name = models.CharField(max_length=200, primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind)
    since = models.DateTimeField(default=timezone.now)
    # Somebody has said that no copy of it is left anywhere, and why.
    accepted_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=500, blank=True)

    objects = FileProblemQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    @transaction.atomic
    def note(cls, found: Mapping[str, str], *, mended: Iterable[str]) -> None:
        """Write down what was found now, and forget what is right again."""
        cls.objects.filter(name__in=list(mended)).delete()
        for name, kind in found.items():
            cls.objects.update_or_create(name=name, defaults={"kind": kind})


class FileCheck(models.Model):
    """How far the portal has looked through its files. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    # The name of the file that was looked at last; empty at the beginning of a round.
    after = models.CharField(max_length=200, blank=True)
    # When all files had been looked at.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(name="filecheck_is_one", condition=models.Q(pk=1))]

    def __str__(self) -> str:
        return self.after

    @classmethod
    def ours(cls) -> "FileCheck":
        return cls.objects.get_or_create(pk=1)[0]

    @classmethod
    def note(cls, **facts: object) -> None:
        cls.objects.update_or_create(pk=1, defaults=facts)
