"""Rows with a file that the portal made: whoever deletes the row on purpose deletes its file, too. A
file that no row names after that was left by a worker that died (`kernel.quarantine`)."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import models, transaction


def delete_files(names: Iterable[str]) -> None:
    """Delete files as soon as the database has forgotten their rows for certain."""
    for name in names:
        if name:
            transaction.on_commit(partial(default_storage.delete, name))


class FileRowsMixin:
    """Of a queryset of rows with a `file`."""

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            names = list(self.order_by().values_list("file", flat=True))  # type: ignore[attr-defined]
            deleted: tuple[int, dict[str, int]] = super().delete()  # type: ignore[misc]
            delete_files(names)
        return deleted

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class FileRowMixin(models.Model):
    """Of a model with a `file`."""

    class Meta:
        abstract = True

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            deleted = super().delete(*args, **kwargs)
            delete_files([str(self.file or "")])  # type: ignore[attr-defined]
        return deleted
