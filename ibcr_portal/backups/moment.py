"""One consistent moment of the database, while the portal goes on writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ibcr_portal.backups.tables import FileColumn, Table, files_statement
from ibcr_portal.backups.values import plain, selected

AT_ONCE = 500


@contextmanager
def moment() -> Iterator["FrozenDatabase"]:
    """Open a connection that sees the database as it is now, and nothing that comes later. It holds
    nobody up."""
    connection: Any = connections[DEFAULT_DB_ALIAS].copy()
    is_postgresql = connection.vendor == "postgresql"
    if not is_postgresql:
        # IMMEDIATE would keep all writers waiting.
        options = connection.settings_dict["OPTIONS"]
        connection.settings_dict["OPTIONS"] = options | {"transaction_mode": "DEFERRED"}
    try:
        connection.set_autocommit(not is_postgresql)
        with connection.cursor() as cursor:
            if is_postgresql:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            else:
                cursor.execute("BEGIN")
            cursor.execute("SELECT COUNT(*) FROM django_migrations")  # the first statement fixes it
        yield FrozenDatabase(connection)
    finally:
        connection.close()


class FrozenDatabase:
    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.vendor = str(connection.vendor)

    def rows(self, table: Table) -> Iterator[list[Any]]:
        quoted = self.connection.ops.quote_name
        columns = table.columns
        wanted = ", ".join(selected(each, quoted(each.name), self.vendor) for each in columns)
        sql = f"SELECT {wanted} FROM {quoted(table.name)} ORDER BY {quoted(table.key)}"
        for row in self._fetched(sql):
            yield [plain(value, column) for value, column in zip(row, columns, strict=True)]

    def last_key(self, table: Table) -> int:
        """Return the last key that was given out, whose row may be gone: it is never given again."""
        with self.connection.cursor() as cursor:
            if self.vendor == "postgresql":
                cursor.execute(
                    "SELECT pg_get_serial_sequence(%s, %s)", [f'"{table.name}"', table.key]
                )
                (sequence,) = cursor.fetchone()
                if sequence is None:
                    return 0
                cursor.execute(
                    f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}"
                )
            else:
                cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.name])
            found = cursor.fetchone()
        return int(found[0]) if found else 0

    def files(self, columns: tuple[FileColumn, ...]) -> Iterator[tuple[str, str]]:
        """Yield each file that a row names, with the hash that the row knows, if any."""
        statement = files_statement(columns, self.connection.ops.quote_name)
        for name, sha256, _size in self._fetched(f"{statement} ORDER BY name"):
            yield name, sha256

    def _fetched(self, sql: str) -> Iterator[Any]:
        """Rows of a statement, of which the server keeps those that were not asked for yet."""
        with self.connection.chunked_cursor() as cursor:
            cursor.execute(sql)
            while rows := cursor.fetchmany(AT_ONCE):
                yield from rows
