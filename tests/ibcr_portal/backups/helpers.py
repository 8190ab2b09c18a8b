"""What the tests of backups share: the whole content of a database, and an empty one."""

import hashlib
import json
from io import StringIO

from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection

from ibcr_portal.backups.tables import moment, tables
from kernel.files import CheckedFile
from tests.recording import NEVER_CHANGED
from tests.triggers import triggers_off

# Written by the backup itself, and settled by the restore.
OWN = {"ibcr_portal_backup", "accounts_outgoingmail", "kernel_installation"}


def content() -> dict[str, list]:
    """Every value of every table, as a backup of any engine has it."""
    with moment() as now:
        return {
            table.name: [comparable(row, table) for row in now.rows(table)]
            for table in tables()
            if table.name not in OWN
        }


def comparable(row, table):
    """The engines write equal JSON differently."""
    return [
        json.loads(value) if column.kind == "json" and value is not None else value
        for value, column in zip(row, table.columns, strict=True)
    ]


def wipe():
    """Leave what an empty portal has as well: `manage.py update` wrote it, and no test brings it back.
    To truncate all tables of PostgreSQL takes two seconds, to delete their few rows none."""
    names = {table.name for table in tables()} | {
        "ibcr_portal_searchentry",
        "ibcr_portal_searchchange",
    }
    with triggers_off(), connection.cursor() as cursor, connection.constraint_checks_disabled():
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM ibcr_portal_searchwords")
        for name in names - NEVER_CHANGED:
            cursor.execute(f"DELETE FROM {name}")


def keep_text(row, text: bytes) -> None:
    """Let the row have this file, with its hash."""
    checked = CheckedFile(
        ContentFile(text, "a.txt"), "a.txt", "txt", len(text), hashlib.sha256(text).hexdigest()
    )
    row.keep(checked)
    row.save()


def manage(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out, stderr=out)
    return out.getvalue()


def refusal(*command: str) -> str:
    try:
        return f"not refused: {manage(*command)}"
    except CommandError as error:
        return str(error)
