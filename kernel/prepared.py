"""Statements that pages ask again and again: built and compiled once, then asked with other keys.

    @prepared
    def plans_of(project: int, roles: frozenset[Role]) -> QuerySet[ActionPlan]:
        return plans_seen([project], roles).only("version", "status")

    plans = plans_of(project.pk, roles)

Django needs several times as long to build and compile a statement as the database needs to answer
it. Keys of rows are put in at each call, alone or in a list of any length. Whatever else the function takes is
part of the statement, which is built anew for each value; so it should have few. Other numbers than
keys, such as versions, cannot be put in.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from itertools import count
from typing import Any, ParamSpec, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable, get_related_populators
from django.utils import timezone

from kernel.keys import key_list

Row = TypeVar("Row")
Arguments = ParamSpec("Arguments")

# From here on numbers are no keys of rows, but places for them.
_FIRST_PLACE = 2_000_000_000


def keep_related(thing: Model, name: str, rows: list[Any], model: type[Model]) -> None:
    """Let `thing.<name>.all()` answer with these rows, which were read with others of their kind."""
    found: QuerySet[Any] = QuerySet(model)
    found._result_cache = rows
    vars(thing).setdefault("_prefetched_objects_cache", {})[name] = found


@dataclass(frozen=True)
class _KeyPlace:
    """Where a key goes, or a list of keys."""

    number: int


@dataclass(frozen=True)
class _ListShape:
    """A list of keys: an empty one makes another statement."""

    has_keys: bool


def prepared(
    build: Callable[Arguments, QuerySet[Any, Row]],
) -> Callable[Arguments, list[Row]]:
    """Make a function that returns rows of one that returns a queryset.

    The queryset may depend on the day, but not on the moment. It fetches nothing beforehand
    (`prefetch_related`), and its rows are not to be filtered any more.
    """

    @lru_cache(maxsize=64)
    def statement(day: Hashable, vendor: str, *shape: Any) -> "_Statement | None":
        places = count(_FIRST_PLACE)
        arguments = [_stand_in(each, places) for each in shape]
        try:
            return _Statement(build(*arguments))  # type: ignore[call-arg]  # as they were passed
        except EmptyResultSet:
            return None

    @wraps(build)
    def rows(*arguments: Arguments.args, **_nothing: Arguments.kwargs) -> list[Row]:
        keys: list[int | list[int]] = []
        shape = [_shape(each, keys) for each in arguments]
        found = statement(timezone.localdate(), connection.vendor, *shape)
        return found.rows(keys) if found else []

    rows.kept = statement.cache_info  # type: ignore[attr-defined]  # functions take attributes
    return rows


def _shape(argument: object, keys: list[int | list[int]]) -> Hashable:
    """Return what the statement depends on, and add the keys to those that are put in."""
    if isinstance(argument, int) and not isinstance(argument, bool):
        keys.append(argument)
        return int
    if isinstance(argument, list):
        if argument:
            keys.append(argument)
        return _ListShape(bool(argument))
    return argument  # the cache refuses what has no hash


def _stand_in(shape: Any, places: Iterator[int]) -> Any:
    if shape is int:
        return next(places)
    if isinstance(shape, _ListShape):
        return [next(places)] if shape.has_keys else []
    return shape


class _Statement:
    """A statement with its SQL, and how its rows become models or tuples."""

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        """Raises EmptyResultSet if it never has rows."""
        self.compiler: Any = queryset.query.get_compiler(connection=connection)
        sql, parameters = self.compiler.as_sql()
        self.pieces = sql.split("%s")
        self.parameters = [
            _KeyPlace(one - _FIRST_PLACE) if isinstance(one, int) and one >= _FIRST_PLACE else one
            for one in parameters
        ]
        columns = [column[0] for column in self.compiler.select[: self.compiler.col_count]]
        self.converters = self.compiler.get_converters(columns)
        self.is_of_models = issubclass(queryset._iterable_class, ModelIterable)
        if self.is_of_models:
            self.klass_info: Any = self.compiler.klass_info
            places = self.klass_info["select_fields"]
            self.own = slice(places[0], places[-1] + 1)
            self.names = [column.target.attname for column in columns[self.own]]
            self.related = get_related_populators(  # type: ignore[call-arg]  # of Django 6
                self.klass_info, self.compiler.select, connection.alias
            )

    def rows(self, keys: Sequence[int | list[int]]) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(*self._filled(keys))
            found: Any = cursor.fetchall()
        if self.converters:
            found = map(tuple, self.compiler.apply_converters(found, self.converters))
        return [self._model(row) for row in found] if self.is_of_models else list(found)

    def _filled(self, keys: Sequence[int | list[int]]) -> tuple[str, list[Any]]:
        """Return the SQL and its values. A list of keys goes into the text, so that lists of all
        lengths share the statement."""
        sql, values = [self.pieces[0]], []
        for parameter, piece in zip(self.parameters, self.pieces[1:], strict=True):
            value = keys[parameter.number] if isinstance(parameter, _KeyPlace) else parameter
            if isinstance(parameter, _KeyPlace) and isinstance(value, list):
                sql.append(key_list(value))
            else:
                sql.append("%s")
                values.append(value)
            sql.append(piece)
        return "".join(sql), values

    def _model(self, row: tuple[Any, ...]) -> Model:
        """Make a model of a row, as `ModelIterable` does."""
        found: Model = self.klass_info["model"].from_db(connection.alias, self.names, row[self.own])
        for populator in self.related:
            populator.populate(row, found)
        for name, place in self.compiler.annotation_col_map.items():
            setattr(found, name, row[place])
        return found
