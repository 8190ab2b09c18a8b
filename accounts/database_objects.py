"""Compares the triggers and functions of the database with those of the migrations.

Its owner can drop a trigger that keeps records, or add one that swallows events before they are
recorded. Neither shows in the events. Once such a trigger is gone again, nothing shows it any more.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django.utils.translation import gettext as _

from kernel.migration_operations import SQLByVendor

LOG_TABLES = ("accounts_accessevent", "accounts_accesschain", "accounts_pseudonym", "accounts_user")

FUNCTION = re.compile(
    r"CREATE (?:OR REPLACE )?FUNCTION (\w+)\(\) RETURNS trigger AS \$\$(.*?)\$\$", re.S
)
# As migrations write it, and as PostgreSQL gives it back.
TRIGGER = re.compile(
    r"CREATE TRIGGER (\w+)\s+(BEFORE|AFTER)\s+([\w\s]+?)\s+ON\s+(?:public\.)?(\S+)\s+"
    r"FOR EACH (ROW|STATEMENT)\s+(WHEN .*?)?EXECUTE FUNCTION (?:public\.)?(\S+?)\(\)",
    re.S,
)
ON_SQLITE = re.compile(r"CREATE TRIGGER (\w+)\s.*?\sON\s+(\w+)\s", re.S)


@dataclass
class Objects:
    """Triggers by table and name, and functions by name, each with what it does."""

    triggers: dict[tuple[str, str], Any]
    functions: dict[str, str]


def altered_objects() -> tuple[list[str], list[str]]:
    """Return in words what is not as the migrations made it, and notes."""
    loader = MigrationLoader(connection)
    if not _is_of_this_version(loader):
        return [], [_("The triggers of the database were not compared: it is of another version.")]
    wanted, found = _of_migrations(loader), _of_database()
    return [*_differences(wanted, found), *_other_ways()], []


def _is_of_this_version(loader: MigrationLoader) -> bool:
    """While an update is put in place, the database is newer than the version before."""
    known, applied = set(loader.disk_migrations), set(loader.applied_migrations)
    replaced = {
        (app, name) for each in loader.disk_migrations.values() for app, name in each.replaces
    }
    ours = {(app, name) for app, name in applied if app in loader.migrated_apps}
    return known <= applied and ours <= known | replaced


def _of_migrations(loader: MigrationLoader) -> Objects:
    wanted = Objects({}, {})
    for _key, migration in sorted(loader.disk_migrations.items()):
        for statement in _statements(migration.operations):
            _add(wanted, statement)
    return wanted


def _statements(operations: Iterable[Operation]) -> Iterator[str]:
    for operation in operations:
        if isinstance(operation, SQLByVendor):
            yield from operation.forwards.get(connection.vendor, ())
        elif isinstance(operation, RunSQL) and isinstance(operation.sql, str):
            yield operation.sql
        elif isinstance(operation, SeparateDatabaseAndState):
            yield from _statements(operation.database_operations)


def _add(objects: Objects, statement: str) -> None:
    for name in re.findall(r"DROP TRIGGER (?:IF EXISTS )?(\w+)", statement):
        for key in [key for key in objects.triggers if key[1] == name]:
            del objects.triggers[key]
    if connection.vendor == "sqlite":
        if found := ON_SQLITE.match(statement.strip()):
            objects.triggers[found[2], found[1]] = _plain(statement)
        return
    objects.functions.update(FUNCTION.findall(statement))
    for found in TRIGGER.finditer(statement):
        objects.triggers[found[4], found[1]] = _parts(found)


def _plain(statement: str) -> str:
    return " ".join(statement.split()).rstrip("; ")


def _parts(found: re.Match[str]) -> tuple[object, ...]:
    """Return what a trigger does. PostgreSQL writes conditions in its own way, so it only counts
    whether there is one; on the tables of the log there is none."""
    _name, timing, events, _table, level, condition, function = found.groups()
    return timing, frozenset(events.split(" OR ")), level, bool(condition), function


def _of_database() -> Objects:
    found = Objects({}, {})
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'")
            found.triggers = {(table, name): _plain(sql) for table, name, sql in cursor.fetchall()}
            return found
        cursor.execute(
            "SELECT relname, tgname, tgenabled, pg_get_triggerdef(pg_trigger.oid) FROM pg_trigger"
            " JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal"
        )
        for table, name, state, text in cursor.fetchall():
            parts = TRIGGER.match(text)
            works = parts is not None and state == "O"
            found.triggers[table, name] = _parts(parts) if parts and works else ()
        cursor.execute(
            "SELECT proname, prosrc FROM pg_proc JOIN pg_language ON pg_language.oid = prolang"
            " WHERE pronamespace = 'public'::regnamespace AND lanname = 'plpgsql'"
            " AND proconfig IS NULL AND NOT prosecdef"
        )
        found.functions = dict(cursor.fetchall())
    return found


def _differences(wanted: Objects, found: Objects) -> Iterator[str]:
    missing = _("The trigger “%(name)s” of the table “%(table)s” is missing in the database.")
    other = _(
        "The trigger “%(name)s” of the table “%(table)s” was switched off or changed in the database."
    )
    foreign = _(
        "The table “%(table)s” has a trigger “%(name)s”, which is not the portal's: it may have "
        "swallowed events before they were recorded."
    )
    function = _("The function “%(name)s” is missing or was changed in the database.")
    for key, parts in wanted.triggers.items():
        if found.triggers.get(key) != parts:
            sentence = other if key in found.triggers else missing
            yield sentence % {"table": key[0], "name": key[1]}
    for table, name in sorted(found.triggers.keys() - wanted.triggers.keys()):
        if table in LOG_TABLES:
            yield foreign % {"table": table, "name": name}
    for name, body in wanted.functions.items():
        if found.functions.get(name) != body:
            yield function % {"name": name}


def _other_ways() -> Iterator[str]:
    """Say which other ways of PostgreSQL keep events away, or the triggers still."""
    if connection.vendor != "postgresql":
        return
    sentence = _("The database has a rule or a setting that is not the portal's: “%(name)s”.")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rulename FROM pg_rules WHERE schemaname = 'public' AND tablename = ANY(%(log)s)"
            " UNION ALL SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relname = ANY(%(log)s) AND (relkind <> 'r' OR relrowsecurity)"
            " UNION ALL SELECT setting FROM pg_db_role_setting, unnest(setconfig) AS setting"
            " WHERE setting LIKE 'session_replication_role=%%'",
            {"log": list(LOG_TABLES)},
        )
        for (name,) in cursor.fetchall():
            yield sentence % {"name": name}
