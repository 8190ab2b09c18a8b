"""Statements that every page asks: compiled once, then asked again with other keys.

Django needs longer to compile a union of joins than PostgreSQL needs to answer it.
"""

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

# Keys that no row has by itself, one for each place of a statement.
_PLACES = range(2_000_000_000, 2_000_000_100)
MOST_KEYS = len(_PLACES)

Build = Callable[[Sequence[int]], QuerySet[Any, Any]]


def prepared(build: Build, keys: Sequence[int]) -> list[tuple[Any, ...]]:
    """Return the rows of `build(keys)`, at most MOST_KEYS keys, as the database gives them.

    Whatever else the statement depends on has to be constant, or follow from the day. Columns
    should be numbers and texts, which need no conversion; SQLite gives 0 and 1 for truth values.
    """
    sql, parameters = _compiled(build, len(keys), timezone.localdate(), connection.vendor)
    values = [keys[place] if is_key else place for is_key, place in parameters]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


@lru_cache(maxsize=64)
def _compiled(
    build: Build, number: int, day: Hashable, vendor: str
) -> tuple[str, list[tuple[bool, Any]]]:
    """Return the SQL, and for each parameter the place of its key, or itself."""
    sql, parameters = build(_PLACES[:number]).query.sql_with_params()
    return sql, [
        (True, one - _PLACES.start) if isinstance(one, int) and one in _PLACES else (False, one)
        for one in parameters
    ]
