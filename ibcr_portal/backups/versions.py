"""Which version of the portal a backup is of, and whether this database can take it.

The database has to be in the state of the one that was backed up. An entirely empty one is brought
there first, so that the backup of an earlier version can be restored with a later one.
"""

from collections.abc import Mapping
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

from ibcr_portal.backups.tables import migrations_of
from ibcr_portal.backups.targets import Refused

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
