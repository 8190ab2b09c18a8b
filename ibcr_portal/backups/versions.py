"""Which version of the portal a backup is of, and whether this database can take it.

The database has to be in the state of the one that was backed up. An entirely empty one is brought
there first, so that the backup of an earlier version can be restored with a later one.
"""

from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from ibcr_portal.backups.tables import migrations_of
from ibcr_portal.backups.targets import Refused

Node = tuple[str, str]


def prepare_database(header: dict[str, Any]) -> None:
    """Bring an entirely empty database to the state of the backup. Raises Refused if this one is in
    another."""
    wanted = set(_nodes(header))
    now = _now()
    if now == wanted:
        return
    executor = MigrationExecutor(connection)
    version = str(header.get("portal"))[:20]
    if unknown := wanted - set(executor.loader.disk_migrations):
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


def bring_up_to_date() -> None:
    call_command("migrate", verbosity=0)


def _has_child(executor: MigrationExecutor, node: Node, wanted: set[Node]) -> bool:
    children = executor.loader.graph.node_map[node].children
    return any(child.key in wanted and child.key[0] == node[0] for child in children)


def _now() -> set[Node]:
    return {(app, name) for app, name in migrations_of(connection)}


def _nodes(header: dict[str, Any]) -> list[Node]:
    return [(str(app), str(name)) for app, name in header["migrations"]]
