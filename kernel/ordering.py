"""Rows that people put in order, by buttons or by dragging. Each keeps its place as `position`."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import models
from django.http import HttpRequest

# A model with a field `position`.
Row = TypeVar("Row", bound=models.Model)


def moved(rows: list[Row], row: Row, *, up: bool) -> list[Row]:
    """Return the rows with one of them moved up or down, or unchanged if it cannot move."""
    here = rows.index(row)
    there = here - 1 if up else here + 1
    if 0 <= there < len(rows):
        rows[here], rows[there] = rows[there], rows[here]
    return rows


def by_keys(rows: list[Row], keys: Iterable[int]) -> list[Row]:
    """Return the rows in the order of these keys; rows that are not listed come last, as they
    were."""
    places = {key: place for place, key in enumerate(keys)}
    return sorted(rows, key=lambda row: places.get(row.pk, len(places)))


def put_in_order(rows: list[Row]) -> None:
    """Number the rows by their places in the list, in one UPDATE of those that moved."""
    placed: list[Any] = rows  # Python has no type for “a model with this field”
    changed = [(row, place) for place, row in enumerate(placed, start=1) if row.position != place]
    for row, place in changed:
        row.position = place
    if changed:
        type(placed[0]).objects.bulk_update([row for row, _place in changed], ["position"])


def keys_in_order(request: HttpRequest) -> list[int]:
    """Return the keys posted after dragging; anything that is no key is ignored."""
    values = request.POST.getlist("row")
    return [
        int(value) for value in values if value.isascii() and value.isdecimal() and len(value) < 19
    ]
