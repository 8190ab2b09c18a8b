"""Statements that pages ask again and again: built and compiled once, then asked with other keys.

    @prepared
    def plans_of(project: int, roles: frozenset[Role]) -> QuerySet[ActionPlan]:
        return plans_seen([project], roles).only("version", "status")

    plans = plans_of(project.pk, roles)

Django needs several times as long to build and compile a statement as the database needs to answer
it. Keys of rows are put in at each call, alone or in a list of any length. Whatever else the function
takes is part of the statement, which is built anew for each value; so it should have few. Days and
moments are put in as keys are if they come as `Moment`. Other numbers than keys, such as versions,
cannot be put in.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from inspect import getattr_static
from itertools import count
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.query import ModelIterable, get_related_populators
from django.db.models.query_utils import DeferredAttribute
from django.utils import timezone

from kernel.kept_statements import literal
from kernel.keys import key_array, key_list
from kernel.lookups import BY_HASH

Row = TypeVar("Row")
Made = TypeVar("Made", bound=Model)
Arguments = ParamSpec("Arguments")

# From here on numbers are no keys of rows, and days no days, but places for them.
_FIRST_PLACE = 2_000_000_000
_FIRST_DAY = date(9000, 1, 1)
NO_KEY = -1
_DAYS = {(_FIRST_DAY + timedelta(days=number)).isoformat(): number for number in range(50)}


class Moment(NamedTuple):
    """A day or moment that is put into a statement. The queryset takes its `value`."""

    value: Any  # date | datetime


@dataclass(frozen=True)
class _KeyPlace:
    """Where a key goes, or a list of keys."""

    number: int


@dataclass(frozen=True)
class _ListShape:
    """A list of keys: an empty one makes another statement."""

    has_keys: bool


class Question(Generic[Row]):
    """A statement with the keys that are put in. The first use of its rows asks it."""

    def __init__(self, statement: "Statement | None", keys: Sequence[Any]) -> None:
        self.statement = statement  # None: it never has rows
        self.keys = keys

    @cached_property
    def rows(self) -> list[Row]:
        if self.statement is None:
            return []
        with connection.cursor() as cursor:
            cursor.execute(*self.filled)
            return self.statement.rows(cursor.fetchall())

    @cached_property
    def values(self) -> list[Any]:
        """The keys as the database takes them."""
        return [_key_of(key) for key in self.keys]

    @property
    def filled(self) -> tuple[str, list[Any]]:
        """The SQL and its values. A list of keys goes into the text, so that lists of all lengths
        share the statement."""
        assert self.statement is not None  # who asks has checked it
        sql, values = [self.statement.pieces[0]], []
        for parameter, piece in zip(
            self.statement.parameters, self.statement.pieces[1:], strict=True
        ):
            is_key = isinstance(parameter, _KeyPlace)
            value = self.keys[parameter.number] if is_key else parameter
            if is_key and isinstance(value, list):
                sql.append(key_list(value))
            else:
                sql.append("%s")
                values.append(_adapted(value) if isinstance(value, date) else value)
            sql.append(piece)
        return "".join(sql), values


def _key_of(key: Any) -> Any:
    """Return a key as PostgreSQL takes it: one that is too large for a row is that of none."""
    if isinstance(key, list):
        return key_array(each if each <= BigIntegerField.MAX_BIGINT else NO_KEY for each in key)
    if isinstance(key, date):
        return _adapted(key)
    return key if key <= BigIntegerField.MAX_BIGINT else NO_KEY


def _adapted(day: date) -> Any:
    """Return a day or moment as the database takes it."""
    if isinstance(day, datetime):
        return connection.ops.adapt_datetimefield_value(day)
    return connection.ops.adapt_datefield_value(day)


class prepared(Generic[Arguments, Row]):  # noqa: N801 (a decorator)
    """Make a function that returns rows of one that returns a queryset.

    The queryset may depend on the day, but not on the moment. It fetches nothing beforehand
    (`prefetch_related`), and its rows are not to be filtered any more.
    """

    def __init__(self, build: Callable[Arguments, QuerySet[Any, Row]]) -> None:
        self.__doc__ = build.__doc__

        @lru_cache(maxsize=64)
        def statement(day: Hashable, vendor: str, *shape: Any) -> Statement | None:
            places = count(_FIRST_PLACE)
            arguments = [_stand_in(each, places) for each in shape]
            try:
                return Statement(build(*arguments), _types_of(shape))  # type: ignore[call-arg]  # as they were passed
            except EmptyResultSet:
                return None

        self._statement = statement
        self.kept = statement.cache_info

    def __call__(self, *arguments: Arguments.args, **nothing: Arguments.kwargs) -> list[Row]:
        return self.question(*arguments, **nothing).rows

    def question(self, *arguments: Arguments.args, **_nothing: Arguments.kwargs) -> Question[Row]:
        """Return what will be asked: the search writes it into its own statement."""
        keys: list[Any] = []
        shape = [_shape(each, keys) for each in arguments]
        return Question(self._statement(timezone.localdate(), connection.vendor, *shape), keys)


def _shape(argument: object, keys: list[Any]) -> Hashable:
    """Return what the statement depends on, and add the keys to those that are put in."""
    if isinstance(argument, int) and not isinstance(argument, bool):
        keys.append(argument)
        return int
    if isinstance(argument, list):
        if argument:
            keys.append(argument)
        return _ListShape(bool(argument))
    if isinstance(argument, Moment):
        keys.append(argument.value)
        return datetime if isinstance(argument.value, datetime) else date
    return argument  # the cache refuses what has no hash


def _types_of(shapes: Iterable[Any]) -> list[str]:
    """Return the types of the keys in PostgreSQL."""
    types = {int: "bigint", date: "date", datetime: "timestamptz", _ListShape(True): "bigint[]"}
    return [types[shape] for shape in shapes if isinstance(shape, Hashable) and shape in types]


def _stand_in(shape: Any, places: Iterator[int]) -> Any:
    if shape is int:
        return next(places)
    if shape in (date, datetime):
        day = _FIRST_DAY + timedelta(days=next(places) - _FIRST_PLACE)
        return Moment(day if shape is date else datetime.combine(day, time(), UTC))
    if isinstance(shape, _ListShape):
        return [next(places)] if shape.has_keys else []
    return shape


def _place_in(parameter: object) -> _KeyPlace | None:
    """Return the place for a key that this parameter is, if it is one."""
    if isinstance(parameter, int) and parameter >= _FIRST_PLACE:
        return _KeyPlace(parameter - _FIRST_PLACE)
    # SQLite takes days and moments as texts.
    if isinstance(parameter, date | str) and (number := _DAYS.get(str(parameter)[:10])) is not None:
        return _KeyPlace(number)
    return None


class Statement:
    """A statement with its SQL, and how its rows become models or tuples."""

    def __init__(self, queryset: QuerySet[Any, Any], types: list[str]) -> None:
        """Take also the types of its keys in PostgreSQL. Raises EmptyResultSet if it never has rows."""
        self.types = types
        self.compiler: Any = queryset.query.get_compiler(connection=connection)
        sql, parameters = self.compiler.as_sql()
        self.pieces = sql.split("%s")
        self.parameters = [_place_in(one) or one for one in parameters]
        columns = [column[0] for column in self.compiler.select[: self.compiler.col_count]]
        self.columns = columns
        self.converters = self.compiler.get_converters(columns)
        self.is_of_models = issubclass(queryset._iterable_class, ModelIterable)
        if self.is_of_models:
            self.klass_info: Any = self.compiler.klass_info
            places = self.klass_info["select_fields"]
            self.own = slice(places[0], places[-1] + 1)
            names = [column.target.attname for column in columns[self.own]]
            self.make = _Maker(self.klass_info["model"], names)
            self.related = get_related_populators(  # type: ignore[call-arg]  # of Django 6
                self.klass_info, self.compiler.select, connection.alias
            )
            for populator in self.related:
                _make_quickly(populator)

    def numbered(self, first: int) -> str:
        """Return the SQL for PostgreSQL with places for the keys, of which the first is called $1 if
        `first` is 1. Other values are part of it."""
        sql: str = self.pieces[0].replace("%%", "%")
        for parameter, piece in zip(self.parameters, self.pieces[1:], strict=True):
            if not isinstance(parameter, _KeyPlace):
                sql += literal(parameter)
            elif self.types[parameter.number] != "bigint[]":
                sql += f"${first + parameter.number}"
            elif sql.endswith(" IN ("):
                sql = f"{sql.removesuffix('IN (')}= ANY (${first + parameter.number}"
            elif sql.endswith(f"{BY_HASH}("):
                sql += f"SELECT unnest(${first + parameter.number})"
            else:
                raise TypeError(f"A list of keys goes behind IN only: {sql}")
            sql += piece.replace("%%", "%")
        return sql

    def rows(self, found: Iterable[Sequence[Any]]) -> list[Any]:
        """Make models or tuples of rows of the database."""
        if self.converters:
            found = map(tuple, self.compiler.apply_converters(found, self.converters))
        return [self._model(row) for row in found] if self.is_of_models else list(found)

    def _model(self, row: Sequence[Any]) -> Model:
        """Make a model of a row, as `ModelIterable` does."""
        found = self.make.from_db(connection.alias, self.make.names, row[self.own])
        for populator in self.related:
            populator.populate(row, found)
        for name, place in self.compiler.annotation_col_map.items():
            setattr(found, name, row[place])
        return found


class _Maker:
    """Makes models of rows. `Model.from_db` goes through all columns of the model and sends two
    signals for each row, which takes longer than the rest of the row; no model here listens."""

    def __init__(self, model: type[Model], names: list[str]) -> None:
        self.model, self.names = model, names
        kinds = {name: getattr_static(model, name) for name in names}
        # Those that are no plain columns, such as countries.
        self.others = [name for name in names if not isinstance(kinds[name], DeferredAttribute)]

    def from_db(self, database: str, names: Sequence[str], values: Sequence[Any]) -> Model:
        found = self.model.__new__(self.model)
        found._state = state = ModelState()
        state.adding, state.db = False, database
        kept = vars(found)
        kept.update(zip(names, values, strict=True))
        for name in self.others:
            setattr(found, name, kept.pop(name))
        return found


def _make_quickly(populator: Any) -> None:
    populator.model_cls = _Maker(populator.model_cls, populator.init_list)
    for further in populator.related_populators:
        _make_quickly(further)


def unsaved(model: type[Made], **values: Any) -> Made:
    """Make a new model of the values of its columns, quickly as `_Maker` does: for models that are
    written by the hundred."""
    found = model.__new__(model)
    found._state = ModelState()
    vars(found).update({name: default() for name, default in _defaults(model)})
    vars(found).update(values)
    return found


@lru_cache
def _defaults(model: type[Model]) -> list[tuple[str, Callable[[], Any]]]:
    return [(field.attname, field.get_default) for field in model._meta.concrete_fields]
