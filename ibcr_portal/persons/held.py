"""Projects that a hold keeps, and which hold something about a person."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import cache

from django.contrib.contenttypes.fields import GenericForeignKey
from django.db import models

from ibcr_portal.persons.searching import Findings
from kernel.kinds import way_to
from projects.models import Project
from projects.retention import held_projects


def held_projects_in(found: Findings) -> models.QuerySet[Project]:
    """Return the projects under a hold in which forgetting would change something."""
    if not (held := held_projects()):
        return held
    return held.filter(pk__in=set(_projects_in(found)))


def _projects_in(found: Findings) -> Iterator[int]:
    yield from (snapshot.project_id for snapshot in found.documents)
    rows: dict[type[models.Model], set[object]] = defaultdict(set)
    for tied in found.rows:
        rows[tied.place.model].update(tied.keys)
    for row in found.texts:
        rows[row.place.model].add(row.key)
    for place, _field, key in found.files:
        rows[place.model].add(key)
    for model, keys in rows.items():
        yield from _projects_of(model, keys)


def _projects_of(model: type[models.Model], keys: Collection[object]) -> Iterator[int]:
    rows = model._base_manager.filter(pk__in=keys)
    if path := path_to_project(model):
        yield from rows.exclude(**{path: None}).values_list(path, flat=True)
        return
    for field in model._meta.private_fields:
        if isinstance(field, GenericForeignKey):  # the row belongs where the thing does
            for thing in filter(None, (getattr(row, field.name) for row in rows)):
                if not isinstance(thing, model):
                    yield from _projects_of(type(thing), [thing.pk])


@cache
def path_to_project(model: type[models.Model]) -> str:
    """Return the lookup of the project to which a row belongs; empty if it belongs to none."""
    if model is Project or getattr(model, "instance_type", None) is Project:
        return "id"
    return way_to(model, lambda field: field.related_model is Project)
