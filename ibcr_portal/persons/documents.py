"""Documents that name somebody who was forgotten."""

from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from reports.models import Archive, Rendition, Snapshot

FROZEN = _("A final document: its frozen content stays under seal, and nobody gets its files.")


def destroy_documents(
    snapshots: Iterable[Snapshot], changed: Counter[str], remains: list[tuple[str, str]]
) -> None:
    """Delete documents of the day; of final ones destroy the files, and list what stays sealed.
    Archives hold any of them, and can be requested anew."""
    found = list(snapshots)
    if not found:
        return
    for snapshot in found:
        renditions = Rendition.objects.filter(snapshot=snapshot)
        changed["reports.Rendition"] += renditions.count()
        if snapshot.is_final:
            remains.append((f"reports.Snapshot {snapshot.pk}", str(FROZEN)))
            continue
        delete_files_on_commit(renditions)
        snapshot.delete()
    delete_files_on_commit(Archive.objects.all())
    Archive.objects.all().delete()


def delete_files_on_commit(rows: QuerySet[Any]) -> None:
    for row in rows.exclude(file=""):
        transaction.on_commit(partial(row.file.storage.delete, row.file.name))
