"""Related objects that many rows share, read once for a page."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models


def share(rows: Iterable[models.Model], field: str, objects: Mapping[int, Any]) -> None:
    """Give each row the object of this foreign key, by its key, or None where the key is empty.

    As `prefetch_related` does, without the checks of an assignment: these take longer than the rest
    of a row.
    """
    for row in rows:
        key = getattr(row, f"{field}_id")
        row._state.fields_cache[field] = None if key is None else objects[key]
