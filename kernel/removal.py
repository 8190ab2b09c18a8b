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
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Any, NamedTuple, TypeAlias

from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, router, transaction
from django.utils.text import capfirst

from kernel.formats import join_list
from kernel.refusal import Refusal

AnyModel: TypeAlias = type[models.Model]
Keys: TypeAlias = "set[Any]"

AT_ONCE = 500
# More parts of one statement SQLite refuses.
MOST_PARTS = 450
KIND = ("app_label", "model", "pk")

Row: TypeAlias = "tuple[AnyModel, Any]"


class Reference(NamedTuple):
    model: AnyModel
    field: "models.ForeignKey[Any, Any]"
    is_emptied: bool

    def looked_for(self, keys: Keys) -> str:
        return _part(self.model, str(self.field.column), keys)


class Removal:
    def __init__(self, found: "Removal | None" = None) -> None:
        """`found`: what goes already, and is not followed again."""
        self.before: dict[AnyModel, Keys] = found.found if found else {}
        self.found: dict[AnyModel, Keys] = defaultdict(set)
        self.emptied: dict[Reference, dict[Any, set[Row]]] = defaultdict(lambda: defaultdict(set))
        self.kinds: dict[tuple[str, str], int] = found.kinds if found else {}
        # Which rows refer to a row, and go with it.
        self.behind: dict[Row, list[Row]] = defaultdict(list)

    def take(self, model: AnyModel, keys: Iterable[Any]) -> None:
        """Add rows, and all that refers to them."""
        self.take_all({model: keys})

    def take_all(self, rows: Mapping[AnyModel, Iterable[Any]]) -> None:
        """Do so with rows of several tables, in waves, each with one statement for all tables."""
        wave = {model: set(keys) for model, keys in rows.items()}
        # Of tables to which nothing generic ever referred there is none, and none is made.
        self.kinds = self.kinds or {
            row[:2]: row[2] for row in ContentType.objects.values_list(*KIND)
        }
        while new := self._new(wave):
            wave = defaultdict(set)
            for reference, target, pk, to in _referring(new, self.kinds):
                if isinstance(reference, Reference) and reference.is_emptied:
                    self.emptied[reference][pk].add((target, to))
                    continue
                self.behind[target, to].append((reference.model, pk))
                wave[reference.model].add(pk)

    def _new(self, wave: dict[AnyModel, Keys]) -> dict[AnyModel, Keys]:
        """Enter the rows of a wave, and return those that were not known before."""
        found = {}
        for model, keys in wave.items():
            if new := keys - self.found[model] - self.before.get(model, set()):
                self.found[model] |= new
                found[model] = new
        return found

    def with_only(self, model: AnyModel, key: Any, going: "Removal") -> "Removal":
        """Return the part that goes with one of the rows that were taken, and is not `going`."""
        part, waiting = Removal(going), [(model, key)]
        while waiting:
            its_model, its_key = row = waiting.pop()
            if its_key in self.found[its_model] and part._new({its_model: {its_key}}):
                waiting += self.behind.get(row, [])
        for reference, rows in self.emptied.items():
            for pk, targets in rows.items():
                if any(to in part.found[target] for target, to in targets):
                    part.emptied[reference][pk] |= targets
        return part

    def add(self, other: "Removal") -> None:
        """Let also go what another one found after this one."""
        for model, keys in other.found.items():
            self.found[model] |= keys
        for reference, rows in other.emptied.items():
            for pk, targets in rows.items():
                self.emptied[reference][pk] |= targets

    @property
    def counts(self) -> dict[AnyModel, int]:
        return {model: len(keys) for model, keys in self.found.items() if keys}

    def strays(self, owners: Collection[AnyModel]) -> dict[AnyModel, int]:
        """Return how many rows of each table also belong to an owner that does not go."""
        fields = [
            (model, field)
            for model in self.found
            for field in model._meta.concrete_fields
            if isinstance(field, models.ForeignKey) and field.related_model in owners
        ]
        parts = [
            _part(model, _column(model, "pk"), self.found[model], shown=str(field.column))
            for model, field in fields
        ]
        strays: dict[AnyModel, Keys] = defaultdict(set)
        for place, _pk, to in _asked(parts):
            model, field = fields[place]
            owner = field.related_model
            if to is not None and (key := owner._meta.pk.to_python(to)) not in self.found[owner]:
                strays[model].add(key)
        return {model: len(keys) for model, keys in strays.items()}

    def refuse_beyond(self, frame: Collection[str], sentence: str) -> None:
        """Raise Refusal with a sentence that names (`%(things)s`) what goes and is not in one of these
        tables, as a reader knows it."""
        others = {model for model in self.counts if model._meta.label not in frame}
        if others:
            # What only links two records has no name of its own, and several kinds share one.
            named = (model._meta for model in others if not model._meta.auto_created)
            names = sorted({capfirst(str(each.verbose_name_plural)) for each in named})
            raise Refusal(sentence % {"things": join_list(names)})

    @transaction.atomic
    def delete(self) -> None:
        for reference, rows_left in self.emptied.items():
            left = rows_left.keys() - self.found[reference.model]
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
    """Yield the keys in order, at most AT_ONCE in one list: databases limit the parameters of a
    statement."""
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


