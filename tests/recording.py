"""What takes long to build is built once, and its rows are copied into the tests that follow.

    recorded("a name", build, thing, another)

runs `build`, which writes rows and changes `thing` and `another`. When another test comes to the
same point, the rows are put there as they were, keys included, and the things are as they were
left. The same point means that nothing else was written in this test; with `anywhere=True` it does
not matter, and what is built hands nothing to a worker. The second of two in one test is built.

Tests that travel in time have recordings of their own, of the second to which they travelled. Tests
that commit build, unless it is done `anywhere`, and so does every test on SQLite, which gives out
the same keys again after a rollback.
"""

import pickle
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.db import connection
from django.utils import timezone
from django.utils.translation import get_language
from time_machine import escape_hatch

Rows = Counter[tuple[str, str]]
"""Names of tables, and rows as PostgreSQL writes them."""

NEVER_CHANGED = {"django_content_type", "auth_permission"}
READING = re.compile(
    r"SELECT|WITH|EXECUTE|SAVEPOINT|RELEASE|ROLLBACK|SET CONSTRAINTS", re.IGNORECASE
)
WRITTEN = "written"


@dataclass(frozen=True)
class Recording:
    statements: str
    things: bytes

    def play(self, things: tuple[object, ...]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(self.statements)
        for thing, as_left in zip(things, pickle.loads(self.things), strict=True):
            vars(thing).clear()
            vars(thing).update(vars(as_left))


recordings: dict[Hashable, Recording] = {}
steps: list[str] = []
"""What this test did with the database so far: names of recordings, or that it wrote."""


def note_writing(execute, sql, params, many, context):
    """A wrapper of every statement of the connection."""
    if WRITTEN not in steps and not READING.match(sql):
        steps.append(WRITTEN)
    return execute(sql, params, many, context)


def recorded(
    name: str, build: Callable[[], object], *things: object, anywhere: bool = False
) -> None:
    before = [*steps]
    is_recordable = connection.vendor == "postgresql" and (connection.in_atomic_block or anywhere)
    if not is_recordable or name in before or (WRITTEN in before and not anywhere):
        build()
        return
    point = (name, day_or_second(), get_language(), () if anywhere else tuple(before))
    if point in recordings:
        recordings[point].play(things)
    else:
        recordings[point] = record(build, things)
    steps[:] = [*before, name]


def day_or_second() -> date:
    if escape_hatch.is_travelling():
        return timezone.now().replace(microsecond=0)
    return timezone.localdate()


def record(build: Callable[[], object], things: tuple[object, ...]) -> Recording:
    before = rows_of_database()
    build()
    after = rows_of_database()
    return Recording(replacing(before - after, after - before), pickle.dumps(things))


def rows_of_database() -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(every_row())
        return Counter(cursor.fetchall())


@cache
def every_row() -> str:
    tables = sorted({*connection.introspection.django_table_names()} - NEVER_CHANGED)
    return " UNION ALL ".join(f"SELECT '{table}', t::text FROM {table} t" for table in tables)


def restore(rows: Rows) -> None:
    """Leave these rows in the database and no others. Truncating 186 tables and writing permissions
    anew, as Django does, takes 25 times as long."""
    now = rows_of_database()
    with connection.cursor() as cursor:
        cursor.execute(replacing(now - rows, rows - now))


def replacing(old: Rows, new: Rows) -> str:
    """Statements that pass by foreign keys and triggers: what those wrote is among the rows."""
    statements = ["SET session_replication_role = replica"]
    for table, rows in arrays(old).items():
        statements.append(f"DELETE FROM {table} t WHERE t::text = ANY ({rows})")
    for table, rows in arrays(new).items():
        statements.append(f"INSERT INTO {table} SELECT * FROM unnest({rows}::{table}[])")
    return "; ".join([*statements, "RESET session_replication_role"])


def arrays(rows: Rows) -> dict[str, str]:
    texts = defaultdict(list)
    for table, row in rows.elements():
        texts[table].append("'{}'".format(row.replace("'", "''")))
    return {table: f"ARRAY[{', '.join(each)}]" for table, each in texts.items()}
