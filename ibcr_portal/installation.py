"""Checks whether packages, static files and database belong to this version of the code.

Contents are compared and not times: an archive or rsync brings files that are older than those they
replace.
"""

import hashlib
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations import operations
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.models import NOT_PROVIDED, GeneratedField, ManyToManyField
from django.db.utils import OperationalError

# A migration that drops what another one has replaced, which it names by its number.
CONTRACT = re.compile(r"\d{4}_contract_(\d{4})(?:_|$)")
IGNORED = ["CVS", ".*", "*~"]  # as `collectstatic` does


def complaints() -> Iterator[str]:
    """Return a sentence for each part that is behind the code, with the command that updates it."""
    if not packages_are_current():
        yield "The packages are not those of requirements/base.txt: build the image again."
    if not static_files_are_current():
        yield "The static files are of another version: run manage.py update."
    try:
        if migrations_are_due():
            yield "The database is of an earlier version: run manage.py update."
        if dropped := dropped_for_us():
            yield (
                f"A later version has dropped what this one needs from the database ({dropped[0]}): "
                "start that version."
            )
    except OperationalError:
        yield "The database cannot be reached: see DATABASE_URL."


def packages_are_current() -> bool:
    """Where a copy of the lock says what was installed, as `scripts/venv.py` and the image keep."""
    kept = Path(sys.prefix) / "base.txt"
    lock = settings.BASE_DIR / "requirements" / "base.txt"
    return not kept.exists() or kept.read_bytes() == lock.read_bytes()


def static_files_are_current() -> bool:
    kept = _collected()
    return kept.exists() and kept.read_text() == _static_digest()


def collect_static_files() -> None:
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    _collected().write_text(_static_digest())


def migrations_are_due() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def unknown_migrations(loader: MigrationLoader) -> set[tuple[str, str]]:
    """Return what was applied to the database that this version does not have, neither under its name
    nor under an earlier one, such as that of a baseline from before 1.0."""
    known = loader.disk_migrations
    replaced = {key for migration in known.values() for key in migration.replaces}
    apps = {app for app, _name in known}
    return {key for key in loader.applied_migrations if key[0] in apps} - known.keys() - replaced


def dropped_for_us() -> list[str]:
    """Return the migrations by which a later version has dropped something that this one still needs.

    A later version only adds to the database at first, and this one goes on working: migrations that
    it does not know are no complaint. What drops or renames is in a migration of its own, of a
    release after that, whose name holds the number of the one which brought the replacement, such
    as `0007_contract_0005_zone`: code that knows 0005 of this app needs the old no more.
    """
    loader = MigrationExecutor(connection).loader
    known = {(app, name[:4]) for app, name in loader.disk_migrations}
    return [
        f"{app}.{name}"
        for app, name in sorted(loader.applied_migrations)
        if (found := CONTRACT.match(name)) and (app, found[1]) not in known
    ]


def _collected() -> Path:
    """In the same folder, so that it goes where the files go, and is deleted before others come."""
    return Path(settings.STATIC_ROOT) / "sources.sha256"


def _static_digest() -> str:
    digest = hashlib.sha256()
    found = [(path, storage) for finder in get_finders() for path, storage in finder.list(IGNORED)]
    for path, storage in sorted(found, key=lambda each: each[0]):
        with storage.open(path) as file:
            content = file.read()
        digest.update(f"{path} {len(content)} ".encode())
        digest.update(content)
    return digest.hexdigest()


# --- Expanding ---
#
# Which steps of a migration the version before it could not live with: it runs on the new database
# while hosts are updated one after the other (docs/operations/scale.md).

DROPS = (
    operations.RemoveField,
    operations.RenameField,
    operations.DeleteModel,
    operations.RenameModel,
    operations.AlterModelTable,
)


def problems(migration: Migration) -> list[str]:
    """Return a sentence for each step that belongs into a migration `NNNN_contract_MMMM_…` of a later
    release. Statements in SQL are not read: their author says what they do."""
    if CONTRACT.match(migration.name):
        return []
    return [
        f"{migration.app_label}.{migration.name}: {problem}"
        for operation in _flat(migration.operations)
        for problem in _of(operation)
    ]


def _flat(found: Sequence[Operation]) -> Iterator[Operation]:
    for operation in found:
        if isinstance(operation, operations.SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _of(operation: Operation) -> Iterator[str]:
    if isinstance(operation, DROPS):
        yield f"“{operation.describe()}” takes something away that the version before still uses."
    if isinstance(operation, operations.AddField):
        field = operation.field
        can_be_left_out = field.null or field.db_default is not NOT_PROVIDED
        if not (can_be_left_out or isinstance(field, ManyToManyField | GeneratedField)):
            yield f"“{operation.describe()}” needs null or db_default: the version before writes rows without it."
