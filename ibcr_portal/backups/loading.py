"""Loads a backup: the rows in one transaction, the files into a folder of their own until all are
there. Whatever fails, the portal is as it was.
"""

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import disk_usage
from tempfile import gettempdir
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import AccessEvent, AccessLink
from accounts.models.factor_reset import FactorReset
from ibcr_portal.backups.frames import Damaged
from ibcr_portal.backups.reading import BackupFound, Taker
from ibcr_portal.backups.tables import Table, left_out_tables, migrations_of, tables
from ibcr_portal.backups.targets import Refused
from ibcr_portal.models import SearchEntry
from kernel.files import sha256_of
from kernel.media import move
from projects.models import IatiPublication, TeamInvitation
from reports.models import SharedLink

ROWS_AT_ONCE = 200
# Tables that are not of a backup, whatever one says.
NEVER = {"django_migrations", "portal_cache"}


class Loader(Taker):
    def __init__(self, staging: str, *, is_this_version: bool) -> None:
        self.staging = staging
        self.known = _columns()
        self.expected = {table.name for table in tables()} if is_this_version else set()
        self.loaded: dict[str, Table] = {}
        self.last: dict[str, int] = {}
        self.staged: dict[str, str] = {}
        """By name the hash of each file."""
        self.placed: list[str] = []
        self.file_content: IO[bytes] | None = None

    def table(self, table: Table) -> None:
        columns = self.known.get(table.name)
        if columns is None or columns != set(table.names):
            raise Damaged(f"This database has no such table or columns: {table.name}.")
        self.loaded[table.name] = table

    def rows(self, table: Table, rows: list[list[Any]]) -> None:
        quoted = connection.ops.quote_name
        into = f"INSERT INTO {quoted(table.name)} ({', '.join(map(quoted, table.names))}) VALUES "
        values = f"({', '.join(['%s'] * len(table.names))})"
        with connection.cursor() as cursor:
            for start in range(0, len(rows), ROWS_AT_ONCE):
                some = rows[start : start + ROWS_AT_ONCE]
                if connection.vendor == "postgresql":
                    flat = [value for row in some for value in row]
                    cursor.execute(into + ", ".join([values] * len(some)), flat)
                else:
                    cursor.executemany(into + values, some)

    def table_end(self, table: Table, last: int) -> None:
        self.last[table.name] = last

    def file(self, name: str) -> None:
        self.file_content = tempfile.TemporaryFile()  # noqa: SIM115  (until the file ends)

    def data(self, content: bytes) -> None:
        assert self.file_content is not None
        self.file_content.write(content)

    def file_end(self, name: str, *, sha256: str) -> None:
        assert self.file_content is not None
        with self.file_content as content:
            if sha256:
                content.seek(0)
                place = f"{self.staging}/{name}"
                if default_storage.save(place, File(content)) != place:
                    raise Damaged(f"The file {name} could not be stored.")
                self.staged[name] = sha256
        self.file_content = None

    # --- Around the transaction ---

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Empty the tables, take what is read, and check what refers to what."""
        names = [*self.known]
        SearchEntry.objects.all().delete()  # its trigger takes the words along
        with triggers_off(names), connection.cursor() as cursor:
            for name in names:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")
            yield
            if missing := self.expected - self.loaded.keys():
                raise Damaged(f"It has no table {min(missing)}.")
            self._check_references()
            self._continue_keys()

    def _check_references(self) -> None:
        try:
            connection.check_constraints()
        except IntegrityError as error:
            raise Damaged(f"Rows refer to others that are not in it: {error}") from error

    def _continue_keys(self) -> None:
        """Let the next key of each table be one that was never given out."""
        quoted = connection.ops.quote_name
        with connection.cursor() as cursor:
            for name, last in self.last.items():
                key = self.loaded[name].key
                if connection.vendor == "postgresql":
                    cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{name}"', key])
                    (sequence,) = cursor.fetchone()
                    if sequence is None:
                        continue
                    cursor.execute(
                        f"SELECT setval(%s, GREATEST(MAX({quoted(key)}), %s, 1), "
                        f"GREATEST(MAX({quoted(key)}), %s, 0) > 0) FROM {quoted(name)}",
                        [sequence, last, last],
                    )
                elif last:
                    cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [name])
                    cursor.execute(
                        f"INSERT INTO sqlite_sequence (name, seq) SELECT %s, MAX(%s, "
                        f"COALESCE(MAX({quoted(key)}), 0)) FROM {quoted(name)}",
                        [name, last],
                    )

    def place_files(self) -> None:
        """Move the files to where their rows expect them. A file that is there already stays, if it
        is the same."""
        wanted = []
        for name, sha256 in self.staged.items():
            if not default_storage.exists(name):
                wanted.append(name)
            elif hash_of_file(name) != sha256:
                raise Damaged(
                    f"Another file is in the place of {name}: restore into an empty folder of files."
                )
        for name in wanted:
            move(f"{self.staging}/{name}", name)
            self.placed.append(name)

    def take_files_away(self) -> None:
        """After a failure."""
        _delete(self.placed)

    def remove_staged(self) -> None:
        _delete([f"{self.staging}/{name}" for name in self.staged])
        _remove_folders(self.staging)


@contextmanager
def triggers_off(names: list[str]) -> Iterator[None]:
    """Let the database write down what is loaded as it is: its triggers would note each row as a
    change, and refuse some. They are back before the transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for name in names:
                cursor.execute(
                    f"ALTER TABLE {connection.ops.quote_name(name)} DISABLE TRIGGER USER"
                )
            yield
            cursor.execute(
                "SET CONSTRAINTS ALL IMMEDIATE"
            )  # a table with open checks stays as it is
            for name in names:
                cursor.execute(f"ALTER TABLE {connection.ops.quote_name(name)} ENABLE TRIGGER USER")
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
        yield
        for _name, sql in triggers:
            cursor.execute(sql)