def _part(model: AnyModel, column: str, keys: Keys, *, shown: str = "", more: str = "") -> str:
    """Return the part of a statement that finds the rows whose column has one of these keys: the
    keys of the rows, and what they refer to."""
    name = connection.ops.quote_name
    listed = ",".join(_literal(key) for key in keys)
    # Keys of all types in one column.
    pk, of = (f"CAST({name(each)} AS text)" for each in (_column(model, "pk"), shown or column))
    return f"{pk}, {of} FROM {name(model._meta.db_table)} WHERE {name(column)} IN ({listed}){more}"


def _column(model: AnyModel, name: str) -> str:
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    assert isinstance(field, models.Field)
    return str(field.column)


def _literal(key: Any) -> str:
    return f"{key:d}" if isinstance(key, int) else "'{}'".format(str(key).replace("'", "''"))


def _asked(parts: list[str]) -> Iterator[tuple[int, str, str | None]]:
    """Ask the parts in one statement, and yield the place of each with its rows."""
    for start in range(0, len(parts), MOST_PARTS):
        some = parts[start : start + MOST_PARTS]
        numbered = (f"SELECT {place}, {part}" for place, part in enumerate(some, start))
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(numbered))
            yield from cursor.fetchall()


def _referring(
    wave: dict[AnyModel, Keys], kinds: dict[tuple[str, str], int]
) -> "Iterator[tuple[Reference | GenericReference, AnyModel, Any, Any]]":
    """Yield what refers to these rows: by which reference, to which table, and both keys."""
    asked: list[tuple[Reference | GenericReference, AnyModel]] = []
    parts = []
    for model, keys in wave.items():
        for reference in references_to(model):
            asked.append((reference, model))
            parts.append(reference.looked_for(keys))
        kind = kinds.get((model._meta.app_label, model._meta.model_name or ""))
        if kind and isinstance(next(iter(keys)), int):
            for generic in generic_references():
                asked.append((generic, model))
                parts.append(generic.looked_for(kind, keys))
    for place, pk, to in _asked(parts):
        by, model = asked[place]
        yield by, model, by.model._meta.pk.to_python(pk), model._meta.pk.to_python(to)


def _values_of(model: AnyModel, column: str, keys: Iterable[Any]) -> Iterator[Any]:
    for some in in_parts(keys):
        yield from model._base_manager.filter(pk__in=some).values_list(column, flat=True)


def history_of(model: AnyModel) -> AnyModel | None:
    """Return the model of the history of a model, or None if it keeps none."""
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

    def looked_for(self, kind: int, keys: Keys) -> str:
        column, key = _column(self.model, self.kind), _column(self.model, self.key)
        of_kind = f" AND {connection.ops.quote_name(column)} = {kind:d}"
        return _part(self.model, key, keys, more=of_kind)


@cache
def generic_references() -> tuple[GenericReference, ...]:
    """Return the generic foreign keys of all models, which the database itself does not follow."""
    return tuple(
        GenericReference(model, field.ct_field, field.fk_field)
        for model in apps.get_models()
        for field in model._meta.private_fields
        if isinstance(field, GenericForeignKey)
    )
