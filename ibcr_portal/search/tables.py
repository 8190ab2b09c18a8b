"""The table of words: of PostgreSQL a column of lexemes with an index, of SQLite a table of FTS5.

Both hold the same lexemes (`ibcr_portal.search.words`), so both find the same. Python makes stems
for both: the dictionaries of a PostgreSQL server may lack a language or `unaccent`, and only its
owner may add them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from time import monotonic
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from ibcr_portal.models import SearchChange, SearchEntry
from kernel.keys import key_list
from kernel.refusal import Refusal

SECONDS = 3.0  # for one search
QUERY_CANCELED = "57014"
STEPS = 10_000  # of SQLite, between two looks at the clock
TABLE = "ibcr_portal_searchwords"  # `ibcr_portal.migrations._initial_operations` creates it
ENTRIES = SearchEntry._meta.db_table
COLUMNS = ", ".join(
    f"entry.{name}" for name in ("id", "kind", "thing", "part", "project_id", "day", "state")
)

# Words that an entry must have, each in one of several forms.
Wanted = tuple[tuple[str, ...], ...]


def keep(rows: Iterable[tuple[int, set[str]]]) -> None:
    """Write the words of entries, by their keys."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.executemany(
                f"INSERT INTO {TABLE} (entry, words) VALUES (%s, array_to_tsvector(%s))",
                [(entry, sorted(words)) for entry, words in rows],
            )
        else:
            cursor.executemany(
                f"INSERT INTO {TABLE} (rowid, words) VALUES (%s, %s)",
                [(entry, " ".join(sorted(words))) for entry, words in rows],
            )


class FoundEntry(NamedTuple):
    """What is read of an entry to place and count it."""

    key: int
    kind: str
    thing: int
    part: int
    project: int | None
    day: date | None
    state: str


# With the place of the question that found it.
Row = tuple[int, FoundEntry]


class Asked(NamedTuple):
    """What entries are asked for, and how many at most. They have none of `without`."""

    wanted: Wanted
    most: int
    without: tuple[str, ...] = ()


class Scope(NamedTuple):
    """Among which entries a statement looks: those of these projects and of none, or those with
    these keys alone, but none that is known."""

    projects: Sequence[int]
    among: Sequence[int] | None = None
    known: Sequence[int] = ()
    newest_first: bool = False

    @property
    def condition(self) -> str:
        """A call for proposals is also seen by people without a place in its project. What changed
        since it was written is not found."""
        found = (
            f"(entry.project_id IS NULL OR entry.kind = 'call'"
            f" OR entry.project_id IN ({key_list(self.projects) or 'NULL'}))"
            f" AND NOT EXISTS (SELECT 1 FROM {SearchChange._meta.db_table} AS changed"
            " WHERE changed.kind = entry.kind AND changed.thing = entry.thing)"
        )
        if self.among is not None:
            found += f" AND entry.id IN ({key_list(self.among) or 'NULL'})"
        if self.known:
            found += f" AND entry.id NOT IN ({key_list(self.known)})"
        return found

    @property
    def order(self) -> str:
        """Without an order a statement stops as soon as it has enough."""
        return " ORDER BY entry.day DESC NULLS LAST, entry.id DESC" if self.newest_first else ""


def entries_with(asked: Sequence[Asked], scope: Scope) -> list[Row]:
    """Return the entries that have what is asked for, whoever may see them, each with the place of
    the question among those asked, counted from 0. Above the limit any are returned, or the newest."""
    if not asked:
        return []
    wanted = [expression(each.wanted, each.without) for each in asked]
    most = [each.most for each in asked]
    if connection.vendor == "postgresql":
        rows = _of_postgresql(wanted, most, scope)
    else:
        rows = _of_sqlite(wanted, most, scope)
    return [(place, FoundEntry(*columns)) for place, *columns in rows]


def _of_postgresql(wanted: list[str], most: list[int], scope: Scope) -> list[tuple[Any, ...]]:
    sql = (
        "SELECT asked.place - 1, found.* FROM unnest(%s::text[], %s::int[]) WITH ORDINALITY"
        f" AS asked (wanted, most, place), LATERAL (SELECT {COLUMNS} FROM {TABLE}"
        f" JOIN {ENTRIES} AS entry ON entry.id = {TABLE}.entry"
        f" WHERE {TABLE}.words @@ asked.wanted::tsquery AND {scope.condition}"
        f"{scope.order} LIMIT asked.most) AS found"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [wanted, most])
        return list(cursor.fetchall())