def _columns() -> dict[str, set[str]]:
    """Return the columns of each table that a backup may have, as the database knows them."""
    others = {*left_out_tables(), *NEVER}
    with connection.cursor() as cursor:
        names = [
            info.name
            for info in connection.introspection.get_table_list(cursor)
            if info.type == "t" and info.name not in others and _is_ours(info.name)
        ]
        return {name: _columns_of(name, cursor) for name in names}


def _columns_of(name: str, cursor: CursorWrapper) -> set[str]:
    """From an empty answer: PostgreSQL takes six milliseconds to describe a table, and this none."""
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)} LIMIT 0")
    return {column[0] for column in cursor.description}


def _is_ours(name: str) -> bool:
    """Not the words of the search, which engines keep in tables of their own."""
    return not re.match("ibcr_portal_searchwords|sqlite_", name)


def counts_of(names: list[str]) -> dict[str, int]:
    found = {}
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(name)}")
            (found[name],) = cursor.fetchone()
    return found


def hash_of_file(name: str) -> str:
    with default_storage.open(name) as file:
        return sha256_of(file)


def _delete(names: list[str]) -> None:
    for name in names:
        with suppress(OSError):
            default_storage.delete(name)


def _remove_folders(folder: str) -> None:
    """Take the empty folders away that are left on a disk."""
    try:
        folders, _files = default_storage.listdir(folder)
    except (OSError, NotImplementedError):
        return
    for each in folders:
        _remove_folders(f"{folder}/{each}")
    with suppress(OSError, NotImplementedError):
        default_storage.delete(folder)


# --- What a restore ends ---
#
# Nobody knows what was revoked or withdrawn after the backup: a link that was valid then may be
# one that had to stop opening anything. So all of them end, and people get new ones.


