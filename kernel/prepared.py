"""Statements that pages ask again and again: built and compiled once, then asked with other keys.

    @prepared
    def plans_of(project: int, roles: frozenset[Role]) -> QuerySet[ActionPlan]:
        return plans_seen([project], roles).only("version", "status")

    plans = plans_of(project.pk, roles)

Django needs several times as long to build and compile a statement as the database needs to answer
it. Keys of rows are put in at each call, alone or in a list, and days (`KeyDay`). Whatever else
the function takes is part of the statement, which is built anew for each value; so it should have
few. Other numbers than keys, such as versions, cannot be put in.

Several that do not depend on each other are asked in one statement:

    plans, meetings = plans_of.later(project.pk, roles), meetings_of.later(project.pk, roles)
    ask_together(plans, meetings)
    plans.rows, meetings.rows
"""

import json
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache, update_wrapper
from itertools import count
from typing import Any, Generic, ParamSpec, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable, get_related_populators
from django.utils import timezone

Row = TypeVar("Row")
Arguments = ParamSpec("Arguments")
Key = int | date  # what is put in at each call

# From here on numbers are no keys of rows, but places for them; and days are places for days.
_FIRST_PLACE = 2_000_000_000
_FIRST_DAY = date(9000, 1, 1)
_MOST_COLUMNS = 100


def keep_related(thing: Model, name: str, rows: list[Any], model: type[Model]) -> None:
    """Let `thing.<name>.all()` answer with these rows, which were read with others of their kind."""
    found: QuerySet[Any] = QuerySet(model)
    found._result_cache = rows
    vars(thing).setdefault("_prefetched_objects_cache", {})[name] = found


class KeyDay(date):
    """A day that is put in at each call, as keys are. The statement compares it as it is."""

    @classmethod
    def of(cls, day: date) -> "KeyDay":
        return cls.fromordinal(day.toordinal())


@dataclass(frozen=True)
class _KeyPlace:
    """Where a key goes."""

    number: int


class Question(Generic[Row]):
    """A prepared statement with its keys; it is asked once its rows are needed."""

    def __init__(self, statement: "_Statement | None", keys: list[Key]) -> None:
        self.statement, self.keys = statement, keys
        self.answer: list[Row] | None = None if statement else []

    @property
    def rows(self) -> list[Row]:
        if self.answer is None and self.statement:
            self.answer = self.statement.rows(self.keys)
        return self.answer or []


class Prepared(Generic[Arguments, Row]):
    """A function that asks a statement, which is compiled once."""

    def __init__(self, build: Callable[Arguments, QuerySet[Any, Row]]) -> None:
        update_wrapper(self, build)
        self._build = build
        self._statement = lru_cache(maxsize=64)(self._compiled)

    def __call__(self, *arguments: Arguments.args, **nothing: Arguments.kwargs) -> list[Row]:
        return self.later(*arguments, **nothing).rows

    def later(self, *arguments: Arguments.args, **_nothing: Arguments.kwargs) -> Question[Row]:
        """Return a question that may be asked together with others."""
        keys: list[Key] = []
        shape = [_shape(each, keys) for each in arguments]
        return Question(self._statement(timezone.localdate(), connection.vendor, *shape), keys)

    def _compiled(self, day: Hashable, vendor: str, *shape: Any) -> "_Statement | None":
        places = count(_FIRST_PLACE)
        arguments = [_stand_in(each, places) for each in shape]
        try:
            return _Statement(self._build(*arguments))  # type: ignore[call-arg]  # as they were passed
        except EmptyResultSet:
            return None


def prepared(build: Callable[Arguments, QuerySet[Any, Row]]) -> Prepared[Arguments, Row]:
    """Make a function that returns rows of one that returns a queryset.

    The queryset may depend on the day, but not on the moment. It fetches nothing beforehand
    (`prefetch_related`), and its rows are not to be filtered any more.
    """
    return Prepared(build)


def ask_together(*questions: Question[Any]) -> None:
    """Ask several questions in one statement, which returns the rows of each as JSON. Those with
    more columns than PostgreSQL passes to a function are asked alone."""
    asked = [
        (one, statement)
        for one in questions
        if one.answer is None and (statement := one.statement) and statement.is_narrow
    ]
    tables = [f"t{n}({one.names}) AS ({one.sql})" for n, (_, one) in enumerate(asked)]
    lists = [f"(SELECT {one.as_json} FROM t{n})" for n, (_, one) in enumerate(asked)]
    if len(asked) < 2:
        return
    values = [value for question, one in asked for value in one.values(question.keys)]
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(tables)} SELECT {', '.join(lists)}", values)
        found = cursor.fetchone()
    for (question, statement), text in zip(asked, found, strict=True):
        question.answer = statement.read(text)


def padded(keys: Collection[int]) -> list[int]:
    """Repeat the last key up to a power of two, so that lists of many lengths share a statement."""
    keys = list(keys)
    length = 1 << (len(keys) - 1).bit_length() if keys else 0
    return keys + keys[-1:] * (length - len(keys))