def _of_sqlite(wanted: list[str], most: list[int], scope: Scope) -> list[tuple[Any, ...]]:
    # SQLite keeps the order of tables that are joined so: the words first.
    sql = (
        f"SELECT {COLUMNS} FROM {TABLE} CROSS JOIN {ENTRIES} AS entry"
        f" WHERE {TABLE} MATCH %s AND entry.id = {TABLE}.rowid AND {scope.condition}"
        f"{scope.order} LIMIT %s"
    )
    found: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for place, (text, limit) in enumerate(zip(wanted, most, strict=True)):
            cursor.execute(sql, [text, limit])
            found += [(place, *row) for row in cursor.fetchall()]
    return found


def expression(wanted: Wanted, without: tuple[str, ...] = ()) -> str:
    """Return what the engine looks for: each word in one of its forms, and none of `without`. One
    that ends with * stands for all that begin so."""
    both, but = (" & ", " & !") if connection.vendor == "postgresql" else (" AND ", " NOT ")
    found = both.join(_either(word, connection.vendor) for word in wanted)
    return f"{found}{but}{_either(without, connection.vendor)}" if without else found


@lru_cache(maxsize=2_000)
def _either(word: tuple[str, ...], vendor: str) -> str:
    # Letters, digits and underscores are no operators, and nothing else is passed on.
    assert all(re.fullmatch(r"\w+\*?", form) for form in word)
    if vendor == "postgresql":
        return "(" + " | ".join(f"'{form}'".replace("*'", "':*") for form in word) + ")"
    return "(" + " OR ".join(f'"{form}"'.replace('*"', '"*') for form in word) + ")"


def having(wanted: Wanted) -> list[int]:
    """Return the keys of the entries that have all of these words, each in one of its forms."""
    return [key for _place, key in having_any([wanted])]


def having_any(
    every: Sequence[Wanted], among: Sequence[int] | None = None
) -> list[tuple[int, int]]:
    """Return the entries that have all words of one of these: its place, counted from 0, and the
    key of the entry."""
    wanted = [expression(each) for each in every]
    is_postgresql = connection.vendor == "postgresql"
    column = "entry" if is_postgresql else "rowid"
    narrowed = _among(column, among)
    found: list[tuple[int, int]] = []
    with connection.cursor() as cursor:
        if is_postgresql and wanted:
            cursor.execute(
                "SELECT asked.place - 1, entry FROM unnest(%s::text[]) WITH ORDINALITY"
                f" AS asked (wanted, place), {TABLE} WHERE words @@ asked.wanted::tsquery{narrowed}",
                [wanted],
            )
            return list(cursor.fetchall())
        for place, text in enumerate(wanted):
            cursor.execute(f"SELECT {column} FROM {TABLE} WHERE {TABLE} MATCH %s{narrowed}", [text])
            found += [(place, key) for (key,) in cursor.fetchall()]
    return found


def _among(column: str, keys: Sequence[int] | None) -> str:
    return "" if keys is None else f" AND {TABLE}.{column} IN ({key_list(keys) or 'NULL'})"


@contextmanager
def in_time() -> Iterator[None]:
    """Let the statements within take no longer than SECONDS. Raises Refusal."""
    limit = _in_time_postgresql if connection.vendor == "postgresql" else _in_time_sqlite
    try:
        with limit():
            yield
    except OperationalError as error:
        cause = error.__cause__
        if getattr(cause, "pgcode", "") != QUERY_CANCELED and str(cause) != "interrupted":
            raise
        raise Refusal(
            _("This search takes too long. Please add a word, or look for a rarer one.")
        ) from error


@contextmanager
def _in_time_postgresql() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = %s", [int(SECONDS * 1000)])
        yield
        cursor.execute("SET LOCAL statement_timeout = DEFAULT")


@contextmanager
def _in_time_sqlite() -> Iterator[None]:
    connection.ensure_connection()
    until = monotonic() + SECONDS
    connection.connection.set_progress_handler(lambda: monotonic() > until, STEPS)
    try:
        yield
    finally:
        connection.connection.set_progress_handler(None, 0)
