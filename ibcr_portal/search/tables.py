"""The table of words: of PostgreSQL a column of lexemes with an index, of SQLite a table of FTS5.

Both hold the same lexemes (`ibcr_portal.search.words`), so both find the same. Python makes stems
for both: the dictionaries of a PostgreSQL server may lack a language or `unaccent`, and only its
owner may add them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from kernel.refusal import Refusal

SECONDS = 3.0  # for one search
QUERY_CANCELED = "57014"
TABLE = "ibcr_portal_searchwords"  # `ibcr_portal.baseline` creates it


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


def matching(
    lexemes: Sequence[str], seen: tuple[str, Sequence[Any]], most: int
) -> list[tuple[Any, ...]]:
    """Return the rows of a statement about entries (`seen`, whose first column is `id`) that have one
    of these lexemes: each row once for each, behind its place among them, counted from 1.

    A lexeme that ends with * stands for all that begin so. Of one that very many of the entries have,
    the last `most` count.
    """
    # Letters, digits and underscores are no operators, and nothing else is passed on.
    assert all(re.fullmatch(r"\w+\*?", each) for each in lexemes)
    sql, values = seen
    if connection.vendor == "postgresql":
        quoted = [f"'{each}'".replace("*'", "':*") for each in lexemes]
        with in_time(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT asked.place, found.* FROM unnest(%s::text[]) WITH ORDINALITY"
                " AS asked (lexeme, place), LATERAL ("
                f"SELECT seen.* FROM {TABLE} JOIN ({sql}) AS seen ON seen.id = {TABLE}.entry"
                f" WHERE {TABLE}.words @@ asked.lexeme::tsquery ORDER BY seen.id DESC LIMIT %s) AS found",
                [quoted, *values, most],
            )
            return list(cursor.fetchall())
    found: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for place, each in enumerate(lexemes, 1):
            cursor.execute(
                f"SELECT %s, seen.* FROM {TABLE} JOIN ({sql}) AS seen ON seen.id = {TABLE}.rowid"
                f" WHERE {TABLE} MATCH %s ORDER BY seen.id DESC LIMIT %s",
                [place, *values, f'"{each}"'.replace('*"', '"*'), most],
            )
            found += cursor.fetchall()
    return found


@contextmanager
def in_time() -> Iterator[None]:
    """Let the statements of PostgreSQL within take no longer than SECONDS. Raises Refusal."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", [int(SECONDS * 1000)])
            yield
            cursor.execute("SET LOCAL statement_timeout = DEFAULT")
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != QUERY_CANCELED:
            raise
        raise Refusal(
            _("This search takes too long. Please add a word, or look for a rarer one.")
        ) from error


def having(words: Sequence[Sequence[str]]) -> list[int]:
    """Return the keys of the entries that have all of these words, each in one of its forms."""
    is_postgresql = connection.vendor == "postgresql"
    sign = "'" if is_postgresql else '"'
    either, both = (" | ", " & ") if is_postgresql else (" OR ", " AND ")
    forms = [either.join(f"{sign}{form}{sign}" for form in word) for word in words]
    wanted = both.join(f"({each})" for each in forms)
    column, condition = (
        ("entry", "words @@ %s::tsquery") if is_postgresql else ("rowid", f"{TABLE} MATCH %s")
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {TABLE} WHERE {condition}", [wanted])
        return [key for (key,) in cursor.fetchall()]