@transaction.atomic
def end_what_may_have_been_revoked() -> dict[str, int]:
    """End links and addresses of calendars, links to documents, invitations to a team, public IATI files,
    and removals of a second step that wait for the second person. Return how many of each.

    Links to proposals stay: nobody can revoke them, and organisations without an account have nothing
    else. What was forgotten with a proposal is forgotten again in the next night.
    """
    now = timezone.now()
    shared = list(SharedLink.objects.valid().select_related("rendition"))
    for link in shared:
        link.revoke()
    public = IatiPublication.objects.current()
    for file in public:
        AccessEvent.record(AccessEvent.Kind.EXPORT, user=None, thing=file, change="withdrawn")
    withdrawn = TeamInvitation.Outcome.WITHDRAWN
    return {
        "links of persons": AccessLink.objects.filter(expires_at__gt=now).revoke(by=None),
        "links to documents": len(shared),
        "invitations to a team": TeamInvitation.objects.open().update(
            outcome=withdrawn, ended_at=now
        ),
        "public IATI files": public.update(ended_at=now),
        "removals of a second step": FactorReset.objects.open().update(ended_at=now),
    }


# --- Room ---
#
# Whether the disks of this machine have room for the files of a backup, asked before they are
# loaded.

BLOCK = 4096  # a file takes whole blocks of a disk


def refuse_too_little_room(found: BackupFound) -> None:
    """Of each disk: the folder of files takes all files, and the temporary folder one at a time."""
    needed: dict[int, tuple[Path, int]] = {}
    for folder, size in _needs(found):
        while not folder.exists():
            folder = folder.parent
        device = folder.stat().st_dev
        first, before = needed.get(device, (folder, 0))
        needed[device] = (first, before + size)
    for folder, size in needed.values():
        free = disk_usage(folder).free
        if size > free:
            raise Refused(
                f"The disk of {folder} is too small: the files of the backup need {megabytes(size)}, "
                f"{free // 1_000_000:,} MB are free, {megabytes(size - free)} are missing. The backup is whole. "
                "Make room, and restore again."
            )


def _needs(found: BackupFound) -> list[tuple[Path, int]]:
    needs = [(Path(gettempdir()), found.largest_file)]
    if isinstance(default_storage, FileSystemStorage):  # and not a bucket
        size = found.file_bytes + found.files * BLOCK
        needs.append((Path(settings.MEDIA_ROOT), size))
    return needs


def megabytes(size: int) -> str:
    return f"{-(-size // 1_000_000):,} MB"  # rounded up


# --- Which version of the portal a backup is of, and whether this database can take it ---
#
# The database has to be in the state of the one that was backed up. An entirely empty one is
# brought there first, so that the backup of an earlier version can be restored with a later one.

Node = tuple[str, str]


def prepare_database(header: dict[str, Any]) -> None:
    """Bring an entirely empty database to the state of the backup. Raises Refused if this one is in
    another."""
    executor = MigrationExecutor(connection)
    known = executor.loader.disk_migrations
    wanted, now = (by_their_names_now(nodes, known) for nodes in (set(_nodes(header)), _now()))
    if now == wanted:
        return
    version = str(header.get("portal"))[:20]
    if unknown := wanted - known.keys():
        raise Refused(
            f"The backup is of version {version} of the portal, which knows more than this one "
            f"({len(unknown)} migrations): restore it with that version or a later one."
        )
    if now:
        raise Refused(
            f"The backup is of version {version}, and this database was set up by another one. Make an "
            "entirely empty database (without manage.py update), and restore into that: it is set up "
            "as it was, and brought up to date afterwards."
        )
    ends = [node for node in wanted if not _has_child(executor, node, wanted)]
    executor.migrate(ends)
    call_command("createcachetable", verbosity=0)


def by_their_names_now(nodes: set[Node], known: Mapping[Node, Migration]) -> set[Node]:
    """Return the migrations of a database under the names that this version has for them: one that was
    taken over from before 1.0 also knows those of its baseline."""
    for key, migration in known.items():
        replaced = set(migration.replaces)
        if replaced and replaced <= nodes:
            nodes = (nodes - replaced) | {key}
    return nodes


def bring_up_to_date() -> None:
    call_command("migrate", verbosity=0)


def _has_child(executor: MigrationExecutor, node: Node, wanted: set[Node]) -> bool:
    children = executor.loader.graph.node_map[node].children
    return any(child.key in wanted and child.key[0] == node[0] for child in children)


def _now() -> set[Node]:
    return {(app, name) for app, name in migrations_of(connection)}


def _nodes(header: dict[str, Any]) -> list[Node]:
    return [(str(app), str(name)) for app, name in header["migrations"]]
