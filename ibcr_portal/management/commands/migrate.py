"""Django's `migrate`, which leaves a database of another version of the portal as it is."""

import shlex
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        refuse_other_version(connections[options["database"]])
        super().handle(*args, **options)


def refuse_other_version(connection: BaseDatabaseWrapper) -> None:
    """Until version 1.0 the migrations start afresh now and then (`make baseline`). A database that
    knows others cannot be brought up to date, and must not be left halfway."""
    loader = MigrationLoader(connection)
    ours = {app for app, name in loader.disk_migrations if name.startswith("0001_baseline_")}
    applied = {key for key in loader.applied_migrations if key[0] in ours}
    if applied - loader.disk_migrations.keys():
        raise CommandError(
            f"The database {connection.settings_dict['NAME']} was made by another version of the"
            f" portal, and this one cannot bring it up to date: {what_to_do(connection)}"
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
