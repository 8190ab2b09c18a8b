"""The rows that an import made, as they are kept with it: by model and key, with a hash by which a
later change is noticed."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.apps import apps
from django.db import models

PackedRow = list[str | int]  # its model, its key, its hash


# In place of the hash of a row that was there before: undoing the import leaves and names it.
CHANGED = "changed"


def packed(made: Iterable[models.Model], changed: Iterable[models.Model] = ()) -> list[PackedRow]:
    """Return the rows in the order in which they were made, each once, as they are stored now, and
    those that were changed. What these said before is not kept: it may be about a person."""
    keys = list(dict.fromkeys((thing._meta.label_lower, thing.pk) for thing in made))
    stored = _stored(keys)
    rows: list[PackedRow] = [[label, pk, hash_of(stored[label, pk])] for label, pk in keys]
    return rows + [[thing._meta.label_lower, thing.pk, CHANGED] for thing in changed]


def unpacked(rows: Iterable[PackedRow]) -> Iterator[tuple[str, int, str]]:
    for label, pk, told in rows:
        yield str(label), int(pk), str(told)


def things_of(rows: Iterable[PackedRow]) -> dict[tuple[str, int], models.Model]:
    """Return the rows that are still there, in the order in which they were made."""
    keys = [(label, pk) for label, pk, _told in unpacked(rows)]
    stored = _stored(keys)
    return {key: stored[key] for key in keys if key in stored}


def _stored(keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], models.Model]:
    by_model: dict[str, list[int]] = defaultdict(list)
    for label, pk in keys:
        by_model[label].append(pk)
    return {
        (label, pk): thing
        for label, pks in by_model.items()
        for pk, thing in apps.get_model(label)._base_manager.in_bulk(pks).items()
    }


def hash_of(thing: models.Model) -> str:
    """Return a hash of all that the row says."""
    told = [
        f"{one.attname}={one.value_to_string(thing)}"
        for one in thing._meta.concrete_fields
        if not one.primary_key
    ]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
