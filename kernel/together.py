"""Several prepared statements, asked at once as one statement of the database.

Each is a part of it, whose rows come as JSON: so a page with ten subjects asks once instead of ten
times, and each subject keeps its own statement, with its own columns and rights.
"""

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Expression

from kernel.kept_statements import KeptStatement, can_keep
from kernel.prepared import Question, Statement

# How values of these types of PostgreSQL come back from JSON. SQLite keeps them as texts anyway.
# What is in neither list cannot be asked together with others.
_FROM_JSON: dict[str, Callable[[Any], Any]] = {
    "date": date.fromisoformat,
    "timestamp with time zone": datetime.fromisoformat,
    "numeric": Decimal,
    "uuid": UUID,
}
_THE_SAME = ("bigint", "integer", "smallint", "boolean", "varchar", "text", "double precision")
_MOST_COLUMNS = 100
# A JSON number would lose the cents, and Django reads JSON of the database itself.
_AS_TEXT = ("numeric", "jsonb")


def ask_together(*questions: Question[Any]) -> None:
    """Ask several questions at once, but those that were asked before, and those with more columns
    than PostgreSQL passes to a function: they are asked alone."""
    new = (
        one
        for one in questions
        if one.statement and "rows" not in vars(one) and len(one.statement.columns) <= _MOST_COLUMNS
    )
    asked = list(dict.fromkeys(new))
    if len(asked) < 2:
        return  # it is asked as soon as somebody needs its rows
    parts = _parts(tuple(one.statement for one in asked if one.statement), connection.vendor)
    for question, part, value in zip(asked, parts.parts, parts.ask(asked), strict=True):
        question.rows = part.rows(value)


@lru_cache(maxsize=256)
def _parts(statements: tuple[Statement, ...], vendor: str) -> "_Parts":
    return _Parts(statements, is_postgresql=vendor == "postgresql")


class _Parts:
    def __init__(self, statements: tuple[Statement, ...], *, is_postgresql: bool) -> None:
        self.parts = [
            _Part(statement, f"part{place}", is_postgresql=is_postgresql)
            for place, statement in enumerate(statements)
        ]
        self.values = ", ".join(part.value for part in self.parts)

    def ask(self, questions: list[Question[Any]]) -> tuple[Any, ...]:
        """Return the rows of each question, as one value."""
        if can_keep():
            return self.kept.ask([value for one in questions for value in one.values])[0]
        filled = [question.filled for question in questions]
        values = [value for _sql, own in filled for value in own]
        with connection.cursor() as cursor:
            cursor.execute(self.whole([sql for sql, _values in filled]), values)
            return tuple(cursor.fetchone())

    @cached_property
    def kept(self) -> KeptStatement:
        texts: list[str] = []
        types: list[str] = []
        for part in self.parts:
            texts.append(part.statement.numbered(len(types) + 1))
            types += part.statement.types
        return KeptStatement(self.whole(texts), types)

    def whole(self, texts: list[str]) -> str:
        tables = [f"{part.table} AS ({sql})" for part, sql in zip(self.parts, texts, strict=True)]
        return f"WITH {', '.join(tables)} SELECT {self.values}"


class _Part:
    """One of the statements: how it is written into the whole, and how its rows are read."""

    def __init__(self, statement: Statement, name: str, *, is_postgresql: bool) -> None:
        self.statement = statement
        types = [_type_of(column) for column in statement.columns] if is_postgresql else []
        self.from_json = [
            (place, _FROM_JSON[each]) for place, each in enumerate(types) if each in _FROM_JSON
        ]
        columns = [f"c{place}" for place in range(len(statement.columns))]
        shown = [
            f"{column}::text" if types and types[place] in _AS_TEXT else column
            for place, column in enumerate(columns)
        ]
        all_of_row, all_of_rows = (
            ("json_build_array", "json_agg")
            if is_postgresql
            else ("json_array", "json_group_array")
        )
        self.table = f"{name}({', '.join(columns)})"
        self.value = f"(SELECT {all_of_rows}({all_of_row}({', '.join(shown)})) FROM {name})"

    def rows(self, value: Any) -> list[Any]:
        found = json.loads(value) if isinstance(value, str) else value or []
        for place, make in self.from_json:
            for row in found:
                if row[place] is not None:
                    row[place] = make(row[place])
        return self.statement.rows(map(tuple, found))


def _type_of(column: Expression) -> str:
    """Return the type of a column in PostgreSQL."""
    written = (column.output_field.db_type(connection) or "").partition("(")[0]
    if written not in _FROM_JSON and written not in _THE_SAME and written not in _AS_TEXT:
        raise TypeError(f"{written or column} cannot be asked together with others.")
    return written
