"""The database as somebody finds it who controls it and is held up by no trigger."""

from contextlib import contextmanager

from django.db import connection


@contextmanager
def triggers_off():
    """As somebody does who controls the database: SQLite forgets its triggers for a while, and
    PostgreSQL passes them by."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            yield
            cursor.execute("RESET session_replication_role")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _name, sql in triggers:
            cursor.execute(sql)
