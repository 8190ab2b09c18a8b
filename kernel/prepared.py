"""Statements that take longer to build than to answer, built once and asked again with other keys.

    @prepared
    def names(projects: list[int], role: str) -> QuerySet[User, tuple[int, str]]:
        return User.objects.filter(assignments__project__in=projects).values_list("pk", "full_name")

It is for rows of values that every page asks for. Keys and lists of keys are put in at each call;
whatever else the function takes is part of the statement, and has few values. It may depend on the
day, and not on the moment. SQLite, where a portal is small, builds each time.
"""

from collections.abc import Callable, Hashable, Iterator
from datetime import date
from functools import lru_cache, wraps
from itertools import count
from typing import Any, ParamSpec, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from kernel.keys import key_list

Row = TypeVar("Row")
Arguments = ParamSpec("Arguments")

# While a statement is built, each key is a number from here on: so it is found among the parameters.
# No key of the portal is as large.
FIRST_KEY = 2_000_000_000
STAND_INS = "20000000"  # how each of these numbers begins
KEY, KEYS = "key", "keys"


def prepared(build: Callable[Arguments, QuerySet[Any, Row]]) -> Callable[Arguments, list[Row]]:
    """Make a function that returns rows of one that returns a queryset of values."""

    @lru_cache(maxsize=128)
    def statement(_today: date, *shape: Hashable) -> tuple[list[str], list[Any]] | None:
        numbers = count()
        try:
            queryset: Any = build(*(_stand_in(each, numbers) for each in shape))  # type: ignore[call-arg]  # as they were passed
            sql, parameters = queryset.query.sql_with_params()
        except EmptyResultSet:
            return None
        assert STAND_INS not in sql, "A key was written into the text of the statement."
        return sql.split("%s"), [_place_of(each) for each in parameters]

    @wraps(build)
    def rows(*arguments: Arguments.args, **_none: Arguments.kwargs) -> list[Row]:
        if connection.vendor != "postgresql":
            return list(build(*arguments))  # type: ignore[call-arg]  # as they were passed
        found = statement(timezone.localdate(), *(_shape_of(each) for each in arguments))
        if found is None:
            return []
        put_in = [each for each in arguments if _shape_of(each) in (KEY, KEYS)]
        return _asked(*found, put_in)

    return rows


class _Place(int):
    """Which of the values that are put in comes here."""


def _shape_of(argument: Any) -> Hashable:
    """Return what the statement depends on; an empty list makes another one."""
    if isinstance(argument, list):
        return KEYS if argument else ()
    return KEY if isinstance(argument, int) and not isinstance(argument, bool) else argument


def _stand_in(shape: Any, numbers: Iterator[int]) -> Any:
    if shape in (KEY, KEYS):
        key = FIRST_KEY + next(numbers)
        return key if shape == KEY else [key]
    return [] if shape == () else shape


def _place_of(parameter: Any) -> Any:
    is_key = isinstance(parameter, int) and parameter >= FIRST_KEY
    return _Place(parameter - FIRST_KEY) if is_key else parameter


def _asked(pieces: list[str], parameters: list[Any], put_in: list[Any]) -> list[Any]:
    sql, values = [pieces[0]], []
    for parameter, piece in zip(parameters, pieces[1:], strict=True):
        value = put_in[parameter] if isinstance(parameter, _Place) else parameter
        if isinstance(value, list):
            sql.append(key_list(value))  # numbers, whose list may have any length
        else:
            sql.append("%s")
            values.append(value)
        sql.append(piece)
    with connection.cursor() as cursor:
        cursor.execute("".join(sql), values)
        return list(cursor.fetchall())
