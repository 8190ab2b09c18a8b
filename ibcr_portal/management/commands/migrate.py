"""Django's `migrate`, which leaves a database of another version of the portal as it is."""

import shlex
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

from ibcr_portal.installation import unknown_migrations

BASE: Path = settings.BASE_DIR
OF_A_LATER_VERSION = (
    "install the version that made it, or restore the backup from before the update"
    " (docs/operations/update.md)."
)


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        refuse_other_version(connections[options["database"]])
        super().handle(*args, **options)


def refuse_other_version(connection: BaseDatabaseWrapper) -> None:
    """Before version 1.0 the migrations started afresh now and then, and a later
    version may have been here. A database that knows migrations that this version does not know
    cannot be brought up to date, and must not be left halfway."""
    loader = MigrationLoader(connection)
    ours = {app.label for app in apps.get_app_configs() if Path(app.path).parent == BASE}
    if unknown := {key for key in unknown_migrations(loader) if key[0] in ours}:
        is_later = not any(
            name.startswith("0001_baseline_")
            for _app, name in unknown | loader.disk_migrations.keys()
        )
        raise CommandError(
            f"The database {connection.settings_dict['NAME']} was made by another version of the"
            " portal, and this one cannot bring it up to date: "
            f"{OF_A_LATER_VERSION if is_later else what_to_do(connection)}"
        )


def what_to_do(connection: BaseDatabaseWrapper) -> str:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        command = shlex.join(["mv", name, f"{name}.old"])
        return (
            f"set it aside with `{command}` and start again with an empty one, into which"
            " `make run` loads the demonstration data anew."
        )
    quoted, old = (connection.ops.quote_name(one) for one in (name, f"{name}_old"))
    return (
        f"set it aside with `ALTER DATABASE {quoted} RENAME TO {old}; CREATE DATABASE {quoted};`"
        " and start again with the empty one."
    )
