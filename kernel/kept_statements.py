"""Statements of the search that PostgreSQL keeps with their plan, one by one in each connection.

It needs five to ten times as long to plan one of them as to answer it, and half as long to read its
text. So it gets the text once, under a name, and then only the name and the keys. Other statements
take too much of the database's memory for what keeping them saves.
"""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

# Each keeps its plan in the memory of the database's process, half a megabyte on average.
MOST = 100

_names: WeakKeyDictionary[Any, OrderedDict[str, None]] = WeakKeyDictionary()


class KeptStatement:
    def __init__(self, sql: str, types: Sequence[str]) -> None:
        """Take SQL with places $1, $2 …, and the type of PostgreSQL of each place."""
        self.name = "portal_" + sha256(f"{types}{sql}".encode()).hexdigest()[:16]
        self.declared = f" ({', '.join(types)})" if types else ""
        self.given = f" ({', '.join(['%s'] * len(types))})" if types else ""
        self.sql = sql

    def ask(self, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows for these values."""
        with connection.cursor() as cursor:
            self._keep()
            cursor.execute(f"EXECUTE {self.name}{self.given}", values or None)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

    def _keep(self) -> None:
        """Name the statement in this connection. Names outlive a transaction that is rolled back."""
        names = _names.setdefault(connection.connection, OrderedDict())
        if self.name in names:
            names.move_to_end(self.name)
            return
        # Not by Django's cursor: a page does not ask for this.
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            while len(names) >= MOST:
                oldest = next(iter(names))
                cursor.execute(f"DEALLOCATE {oldest}")
                del names[oldest]  # not before: in a transaction that failed it stays
            cursor.execute(f"PREPARE {self.name}{self.declared} AS {self.sql}")
        names[self.name] = None


def literal(value: Any) -> str:
    """Return a value as PostgreSQL reads it in a statement."""
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        return str(cursor.mogrify("%s", [value]), "utf-8")


def can_keep() -> bool:
    """Tell whether the next statement meets the connection that kept it: not on SQLite, and not
    behind a pooler that gives each transaction another one, where Django's cursors on the server
    have to be disabled as well."""
    is_shared = connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
    return connection.vendor == "postgresql" and not is_shared
