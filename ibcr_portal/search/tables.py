"""The table of words: of PostgreSQL a column of lexemes with an index, of SQLite a table of FTS5.

Both hold the same lexemes (`ibcr_portal.search.words`), so both find the same. Python makes stems
for both: the dictionaries of a PostgreSQL server may lack a language or `unaccent`, and only its
owner may add them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from time import monotonic
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from kernel.kept_statements import KeptStatement, can_keep
from kernel.keys import key_array, key_list
from kernel.prepared import Question, Statement
from kernel.refusal import Refusal

SECONDS = 3.0  # for one search
QUERY_CANCELED = "57014"
STEPS = 10_000  # of SQLite, between two looks at the clock
TABLE = "ibcr_portal_searchwords"  # `ibcr_portal.migrations._initial_operations` creates it
COLUMNS = ("id", "kind", "thing", "part", "project_id", "day", "state")

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
    """What entries are asked for, and how many at most. They have none of `without`."""

    wanted: Wanted
    most: int
    without: tuple[str, ...] = ()


class SearchStatement:
    """Reads the entries that somebody may find. PostgreSQL keeps it with its plan, for all who have
    the same rights in their projects: to write and plan these takes longer than to apply them.

    The rights are part of the statement, before the limit: what they hide leaves no gap.
    """

    def __init__(self, entries: Question[Any]) -> None:
        self.entries = entries  # has all COLUMNS

    def ask(
        self,
        asked: Sequence[Asked],
        among: Sequence[int] | None = None,
        known: Sequence[int] = (),
        *,
        newest_first: bool = False,
    ) -> list[Row]:
        """Return the entries, of all or of those with these keys, that have what is asked for and are
        not known: the place of the question among those asked, counted from 0, and the columns of
        the entry. Above the limit any are returned, or the newest, for which all have to be read."""
        if self.entries.statement is None or not asked:
            return []
        wanted = [expression(each.wanted, each.without) for each in asked]
        most = [each.most for each in asked]
        order = " ORDER BY seen.day DESC NULLS LAST, seen.id DESC" if newest_first else ""
        if connection.vendor != "postgresql":
            return self._of_sqlite(wanted, most, among, known, order)
        keys = None if among is None else key_array(among)
        if can_keep():
            values = [wanted, most, keys, key_array(known), *self.entries.values]
            return _kept(self.entries.statement, order).ask(values)
        sql, values = self.entries.filled
        arrays = ("%s::text[]", "%s::int[]", "%s::bigint[]", "%s::bigint[]")
        whole = _of_postgresql(sql, order, *arrays)
        with connection.cursor() as cursor:
            cursor.execute(whole, [wanted, most, *values, keys, keys, key_array(known)])
            return list(cursor.fetchall())

    def _of_sqlite(
        self,
        wanted: list[str],
        most: list[int],
        among: Sequence[int] | None,
        known: Sequence[int],
        order: str,
    ) -> list[Row]:
        seen, values = self.entries.filled
        # SQLite keeps the order of tables that are joined so: the words first.
        sql = (
            f"SELECT %s, seen.* FROM {TABLE} CROSS JOIN ({seen}) AS seen"
            f" WHERE {TABLE} MATCH %s AND seen.id = {TABLE}.rowid{_among('rowid', among)}"
            f" AND {TABLE}.rowid NOT IN ({key_list(known)}){order} LIMIT %s"
        )
        found: list[Row] = []
        with connection.cursor() as cursor:
            for place, (text, limit) in enumerate(zip(wanted, most, strict=True)):
                # SQLite begins with the rights, which take longer, even where nothing has the words.
                cursor.execute(f"SELECT 1 FROM {TABLE} WHERE {TABLE} MATCH %s LIMIT 1", [text])
                if cursor.fetchone():
                    cursor.execute(sql, [place, *values, text, limit])
                    found += cursor.fetchall()
        return found


@lru_cache(maxsize=128)
def _kept(entries: Statement, order: str) -> KeptStatement:
    sql = _of_postgresql(entries.numbered(5), order, "$1", "$2", "$3", "$4")
    return KeptStatement(sql, ["text[]", "int[]", "bigint[]", "bigint[]", *entries.types])


def _of_postgresql(seen: str, order: str, wanted: str, most: str, among: str, known: str) -> str:
    """Return the statement. The planner does not know what will be asked, so it takes the index of
    the words, and without an order the statement stops as soon as it has enough."""
    return (
        f"SELECT asked.place - 1, found.* FROM unnest({wanted}, {most}) WITH ORDINALITY"
        f" AS asked (wanted, most, place), LATERAL (SELECT seen.* FROM {TABLE}, ({seen}) AS seen"
        f" WHERE {TABLE}.words @@ asked.wanted::tsquery AND seen.id = {TABLE}.entry"
        f" AND ({among} IS NULL OR {TABLE}.entry = ANY ({among})) AND {TABLE}.entry NOT IN (SELECT unnest({known}))"
        f"{order} LIMIT asked.most) AS found"
    )


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
