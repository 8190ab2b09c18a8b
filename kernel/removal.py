"""Removes rows with everything that refers to them, also where a reference protects them from a person
who deletes one thing.

    removal = Removal()
    removal.take(Project, [project.pk])
    removal.counts  # what would go
    removal.delete()

It follows references between tables, generic ones and histories; references that may be empty by
themselves (SET_NULL) are emptied. Whoever calls it decides whether that may be done, and the triggers
of the database have the last word.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import cache, partial
from typing import Any, NamedTuple, TypeAlias

from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models, router, transaction

AnyModel: TypeAlias = type[models.Model]
Keys: TypeAlias = "set[Any]"

AT_ONCE = 500


class Reference(NamedTuple):
    model: AnyModel
    field: "models.ForeignKey[Any, Any]"
    is_emptied: bool


class Removal:
    def __init__(self, found: "Removal | None" = None) -> None:
        """`found`: what goes already, and is not followed again."""
        self.before: dict[AnyModel, Keys] = found.found if found else {}
        self.found: dict[AnyModel, Keys] = defaultdict(set)
        self.emptied: list[tuple[Reference, Keys]] = []
        self.kinds: dict[GenericReference, Keys] = {}

    def take(self, model: AnyModel, keys: Iterable[Any]) -> None:
        """Add rows, and all that refers to them."""
        waiting: list[tuple[AnyModel, Keys]] = [(model, set(keys))]
        while waiting:
            model, keys = waiting.pop()
            new = keys - self.found[model] - self.before.get(model, set())
            if not new:
                continue
            self.found[model] |= new
            for reference in references_to(model):
                rows = set(_keys_of(reference.model, f"{reference.field.name}__in", new))
                if not rows:
                    continue
                if reference.is_emptied:
                    self.emptied.append((reference, rows))
                else:
                    waiting.append((reference.model, rows))
            kind = ContentType.objects.get_for_model(model)
            for generic in generic_references():
                if kind.pk in self._kinds(generic):
                    waiting.append((generic.model, set(generic.keys_to(kind, new))))

    def _kinds(self, generic: "GenericReference") -> Keys:
        """The kinds of things to which the table refers at all, which are few."""
        if generic not in self.kinds:
            rows = generic.model._base_manager.order_by().values_list(generic.kind, flat=True)
            self.kinds[generic] = set(rows.distinct())
        return self.kinds[generic]

    def add(self, other: "Removal") -> None:
        """Let also go what another one found after this one."""
        for model, keys in other.found.items():
            self.found[model] |= keys
        self.emptied += other.emptied

    @property
    def counts(self) -> dict[AnyModel, int]:
        return {model: len(keys) for model, keys in self.found.items() if keys}

    def strays(self, owners: Collection[AnyModel]) -> dict[AnyModel, int]:
        """Return how many rows of each table also belong to an owner that does not go."""
        strays: dict[AnyModel, int] = {}
        for model, keys in self.found.items():
            for field in model._meta.concrete_fields:
                if isinstance(field, models.ForeignKey) and field.related_model in owners:
                    others = set(_values_of(model, field.attname, keys)) - {None}
                    if left := others - self.found.get(field.related_model, set()):
                        strays[model] = len(left)
        return strays

    @transaction.atomic
    def delete(self) -> None:
        for reference, keys in self.emptied:
            left = keys - self.found[reference.model]
            for some in in_parts(left):
                rows = reference.model._base_manager.filter(pk__in=some)
                rows.update(**{reference.field.name: None})
        for model in in_order(self.found):
            self._delete_rows(model, self.found[model])

    def _delete_rows(self, model: AnyModel, keys: Keys) -> None:
        """Without Django's collector, which would ask each reference again."""
        using = router.db_for_write(model)
        history = history_of(model)
        for some in in_parts(keys):
            self._delete_files(model, some)
            if history:
                history._base_manager.filter(**{f"{model._meta.pk.name}__in": some})._raw_delete(
                    using
                )
            model._base_manager.filter(pk__in=some)._raw_delete(using)

    def _delete_files(self, model: AnyModel, keys: list[Any]) -> None:
        """Delete the files once the transaction is certain."""
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                for name in _values_of(model, field.attname, keys):
                    if name:
                        transaction.on_commit(partial(field.storage.delete, name))


def in_parts(keys: Iterable[Any]) -> Iterator[list[Any]]:
    rest = sorted(keys)
    for start in range(0, len(rest), AT_ONCE):
        yield rest[start : start + AT_ONCE]


def in_order(found: dict[AnyModel, Keys]) -> list[AnyModel]:
    """Return the tables with what refers to another before that, so that triggers still find to what
    a row belongs. Among those that refer to each other any order will do: references are checked
    at the end."""
    order: list[AnyModel] = []
    begun: set[AnyModel] = set()

    def visit(model: AnyModel) -> None:
        if model in begun:
            return
        begun.add(model)
        for reference in references_to(model):
            if reference.model in found and not reference.is_emptied:
                visit(reference.model)
        order.append(model)

    for model in list(found):
        visit(model)
    return order


def _keys_of(model: AnyModel, lookup: str, keys: Keys) -> Iterator[Any]:
    for some in in_parts(keys):
        yield from model._base_manager.filter(**{lookup: some}).values_list("pk", flat=True)


def _values_of(model: AnyModel, column: str, keys: Iterable[Any]) -> Iterator[Any]:
    for some in in_parts(keys):
        yield from model._base_manager.filter(pk__in=some).values_list(column, flat=True)


def history_of(model: AnyModel) -> AnyModel | None:
    name = getattr(model._meta, "simple_history_manager_attribute", "")
    return getattr(model, name).model if name else None


@cache
def references_to(model: AnyModel) -> tuple[Reference, ...]:
    """Return the references to rows of this table, those of hidden tables included. Histories keep
    keys of what is gone, and are no references."""
    found = []
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel):  # one to one is such, too
            continue
        field = relation.field
        if relation.on_delete is not models.DO_NOTHING and isinstance(field, models.ForeignKey):
            is_emptied = relation.on_delete is models.SET_NULL
            found.append(Reference(field.model, field, is_emptied))
    return tuple(found)


class GenericReference(NamedTuple):
    model: AnyModel
    kind: str
    key: str

    def keys_to(self, kind: ContentType, keys: Keys) -> Iterator[Any]:
        for some in in_parts(keys):
            rows = self.model._base_manager.filter(**{self.kind: kind, f"{self.key}__in": some})
            yield from rows.values_list("pk", flat=True)


@cache
def generic_references() -> tuple[GenericReference, ...]:
    return tuple(
        GenericReference(model, field.ct_field, field.fk_field)
        for model in apps.get_models()
        for field in model._meta.private_fields
        if isinstance(field, GenericForeignKey)
    )
