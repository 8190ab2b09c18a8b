"""Files that had to be deleted while their storage was away: each is tried again until it is gone.

A name is noted only after the deletion failed, so nothing is deleted here that nobody meant to. It
is looked at once more before: somebody may have restored a database that names the file.
"""

import logging
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import DatabaseError, models, transaction
from django.utils import timezone

from kernel.media import ID_FILE, belongs_here
from kernel.storage import StorageUnavailable

logger = logging.getLogger(__name__)

AT_ONCE = 200


class UnwantedFile(models.Model):
    name = models.CharField(max_length=500, primary_key=True)
    since = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.name


def note_unwanted(name: str) -> None:
    """Remember a file that could not be deleted. What people did is done by then: a database that does
    not answer must not undo it."""
    if name == ID_FILE:
        return  # of the folder itself, which is never without one
    try:
        UnwantedFile.objects.get_or_create(name=name)
    except DatabaseError:
        logger.exception("%s has to be deleted by hand", name)


def delete_unwanted() -> list[str]:
    """Delete what is to be deleted, as far as the storage is back; return the names."""
    rows = list(UnwantedFile.objects.order_by("since")[:AT_ONCE])
    gone: list[str] = []
    if not rows:
        return gone
    try:
        if not belongs_here():
            return gone
        named = set(_named([row.name for row in rows]))
        for row in rows:
            if row.name in named or _is_newer(row):
                logger.warning("%s is kept: it is in use again", row.name)
            else:
                default_storage.delete_or_raise(row.name)  # type: ignore[attr-defined]
                gone.append(row.name)
            row.delete()
    except StorageUnavailable:
        logger.error("Files to be deleted wait until their storage is back")
    return gone


def _named(names: list[str]) -> Iterator[str]:
    """Yield those of the names that a row has."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, models.FileField):
                rows = model._base_manager.filter(**{f"{field.name}__in": names})
                yield from map(str, rows.values_list(field.name, flat=True))


def _is_newer(row: UnwantedFile) -> bool:
    """Whether it is another file, which was stored under that name since."""
    try:
        return bool(default_storage.get_modified_time(row.name) > row.since)
    except FileNotFoundError:
        return False


# --- File rows ---
#
# Rows with a file that the portal made: whoever deletes the row on purpose deletes its file, too.
# A file that no row names after that was left by a worker that died (`kernel.quarantine`).


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
