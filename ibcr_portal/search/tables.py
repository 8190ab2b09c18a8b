"""The table of words: of PostgreSQL a column of lexemes with an index, of SQLite a table of FTS5.

Both hold the same lexemes (`ibcr_portal.search.words`), so both find the same. Python makes stems
for both: the dictionaries of a PostgreSQL server may lack a language or `unaccent`, and only its
owner may add them.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection

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


class Match(NamedTuple):
    """A statement that finds the entries with each lexeme: `entry`, and `lexemes`, the places of
    those that it has, joined by commas."""

    sql: str
    values: list[Any]


def matches(lexemes: Sequence[str], most: int) -> Match:
    """Return the statement for these lexemes; one that ends with * stands for all that begin so. Of
    one that very many entries have, the newest `most` count (in PostgreSQL)."""
    if connection.vendor == "postgresql":
        # Lexemes are letters, digits and underscores alone, so nothing in them is an operator.
        return Match(
            "SELECT found.entry, string_agg(asked.place::text, ',') AS lexemes"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS asked (lexeme, place),"
            f" LATERAL (SELECT entry FROM {TABLE} WHERE words @@ asked.lexeme::tsquery"
            " ORDER BY entry DESC LIMIT %s) AS found GROUP BY found.entry",
            [[f"'{each}'".replace("*'", "':*") for each in lexemes], most],
        )
    asked = [[place, f'"{each}"'.replace('*"', '"*')] for place, each in enumerate(lexemes, 1)]
    return Match(
        f"SELECT {TABLE}.rowid AS entry, group_concat(asked.value ->> 0) AS lexemes"
        f" FROM json_each(%s) AS asked, {TABLE} WHERE {TABLE} MATCH asked.value ->> 1"
        f" GROUP BY {TABLE}.rowid",
        [json.dumps(asked)],
    )