def _shape(argument: object, keys: list[Key]) -> Hashable:
    """Return what the statement depends on, and add the keys to the list."""
    if isinstance(argument, int) and not isinstance(argument, bool):
        keys.append(argument)
        return int
    if isinstance(argument, KeyDay):
        keys.append(date.fromordinal(argument.toordinal()))
        return KeyDay
    if isinstance(argument, list):
        keys += argument
        return _KeyPlace(len(argument))
    return argument  # the cache refuses what has no hash


def _stand_in(shape: Any, places: Iterator[int]) -> Any:
    if shape is int:
        return next(places)
    if shape is KeyDay:
        return _FIRST_DAY + timedelta(days=next(places) - _FIRST_PLACE)
    return [next(places) for _key in range(shape.number)] if isinstance(shape, _KeyPlace) else shape


def _place_of(parameter: Any) -> Any:
    """Return the place of the key that stands in for others, or the parameter itself."""
    if isinstance(parameter, int) and parameter >= _FIRST_PLACE:
        return _KeyPlace(parameter - _FIRST_PLACE)
    if isinstance(parameter, str) and parameter[:2] == "90" and connection.vendor == "sqlite":
        with suppress(ValueError):
            parameter = date.fromisoformat(parameter)
    if isinstance(parameter, date) and parameter >= _FIRST_DAY:
        return _KeyPlace((parameter - _FIRST_DAY).days)
    return parameter


class _Statement:
    """A statement with its SQL, and how its rows become models or tuples."""

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        """Raises EmptyResultSet if it never has rows."""
        self.compiler: Any = queryset.query.get_compiler(connection=connection)
        self.sql, parameters = self.compiler.as_sql()
        self.parameters = [_place_of(one) for one in parameters]
        columns = [column[0] for column in self.compiler.select[: self.compiler.col_count]]
        self.converters = self.compiler.get_converters(columns)
        fields = [column.output_field for column in columns]
        self.names = ", ".join(f"c{n}" for n in range(len(fields)))
        self.is_narrow = len(fields) <= _MOST_COLUMNS
        self.as_json, self.parsers = _as_json(fields)
        self.is_of_models = issubclass(queryset._iterable_class, ModelIterable)
        if self.is_of_models:
            self.klass_info: Any = self.compiler.klass_info
            places = self.klass_info["select_fields"]
            self.own = slice(places[0], places[-1] + 1)
            self.attributes = [column.target.attname for column in columns[self.own]]
            self.related = get_related_populators(  # type: ignore[call-arg]  # of Django 6
                self.klass_info, self.compiler.select, connection.alias
            )

    def values(self, keys: Sequence[Key]) -> list[Any]:
        return [keys[one.number] if isinstance(one, _KeyPlace) else one for one in self.parameters]

    def rows(self, keys: Sequence[Key]) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.values(keys))
            return self._made(cursor.fetchall())

    def read(self, text: str) -> list[Any]:
        """Return the rows that came as JSON."""
        found = json.loads(text)
        for row in found:
            for place, parse in self.parsers:
                if row[place] is not None:
                    row[place] = parse(row[place])
        return self._made(map(tuple, found))

    def _made(self, found: Any) -> list[Any]:
        if self.converters:
            found = map(tuple, self.compiler.apply_converters(found, self.converters))
        return [self._model(row) for row in found] if self.is_of_models else list(found)

    def _model(self, row: tuple[Any, ...]) -> Model:
        """Make a model of a row, as `ModelIterable` does."""
        found: Model = self.klass_info["model"].from_db(
            connection.alias, self.attributes, row[self.own]
        )
        for populator in self.related:
            populator.populate(row, found)
        for name, place in self.compiler.annotation_col_map.items():
            setattr(found, name, row[place])
        return found


def _as_json(fields: Sequence[Any]) -> tuple[str, list[tuple[int, Callable[[Any], Any]]]]:
    """Return the expression that gathers all rows as JSON, and for PostgreSQL how what JSON does not
    know is read; for SQLite Django's own converters do that."""
    names = [f"c{n}" for n in range(len(fields))]
    if connection.vendor == "sqlite":
        return f"json_group_array(json_array({', '.join(names)}))", []
    parsers: list[tuple[int, Callable[[Any], Any]]] = []
    for n, field in enumerate(fields):
        parse = next((parse for kind, parse in _PARSERS if isinstance(field, kind)), None)
        if parse:
            parsers.append((n, parse))
        if isinstance(field, models.DecimalField | models.JSONField):
            names[n] += "::text"  # else digits get lost
    return f"coalesce(json_agg(json_build_array({', '.join(names)}))::text, '[]')", parsers


# A moment is a day to Django too, so it comes first.
_PARSERS: tuple[tuple[type[Any], Callable[[Any], Any]], ...] = (
    (models.DateTimeField, datetime.fromisoformat),
    (models.DateField, date.fromisoformat),
    (models.TimeField, time.fromisoformat),
    (models.DecimalField, Decimal),
    (models.UUIDField, UUID),
)
