"""The table of words: of PostgreSQL a column of lexemes with an index, of SQLite a table of FTS5.

Both hold the same lexemes (`ibcr_portal.search.words`), so both find the same. Python makes stems
for both: the dictionaries of a PostgreSQL server may lack a language or `unaccent`, and only its
owner may add them.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any, NamedTuple

from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from ibcr_portal.search.words import mark
from kernel.keys import key_list
from kernel.refusal import Refusal

SECONDS = 3.0  # for one search
QUERY_CANCELED = "57014"
STEPS = 10_000  # of SQLite, between two looks at the clock
TABLE = "ibcr_portal_searchwords"  # `ibcr_portal.baseline` creates it
ENTRIES, CHANGES = "ibcr_portal_searchentry", "ibcr_portal_searchchange"
COLUMNS = ("id", "kind", "thing", "part", "project_id", "day", "state")

NUMBERS = itertools.count(1)

# Words that an entry must have, each in one of several forms.
Wanted = tuple[tuple[str, ...], ...]
Row = tuple[Any, ...]


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


class Asked(NamedTuple):
    """What entries are asked for, and how many at most."""

    wanted: Wanted
    most: int


class SearchStatement:
    """Reads the entries for which a condition holds; asked several times, and planned once, since
    the rights of a reader take longer to plan than to apply.

    The condition is part of the statement, before the limit: what it hides leaves no gap.
    """

    def __init__(self, condition: str, values: Sequence[Any]) -> None:
        columns = ", ".join(f"{ENTRIES}.{column}" for column in COLUMNS)
        seen = (
            f"({condition}) AND NOT EXISTS (SELECT 1 FROM {CHANGES} AS changed"
            f" WHERE changed.kind = {ENTRIES}.kind AND changed.thing = {ENTRIES}.thing)"
        )
        self.values = tuple(values)
        self.name = f"search_{next(NUMBERS)}"
        # The planner does not know what will be asked, so it always takes the index of the words,
        # and the statement stops as soon as it has enough.
        self.postgresql = (
            f"PREPARE {self.name} (text[], int[]) AS SELECT asked.place - 1, found.*"
            " FROM unnest($1, $2) WITH ORDINALITY AS asked (wanted, most, place), LATERAL ("
            f"SELECT {columns} FROM {TABLE}, {ENTRIES} WHERE {TABLE}.words @@ asked.wanted::tsquery"
            f" AND {ENTRIES}.id = {TABLE}.entry AND {seen} LIMIT asked.most) AS found"
        )
        # SQLite keeps the order of tables that are joined so: the words first.
        self.sqlite = (
            f"SELECT %s, {columns} FROM {TABLE} CROSS JOIN {ENTRIES} WHERE {TABLE} MATCH %s"
            f" AND {ENTRIES}.id = {TABLE}.rowid AND {seen} LIMIT %s"
        )

    def ask(self, asked: Sequence[Asked]) -> list[Row]:
        """Return the entries that have what is asked for: the place of the question among those
        asked, counted from 0, and the columns of the entry."""
        wanted = [expression(each.wanted) for each in asked]
        most = [each.most for each in asked]
        found: list[Row] = []
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(f"EXECUTE {self.name} (%s, %s)", [wanted, most])
                return list(cursor.fetchall())
            for place, (text, limit) in enumerate(zip(wanted, most, strict=True)):
                # SQLite begins with the rights, which take longer, even where nothing has the words.
                cursor.execute(f"SELECT 1 FROM {TABLE} WHERE {TABLE} MATCH %s LIMIT 1", [text])
                if cursor.fetchone():
                    cursor.execute(self.sqlite, [place, text, *self.values, limit])
                    found += cursor.fetchall()
        return found


@contextmanager
def searching(condition: str, values: Sequence[Any]) -> Iterator[SearchStatement]:
    """Yield a statement that may be asked for a while. Raises Refusal if that takes too long."""
    statement = SearchStatement(condition, values)
    if connection.vendor != "postgresql":
        with in_time():
            yield statement
        return
    try:
        with in_time(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            cursor.execute(statement.postgresql, statement.values)
            yield statement
    finally:  # the end of a transaction keeps it
        with suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DEALLOCATE {statement.name}")


def expression(wanted: Wanted) -> str:
    """Return what the engine looks for: each word in one of its forms. One that ends with * stands
    for all that begin so."""
    # Letters, digits and underscores are no operators, and nothing else is passed on.
    assert all(re.fullmatch(r"\w+\*?", form) for word in wanted for form in word)
    is_postgresql = connection.vendor == "postgresql"
    either, both = (" | ", " & ") if is_postgresql else (" OR ", " AND ")
    words = [
        either.join(
            f"'{form}'".replace("*'", "':*") if is_postgresql else f'"{form}"'.replace('*"', '"*')
            for form in word
        )
        for word in wanted
    ]
    return both.join(f"({each})" for each in words)


def having(wanted: Wanted, among: Sequence[int] | None = None) -> list[int]:
    """Return the keys of the entries that have all of these words, each in one of its forms."""
    is_postgresql = connection.vendor == "postgresql"
    column, condition = (
        ("entry", "words @@ %s::tsquery") if is_postgresql else ("rowid", f"{TABLE} MATCH %s")
    )
    if among is not None:
        condition += f" AND {column} IN ({key_list(among) or 'NULL'})"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {TABLE} WHERE {condition}", [expression(wanted)])
        return [key for (key,) in cursor.fetchall()]


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


def kinds_with(words: Iterable[str], kinds: Sequence[str]) -> set[str]:
    """Return those of the kinds of which anything has one of the words, whoever may see it."""
    either = tuple(words)
    wanted = {kind: expression((either, (mark("kind", kind),))) for kind in kinds}
    if connection.vendor != "postgresql":
        return set(kinds)  # as fast without it
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT asked.kind FROM unnest(%s::text[], %s::text[]) AS asked (kind, wanted)"
            f" WHERE EXISTS (SELECT 1 FROM {TABLE} WHERE {TABLE}.words @@ asked.wanted::tsquery)",
            [list(map(str, wanted)), list(wanted.values())],
        )
        return {kind for (kind,) in cursor.fetchall()}
