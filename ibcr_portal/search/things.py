"""Reads the things of a kind by their keys."""

from typing import Any

from django.db.models import Model, QuerySet, prefetch_related_objects

from kernel.prepared import prepared


class ThingsByKey:
    """Reads things of a kind by their keys. A page of results asks a dozen kinds, so the statements
    are prepared."""

    def __init__(self, every: QuerySet[Any]) -> None:
        self.model = every.model
        self._with = every._prefetch_related_lookups  # type: ignore[attr-defined]  # not documented
        self._found = prepared(lambda keys: every.prefetch_related(None).filter(pk__in=keys))

    def __call__(self, keys: list[int]) -> list[Any]:
        found = self._found(keys)
        prefetch_related_objects(found, *self._with)
        return found


def every(model: type[Model], *related: str, prefetch: tuple[str, ...] = ()) -> ThingsByKey:
    """Return what reads the things of a model, with the rows they refer to."""
    things = model._default_manager.prefetch_related(*prefetch)
    return ThingsByKey(things.select_related(*related) if related else things)
