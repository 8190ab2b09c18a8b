#!/usr/bin/env python3
"""Documents while everything dies: `make chaos`.

A hundred real documents are asked for (CHAOS_DOCUMENTS changes it), each with its message sent three
times. Meanwhile workers are killed with -9 in the middle of their work, the messages are lost, and
Redis itself is killed. It runs on both brokers, prints a table, and keeps it in docs/chaos.md. The
exit code says whether each document was made once, and whether each person who waited was
notified once.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.services import free_port  # noqa: E402  (the path comes first)

DATABASE = "portal_chaos"
SILENCE_SECONDS = 120  # without a document for so long, the missing ones count as lost
COLUMNS = {
    "name": "Database and broker",
    "documents": "Documents",
    "once": "Made once",
    "lost": "Lost",
    "twice": "Made twice",
    "kills": "Workers killed",
    "broker_kills": "Redis killed",
    "flushes": "Messages lost",
    "messages": "Messages sent",
    "attempts": "Renders begun",
    "letters_meant": "Waited longer than ten seconds",
    "letters": "Notified by e-mail",
    "left_behind": "Renderers left",
    "unowned": "Files to sweep",
    "seconds": "Seconds",
}
TEXT = """# What the queue survives

This page records what happens to documents when workers, messages and the broker are killed.

`make chaos` requests {documents} documents (reports, minutes, records, plans, packs with and
without their papers, letters and lists, in three languages) and sends the message of each three
times. Two workers make them. The worker in the middle of a document is killed (`kill -9`), {kills}
times in all. All waiting messages are deleted twice. If the broker is Redis, it is killed twice as
well and starts again empty. The sweep, every 20 seconds, enqueues again what got lost. A worker
counts as dead when its lease of {lease} seconds (60 in production) has expired.

{table}

- **Made once**: the row is ready, its file is there, and the bytes match its checksum.
- **Made twice**: the row changed after it was ready, even when every message was sent once more
  at the end.
- **Renders begun** exceeds the number of documents by the workers that were killed.
- **Notified by e-mail**: everybody who waited longer than ten seconds, once each.
- **Renderers left**: processes that outlived the worker that had started them.
- **Files to sweep**: files stored by a worker that was killed before it could record them. The
  sweep deletes them after an hour.

Last run: Python {python}, {cores} cores, which the workers shared with everything else that was
running.
"""


def main() -> int:
    if "DATABASE_URL" not in os.environ:
        sys.exit("Run `make chaos`: it starts PostgreSQL and Redis.")
    rows = [on_files(), on_servers()]
    table = table_of(rows)
    print(table)
    (ROOT / "docs" / "chaos.md").write_text(
        TEXT.format(
            **rows[0],
            table=table,
            python=".".join(map(str, sys.version_info[:3])),
            cores=os.cpu_count(),
        )
    )
    return 0 if all(is_sound(row) for row in rows) else 1


def on_files() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="portal-chaos-") as folder:
        return run("SQLite, files", folder, {"PORTAL_EMBEDDED": "1"})


def on_servers() -> dict[str, Any]:
    """With a Redis of its own, since it is killed."""
    with tempfile.TemporaryDirectory(prefix="portal-chaos-") as folder, database() as url:
        redis = f"redis://127.0.0.1:{free_port()}/0"
        return run("PostgreSQL, Redis", folder, {"DATABASE_URL": url, "REDIS_URL": redis})


def run(name: str, folder: str, addresses: dict[str, str]) -> dict[str, Any]:
    print(f"{name} …", flush=True)
    plain = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    environment = plain | {
        "PORTAL_VAR": folder,
        "SECRET_KEY": "only for this run ".ljust(60, "."),
        "ACCESS_LOG_KEY": "of its access log ".ljust(60, "."),
        "SITE_URL": "https://portal.example.org",
        "EMAIL_URL": f"filemail:///{folder}/mail",
        "LEASE_SECONDS": "10",
        "DJANGO_SETTINGS_MODULE": "ibcr_portal.settings",
        **addresses,
    }
    command = [sys.executable, "-m", "bench.chaos_stage", str(SILENCE_SECONDS)]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{name}: the run broke off with {done.returncode}.")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {"name": name} | figures


@contextmanager
def database() -> Iterator[str]:
    server = os.environ["DATABASE_URL"]
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
        yield f"{server.rsplit('/', 1)[0]}/{DATABASE}"
        cursor.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
    connection.close()


def is_sound(row: dict[str, Any]) -> bool:
    nothing_wrong = not (row["lost"] or row["twice"] or row["left_behind"] or row["untold"])
    nothing_wrong = nothing_wrong and row["letters"] == row["letters_meant"]
    return nothing_wrong and row["once"] == row["documents"] and row["kills"] == row["kills_meant"]


def table_of(rows: list[dict[str, Any]]) -> str:
    lines = [["", *(row["name"] for row in rows)], ["---", *("---:" for _row in rows)]]
    lines += [
        [label, *(str(row[key]) for row in rows)] for key, label in COLUMNS.items() if key != "name"
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
