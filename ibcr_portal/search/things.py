"""Reads the things of a kind by their keys."""

from typing import Any

from django.db.models import Model, QuerySet


class ThingsByKey:
    """Reads things of a kind by their keys."""

    def __init__(self, every: QuerySet[Any]) -> None:
        self.model = every.model
        self._every = every

    def __call__(self, keys: list[int]) -> list[Any]:
        return list(self._every.filter(pk__in=keys))


def every(model: type[Model], *related: str, prefetch: tuple[str, ...] = ()) -> ThingsByKey:
    """Return what reads the things of a model, with the rows they refer to."""
    things = model._default_manager.prefetch_related(*prefetch)
    return ThingsByKey(things.select_related(*related) if related else things)
